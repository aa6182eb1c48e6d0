"""The heart, pure: from what is wanted and what was seen to what must be done, and what may be said.

Nothing here reads a clock, a database or a network. `verdict` judges one code on one lock; what needs its
neighbours or concerns the whole lock is in `locks.lock_plan`. All times are aware.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from locks.facts import Door, Outside, Presence, Seen, Step, Verdict, Wanted
from locks.thresholds import (
    DELAY_AFTER,
    DRIFT_SHOWN,
    FAILED_AFTER,
    FIRST_USE_WITHIN,
    LOOK_EVERY_NEAR,
    NEAR,
    NO_PLACE,
    OPERATION_AWAITED,
    OPERATION_LASTS,
    POLL_AFTER,
    PRELOAD,
    REMOVAL_DELAY_AFTER,
    REMOVALS_COUNT_FOR,
    REMOVALS_FAIL,
    REMOVALS_WARN,
    TOLERANCE,
)


def window_on_device(wanted: Wanted, door: Door) -> tuple[datetime | None, datetime | None]:
    """The window to write on the lock: the code's own where the lock keeps it, else none at all."""
    if not (door.native_scheduling and wanted.prefer_native):
        return None, None
    return wanted.on_device or (wanted.starts_at, wanted.ends_at)


def load_at(wanted: Wanted, door: Door) -> datetime:
    """From when the code belongs on the lock: 72 h ahead where the lock waits for the start by itself, else
    just in time and not while the previous guest's window is open."""
    if wanted.starts_at is None:
        return wanted.asked_at
    if door.native_scheduling and wanted.prefer_native:
        return wanted.starts_at - PRELOAD
    just_in_time = wanted.starts_at - door.lead
    return max(just_in_time, wanted.not_before) if wanted.not_before else just_in_time


def is_over(wanted: Wanted, now: datetime) -> bool:
    """Must it be off the lock by now?"""
    return not wanted.present or (wanted.ends_at is not None and now >= wanted.ends_at)


def is_given_up(over: bool, presence: Presence, accepted_at: datetime, now: datetime) -> bool:
    """Is an accepted write waited for no longer? `over`: its code must be off the lock by now."""
    awaited = over and presence is not Presence.PRESENT
    return now > accepted_at + (OPERATION_AWAITED if awaited else OPERATION_LASTS)


def needs_place(wanted: Wanted, seen: Seen, door: Door, now: datetime) -> bool:
    """Does the code have one of the lock's slots, or want one now? One that is over gives its slot up."""
    if is_over(wanted, now):
        return False
    if seen.presence is not Presence.ABSENT or seen.pending:
        return True
    left_off = wanted.refusal or (wanted.outside.allowed and wanted.outside.change_type == "removed")
    return not left_off and load_at(wanted, door) <= now


def verdict(wanted: Wanted, seen: Seen, door: Door, now: datetime) -> Verdict:
    """Judge one code. Total: every combination has an answer."""
    loads = load_at(wanted, door)
    if is_over(wanted, now):
        judged = _over(wanted, seen, door, now)
    elif now < loads:
        judged = _too_early(wanted, seen, door, loads, now)
    elif not wanted.has_place and not _begun(wanted, now):
        judged = _made_to_wait(wanted, seen, door, loads, now)
    else:
        judged = _on_the_lock(wanted, seen, door, loads, now)
    dues = [judged.due_at]
    if seen.pending and (judged.step is not Step.NONE or judged.settled):
        # The write may be an earlier wish's: what it does to a code that is right now is still to be seen.
        judged = replace(judged, step=Step.LOOK, settled=False)
        dues.append(now + (POLL_AFTER if now < seen.pending_since + OPERATION_LASTS else LOOK_EVERY_NEAR))
    if not is_over(wanted, now):
        # Whatever the verdict: it may be another one when a window, as wanted or as seen, begins or ends.
        dues += [loads, wanted.starts_at, wanted.ends_at, seen.starts_at, seen.ends_at]
        dues += window_on_device(wanted, door)
    due = min((at for at in dues if at and at > now), default=None)
    if due != judged.due_at:
        judged = replace(judged, due_at=due)
    if door.lost and seen.presence is not Presence.ABSENT:
        judged = replace(judged, status="unknown")
    return judged


