"""Between the rows and the plan: a lock's codes as `locks.plan` sees them, and what follows written back.

Derived columns are written here only, and each transition leaves its event in the same transaction.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from hospitality import live
from locks import codes, names, plan
from locks.models import AccessCode, Lock
from locks.plan import Door, Presence, Seen, Verdict, Wanted
from locks.providers import base

Judged = list[tuple[AccessCode, Verdict]]

EVENT_OF = {
    "delay_in_setting_on_device": "access_code.delay_in_setting_on_device",
    "failed_to_set_on_device": "access_code.failed_to_set_on_device",
    "delay_in_removing_from_device": "access_code.delay_in_removing_from_device",
    "failed_to_remove_from_device": "access_code.failed_to_remove_from_device",
}


def judge(lock: Lock, now: datetime) -> Judged:
    """A verdict for each live code of ours on the lock."""
    ours = _ours(lock)
    door = door_of(lock)
    return [(code, plan.verdict(wanted(code, ours, lock), seen(code), door, now)) for code in ours]


def of(code: AccessCode, lock: Lock, now: datetime) -> Verdict:
    """The verdict for one code of the lock; a code that is no longer live needs nothing."""
    if not code.live:
        return Verdict(plan.Step.NONE, "unset", None, live=False)
    neighbours = _ours(lock) if lock.kind == Lock.Kind.OWN else []
    return plan.verdict(wanted(code, neighbours, lock), seen(code), door_of(lock), now)


def _ours(lock: Lock) -> list[AccessCode]:
    live_codes = AccessCode.objects.filter(lock=lock, live=True, is_managed=True)
    return list(live_codes.select_related("lock", "grant"))


def door_of(lock: Lock) -> Door:
    """The lock's share of a verdict."""
    lead = timedelta(minutes=lock.property.just_in_time_minutes)
    # A full lock is the trouble of the code that found no room, which has it on its own row.
    trouble = "" if lock.error_code == base.NoSpace.code else lock.error_code
    return Door(native_scheduling=lock.native_scheduling, lead=lead, trouble=trouble)


def wanted(code: AccessCode, neighbours: Sequence[AccessCode], lock: Lock) -> Wanted:
    """What the hotel wants of `code`; on a room's own door the previous guest's window holds it back."""
    others_end = []
    if lock.kind == Lock.Kind.OWN and code.grant_id:
        others_end = [
            other.ends_at
            for other in neighbours
            if other.grant_id not in (None, code.grant_id) and other.wanted and other.ends_at
        ]
    final = code.refused_generation == code.generation
    return Wanted(
        present=code.wanted,
        pin=code.pin_index,
        name=names.on_device(code.name, code.public_id, lock.name_length),
        asked_at=code.asked_at,
        starts_at=code.starts_at,
        ends_at=code.ends_at,
        prefer_native=code.prefer_native_scheduling,
        not_before=plan.hold_until(code.starts_at, others_end, door_of(lock).lead),
        refusal=code.refusal_code if final else "",
        complaint="" if final else code.refusal_code,
    )


def seen(code: AccessCode) -> Seen:
    """What was last seen of `code`; a write sent since then makes it unknown."""
    unanswered = code.attempted_at and (code.observed_at is None or code.attempted_at > code.observed_at)
    return Seen(
        presence=Presence.UNKNOWN if unanswered else Presence(code.observed),
        pin=code.observed_pin_index,
        name=code.observed_name,
        starts_at=code.observed_starts_at,
        ends_at=code.observed_ends_at,
    )


def wish_on_device(code: AccessCode, lock: Lock) -> base.Code:
    """The code to write on the lock."""
    wish = wanted(code, [], lock)
    starts_at, ends_at = plan.window_on_device(wish, door_of(lock))
    return base.Code(pin=code.pin, name=wish.name, starts_at=starts_at, ends_at=ends_at)


def busy(judged: Judged, now: datetime) -> bool:
    """Is a code of the lock late, or near its start or end?"""
    return any(
        verdict.step is not plan.Step.NONE or plan.near(wanted(code, [], code.lock), now)
        for code, verdict in judged
    )


def store(lock: Lock, now: datetime) -> Judged:
    """Write the verdicts into the derived columns, with an event per transition and a bell per changed code."""
    judged = judge(lock, now)
    for code, verdict in judged:
        fresh = _derived(code, verdict, now)
        changed = [name for name, value in fresh.items() if getattr(code, name) != value]
        if not changed:
            continue
        for event_type in _transitions(code, fresh):
            codes.record(code, event_type, now)
        for name in changed:
            setattr(code, name, fresh[name])
        code.save(update_fields=changed)
        topic = f"grant-{code.grant.public_id}" if code.grant_id else f"lock-{lock.public_id}"
        live.announce(lock.property, topic)
    return judged


def _derived(code: AccessCode, verdict: Verdict, now: datetime) -> dict:
    warnings = verdict.warnings + (
        ["using_backup_access_code"] if code.pulled_backup_id and code.wanted else []
    )
    return {
        "status": verdict.status,
        "is_scheduled_on_device": verdict.is_scheduled_on_device,
        "pending_mutations": verdict.pending_mutations,
        "errors": _dated("error_code", verdict.errors, code.errors, now),
        "warnings": _dated("warning_code", warnings, code.warnings, now),
        "live": verdict.live,
    }


def _dated(key: str, present: Sequence[str], before: Sequence[dict], now: datetime) -> list[dict]:
    """The seeds' objects for these codes; one that stands already keeps the time since when it does."""
    since = {entry[key]: entry["created_at"] for entry in before}
    return [{key: name, "created_at": since.get(name, now.isoformat())} for name in dict.fromkeys(present)]


def _transitions(code: AccessCode, fresh: dict) -> list[str]:
    events = []
    if fresh["is_scheduled_on_device"] and not code.is_scheduled_on_device:
        events.append("access_code.scheduled_on_device")
    if fresh["status"] == "set" and code.status != "set":
        events.append("access_code.set_on_device")
    for field, key in (("warnings", "warning_code"), ("errors", "error_code")):
        before = {entry[key] for entry in getattr(code, field)}
        new = [entry[key] for entry in fresh[field] if entry[key] not in before]
        events += [EVENT_OF[name] for name in new if name in EVENT_OF]
    return events
