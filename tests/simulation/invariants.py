"""What must hold at every minute, told from the lock as it really is.

The excuses are few: while a line is ill, and for as many minutes after it is well again as the house needs
(`Keypad.excused_until`), a code may be where it should not be. It must be said even so, unless the house cannot know
(`Keypad.blind_until`: somebody changed the lock, and its next look is still to come).
"""

from datetime import datetime, timedelta

from locks import facts
from locks.facts import Presence, Step
from locks.providers import base
from locks.thresholds import NO_PLACE
from tests.simulation import memory
from tests.simulation.keypad import MINUTE, Broken, Held
from tests.simulation.memory import Lock, Row

STEP = MINUTE
ALARM_AFTER = 2 * MINUTE
REASONS = {base.Rejected.code, base.DuplicateCode.code, "external_modification_in_effect"}
SAID_AFTER = 4 * MINUTE
"""That a guest cannot get in is said after three minutes, and a step more."""


def check(lock: Lock, now: datetime) -> None:
    """Hold everything against the lock as it is now. Raises Broken."""
    calm = is_calm(lock, now)
    open_rows = set()
    counted: set[int] = set()
    for held in lock.keypad.codes_held.values():
        if held.owner is None:
            continue
        row = lock.row(held.owner)
        if lock.keypad.opens(held, now):
            if held.pin == row.pin or "external_modification_in_effect" in row.verdict.warnings:
                open_rows.add(row.key)
            _check_open(row, calm, now)
        if calm and (held.owner in counted or not row.live):
            raise Broken(f"{what(row)}: the lock holds a code too many: {held}")
        counted.add(held.owner)
    for row in lock.live.values():
        if row.key not in open_rows:
            _check_closed(row, calm, now)
        if calm:
            _check_kept_right(row, now)


def is_calm(lock: Lock, now: datetime) -> bool:
    """Has the house had the time to put everything right?"""
    keypad = lock.keypad
    asked = lock.wished_at is None or now > lock.wished_at
    return asked and not keypad.ill and now > keypad.excused_until


def what(row: Row) -> str:
    verdict = row.verdict
    said = [*verdict.errors, *verdict.warnings]
    return f"code {row.key} ({row.name}) on lock {row.lock.number}, {verdict.status}, {said}"


def is_silent(row: Row) -> bool:
    return not (row.verdict.errors or row.verdict.warnings)


def over_since(row: Row, now: datetime) -> datetime | None:
    """Since when it must be off its lock; None if it may open."""
    ended = row.ends_at is not None and row.ends_at <= now
    moments = ([row.ends_at] if ended else []) + ([] if row.wanted else [row.asked_at])
    return min(moments, default=None)


def _check_open(row: Row, calm: bool, now: datetime) -> None:
    """A code that opens the door now."""
    since = over_since(row, now)
    if since is not None:
        if calm and now >= since + STEP:
            raise Broken(f"{what(row)}: it opens after its end {since}")
        # What was changed behind the house's back is seen at the next look.
        if now >= since + ALARM_AFTER and is_silent(row) and now > row.lock.keypad.blind_until:
            raise Broken(f"{what(row)}: it opens after its end {since}, and nobody is told")
        return
    owners = "external_modification_in_effect" in row.verdict.warnings
    of_a_guest = row.lock.own and row.grant and row.grant.guest
    if calm and of_a_guest and not owners and row.starts_at > now + _clock(row):
        for other in row.lock.rows():
            if _is_anothers_time(other, row, now):
                raise Broken(f"{what(row)}: it opens before {row.starts_at}, inside {what(other)}")


def _clock(row: Row) -> timedelta:
    return abs(row.lock.keypad.make.offset)


def _is_anothers_time(other: Row, row: Row, now: datetime) -> bool:
    guest = other.grant and other.grant.guest and other.grant is not row.grant
    return bool(guest) and other.wanted and other.starts_at <= now < other.ends_at - _clock(row)


