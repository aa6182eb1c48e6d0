"""What a change will do at one door, in words and before it is made: pure, from the code as it is wanted now and as it
would be wanted then, and from what is known of the lock. Nothing is promised: an offline lock is said to be so.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hospitality.wall import Wall
from locks.facts import Door as DoorFacts
from locks.facts import Wanted
from locks.known import Code, Door
from locks.plan import load_at
from locks.said import Said
from locks.words import at, offline_words

AT_ONCE = timedelta(minutes=1)
"""A code that belongs on its lock within this time is written now."""


@dataclass(frozen=True)
class Ahead:
    """How the door is loaded: `lead` before the start where it keeps no schedules, and not before `not_before`, when
    the guest before has gone."""

    lead: timedelta
    not_before: datetime | None = None


def change_words(
    before: Code | None, after: Code | None, door: Door, ahead: Ahead, wall: Wall
) -> Said | None:
    """Half a sentence that goes on after the door's name; None where the door has nothing to do with it. `before` and
    `after`: the code at this door that counts, as it is wanted now and then (None: none)."""
    has, gets = _wanted(before, wall), _wanted(after, wall)
    if has and gets:
        return _follows(before, after, door, ahead, wall)
    if has:
        return _loses(before, door, wall)
    if gets:
        return _gets(before, after, door, ahead, wall)
    return None


def changes(before: Code | None, after: Code | None, wall: Wall) -> bool:
    """Does anything that is wanted of the code at this door change?"""
    has, gets = _wanted(before, wall), _wanted(after, wall)
    return has != gets or (has and _wish(before) != _wish(after))


def _wanted(code: Code | None, wall: Wall) -> bool:
    return code is not None and not code.over(wall.now)


def _wish(code: Code) -> tuple:
    return code.starts_at, code.ends_at, code.pin_index


def _loses(code: Code, door: Door, wall: Wall) -> Said:
    if code.is_offline_access_code:
        if code.issued_ends_at is None or code.issued_ends_at <= wall.now:
            return Said("off", "has no offline code of the stay out")
        until = wall.time(code.issued_ends_at)
        return Said(
            "bad", f"goes on opening with its offline code, which cannot be taken back, until {until}"
        )
    if code.observed == "absent" and not code.unanswered:
        return Said("off", "does not have the code yet, and does not get it")
    if not door.reachable:
        own_end = code.observed_ends_at if code.observed == "present" else None
        latest = f", at the latest until {wall.time(own_end)}" if own_end and own_end > wall.now else ""
        return Said(
            "bad", f"keeps the code until the lock answers again{latest}: {offline_words(door, wall)}"
        )
    return Said("wait", "loses the code at once; it is gone when the lock confirms it")


def _gets(before: Code | None, after: Code, door: Door, ahead: Ahead, wall: Wall) -> Said:
    if after.is_offline_access_code:
        return Said("warn", "takes an offline code only: issue it afterwards")
    if before is not None and before.observed == "present" and before.pin_index == after.pin_index:
        return Said("wait", f"has the code still, and keeps it until {wall.time(after.ends_at)}")
    loads = _loads(after, door, ahead)
    opens = f"; it opens from {wall.time(after.starts_at)}" if _later(after.starts_at, wall) else ""
    if loads > wall.now + AT_ONCE:
        how = "72 hours ahead" if door.keeps_schedules else "just in time"
        if ahead.not_before == loads:
            how = "when the guest before has gone"
        said = f"gets the code {at(loads, wall)} ({how}){opens if door.keeps_schedules else ''}"
        return Said("wait", said) if door.reachable else Said("warn", f"{said}; {_now(door, wall)}")
    if not door.reachable:
        return Said("bad", f"does not open before the lock answers again: {offline_words(door, wall)}")
    if _full(door):
        return Said("warn", "gets the code when a place on the lock is free: it is full")
    return Said("wait", f"gets the code in about a minute, sure when the lock confirms it{opens}")


def _follows(before: Code, after: Code, door: Door, ahead: Ahead, wall: Wall) -> Said:
    if not changes(before, after, wall):
        return Said("good", "unchanged")
    if after.is_offline_access_code:
        if before.issued_ends_at is None or before.issued_ends_at <= wall.now:
            return Said("wait", "takes an offline code, which is issued for the new times")
        until = wall.time(before.issued_ends_at)
        return Said("warn", f"has an offline code that does not change: it opens until {until}")
    if before.observed == "absent" and not before.unanswered:
        return _gets(before, after, door, ahead, wall)
    told = _window(before, after, wall)
    if before.pin_index != after.pin_index:
        told = ["opens with the old digits until it has the new ones", *told]
    words = ", ".join(told)
    if not _written(before, after, door, ahead, wall):
        if door.reachable:
            return Said("good", words)
        return Said(
            "warn", f"{words}; it comes off then only if the lock answers: {offline_words(door, wall)}"
        )
    if door.reachable:
        return Said("wait", f"{words}, once the lock confirms it")
    now = (
        f"until {wall.time(before.ends_at)}, as now" if door.keeps_schedules and before.ends_at else "as now"
    )
    return Said(
        "bad", f"{words}, only when the lock answers again; before that {now}: {offline_words(door, wall)}"
    )


def _window(before: Code, after: Code, wall: Wall) -> list[str]:
    """The new bounds, those that differ."""
    told = []
    if after.starts_at != before.starts_at:
        later = _later(after.starts_at, wall)
        told.append(f"opens from {wall.time(after.starts_at)}" if later else "opens from now on")
    if after.ends_at != before.ends_at:
        until = f"until {wall.time(after.ends_at)}"
        told.append(until if told else f"opens {until} with the same digits")
    if before.pin_index != after.pin_index and len(told) == 1:
        told = [one.removesuffix(" with the same digits") for one in told]
    return told


def _written(before: Code, after: Code, door: Door, ahead: Ahead, wall: Wall) -> bool:
    """Must the lock itself be told now? One that keeps no schedules only learns of digits, and is written at the ends."""
    if before.pin_index != after.pin_index or door.keeps_schedules:
        return True
    return _loads(after, door, ahead) > wall.now


def _loads(code: Code, door: Door, ahead: Ahead) -> datetime:
    facts = DoorFacts(native_scheduling=door.keeps_schedules, lead=ahead.lead)
    wanted = Wanted(
        present=True,
        pin=None,
        name="",
        asked_at=code.asked_at,
        starts_at=code.starts_at,
        ends_at=code.ends_at,
        not_before=ahead.not_before,
    )
    return load_at(wanted, facts)


def _later(moment: datetime | None, wall: Wall) -> bool:
    return moment is not None and moment > wall.now


def _now(door: Door, wall: Wall) -> str:
    return f"now {offline_words(door, wall)}"


def _full(door: Door) -> bool:
    return any(one["warning_code"] == "max_access_codes_reached" for one in door.warnings)
