"""Making the locks true: look at a leased lock, do what the plan says, record what was seen.

What a killed write may have done is found by the next look: the attempt is on record before the call, and codes of
ours are known again by their ref or marker. A visit's steps on the database take many visits' items at once (see
`locks.sheets`); a visit hands them to `Run`, so that whoever drives many visits decides how they are gathered.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hospitality import clock
from locks import (
    accounts,
    backups,
    capabilities,
    digits,
    matching,
    observe,
    offline,
    operations,
    pins,
    verdicts,
)
from locks.leases import Lease, LeaseLost
from locks.lock_plan import back_off, next_look
from locks.models import AccessCode, Lock
from locks.plan import Step
from locks.providers import base
from locks.sheets import Sheet, on_sheet

log = logging.getLogger(__name__)

VISIT_LASTS = 20.0
"""Seconds after which a visit makes no further call: a slow lock goes to the back of the queue."""
ROUNDS = 4
"""Look, act, look again: more rounds than that in one visit mean that the provider contradicts itself."""
SECOND_LOOK_AFTER = timedelta(seconds=1)

Run = Callable[[Callable[[Sequence], list], Any], Any]
"""Has a step done for one item, alone or together with others', and gives or raises what it came to."""
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


def _alone(step: Callable[[Sequence], list], item: Any) -> Any:
    [result] = step([item])
    if isinstance(result, LeaseLost):
        raise result
    return result


def serve(lease: Lease, run: Run = _alone) -> None:
    """One visit to a leased lock, ended by releasing it with its next due moment. Never raises a ProviderError."""
    try:
        visit = Visit(run(begin, lease), run)
        end = visit.make()
        waits_for_digits = (
            run(leave, Leaving(lease, visit.start.wakes, end)) if end else visit.waits_for_digits
        )
    except LeaseLost:
        log.warning("lock %s: the lease was lost, another worker goes on", lease.lock_id)
        return
    if waits_for_digits:
        run(answer_refusals, lease.lock_id)


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
    """Read what the visits need to know before they look. Three queries."""
    by_lock = {lease.lock_id: lease for lease in leases}
    locks = Lock.objects.prefetch_related("connection").in_bulk(by_lock)
    at = clock.now()
    under_way = operations.under_way(by_lock, at)
    return [
        Start(lease, locks[lease.lock_id], [one for one in under_way if one.lease == lease], at)
        for lease in leases
    ]


def answer_refusals(lock_ids: Sequence[int]) -> list[None]:
    """Other digits for the codes whose PIN these locks refused."""
    return [digits.answer_refusals(lock_id) for lock_id in lock_ids]


@dataclass
class Visit:
    """One visit to one lock: what it began with, and what it has come to."""

    start: Start
    run: Run
    ends: float = field(default_factory=lambda: time.monotonic() + VISIT_LASTS)
    hitch: base.ProviderError | None = None
    waits_for_digits: bool = False
    device: base.Device | None = None
    """As it was found at the visit's first look."""

    @property
    def late(self) -> bool:
        return time.monotonic() > self.ends

    def make(self) -> End | None:
        """Look and act until nothing is left to do. None: the lock was left together with the last answer."""
        ref, lock = self.start.lock.provider_ref, self.start.lock
        try:
            provider = accounts.metered(lock.connection)
            self.hitch = operations.ask_after(ref, provider, self.run, self.start.operations)
            for number in range(ROUNDS):
                look = self.look(provider, self.run(now, self.start.lease) if number else self.start.at)
                if look.doubt:
                    trouble = base.BadAnswer(look.doubt.why) if look.doubt.alarming else None
                    return End(trouble, self.hitch, doubted=True)
                self.remove_surplus(provider, look.surplus)
                if look.attempt is None:
                    return End(hitch=self.hitch)
                done = self.act(provider, look)
                if done.left:
                    self.waits_for_digits = done.waits_for_digits
                    return None
                if done.clear or self.late:
                    return End(hitch=self.hitch, late=self.late)
            return End(self.hitch or base.BadAnswer("the lock's codes never came to rest"))
        except base.ProviderError as error:
            return End(error)

    def look(self, provider: base.Provider, started: datetime) -> "Look":
        """Read the lock's health and codes and record them. A listing that raises is no evidence of anything."""
        lock, lease = self.start.lock, self.start.lease
        device = self.device = self.device or provider.device(lock.provider_ref)
        secret = None
        if device.capabilities.can_program_offline_access_codes:
            secret = provider.pair(lock.provider_ref)
        online = device.capabilities.can_program_online_access_codes
        listing = provider.codes(lock.provider_ref) if online else None
        return self.run(record_look, Looked(lease, device, listing, started, secret))

    def remove_surplus(self, provider: base.Provider, surplus: list[str]) -> None:
        for code_ref in surplus:
            self.run(renew, Renewal(self.start.lease))
            try:
                provider.delete_code(self.start.lock.provider_ref, code_ref)
            except base.ProviderError as error:
                if error.concerns_lock:
                    raise
                self.hitch = error

    def act(self, provider: base.Provider, look: "Look") -> "Recorded":
        """Carry the steps out, each answer recorded together with the next attempt. Raises a ProviderError that
        concerns the whole lock."""
        attempt, rest, clear = look.attempt, look.rest, True
        self.hitch = None
        while True:
            answer = _ask(provider, self.start.lock.provider_ref, attempt)
            self.hitch = answer.hitch or self.hitch
            cut_off = bool(rest) and self.late
            done = self.run(
                record_answer,
                Answered(
                    self.start.lease,
                    attempt,
                    answer,
                    rest=[] if cut_off else rest,
                    clear=clear and not answer.to_be_seen and not cut_off,
                    leaving=Leaving(self.start.lease, self.start.wakes, End(hitch=self.hitch)),
                ),
            )
            if done.attempt is None:
                return done
            attempt, rest, clear = done.attempt, done.rest, done.clear


