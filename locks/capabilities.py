"""What a lock can do, between its row (JSON) and the contract's dataclass (`providers.base.Capabilities`)."""

from dataclasses import asdict, replace
from datetime import datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hospitality.wall import day_words, joined
from locks.models import Lock
from locks.providers.base import Alphabet, Capabilities, NameRules, OfflineKind, ReadBack, TimeSlot


def of(lock: Lock) -> Capabilities:
    """What `lock` can do, as it last told; of the PIN lengths those that a program reported, where one did
    (`locks.reports`). A lock that tells none of these is right itself."""
    can = told(lock)
    if not lock.reported_pin_lengths:
        return can
    both = [length for length in lock.reported_pin_lengths if length in can.pin_lengths]
    return replace(can, pin_lengths=tuple(both or can.pin_lengths or lock.reported_pin_lengths))


def told(lock: Lock) -> Capabilities:
    """What it last told itself; before it has told anything, an ordinary lock without schedules."""
    kept = lock.__dict__.get("_read_capabilities")
    if kept is None or kept[0] is not lock.capabilities:
        kept = lock._read_capabilities = lock.capabilities, _read(lock.capabilities)
    return kept[1]


def _read(told: dict) -> Capabilities:
    told = dict(told)
    if not told:
        return Capabilities()
    names = dict(told.pop("names"))
    return Capabilities(
        offline_kinds=tuple(OfflineKind(kind) for kind in told.pop("offline_kinds")),
        time_slots=tuple(_slot(slot) for slot in told.pop("time_slots")),
        pin_lengths=tuple(told.pop("pin_lengths")),
        code_constraints=tuple(told.pop("code_constraints")),
        names=NameRules(**{**names, "alphabet": Alphabet(names["alphabet"])}),
        read_back=ReadBack(told.pop("read_back")),
        **told,
    )


def zone(lock: Lock) -> ZoneInfo:
    """The zone by whose wall clock the lock counts: its own where it tells one, else its hotel's."""
    try:
        return ZoneInfo(lock.time_zone) if lock.time_zone else lock.property.zone
    except (ZoneInfoNotFoundError, ValueError):
        return lock.property.zone


def local(lock: Lock, moment: datetime) -> str:
    """`moment` on the lock's wall clock, for a sentence: `28 Mar, 14:00`."""
    there = moment.astimezone(zone(lock))
    return joined(day_words(there), there)


def as_json(can: Capabilities) -> dict:
    """The same for the row: lists, strings and numbers only."""
    slots = [
        {"name": slot.name, "check_in": f"{slot.check_in:%H:%M}", "check_out": f"{slot.check_out:%H:%M}"}
        for slot in can.time_slots
    ]
    lists = {name: list(getattr(can, name)) for name in ("offline_kinds", "pin_lengths", "code_constraints")}
    return {**asdict(can), **lists, "time_slots": slots}


def _slot(slot: dict) -> TimeSlot:
    return TimeSlot(slot["name"], time.fromisoformat(slot["check_in"]), time.fromisoformat(slot["check_out"]))