def offline_verdict(wanted: Wanted, issued: tuple[datetime, datetime] | None, now: datetime) -> Verdict:
    """Judge a code made by arithmetic: there is nothing to do on the lock and nothing to see. `issued` is when it
    opens since somebody was given it (None: nobody was); it cannot be taken back before its end."""
    if issued is None:
        if is_over(wanted, now):
            return Verdict(Step.NONE, "unset", None, live=False)
        return Verdict(Step.NONE, "unset", wanted.ends_at)
    starts_at, ends_at = issued
    if now >= ends_at:
        return Verdict(Step.NONE, "unset", None, live=False)
    if is_over(wanted, now):
        return Verdict(Step.NONE, "removing", ends_at, warnings=["cannot_be_revoked"])
    too_late = now < starts_at and wanted.starts_at < starts_at
    too_short = wanted.ends_at is None or wanted.ends_at > ends_at
    warnings = ["window_not_covered"] if too_late or too_short else []
    if ends_at - starts_at > FIRST_USE_WITHIN:
        warnings.append("must_be_used_within_24_hours")
    if now < starts_at:
        return Verdict(Step.NONE, "unset", starts_at, True, warnings=warnings)
    moments = [at for at in (wanted.ends_at, ends_at) if at and at > now]
    return Verdict(Step.NONE, "set", min(moments), warnings=warnings)


def _begun(wanted: Wanted, now: datetime) -> bool:
    return wanted.starts_at is not None and wanted.starts_at <= now


def _over(wanted: Wanted, seen: Seen, door: Door, now: datetime) -> Verdict:
    """It must be off the lock, and is only off once that was seen."""
    if seen.presence is Presence.ABSENT and not seen.pending:
        return Verdict(Step.NONE, "unset", None, live=False)
    ended = [wanted.ends_at] if wanted.ends_at and wanted.ends_at <= now else []
    since = min(ended + ([] if wanted.present else [wanted.asked_at]))
    return _removing(seen, door, since, [{"mutation_code": "deleting"}], wanted.complaint, now)


def _too_early(wanted: Wanted, seen: Seen, door: Door, loads: datetime, now: datetime) -> Verdict:
    """Its time on the lock has not come; one that is there already (its start was moved later) comes off."""
    waiting = [{"mutation_code": "deferring_creation", "scheduled_at": loads.isoformat()}]
    if seen.presence is Presence.ABSENT and not seen.pending:
        return Verdict(Step.NONE, "unset", loads, pending_mutations=waiting, errors=_trouble(door))
    keeps_it_back = window_on_device(wanted, door) != (None, None)
    if seen.presence is Presence.PRESENT and keeps_it_back and wanted.has_place:
        # A schedule keeper may hold it early: only the window must be right.
        return _on_the_lock(wanted, seen, door, wanted.asked_at, now)
    pending = [{"mutation_code": "deleting"}, *waiting]
    return _removing(seen, door, wanted.asked_at, pending, wanted.complaint, now)


def _made_to_wait(wanted: Wanted, seen: Seen, door: Door, loads: datetime, now: datetime) -> Verdict:
    """Every slot is needed by somebody who comes sooner, or kept for backup codes: it waits, off the lock."""
    waiting = [{"mutation_code": "deferring_creation", "scheduled_at": None}]
    if seen.presence is Presence.ABSENT and not seen.pending:
        urgent = wanted.starts_at - max(door.lead, NEAR) if wanted.starts_at else loads
        warnings, errors, due = _lateness(
            "set", max(loads, wanted.asked_at), max(loads, urgent, wanted.asked_at), now
        )
        errors = [NO_PLACE, *errors] if now >= urgent else errors
        moments = [at for at in (due, urgent, wanted.starts_at) if at and at > now]
        return Verdict(
            Step.NONE,
            "unset",
            min(moments, default=None),
            pending_mutations=waiting,
            errors=errors + _trouble(door),
            warnings=warnings,
        )
    return _removing(seen, door, now, [{"mutation_code": "deleting"}, *waiting], wanted.complaint, now)