def now(leases: Sequence[Lease]) -> list[datetime]:
    """The database's time, for visits that look again."""
    return [clock.now()] * len(leases)


@dataclass(frozen=True)
class Renewal:
    lease: Lease


@on_sheet
def renew(sheet: Sheet, renewal: Renewal) -> None:
    """Before a call that follows no other step: is the lock still ours? LeaseLost if not."""


# Looking


@dataclass(frozen=True)
class Looked:
    """What was found: `listing` None on a lock whose codes cannot be listed; `secret`: of a lock that does arithmetic."""

    lease: Lease
    device: base.Device
    listing: list[base.DeviceCode] | None
    started: datetime
    secret: str | None


@dataclass(frozen=True)
class Look:
    """What one look came to: why it is not believed, surplus codes of ours to delete, the first thing to do (which is
    on record already) and the rest."""

    doubt: matching.Doubt | None = None
    surplus: list[str] = field(default_factory=list)
    attempt: "Attempt | None" = None
    rest: Steps = field(default_factory=list)


@on_sheet
def record_look(sheet: Sheet, looked: Looked) -> Look:
    """Record what was found, and put the first step that follows from it on record."""
    observe.record_device(sheet, looked.device)
    if looked.secret and looked.secret != sheet.lock.offline_secret:
        _take_secret(sheet, looked.secret)
    if looked.listing is None:
        return Look()
    doubt = matching.doubt(sheet, looked.listing)
    if doubt:
        return Look(doubt)
    surplus = observe.record_listing(sheet, looked.listing, looked.started)
    _refill(sheet)
    steps = _steps(sheet)
    if not steps:
        return Look(None, surplus)
    code_id, step = steps[0]
    return Look(None, surplus, _attempt(sheet, sheet.code(code_id), step), steps[1:])


def _take_secret(sheet: Sheet, secret: str) -> None:
    """A lock that was reset counts with another key: what was given out before opens nothing any more."""
    if sheet.lock.offline_secret_sealed:
        for code in offline.void(sheet.ours, sheet.now):
            sheet.changed[code].add("issued_ends_at")
    sheet.lock.offline_secret = secret
    sheet.changed[sheet.lock].add("offline_secret_sealed")


def _refill(sheet: Sheet) -> bool:
    """Want as many backup codes as the stock lacks; returns whether it lacked any."""
    lacking = sum(code.is_in_stock for code in sheet.ours) < backups.size(sheet.lock)
    added = backups.refill(sheet.lock, sheet.now) if lacking else []
    for code in added:
        sheet.add(code)
    return bool(added)


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