def _check_closed(row: Row, calm: bool, now: datetime) -> None:
    """A code that does not open the door now."""
    begins, ends = row.starts_at, row.ends_at
    if row.lock.can.native_scheduling and row.prefer_native:
        begins, ends = begins and begins + _clock(row), ends and ends - _clock(row)
        fitted_end = row.fitted and row.fitted[1]
        if fitted_end and fitted_end - _clock(row) <= now < fitted_end:
            return  # by the lock's clock it is over
    if not row.wanted or (begins and now < begins) or (ends and now >= ends):
        return
    since = max(filter(None, (begins, row.asked_at)))
    if calm and not _has_reason(row, now):
        raise Broken(f"{what(row)}: it does not open, and should since {since}")
    if now >= since + SAID_AFTER and now > row.lock.keypad.blind_until and is_silent(row) and not row.kept:
        raise Broken(f"{what(row)}: it does not open since {since}, and nobody is told")


def _has_reason(row: Row, now: datetime) -> bool:
    """May this code be off its lock although nothing is ill, as long as that is said?"""
    said = {*row.verdict.errors, *row.verdict.warnings}
    if "window_not_covered" in said:
        return now >= row.fitted[1] - _clock(row)
    if said & REASONS:
        return True
    return NO_PLACE in said and (row.kept or _crowded(row, now))


def _crowded(row: Row, now: datetime) -> bool:
    """Is every slot of the lock taken by a stranger or by a code in use?"""
    lock = row.lock
    taken = [
        held for held in lock.keypad.codes_held.values() if held.owner is None or _in_use(lock, held, now)
    ]
    return lock.can.slots is not None and len(taken) >= lock.can.slots


def _in_use(lock: Lock, held: Held, now: datetime) -> bool:
    row = lock.row(held.owner)
    return row.wanted and not row.kept and (row.starts_at or row.asked_at) <= now


def _check_kept_right(row: Row, now: datetime) -> None:
    """In calm, what is said is true, and nothing is late."""
    held = [held for held in row.lock.keypad.codes_held.values() if held.owner == row.key]
    if row.verdict.status == "set":
        allowed = "external_modification_in_effect" in row.verdict.warnings
        near = (now, now - _clock(row), now + _clock(row))
        opens = [one for one in held if any(row.lock.keypad.opens(one, at) for at in near)]
        if not any(allowed or one.pin == row.pin for one in opens):
            raise Broken(f"{what(row)}: it is said to work, and the lock holds {held}")
    if row.verdict.settled and not held:
        raise Broken(f"{what(row)}: it is not on the lock")
    for one in held:
        if row.verdict.settled and not _keeps_promise(row, one):
            raise Broken(f"{what(row)}: promised from {row.starts_at} to {row.ends_at}, and it is {one}")
    if row.verdict.step not in (Step.NONE, Step.LOOK) and not _has_reason(row, now):
        raise Broken(f"{what(row)}: {row.verdict.step} is still to be done")


def _keeps_promise(row: Row, held: Held) -> bool:
    """Does the lock that keeps the window let its holder in from the start, and nobody after the end, as far as it can
    count?"""
    if (held.starts_at, held.ends_at) == memory.NO_WINDOW or row.lock.can.time_slots:
        return True
    # Where the clocks jump over a mark, the one before it counts.
    grain = 2 * timedelta(seconds=row.lock.can.window_grain)
    starts = row.starts_at is None or row.starts_at - grain < held.starts_at <= row.starts_at
    return starts and (row.ends_at is None or row.ends_at - grain < held.ends_at <= row.ends_at)


