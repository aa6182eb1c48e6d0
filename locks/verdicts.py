"""Between the rows and the plan: a lock's codes as `locks.plan` sees them, and what follows written back.

Derived columns are written here only, and each transition leaves its event in the same transaction.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from locks import backups, capabilities, digits, facts, lock_plan, names, plan, thresholds, windows
from locks.facts import Door, Outside, Presence, Seen, Verdict, Wanted
from locks.models import AccessCode, Lock
from locks.providers import base
from locks.sheets import Sheet

Judged = list[tuple[AccessCode, Verdict]]

EVENT_OF = {
    "delay_in_setting_on_device": "access_code.delay_in_setting_on_device",
    "failed_to_set_on_device": "access_code.failed_to_set_on_device",
    "delay_in_removing_from_device": "access_code.delay_in_removing_from_device",
    "failed_to_remove_from_device": "access_code.failed_to_remove_from_device",
}


def judge(sheet: Sheet) -> Judged:
    """A verdict for each live code of ours on the lock."""
    lock, now = sheet.lock, sheet.now
    door, can = door_of(lock), capabilities.of(lock)
    wishes_now = {code.pk: wanted(code, sheet.ours, lock, can) for code in sheet.ours}
    for key in _without_place(sheet, wishes_now, door, can):
        wishes_now[key] = replace(wishes_now[key], has_place=False)
    return [(code, _verdict(code, wishes_now[code.pk], door, now)) for code in sheet.ours]


def of(sheet: Sheet, code_id: int) -> Verdict:
    """The verdict for one code of the lock; a code that is no longer live needs nothing."""
    judged = {code.pk: verdict for code, verdict in judge(sheet)}
    return judged.get(code_id, Verdict(facts.Step.NONE, "unset", None, live=False))


def _verdict(code: AccessCode, wish: Wanted, door: Door, now: datetime) -> Verdict:
    if code.is_offline_access_code:
        issued = (code.issued_starts_at, code.issued_ends_at) if code.issued_at else None
        return plan.offline_verdict(wish, issued, now)
    return plan.verdict(wish, seen(code), door, now)


def _without_place(
    sheet: Sheet, wishes_now: dict[int, Wanted], door: Door, can: base.Capabilities
) -> set[int]:
    """The codes that must wait for a slot (`lock_plan.without_place`)."""
    if can.slots is None:
        return set()
    claims = []
    for code in sheet.ours:
        wish = wishes_now[code.pk]
        if not plan.needs_place(wish, seen(code), door, sheet.now):
            continue
        starts_at = code.starts_at or code.asked_at
        claims.append(
            lock_plan.Claim(
                key=code.pk,
                present=code.observed == AccessCode.Observed.PRESENT,
                begun=starts_at <= sheet.now,
                kept=code.is_in_stock,
                starts_at=starts_at,
            )
        )
    return lock_plan.without_place(claims, can.slots, len(sheet.strangers))


def door_of(lock: Lock) -> Door:
    """The lock's share of a verdict."""
    can = capabilities.of(lock)
    lead = timedelta(minutes=lock.property.just_in_time_minutes)
    # A full lock is the trouble of the code that found no room, which has it on its own row.
    trouble = "" if lock.error_code == base.NoSpace.code else lock.error_code
    if lock.replaced_by_id:
        trouble = base.NotFound.code  # wherever it is now, nobody can ask it
    schedules = can.native_scheduling and not zone_missing(lock, can)
    return Door(native_scheduling=schedules, lead=lead, trouble=trouble)


def zone_missing(lock: Lock, can: base.Capabilities) -> bool:
    """Does the lock count in a local time that nobody knows? Then it is given no windows."""
    return can.keeps_local_time and not lock.time_zone


