"""The heart, pure: from what is wanted and what was seen to what must be done, and what may be said.

Nothing here reads a clock, a database or a network. `verdict` judges one code; `hold_until` and `believable`
are the two rules that need its neighbours. All times are aware; the thresholds stand here and nowhere else.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

PRELOAD = timedelta(hours=72)
"""How long before its start a lock that keeps schedules is loaded (the seeds)."""
DELAY_AFTER = timedelta(minutes=3)
"""Late by this much: a warning, `delay_in_...`."""
FAILED_AFTER = timedelta(minutes=15)
"""Late by this much, near the stay: an error, `failed_to_...`. It clears when the door is right again."""
LOOK_EVERY = timedelta(minutes=10)
"""A lock with nothing to do is still looked at this often."""
LOOK_EVERY_NEAR = timedelta(seconds=60)
"""The same while a code is late or within half an hour of its start or end."""
NEAR = timedelta(minutes=30)
VANISHED_AT_ONCE = 2
"""So many of a lock's known codes missing from one listing are not believed until a second one agrees."""


class Step(StrEnum):
    """What to do about a code on its lock now."""

    NONE = "none"
    LOOK = "look"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class Presence(StrEnum):
    ABSENT = "absent"
    PRESENT = "present"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Door:
    """What of the lock decides: does it keep schedules, how early must it be loaded otherwise, does it answer.

    `trouble` is the error code of the last contact (empty: it answered)."""

    native_scheduling: bool
    lead: timedelta
    trouble: str = ""


@dataclass(frozen=True)
class Wanted:
    """What the hotel wants of one code. `starts_at` None: from when it was asked; `ends_at` None: for ever.

    `pin` is any value that is equal for equal digits; `not_before` holds a just-in-time code back."""

    present: bool
    pin: int | None
    name: str
    asked_at: datetime
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    prefer_native: bool = True
    not_before: datetime | None = None
    refusal: str = ""
    """The lock's final no to exactly this wish (an error code), or empty."""
    complaint: str = ""
    """Why the last try at this code failed, where trying again may help (an error code), or empty."""


@dataclass(frozen=True)
class Seen:
    """What the provider was last found to hold."""

    presence: Presence = Presence.ABSENT
    pin: int | None = None
    name: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True)
class Verdict:
    """What follows. `due_at`: the next moment at which this verdict may change by itself (None: never);
    a step other than NONE is due at once. `live` False: off the lock for good, nothing left to watch."""

    step: Step
    status: str
    due_at: datetime | None
    is_scheduled_on_device: bool = False
    pending_mutations: list[dict] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    live: bool = True


def window_on_device(wanted: Wanted, door: Door) -> tuple[datetime | None, datetime | None]:
    """The window to write on the lock: the code's own where the lock keeps it, else none at all."""
    if door.native_scheduling and wanted.prefer_native:
        return wanted.starts_at, wanted.ends_at
    return None, None


def load_at(wanted: Wanted, door: Door) -> datetime:
    """From when the code belongs on the lock: 72 h ahead where the lock waits for the start by itself, else
    just in time and not while the previous guest's window is open."""
    if wanted.starts_at is None:
        return wanted.asked_at
    if door.native_scheduling and wanted.prefer_native:
        return wanted.starts_at - PRELOAD
    just_in_time = wanted.starts_at - door.lead
    return max(just_in_time, wanted.not_before) if wanted.not_before else just_in_time


def verdict(wanted: Wanted, seen: Seen, door: Door, now: datetime) -> Verdict:
    """Judge one code. Total: every combination has an answer."""
    loads = load_at(wanted, door)
    over = not wanted.present or (wanted.ends_at is not None and now >= wanted.ends_at)
    if over:
        return _over(wanted, seen, door, now)
    if now < loads:
        return _too_early(wanted, seen, door, loads, now)
    return _on_the_lock(wanted, seen, door, loads, now)


def _over(wanted: Wanted, seen: Seen, door: Door, now: datetime) -> Verdict:
    """It must be off the lock, and is only off once that was seen."""
    if seen.presence is Presence.ABSENT:
        return Verdict(Step.NONE, "unset", None, live=False)
    ended = [wanted.ends_at] if wanted.ends_at and wanted.ends_at <= now else []
    since = min(ended + ([] if wanted.present else [wanted.asked_at]))
    warnings, errors, due = _lateness("remove", since, since, now)
    return Verdict(
        Step.LOOK if seen.presence is Presence.UNKNOWN else Step.DELETE,
        "removing",
        due,
        pending_mutations=[{"mutation_code": "deleting"}],
        errors=errors + _trouble(door),
        warnings=warnings,
    )


def _too_early(wanted: Wanted, seen: Seen, door: Door, loads: datetime, now: datetime) -> Verdict:
    """Its time on the lock has not come; one that is there already (its start was moved later) comes off."""
    waiting = [{"mutation_code": "deferring_creation", "scheduled_at": loads.isoformat()}]
    if seen.presence is Presence.ABSENT:
        return Verdict(Step.NONE, "unset", loads, pending_mutations=waiting, errors=_trouble(door))
    if seen.presence is Presence.PRESENT and window_on_device(wanted, door) != (None, None):
        # A schedule keeper may hold it early: only the window must be right.
        return _on_the_lock(wanted, seen, door, wanted.asked_at, now)
    warnings, errors, due = _lateness("remove", wanted.asked_at, wanted.asked_at, now)
    step = Step.LOOK if seen.presence is Presence.UNKNOWN else Step.DELETE
    pending = [{"mutation_code": "deleting"}, *waiting]
    return Verdict(step, "removing", due, False, pending, errors + _trouble(door), warnings)


