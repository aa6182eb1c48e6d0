"""A visit's transactions: what it begins with, what it found and was answered, and how it leaves the lock.

Each takes many visits' items at once (see `locks.sheets`). An attempt is on record before the call that it is for, so
that what a killed visit may have done is found by the next look.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hospitality import clock
from locks import (
    backups,
    capabilities,
    digits,
    matching,
    observe,
    offline,
    operations,
    pins,
    spoilt,
    verdicts,
)
from locks.attempts import Answer, Attempt
from locks.facts import Step
from locks.leases import Lease
from locks.lock_plan import back_off, next_look
from locks.models import AccessCode, Lock
from locks.providers import base
from locks.sheets import Sheet, on_sheet

SECOND_LOOK_AFTER = timedelta(seconds=1)

Steps = list[tuple[int, Step]]
"""Codes by number, and what to do about each."""


@dataclass(frozen=True)
class End:
    """How a visit ended. `trouble`: with the lock as a whole; `hitch`: with one of its codes; `doubted`: its list is
    not believed yet; `late`: its time was over before its work was."""

    trouble: base.ProviderError | None = None
    hitch: base.ProviderError | None = None
    doubted: bool = False
    late: bool = False


@dataclass(frozen=True)
class Start:
    """What a visit begins with: the lock, how often it was asked for, and the accepted writes to ask after."""

    lease: Lease
    lock: Lock
    operations: list[operations.Operation]
    at: datetime

    @property
    def wakes(self) -> int:
        return self.lock.wakes


def begin(leases: Sequence[Lease]) -> list[Start]:
    """Read what the visits need to know before they look. At most four queries."""
    if not leases:
        return []
    by_lock = {lease.lock_id: lease for lease in leases}
    locks = (
        Lock.objects.only("provider_ref", "connection", "wakes")
        .prefetch_related("connection")
        .in_bulk(by_lock)
    )
    at = clock.now()
    under_way = operations.under_way(by_lock, at)
    return [
        Start(lease, locks[lease.lock_id], [one for one in under_way if one.lease == lease], at)
        for lease in leases
    ]


def answer_refusals(lock_ids: Sequence[int]) -> list[None]:
    """Other digits for the codes whose PIN these locks refused."""
    return [digits.answer_refusals(lock_id) for lock_id in lock_ids]


@dataclass(frozen=True)
class Renewal:
    lease: Lease


@on_sheet
def renew(sheet: Sheet, renewal: Renewal) -> None:
    """Before a call that follows no other record: is the lock still ours? LeaseLost if not."""


@dataclass(frozen=True)
class Leaving:
    """`wakes`: how often the lock had been asked for when the visit began; `answer`: the last one, if it is not on
    record yet."""

    lease: Lease
    wakes: int
    end: End
    answer: Answer | None = None


# Looking


@dataclass(frozen=True)
class Looked:
    """What was found after `since`, and how to leave if nothing follows from it. `listing` None on a lock whose codes
    cannot be listed; `secret`: of a lock that does arithmetic."""

    leaving: Leaving
    device: base.Device
    listing: list[base.DeviceCode] | None
    since: datetime
    secret: str | None

    @property
    def lease(self) -> Lease:
        return self.leaving.lease


@dataclass(frozen=True)
class Look:
    """What one look came to at `at`: why it is not believed, surplus codes of ours to delete, the first thing to do
    (which is on record already) and the rest; or `left`: nothing, and the visit is over."""

    at: datetime
    doubt: matching.Doubt | None = None
    surplus: list[str] = field(default_factory=list)
    attempt: Attempt | None = None
    rest: Steps = field(default_factory=list)
    left: bool = False
    waits_for_digits: bool = False


@on_sheet
def record_look(sheet: Sheet, looked: Looked) -> Look:
    """Record what was found, and put the first step that follows from it on record; with none, leave the lock."""
    _record(sheet, looked.leaving.answer)
    observe.record_device(sheet, looked.device)
    if looked.secret and looked.secret != sheet.lock.offline_secret:
        _take_secret(sheet, looked.secret)
    surplus, steps = [], []
    if looked.listing is not None:
        doubt = matching.doubt(sheet, looked.listing)
        if doubt:
            return Look(sheet.now, doubt)
        surplus = observe.record_listing(sheet, looked.listing, looked.since)
        _replace_spoilt(sheet)
        _fit_pool(sheet)
        steps = _steps(sheet)
    if steps:
        code_id, step = steps[0]
        return Look(sheet.now, None, surplus, _attempt(sheet, sheet.code(code_id), step), steps[1:])
    if surplus:
        return Look(sheet.now, None, surplus)
    return Look(sheet.now, left=True, waits_for_digits=_leave(sheet, looked.leaving))


def _take_secret(sheet: Sheet, secret: str) -> None:
    """A lock that was reset counts with another key: what was given out before opens nothing any more."""
    if sheet.lock.offline_secret_sealed:
        for code in offline.void(sheet.ours, sheet.now):
            sheet.changed[code].add("issued_ends_at")
    sheet.lock.offline_secret = secret
    sheet.changed[sheet.lock].add("offline_secret_sealed")


def _replace_spoilt(sheet: Sheet) -> None:
    """Only what a list that is believed has told: nothing is known of a lock that does not answer."""
    for code in [code for code in sheet.ours if spoilt.is_spoilt(code, sheet.lock, sheet.now)]:
        fresh = backups.replace(code, sheet.now)
        if fresh:
            sheet.add(fresh)


def _fit_pool(sheet: Sheet) -> bool:
    """Want as many backup codes as the stock lacks, and those off that are too many; returns whether there were any."""
    fitted = backups.fit(sheet.lock, sheet.ours, sheet.now)
    for code in fitted.added:
        sheet.add(code)
    return bool(fitted)


def _steps(sheet: Sheet) -> Steps:
    """The codes to act on, in the order of need: off before on, guests before backups, the nearest first."""
    todo = [(code, v) for code, v in verdicts.judge(sheet) if v.step not in (Step.NONE, Step.LOOK)]
    todo.sort(
        key=lambda pair: (
            pair[1].step is not Step.DELETE,
            pair[0].is_backup,
            pair[0].starts_at or pair[0].asked_at,
        )
    )
    return [(code.pk, verdict.step) for code, verdict in todo]


# Acting


def _next_attempt(sheet: Sheet, steps: Steps) -> tuple[Attempt | None, Steps]:
    """Put the first of these steps that is still needed on record."""
    for number, (code_id, step) in enumerate(steps):
        if verdicts.of(sheet, code_id).step is step:
            return _attempt(sheet, sheet.code(code_id), step), steps[number + 1 :]
    return None, []


def _attempt(sheet: Sheet, code: AccessCode, step: Step) -> Attempt:
    wish, misfit = None, ""
    if step is not Step.DELETE:
        wish = verdicts.wish_on_device(code, sheet.lock)
        misfit = pins.misfit(code.pin, capabilities.of(sheet.lock))
    if not misfit:
        sheet.change(code, attempted_at=sheet.now)
    return Attempt(code.pk, code.generation, step, code.observed_ref, wish, misfit)


@dataclass(frozen=True)
class Answered:
    """An answer to record, the steps that remain, whether nothing is to be seen so far, and how to leave then."""

    leaving: Leaving
    answer: Answer
    rest: Steps
    clear: bool

    @property
    def lease(self) -> Lease:
        return self.leaving.lease


@dataclass(frozen=True)
class Recorded:
    """The next attempt, on record at `at`, and what remains after it; or `left`: the visit is over."""

    at: datetime
    attempt: Attempt | None
    rest: Steps
    clear: bool
    left: bool = False
    waits_for_digits: bool = False


@on_sheet
def record_answer(sheet: Sheet, answered: Answered) -> Recorded:
    """Record an answer and put the next step on record; with none left and nothing to be seen, leave the lock."""
    _record(sheet, answered.answer)
    attempt, rest = _next_attempt(sheet, answered.rest)
    skipped = len(answered.rest) - len(rest) - (attempt is not None)
    clear = answered.clear and not skipped
    if attempt is None and clear:
        return Recorded(sheet.now, None, [], clear, True, _leave(sheet, answered.leaving))
    return Recorded(sheet.now, attempt, rest, clear)


def _record(sheet: Sheet, answer: Answer | None) -> None:
    code = sheet.code(answer.attempt.code_id) if answer else None
    if code is None:
        return
    attempt = answer.attempt
    if answer.error:
        observe.record_refusal(sheet, code, attempt.generation, answer.error)
    elif answer.result and answer.result.outcome is base.Outcome.ACCEPTED:
        sent_name = attempt.wish.name if attempt.wish else code.sent_name
        sheet.change(code, operation=answer.result.operation, sent_name=sent_name)
    elif answer.known:
        written = None if attempt.step is Step.DELETE else answer.result.code
        observe.record_write(sheet, code, written, attempt.wish)


# Leaving


@on_sheet
def leave(sheet: Sheet, leaving: Leaving) -> bool:
    """Write what follows from all that was seen, and let go of the lock until it is due again. Returns whether a
    code waits for other digits."""
    _record(sheet, leaving.answer)
    return _leave(sheet, leaving)


def _leave(sheet: Sheet, leaving: Leaving) -> bool:
    lock, end = sheet.lock, leaving.end
    observe.record_contact(sheet, end.trouble, hitch=end.hitch, believed=not end.doubted)
    judged = verdicts.store(sheet)
    refilled = _fit_pool(sheet)  # after the verdicts: what was confirmed just now lets go of what it replaces
    if refilled:
        judged = verdicts.store(sheet)
    unfinished = any(v.step not in (Step.NONE, Step.LOOK) for _, v in judged)
    trouble = end.trouble or end.hitch
    more_to_do = refilled or (unfinished and end.late)
    if lock.wakes != leaving.wakes or (more_to_do and trouble is None):
        due_at = sheet.now
    elif end.doubted:
        due_at = sheet.now + SECOND_LOOK_AFTER
    elif trouble is not None:
        due_at = sheet.now + _wait(trouble, lock.failures)
    else:
        due_at = next_look([v.due_at for _, v in judged], verdicts.busy(judged, sheet.now), sheet.now)
    sheet.change(lock, due_at=due_at, lease_token=None, lease_until=None)
    return any(code.waits_for_digits for code, _ in judged)


def _wait(trouble: base.ProviderError, failures: int) -> timedelta:
    asked = getattr(trouble, "retry_after", None)
    return max(back_off(failures), timedelta(seconds=min(asked or 0, 300)))


@on_sheet
def give_up(sheet: Sheet, renewal: Renewal) -> None:
    """After something nobody foresaw: leave the lock alone for a while, so that it does not stop the others."""
    failures = sheet.lock.failures + 1
    due_at = sheet.now + back_off(failures)
    sheet.change(sheet.lock, failures=failures, due_at=due_at, lease_token=None, lease_until=None)
