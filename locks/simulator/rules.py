"""What a lock takes, and what it makes of it. Pure: no clock, no store, no wire."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from locks.constraints import broken
from locks.simulator.device import Code, Lock
from locks.simulator.refusal import Refusal

EPOCH = datetime(1970, 1, 1)


def accept(lock: Lock, codes: Iterable[Code], wanted: Code) -> Code:
    """`wanted` as the lock will hold it (with an `id`: in place of that code). Raises Refusal."""
    others = [code for code in codes if code.id != wanted.id]
    held = _rounded(lock, _named(lock, wanted))
    _check_name(lock, held.name, others)
    _check_pin(lock, wanted.pin)
    _check_window(lock, wanted, held)
    if any(code.pin == wanted.pin for code in others):
        raise Refusal(409, "duplicate_code", f"Another code on this lock has the digits {wanted.pin}.")
    slots = lock.can.slots
    if not wanted.id and slots is not None and len(others) >= slots:
        raise Refusal(409, "no_space", f"All {slots} slots of this lock are taken: delete a code first.")
    return held


# Names


def _named(lock: Lock, wanted: Code) -> Code:
    """The name whole and, where the lock keeps two, in its parts; cut as the lock cuts it."""
    first, last = wanted.first_name, wanted.last_name
    if not lock.can.names.two_parts:
        if first or last:
            raise Refusal(422, "invalid_name", "This lock keeps one name: send `name` alone.")
        return replace(wanted, name=wanted.name[: lock.knobs.truncate_names])
    if not first and not last:
        before, _space, after = wanted.name.partition(" ")
        first, last = (before, after) if after else ("", before)
    cut = lock.knobs.truncate_names
    if cut is not None:
        first, last = first[:cut], last[: max(0, cut - len(first) - 1 if first else cut)]
    return replace(wanted, name=" ".join(filter(None, (first, last))), first_name=first, last_name=last)


def _check_name(lock: Lock, name: str, others: list[Code]) -> None:
    rules = lock.can.names
    if not rules.min_length <= len(name) <= rules.max_length:
        lengths = f"{rules.min_length} to {rules.max_length}"
        raise Refusal(422, "invalid_name", f"A name on this lock has {lengths} characters.")
    if not WRITABLE[rules.alphabet](name):
        raise Refusal(422, "invalid_name", f"This lock takes names of these characters: {rules.alphabet}.")
    if rules.unique and any(code.name == name for code in others):
        raise Refusal(422, "invalid_name", f"Another code on this lock is called {name!r}.")


WRITABLE = {
    "printable": str.isprintable,
    "ascii": lambda name: name.isascii() and name.isprintable(),
    "alphanumeric": lambda name: name.isascii() and all(char.isalnum() or char == " " for char in name),
}


# Digits


def _check_pin(lock: Lock, pin: str) -> None:
    if not (pin.isascii() and pin.isdigit() and len(pin) in lock.can.pin_lengths):
        lengths = ", ".join(map(str, lock.can.pin_lengths))
        raise Refusal(422, "invalid_pin", f"{pin!r} is no PIN for this lock: digits only, {lengths} of them.")
    if pin in lock.knobs.reject_pins:
        raise Refusal(422, "invalid_pin", f"This lock does not accept {pin}: use other digits.")
    rules = broken(pin, lock.can.code_constraints)
    if rules:
        raise Refusal(422, "invalid_pin", f"This lock does not accept {pin}: {', '.join(rules)}.")


# Windows


def _rounded(lock: Lock, code: Code) -> Code:
    return replace(code, starts_at=_on_grain(lock, code.starts_at), ends_at=_on_grain(lock, code.ends_at))


def _on_grain(lock: Lock, moment: datetime | None) -> datetime | None:
    """Cut down to the lock's grain, if it has one: of its own wall clock where it keeps one, else of UTC."""
    if moment is None or lock.can.window_grain == 1:
        return moment
    zone = lock.can.keeps_local_time and lock.can.zone or UTC
    wall = moment.astimezone(zone).replace(tzinfo=None)
    wall -= (wall - EPOCH) % timedelta(seconds=lock.can.window_grain)
    # Where the clocks are put back, they show this time twice.
    shown = [wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    return max(at for at in shown if at <= moment)


def _check_window(lock: Lock, asked: Code, held: Code) -> None:
    """`asked` as it came, `held` as it is after rounding."""
    if asked.starts_at is None and asked.ends_at is None:
        return
    if not lock.native:
        raise _wrong_window("This lock keeps no time windows: send the code without times.")
    if lock.can.keeps_local_time and lock.can.zone is None:
        raise _wrong_window("This lock keeps local time, and its time zone is not known.")
    if held.starts_at and held.ends_at and held.ends_at <= held.starts_at:
        raise _wrong_window("The end must be after the start.")
    if lock.can.time_slots:
        _check_slot(lock, asked)


def _check_slot(lock: Lock, code: Code) -> None:
    zone = lock.can.zone
    if zone is None:
        raise _wrong_window("This lock takes listed times only, and its time zone is not known.")
    for slot in lock.can.time_slots:
        if _shows(code.starts_at, slot.check_in, zone) and _shows(code.ends_at, slot.check_out, zone):
            return
    times = ", ".join(f"{slot.check_in:%H:%M} to {slot.check_out:%H:%M}" for slot in lock.can.time_slots)
    raise _wrong_window(f"This lock takes these times only: {times}.")


def _shows(moment: datetime | None, clock: time, zone: ZoneInfo) -> bool:
    """Is it `clock` in `zone` at `moment`? Where the clocks jump over it: when it would have been?"""
    if moment is None:
        return False
    wall = datetime.combine(moment.astimezone(zone), clock, tzinfo=zone)
    return moment in (wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC))


def _wrong_window(message: str) -> Refusal:
    return Refusal(422, "invalid_window", message)