def wanted(
    code: AccessCode,
    neighbours: Sequence[AccessCode],
    lock: Lock,
    can: base.Capabilities,
) -> Wanted:
    """What the hotel wants of `code`; on a room's own door the previous guest's window holds it back."""
    others_end = []
    if lock.kind == Lock.Kind.OWN and code.grant_id:
        others_end = [
            other.ends_at
            for other in neighbours
            if other.grant_id not in (None, code.grant_id) and other.wanted and other.ends_at
        ]
    final = code.refused_generation == code.generation
    window, misfit = _window(code, lock, can)
    lead = timedelta(minutes=lock.property.just_in_time_minutes)
    return Wanted(
        present=code.wanted,
        pin=code.pin_index,
        name=names.on_device(code.name, code.public_id, can.names),
        asked_at=code.asked_at,
        starts_at=code.starts_at,
        ends_at=code.ends_at,
        prefer_native=code.prefer_native_scheduling,
        not_before=lock_plan.hold_until(code.starts_at, others_end, lead),
        on_device=window,
        refusal=code.refusal_code if final else misfit,
        complaint="" if final else code.refusal_code,
        outside=_outside(code),
    )


def _window(
    code: AccessCode, lock: Lock, can: base.Capabilities
) -> tuple[tuple[datetime | None, datetime | None] | None, str]:
    """The window as the lock can keep it, and the error code if it cannot."""
    try:
        return windows.fit(code.starts_at, code.ends_at, can, capabilities.zone(lock)), ""
    except windows.NotPossible:
        native = can.native_scheduling and code.prefer_native_scheduling
        return None, base.InvalidWindow.code if native else ""


def _outside(code: AccessCode) -> Outside:
    change = code.external_change or {}
    removals = tuple(datetime.fromisoformat(at) for at in code.external_removals)
    if change.get("generation") != code.generation:
        return Outside(removals=removals)
    return Outside(
        change_type=change["change_type"],
        at=datetime.fromisoformat(change["at"]),
        removals=removals,
        allowed=code.is_external_modification_allowed,
    )


def seen(code: AccessCode) -> Seen:
    """What was last seen of `code`; a write sent since then makes it unknown."""
    unanswered = code.attempted_at and (code.observed_at is None or code.attempted_at > code.observed_at)
    as_sent = bool(code.echo_name) and code.observed_name == code.echo_name
    return Seen(
        presence=Presence.UNKNOWN if unanswered else Presence(code.observed),
        pin=code.observed_pin_index,
        name=code.sent_name if as_sent else code.observed_name,
        starts_at=code.observed_starts_at,
        ends_at=code.observed_ends_at,
        active=code.observed_active,
        pending_since=code.attempted_at if code.operation else None,
    )


def wish_on_device(code: AccessCode, lock: Lock) -> base.Code:
    """The code to write on the lock."""
    wish = wanted(code, [], lock, capabilities.of(lock))
    starts_at, ends_at = plan.window_on_device(wish, door_of(lock))
    return base.Code(pin=code.pin, name=wish.name, starts_at=starts_at, ends_at=ends_at)


def busy(judged: Judged, now: datetime) -> bool:
    """Is a code of the lock late, or near its start or end?"""
    return any(
        verdict.step is not facts.Step.NONE or lock_plan.near((code.starts_at, code.ends_at), now)
        for code, verdict in judged
    )


def store(sheet: Sheet) -> Judged:
    """Write the verdicts into the derived columns, with an event per transition and a bell per changed code; then
    what is wrong with the lock itself."""
    judged = judge(sheet)
    for code, verdict in judged:
        fresh = _derived(code, verdict, sheet.now)
        events = _transitions(code, fresh)
        if sheet.change(code, **fresh):
            sheet.ring(code)
        for event_type in events:
            sheet.record(event_type, sheet.now, code)
    for code in sheet.strangers:
        if sheet.change(code, warnings=_warnings([], code, sheet.now)):
            sheet.ring(code)
    _store_signals(sheet, judged)
    return judged


def _store_signals(sheet: Sheet, judged: Judged) -> None:
    lock, can = sheet.lock, capabilities.of(sheet.lock)
    errors, warnings = lock_plan.lock_signals(
        trouble=door_of(lock).trouble,
        pool=_pool(sheet),
        slots=can.slots,
        on_lock=sum(code.observed == AccessCode.Observed.PRESENT for code in sheet.codes),
        waiting=any(thresholds.NO_PLACE in verdict.errors for _, verdict in judged),
        zone_missing=zone_missing(lock, can),
        of_maker=lock.maker_warnings,
    )
    if sheet.change(
        lock,
        errors=_since("error_code", errors, lock.errors, sheet.now),
        warnings=_since("warning_code", warnings, lock.warnings, sheet.now),
    ):
        sheet.ring()