def check_slots(lock: Lock, now: datetime) -> None:
    """Nobody waits for a slot that somebody with less need has."""
    claims = memory.claims(lock, now)
    waiting = memory.without_place(lock, now)
    room = max(lock.can.slots - len(lock.strangers), 0)
    if len(waiting) != max(len(claims) - room, 0) or not waiting <= {claim.key for claim in claims}:
        raise Broken(
            f"lock {lock.number}: {len(claims)} codes for {room} slots, and {len(waiting)} must wait"
        )
    in_use = [claim for claim in claims if claim.begun and not claim.kept]
    kept = [claim for claim in claims if claim.kept]
    coming = sorted((c for c in claims if not c.begun and not c.kept), key=lambda claim: claim.starts_at)
    placed = {claim.key for claim in claims} - waiting
    reserve = min(len(kept), lock.can.slots // 2, max(room - len(in_use), 0))
    if sum(claim.key in placed for claim in kept) < reserve:
        raise Broken(f"lock {lock.number}: fewer than {reserve} places are kept for backup codes")
    if placed & {claim.key for claim in [*kept, *coming]} and waiting & {claim.key for claim in in_use}:
        raise Broken(f"lock {lock.number}: a code that is in use must wait")
    turns = [claim.starts_at for claim in coming if claim.key in placed]
    if turns and any(claim.key in waiting and claim.starts_at < max(turns) for claim in coming):
        raise Broken(f"lock {lock.number}: the nearest arrival must wait")
    ready = sum(
        lock.row(held.owner).kept for held in lock.keypad.codes_held.values() if held.owner is not None
    )
    healthy = [row for row in lock.live.values() if row.kept and not row.refusal and not row.misfit]
    if is_calm(lock, now) and ready < min(reserve, len(healthy)):
        raise Broken(
            f"lock {lock.number}: {ready} backup codes are ready, and there are places for {reserve}"
        )


def check_verdict(row: Row, now: datetime) -> None:
    """A verdict is well formed, says nothing that was not seen, and has a moment for what is still to come."""
    verdict, sight = row.verdict, memory.seen(row)
    if verdict.due_at is not None and verdict.due_at <= now:
        raise Broken(f"{what(row)}: due at {verdict.due_at}, which is past")
    if not verdict.live:
        gone = sight.presence is Presence.ABSENT and not sight.pending and over_since(row, now) is not None
        if not gone or verdict.due_at or verdict.step is not Step.NONE or verdict.status != "unset":
            raise Broken(f"{what(row)}: done with, and it is not: {verdict}")
        return
    to_come = row.wanted and row.ends_at is not None
    if to_come and now < row.ends_at and (verdict.due_at is None or verdict.due_at > row.ends_at):
        raise Broken(f"{what(row)}: due at {verdict.due_at}, and it ends at {row.ends_at}")
    begun = sight.starts_at is None or sight.starts_at <= now
    going = sight.ends_at is None or now < sight.ends_at
    works = sight.presence is Presence.PRESENT and sight.active and begun and going
    if verdict.status == "set" and not works:
        raise Broken(f"{what(row)}: it is said to work, and was seen otherwise: {sight}")


def check_constant(row: Row, has_place: bool, now: datetime, later: datetime) -> None:
    """Until it is due, a verdict stays as it is while no new fact is known."""
    due = row.verdict.due_at
    if due is not None and later >= due:
        return
    then = memory.verdict_of(row, later, has_place)
    if gist(then) != gist(row.verdict):
        raise Broken(f"{what(row)}: judged at {now}, due at {due}, but at {later} it is {then}")


def gist(verdict: facts.Verdict) -> tuple:
    """All of a verdict but when it is due."""
    pending = [mutation["mutation_code"] for mutation in verdict.pending_mutations]
    said = (tuple(verdict.errors), tuple(verdict.warnings), tuple(pending))
    return (
        verdict.step,
        verdict.status,
        *said,
        verdict.is_scheduled_on_device,
        verdict.live,
        verdict.settled,
    )


def check_settled(lock: Lock, now: datetime) -> None:
    """Some time after the last fault: what is wanted is on the lock, and nothing else of ours."""
    if lock.error_code or lock.keypad.ill or lock.suspects:
        raise Broken(f"lock {lock.number}: {lock.error_code or 'a doubt'} has outlived its cause")
    check(lock, now)
    for row in lock.live.values():
        held = [held for held in lock.keypad.codes_held.values() if held.owner == row.key]
        if [memory.as_seen(one) for one in held] != [row.seen] * (row.seen.presence is Presence.PRESENT):
            raise Broken(f"{what(row)}: taken for {row.seen}, and the lock holds {held}")
        if row.verdict.step is not Step.NONE and not _has_reason(row, now):
            raise Broken(f"{what(row)}: {row.verdict.step} is still to be done")