def _removing(
    seen: Seen, door: Door, since: datetime, pending: list[dict], complaint: str, now: datetime
) -> Verdict:
    """It must come off since `since`, and was not seen to be off."""
    warnings, errors, due = _lateness("remove", since, since, now)
    return Verdict(
        Step.DELETE if seen.presence is Presence.PRESENT else Step.LOOK,
        "removing",
        due,
        pending_mutations=pending,
        errors=errors + ([complaint] if complaint else []) + _trouble(door),
        warnings=warnings,
    )


def _on_the_lock(wanted: Wanted, seen: Seen, door: Door, loads: datetime, now: datetime) -> Verdict:
    """It belongs on the lock, exactly as wanted, unless its owner may change it there and did."""
    changes = _differences(wanted, seen, door) if seen.presence is Presence.PRESENT else []
    present = seen.presence is Presence.PRESENT
    if present and not changes:
        return _settled(wanted, seen, door, now)
    if _is_the_owners(wanted.outside, seen):
        return _left_to_the_owner(wanted, seen, door, now)
    waits_for_start = _waits_on_the_lock(wanted, door, now)
    status = "set" if changes and _opens(wanted, seen, now) else "setting"
    said = _said_of_outside(wanted.outside, True, now)
    if wanted.refusal:
        status = "set" if status == "set" else "unset"
        errors = [wanted.refusal, *said.errors, *_trouble(door)]
        return Verdict(Step.NONE, status, said.due_at, errors=errors, warnings=said.warnings)
    urgent = max(loads, wanted.starts_at - max(door.lead, NEAR)) if wanted.starts_at else loads
    since = max(filter(None, (wanted.asked_at, wanted.outside.at)))
    warnings, errors, due = _lateness("set", max(loads, since), max(urgent, since), now)
    steps = {Presence.ABSENT: Step.CREATE, Presence.PRESENT: Step.UPDATE, Presence.UNKNOWN: Step.LOOK}
    step = steps[seen.presence]
    if step is Step.CREATE and not wanted.has_place:
        step, errors = Step.NONE, [NO_PLACE, *errors]
    complaint = [wanted.complaint] if wanted.complaint else []
    switched_off = seen.presence is not Presence.ABSENT and not (seen.active or seen.pending)
    complaint += ["access_code_inactive"] if switched_off else []
    return Verdict(
        step,
        "unset" if waits_for_start else status,
        min(filter(None, (due, said.due_at)), default=None),
        pending_mutations=changes or [{"mutation_code": "creating"}],
        errors=[*errors, *complaint, *said.errors, *_trouble(door)],
        warnings=[*warnings, *said.warnings],
    )


def _waits_on_the_lock(wanted: Wanted, door: Door, now: datetime) -> bool:
    """Does the lock itself hold the code back until its start?"""
    starts_at = window_on_device(wanted, door)[0]
    return starts_at is not None and now < starts_at


def _settled(wanted: Wanted, seen: Seen, door: Door, now: datetime) -> Verdict:
    """It is on the lock as wanted."""
    waits_for_start = _waits_on_the_lock(wanted, door, now)
    said = _said_of_outside(wanted.outside, False, now)
    opens = _opens(wanted, seen, now) and not waits_for_start
    # A lock that counts in hours ends sooner than the stay.
    uncovered = [] if opens or waits_for_start else ["window_not_covered"]
    return Verdict(
        Step.NONE,
        "set" if opens else "unset",
        said.due_at,
        is_scheduled_on_device=waits_for_start,
        errors=[*said.errors, *_trouble(door)],
        warnings=[*said.warnings, *uncovered],
        settled=True,
    )


def _is_the_owners(outside: Outside, seen: Seen) -> bool:
    """Was what is seen made so by somebody who may?"""
    if not (outside.change_type and outside.allowed) or seen.pending:
        return False
    gone = seen.presence is Presence.ABSENT and outside.change_type == "removed"
    return gone or seen.presence is Presence.PRESENT