def _pool(sheet: Sheet) -> lock_plan.Pool:
    kept = [code for code in sheet.ours if code.is_backup and code.wanted]
    kept = [code for code in kept if code.ends_at is None or code.ends_at > sheet.now]
    unissued = [code for code in kept if code.is_in_stock and not code.pending_mutations]
    return lock_plan.Pool(
        size=backups.size(sheet.lock),
        ready=sum(code.is_healthy for code in unissued if not code.by_hand),
        in_use=sum(code.handed_out_at is not None for code in kept),
        by_hand=sum(code.is_healthy for code in unissued if code.by_hand),
    )


def _derived(code: AccessCode, verdict: Verdict, now: datetime) -> dict:
    in_place = code.pulled_backup_id and code.wanted and code.pulled_backup.wanted
    warnings = verdict.warnings + (["using_backup_access_code"] if in_place else [])
    errors = [_error(name, code) for name in dict.fromkeys(verdict.errors)]
    return {
        "status": verdict.status,
        "is_scheduled_on_device": verdict.is_scheduled_on_device,
        "pending_mutations": verdict.pending_mutations,
        "errors": _since("error_code", errors, code.errors, now),
        "warnings": _warnings(warnings, code, now),
        "live": verdict.live,
        "settled_generation": code.generation if verdict.settled else code.settled_generation,
        "redraws": 0 if verdict.settled else code.redraws,
    }


def _error(name: str, code: AccessCode) -> dict:
    told = _told_of_outside(code) if name == "conflicting_external_modification" else {}
    return {"error_code": name, **told}


def _warnings(told: Sequence[str], code: AccessCode, now: datetime) -> list[dict]:
    """What is told of the code here, then what only its maker tells."""
    of_maker = [{"warning_code": name} for name in dict.fromkeys(code.maker_warnings) if name not in told]
    ours = [_warning(name, code) for name in dict.fromkeys(told)]
    return _since("warning_code", ours + of_maker, code.warnings, now)


def _warning(name: str, code: AccessCode) -> dict:
    told = _told_of_outside(code) if name == "external_modification_in_effect" else {}
    return {"warning_code": name, **told}


def _told_of_outside(code: AccessCode) -> dict:
    return {name: code.external_change[name] for name in ("change_type", "modified_fields")}


def _since(key: str, present: Sequence[dict], before: Sequence[dict], now: datetime) -> list[dict]:
    """The seeds' objects, each with the time since when it stands."""
    since = {entry[key]: entry["created_at"] for entry in before}
    return [{**entry, "created_at": since.get(entry[key], now.isoformat())} for entry in present]


def _transitions(code: AccessCode, fresh: dict) -> list[str]:
    """What programs are told as well: a code that was deleted is gone for good once its lock has confirmed that, or had
    never had it. One whose time is over was not deleted."""
    events = ["access_code.deleted"] if code.live and not fresh["live"] and not code.wanted else []
    if code.is_offline_access_code:
        return events  # nobody asked the lock, so nothing happened there
    if fresh["is_scheduled_on_device"] and not code.is_scheduled_on_device:
        events.append("access_code.scheduled_on_device")
    if fresh["status"] == "set" and code.status != "set":
        events.append("access_code.set_on_device")
    for field, key in (("warnings", "warning_code"), ("errors", "error_code")):
        before = {entry[key] for entry in getattr(code, field)}
        new = [entry[key] for entry in fresh[field] if entry[key] not in before]
        events += [EVENT_OF[name] for name in new if name in EVENT_OF]
        if key == "error_code" and code.refusal_code in new and _stays_refused(code):
            events.append("access_code.failed_to_set_on_device")
    return events


def _stays_refused(code: AccessCode) -> bool:
    """Did the lock say no for good, and nothing else will be tried by itself (`digits.answer_refusals`)?"""
    if code.grant is None or code.refused_generation != code.generation:
        return False
    return not code.refused_pin or code.grant.pin_chosen or code.redraws >= digits.MOST_REDRAWS
