"""One visit to a lock: `locks.reconcile` in miniature.

Every choice that those modules leave to the plan is left to it here too; what they keep in rows is kept in `memory`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from locks import facts, lock_plan, plan
from locks.facts import Step
from locks.providers import base
from tests.simulation import listings, memory
from tests.simulation.desk import Desk, wish
from tests.simulation.keypad import Answer
from tests.simulation.memory import Lock, Row, noted

ROUNDS = 4
SECOND_LOOK_AFTER = timedelta(seconds=1)
MOST_REDRAWS = 5
MOST_WAIT_ASKED = timedelta(seconds=60)
NOT_TOLD = (base.HubUnreachable, base.AuthFailed, base.Busy, base.BadAnswer)
DONE = (base.Outcome.CONFIRMED, base.Outcome.NO_CHANGE)


@dataclass(frozen=True)
class End:
    """How a visit ended, as in `locks.reconcile`."""

    trouble: base.ProviderError | None = None
    hitch: base.ProviderError | None = None
    doubted: bool = False


def visit(lock: Lock, desk: Desk, now: datetime) -> End:
    """Look at the lock, do what the plan says, write down what was seen and when to come again."""
    under_way = [row for row in lock.live.values() if row.operation]
    try:
        hitch = _ask_after(lock, under_way, now)
        end = _rounds(lock, desk, hitch, now)
    except base.ProviderError as error:
        end = End(error)
    _leave(lock, desk, end, now)
    for row in [row for row in lock.live.values() if row.waits_for_digits]:
        _answer_refusal(row, desk, now)
    return end


def _rounds(lock: Lock, desk: Desk, hitch: base.ProviderError | None, now: datetime) -> End:
    for _ in range(ROUNDS):
        lock.keypad.device(now)
        listing = lock.keypad.codes(now)
        doubt, alarming = listings.doubt(lock, listing)
        if doubt:
            return End(base.BadAnswer("codes are missing") if alarming else None, hitch, doubted=True)
        surplus = listings.record(lock, listing, now)
        desk.refill(lock, now)
        steps = _steps(lock, now)
        hitch = _remove_surplus(lock, surplus, now) or hitch
        if not steps and (hitch or not surplus):
            return End(hitch=hitch)
        if steps:
            hitch, clear = _act(lock, steps, now)
            if clear and not surplus:
                return End(hitch=hitch)
    return End(hitch or base.BadAnswer("the lock's codes never came to rest"))


def _ask_after(lock: Lock, rows: list[Row], now: datetime) -> base.ProviderError | None:
    hitch = None
    for row in rows:
        try:
            answer = lock.keypad.poll(now, row.operation)
        except NOT_TOLD:
            raise
        except base.CodeGone:
            row.operation = 0
            noted(lock)
        except base.ProviderError as error:
            row.operation = 0
            _keep_refusal(row, row.generation, error, now)
            if error.concerns_lock:
                raise
            hitch = error
        else:
            over = plan.is_over(memory.wanted(row), now)
            stale = plan.is_given_up(over, row.seen.presence, row.accepted_at, now)
            if answer.outcome is not base.Outcome.ACCEPTED or stale:
                row.operation = 0
                noted(lock)
                if answer.code:
                    _forgive(row)
                    listings.take_word(row, answer.code)
    return hitch


def _steps(lock: Lock, now: datetime) -> list[tuple[Row, Step]]:
    """Off before on, guests before backups, the nearest first."""
    todo = [(row, v.step) for row, v in memory.judge(lock, now) if v.step not in (Step.NONE, Step.LOOK)]
    return sorted(
        todo, key=lambda do: (do[1] is not Step.DELETE, do[0].is_backup, do[0].starts_at or do[0].asked_at)
    )


def _remove_surplus(lock: Lock, surplus: list[int], now: datetime) -> base.ProviderError | None:
    hitch = None
    for ref in surplus:
        try:
            answer = lock.keypad.delete(now, ref)
        except base.ProviderError as error:
            if error.concerns_lock:
                raise
            hitch = error
        else:
            if answer.outcome is base.Outcome.ACCEPTED:
                hitch = base.ProviderError("a second copy of a code is still being taken off")
    return hitch


def _act(lock: Lock, steps: list[tuple[Row, Step]], now: datetime) -> tuple[base.ProviderError | None, bool]:
    """Carry the steps out; returns the last trouble with one code, and whether all that was done is known."""
    hitch, clear = None, True
    for row, step in steps:
        waiting = memory.without_place(lock, now)
        if memory.verdict_of(row, now, row.key not in waiting).step is not step:
            clear = False
            continue
        row.attempted, row.attempted_generation = row.seen_no + 1, row.generation
        noted(lock)
        try:
            answer = _call(row, step, now)
        except base.CodeGone:
            clear = False
        except base.ProviderError as error:
            if error.concerns_lock:
                raise
            if isinstance(error, base.DuplicateCode):
                clear = False
            elif error.retry:
                hitch = error
            _keep_refusal(row, row.generation, error, now)
        else:
            clear = _take_answer(row, step, answer, now) and clear
    return hitch, clear


def _call(row: Row, step: Step, now: datetime) -> Answer:
    keypad = row.lock.keypad
    if step is Step.DELETE:
        return keypad.delete(now, row.ref)
    window = plan.window_on_device(memory.wanted(row), row.lock.door())
    if step is Step.UPDATE:
        return keypad.update(now, row.ref, row.pin, row.device_name, window)
    return keypad.create(now, row.key, row.pin, row.device_name, window)


def _take_answer(row: Row, step: Step, answer: Answer, now: datetime) -> bool:
    """Write down what the lock says it did; returns whether nothing of it is to be seen."""
    if answer.outcome is base.Outcome.ACCEPTED:
        row.operation, row.accepted_at = answer.operation, now
        return True
    if answer.outcome not in DONE or not (answer.code or step is Step.DELETE):
        return False
    _forgive(row)
    listings.take_word(row, None if step is Step.DELETE else answer.code)
    return False


def _forgive(row: Row) -> None:
    if row.refusal or row.refused_generation:
        row.refusal, row.refused_generation = "", 0
        noted(row.lock, wish=True)


def _keep_refusal(row: Row, generation: int, error: base.ProviderError, now: datetime) -> None:
    final = isinstance(error, base.Rejected)
    if final or isinstance(error, base.NoSpace):
        row.attempted = 0
    kept = (row.refusal, row.refused_generation, row.refused_pin)
    row.refusal, row.refused_generation = error.code, generation if final else 0
    row.refused_pin = isinstance(error, base.DuplicateCode | base.InvalidPin)
    if kept != (row.refusal, row.refused_generation, row.refused_pin):
        noted(row.lock, wish=True)
    if final and row.kept:
        wish(row, now, wanted=False)


def _leave(lock: Lock, desk: Desk, end: End, now: datetime) -> None:
    """Write what follows from all that was seen, and when to come again."""
    trouble = end.trouble or end.hitch
    lock.failures = lock.failures + 1 if trouble else 0
    error_code = end.trouble.code if end.trouble else ""
    # Asked too fast: nothing was learned of the lock.
    if error_code != lock.error_code and not isinstance(trouble, base.Busy):
        lock.error_code = error_code
        noted(lock)
    refilled = desk.refill(lock, now)
    judged = memory.judge(lock, now)
    for row, verdict in judged:
        _store(row, verdict)
    lock.judged_no = lock.facts
    if refilled and trouble is None:
        lock.due_at = now
    elif end.doubted:
        lock.due_at = now + SECOND_LOOK_AFTER
    elif trouble is not None:
        lock.due_at = now + wait(trouble, lock.failures)
    else:
        lock.due_at = lock_plan.next_look([v.due_at for _, v in judged], memory.busy(lock, judged, now), now)


def wait(trouble: base.ProviderError, failures: int) -> timedelta:
    """How long a lock with this trouble is left alone."""
    asked = getattr(trouble, "retry_after", None)
    return max(lock_plan.back_off(failures), min(timedelta(seconds=asked or 0), MOST_WAIT_ASKED))


def _store(row: Row, verdict: facts.Verdict) -> None:
    row.verdict = verdict
    if verdict.settled:
        row.settled_generation, row.redraws = row.generation, 0
    if not verdict.live:
        row.live = False
        del row.lock.live[row.key]
        row.lock.dead[row.key] = row
        noted(row.lock, wish=True)


def _answer_refusal(row: Row, desk: Desk, now: datetime) -> None:
    """Other digits for a code whose PIN the lock refused: for all doors of a grant whose PIN nobody was told, else
    for this door alone."""
    if not row.grant or row.redraws >= MOST_REDRAWS or row.grant.revoked:
        return
    row.redraws += 1
    if row.grant.told:
        wish(row, now, pin=desk.draw(), own_pin=True)
        desk.wake([row.lock])
    else:
        desk.redraw(row.grant, now)