@dataclass(frozen=True)
class Attempt:
    """One write, on record before it is sent: which code, at which generation, and the call itself. `misfit`: why the
    lock cannot take these digits, so that it is not even tried."""

    code_id: int
    generation: int
    step: Step
    code_ref: str
    wish: base.Code | None
    misfit: str = ""

    def call(self, provider: base.Provider, ref: str) -> base.Result:
        """Ask the provider. Raises any ProviderError."""
        if self.misfit:
            raise base.InvalidPin(self.misfit)
        if self.step is Step.DELETE:
            return provider.delete_code(ref, self.code_ref)
        if self.step is Step.UPDATE:
            return provider.update_code(ref, self.code_ref, self.wish)
        return provider.create_code(ref, self.wish)


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


DONE = (base.Outcome.CONFIRMED, base.Outcome.NO_CHANGE)


@dataclass(frozen=True)
class Answer:
    """What came of one attempt. `known`: the answer tells what it did; `hitch`: trouble that may pass."""

    result: base.Result | None = None
    error: base.ProviderError | None = None
    known: bool = True
    hitch: base.ProviderError | None = None

    @property
    def to_be_seen(self) -> bool:
        """Must the lock's list show it? Makers say "done" of what is not: that alone is no sight of the lock."""
        return not self.known or (self.result is not None and self.result.outcome in DONE)


def _ask(provider: base.Provider, ref: str, attempt: Attempt) -> Answer:
    """Raises a ProviderError that concerns the whole lock."""
    try:
        result = attempt.call(provider, ref)
    except base.CodeGone:
        return Answer(known=False)
    except base.DuplicateCode as error:
        return Answer(error=error, known=False)  # perhaps with our own code, written late: look first
    except base.ProviderError as error:
        if error.concerns_lock:
            raise
        return Answer(error=error, hitch=error if error.retry else None)
    told = result.code is not None or attempt.step is Step.DELETE
    accepted = result.outcome is base.Outcome.ACCEPTED
    return Answer(result, known=accepted or (result.outcome in DONE and told))


@dataclass(frozen=True)
class Answered:
    """An answer to record, the steps that remain, whether nothing is to be seen so far, and how to leave then."""

    lease: Lease
    attempt: Attempt
    answer: Answer
    rest: Steps
    clear: bool
    leaving: "Leaving"


@dataclass(frozen=True)
class Recorded:
    """The next attempt, on record, and what remains after it; or `left`: the visit is over."""

    attempt: Attempt | None
    rest: Steps
    clear: bool
    left: bool = False
    waits_for_digits: bool = False


@on_sheet
def record_answer(sheet: Sheet, answered: Answered) -> Recorded:
    """Record an answer and put the next step on record; with none left and nothing to be seen, leave the lock."""
    _record(sheet, answered.attempt, answered.answer)
    attempt, rest = _next_attempt(sheet, answered.rest)
    skipped = len(answered.rest) - len(rest) - (attempt is not None)
    clear = answered.clear and not skipped
    if attempt is None and clear:
        return Recorded(None, [], clear, True, _leave(sheet, answered.leaving))
    return Recorded(attempt, rest, clear)


def _record(sheet: Sheet, attempt: Attempt, answer: Answer) -> None:
    code = sheet.code(attempt.code_id)
    if code is None:
        return
    if answer.error:
        observe.record_refusal(sheet, code, attempt.generation, answer.error)
    elif answer.result and answer.result.outcome is base.Outcome.ACCEPTED:
        sent_name = attempt.wish.name if attempt.wish else code.sent_name
        sheet.change(code, operation=answer.result.operation, sent_name=sent_name)
    elif answer.known:
        written = None if attempt.step is Step.DELETE else answer.result.code
        observe.record_write(sheet, code, written, attempt.wish)


# Leaving


@dataclass(frozen=True)
class Leaving:
    """`wakes`: how often the lock had been asked for when the visit began."""

    lease: Lease
    wakes: int
    end: End


@on_sheet
def leave(sheet: Sheet, leaving: Leaving) -> bool:
    """Write what follows from all that was seen, and let go of the lock until it is due again. Returns whether a
    code waits for other digits."""
    return _leave(sheet, leaving)


def _leave(sheet: Sheet, leaving: Leaving) -> bool:
    lock, end = sheet.lock, leaving.end
    observe.record_contact(sheet, end.trouble, hitch=end.hitch, believed=not end.doubted)
    refilled = _refill(sheet)
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