def _left_to_the_owner(wanted: Wanted, seen: Seen, door: Door, now: datetime) -> Verdict:
    """Its owner changed it at the lock and may: what is there stands, and is said."""
    begun = seen.starts_at is None or seen.starts_at <= now
    going = seen.ends_at is None or now < seen.ends_at
    opens = seen.presence is Presence.PRESENT and seen.active and begun and going
    ends = [at for at in (seen.starts_at, seen.ends_at, wanted.ends_at) if at and at > now]
    return Verdict(
        Step.NONE,
        "set" if opens else "unset",
        min(ends, default=None),
        errors=_trouble(door),
        warnings=["external_modification_in_effect"],
    )


@dataclass(frozen=True)
class _Said:
    errors: list[str]
    warnings: list[str]
    due_at: datetime | None


def _said_of_outside(outside: Outside, differs: bool, now: datetime) -> _Said:
    """The error of a change from outside stands while the lock differs and for a while after it was put back; being
    taken off again and again is a delay, then a failure."""
    errors, warnings, dues = [], [], []
    if outside.change_type and not outside.allowed:
        ends = outside.at + DRIFT_SHOWN
        if differs or now < ends:
            errors.append("conflicting_external_modification")
            dues.append(ends)
    lately = [at for at in outside.removals if now < at + REMOVALS_COUNT_FOR]
    if len(lately) >= REMOVALS_FAIL:
        errors.append("failed_to_set_on_device")
    elif len(lately) >= REMOVALS_WARN:
        warnings.append("delay_in_setting_on_device")
    if len(lately) >= REMOVALS_WARN:
        dues.append(lately[0] + REMOVALS_COUNT_FOR)
    return _Said(errors, warnings, min((due for due in dues if due > now), default=None))


def _opens(wanted: Wanted, seen: Seen, now: datetime) -> bool:
    """Would the wanted digits open the door now, by what was seen?"""
    begun = seen.starts_at is None or seen.starts_at <= now
    going = seen.ends_at is None or now < seen.ends_at
    return seen.active and seen.pin == wanted.pin and begun and going


def _differences(wanted: Wanted, seen: Seen, door: Door) -> list[dict]:
    """The seeds' pending mutations between the code on the lock and the wanted one; no digits in them."""
    starts_at, ends_at = window_on_device(wanted, door)
    changes = []
    if not seen.active:
        changes.append({"mutation_code": "creating"})
    if seen.pin != wanted.pin:
        changes.append({"mutation_code": "updating_code"})
    if seen.name != wanted.name:
        changes.append({"mutation_code": "updating_name", "from": seen.name, "to": wanted.name})
    if not (same_moment(seen.starts_at, starts_at) and same_moment(seen.ends_at, ends_at)):
        changes.append(
            {
                "mutation_code": "updating_time_frame",
                "from": _window_words(seen.starts_at, seen.ends_at),
                "to": _window_words(starts_at, ends_at),
            }
        )
    return changes


def same_moment(one: datetime | None, other: datetime | None) -> bool:
    """Equal, as far as locks count (`TOLERANCE`)."""
    if one is None or other is None:
        return one is other
    return abs(one - other) < TOLERANCE


def _window_words(starts_at: datetime | None, ends_at: datetime | None) -> dict:
    return {"starts_at": starts_at and starts_at.isoformat(), "ends_at": ends_at and ends_at.isoformat()}


def _trouble(door: Door) -> list[str]:
    return [door.trouble] if door.trouble else []


def _lateness(
    verb: str, since: datetime, urgent_since: datetime, now: datetime
) -> tuple[list[str], list[str], datetime | None]:
    """Warnings, errors, and when the next of them would come."""
    delay, failed, delay_after = "delay_in_setting_on_device", "failed_to_set_on_device", DELAY_AFTER
    if verb == "remove":
        delay, failed = "delay_in_removing_from_device", "failed_to_remove_from_device"
        delay_after = REMOVAL_DELAY_AFTER
    delay_at, failed_at = since + delay_after, urgent_since + FAILED_AFTER
    if now >= failed_at:
        return [], [failed], None
    return [delay] if now >= delay_at else [], [], failed_at if now >= delay_at else delay_at