def _on_the_lock(wanted: Wanted, seen: Seen, door: Door, loads: datetime, now: datetime) -> Verdict:
    """It belongs on the lock, exactly as wanted."""
    waits_for_start = window_on_device(wanted, door)[0] is not None and now < wanted.starts_at
    changes = _differences(wanted, seen, door) if seen.presence is Presence.PRESENT else []
    if seen.presence is Presence.PRESENT and not changes:
        moments = [at for at in (wanted.starts_at, wanted.ends_at) if at and at > now]
        return Verdict(
            Step.NONE,
            "unset" if waits_for_start else "set",
            min(moments, default=None),
            is_scheduled_on_device=waits_for_start,
            errors=_trouble(door),
        )
    status = "set" if changes and _opens(wanted, seen, now) else "setting"
    if wanted.refusal:
        status = "set" if status == "set" else "unset"
        return Verdict(Step.NONE, status, wanted.ends_at, errors=[wanted.refusal, *_trouble(door)])
    urgent = max(loads, wanted.starts_at - max(door.lead, NEAR)) if wanted.starts_at else loads
    warnings, errors, due = _lateness("set", max(loads, wanted.asked_at), max(urgent, wanted.asked_at), now)
    steps = {Presence.ABSENT: Step.CREATE, Presence.PRESENT: Step.UPDATE, Presence.UNKNOWN: Step.LOOK}
    return Verdict(
        steps[seen.presence],
        "unset" if waits_for_start else status,
        due,
        pending_mutations=changes or [{"mutation_code": "creating"}],
        errors=errors + ([wanted.complaint] if wanted.complaint else []) + _trouble(door),
        warnings=warnings,
    )


def _opens(wanted: Wanted, seen: Seen, now: datetime) -> bool:
    """Would the wanted digits open the door now, by what was seen?"""
    begun = seen.starts_at is None or seen.starts_at <= now
    going = seen.ends_at is None or now < seen.ends_at
    return seen.pin in (None, wanted.pin) and begun and going


def _differences(wanted: Wanted, seen: Seen, door: Door) -> list[dict]:
    """The seeds' pending mutations between the code on the lock and the wanted one; no digits in them."""
    starts_at, ends_at = window_on_device(wanted, door)
    changes = []
    if seen.pin is not None and seen.pin != wanted.pin:
        changes.append({"mutation_code": "updating_code"})
    if seen.name != wanted.name:
        changes.append({"mutation_code": "updating_name", "from": seen.name, "to": wanted.name})
    if (seen.starts_at, seen.ends_at) != (starts_at, ends_at):
        changes.append(
            {
                "mutation_code": "updating_time_frame",
                "from": _window_words(seen.starts_at, seen.ends_at),
                "to": _window_words(starts_at, ends_at),
            }
        )
    return changes


def _window_words(starts_at: datetime | None, ends_at: datetime | None) -> dict:
    return {"starts_at": starts_at and starts_at.isoformat(), "ends_at": ends_at and ends_at.isoformat()}


def _trouble(door: Door) -> list[str]:
    return [door.trouble] if door.trouble else []


def _lateness(
    verb: str, since: datetime, urgent_since: datetime, now: datetime
) -> tuple[list[str], list[str], datetime | None]:
    """Warnings, errors, and when the next of them would come."""
    delay, failed = ("delay_in_setting_on_device", "failed_to_set_on_device")
    if verb == "remove":
        delay, failed = ("delay_in_removing_from_device", "failed_to_remove_from_device")
    delay_at, failed_at = since + DELAY_AFTER, urgent_since + FAILED_AFTER
    if now >= failed_at:
        return [], [failed], None
    return [delay] if now >= delay_at else [], [], failed_at if now >= delay_at else delay_at


def hold_until(
    starts_at: datetime | None, others_end: Iterable[datetime], lead: timedelta
) -> datetime | None:
    """When the previous guest's window closes, if that is inside the lead before `starts_at`: until then a
    just-in-time code of the next guest must not be on the door."""
    if starts_at is None:
        return None
    return max((end for end in others_end if starts_at - lead < end <= starts_at), default=None)


def believable(known: set[str], listed: set[str], suspected: set[str]) -> bool:
    """May a listing be taken as the truth? `known` are the refs of our codes last seen on the lock, `suspected`
    those that were missing from the listing before this one. Several codes gone at once, or the only one of an
    empty list, need two listings that agree: an ill hub answers with an empty list."""
    vanished = known - listed
    credible = not vanished or (listed and len(vanished) < VANISHED_AT_ONCE)
    return bool(credible) or vanished == suspected


def next_look(dues: Iterable[datetime | None], busy: bool, now: datetime) -> datetime:
    """When a lock that answered must be looked at again. `busy`: one of its codes is late or near a change."""
    look = now + (LOOK_EVERY_NEAR if busy else LOOK_EVERY)
    return min([due for due in dues if due is not None and due > now] + [look])


def near(wanted: Wanted, now: datetime) -> bool:
    """Is the code within half an hour of its start or end, before or after?"""
    return any(at is not None and abs(at - now) <= NEAR for at in (wanted.starts_at, wanted.ends_at))


def back_off(failures: int) -> timedelta:
    """How long to leave a lock alone after so many failures in a row: 1, 2, 4 ... 60 s."""
    return timedelta(seconds=min(60, 2 ** min(failures - 1, 6)))
