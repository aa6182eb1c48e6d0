"""Making the locks true: look at a leased lock, do what the plan says, record what was seen.

What a killed write may have done is found by the next look: the attempt is on record before the call, and codes of
ours are known again by their ref or marker. Work on the database is handed to `Run`, so that whoever drives many
visits at once decides on which thread, and with how many connections, it is done.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hospitality import clock
from locks import accounts, backups, capabilities, digits, matching, observe, operations, pins, verdicts
from locks.leases import Lease, LeaseLost, fenced, renew
from locks.lock_plan import back_off, next_look
from locks.models import AccessCode, Lock
from locks.plan import Step
from locks.providers import base

log = logging.getLogger(__name__)

VISIT_LASTS = 20.0
"""Seconds after which a visit makes no further call: a slow lock goes to the back of the queue."""
ROUNDS = 4
"""Look, act, look again: more rounds than that in one visit mean that the provider contradicts itself."""
SECOND_LOOK_AFTER = timedelta(seconds=1)

Run = Callable[..., Any]
"""Calls its first argument with the others and returns what it returns."""


@dataclass(frozen=True)
class End:
    """How a visit ended. `trouble`: with the lock as a whole; `hitch`: with one of its codes; `doubted`: its list is
    not believed yet."""

    trouble: base.ProviderError | None = None
    hitch: base.ProviderError | None = None
    doubted: bool = False


def _here(function: Callable, *args: Any) -> Any:
    return function(*args)


def serve(lease: Lease, run: Run = _here) -> None:
    """One visit to a leased lock, ended by releasing it with its next due moment. Never raises a ProviderError."""
    try:
        start = run(_begin, lease)
        ends = time.monotonic() + VISIT_LASTS
        end = _visit(lease, start, run, ends)
        refused = run(_leave, lease, start.wakes, end, time.monotonic() > ends)
        if refused:
            run(digits.answer_refusals, start.lock.pk)
    except LeaseLost:
        log.warning("lock %s: the lease was lost, another worker goes on", lease.lock_id)


@dataclass(frozen=True)
class Start:
    """What a visit begins with: the lock, how often it was asked for, and the accepted writes to ask after."""

    lock: Lock
    wakes: int
    operations: list[operations.Operation]
    paired: bool


def _begin(lease: Lease) -> Start:
    with fenced(lease) as lock:
        now = clock.now()
        backups.refill(lock, now)
        under_way = operations.under_way(lock, now)
        return Start(lock, lock.wakes, under_way, paired=bool(lock.offline_secret_sealed))


def _visit(lease: Lease, start: Start, run: Run, ends: float) -> End:
    """Look and act until nothing is left to do."""
    try:
        provider = accounts.metered(start.lock.connection)
        ref = start.lock.provider_ref
        hitch = operations.ask_after(lease, ref, provider, run, start.operations)
        for _ in range(ROUNDS):
            look = _look(lease, start, provider, run)
            if look.doubt:
                trouble = base.BadAnswer(look.doubt.why) if look.doubt.alarming else None
                return End(trouble, hitch, doubted=True)
            hitch = _remove_surplus(lease, ref, provider, run, look.surplus) or hitch
            if not look.steps:
                return End(hitch=hitch)
            hitch, clear = _act(lease, ref, provider, run, look.steps, ends)
            if clear or time.monotonic() > ends:
                return End(hitch=hitch)
        return End(hitch or base.BadAnswer("the lock's codes never came to rest"))
    except base.ProviderError as error:
        return End(error)


@dataclass(frozen=True)
class Look:
    """What one look came to: why it is not believed, surplus codes of ours to delete, and codes to act on."""

    doubt: matching.Doubt | None
    surplus: list[str]
    steps: list[tuple[int, Step]]


def _look(lease: Lease, start: Start, provider: base.Provider, run: Run) -> Look:
    """Read the lock's health and codes and record them. A listing that raises is no evidence of anything."""
    ref = start.lock.provider_ref
    started = run(clock.now)
    device = provider.device(ref)
    if device.capabilities.can_program_offline_access_codes and not start.paired:
        run(_record_secret, lease, provider.pair(ref))
    if not device.capabilities.can_program_online_access_codes:
        return run(_record_look, lease, device, [], started)
    run(renew, lease)
    listing = provider.codes(ref)
    return run(_record_look, lease, device, listing, started)


def _record_secret(lease: Lease, secret: str) -> None:
    with fenced(lease) as lock:
        lock.offline_secret = secret
        lock.save(update_fields=["offline_secret_sealed"])


def _record_look(lease: Lease, device: base.Device, listing: list[base.DeviceCode], started) -> Look:
    with fenced(lease) as lock:
        now = clock.now()
        observe.record_device(lock, device, now)
        if not device.capabilities.can_program_online_access_codes:
            return Look(None, [], [])
        doubt = matching.doubt(lock, listing)
        if doubt:
            return Look(doubt, [], [])
        surplus = observe.record_listing(lock, listing, started)
        return Look(None, surplus, _steps(lock, now))


def _steps(lock: Lock, now) -> list[tuple[int, Step]]:
    """The codes to act on, in the order of need: off before on, guests before backups, the nearest first."""
    judged = verdicts.judge(lock, now)
    todo = [(code, verdict) for code, verdict in judged if verdict.step not in (Step.NONE, Step.LOOK)]
    todo.sort(
        key=lambda pair: (
            pair[1].step is not Step.DELETE,
            pair[0].is_backup,
            pair[0].starts_at or pair[0].asked_at,
        )
    )
    return [(code.pk, verdict.step) for code, verdict in todo]


def _remove_surplus(
    lease: Lease, ref: str, provider: base.Provider, run: Run, surplus: list[str]
) -> base.ProviderError | None:
    hitch = None
    for code_ref in surplus:
        run(renew, lease)
        try:
            provider.delete_code(ref, code_ref)
        except base.ProviderError as error:
            if error.concerns_lock:
                raise
            hitch = error
    return hitch


DONE = (base.Outcome.CONFIRMED, base.Outcome.NO_CHANGE)


def _act(
    lease: Lease, ref: str, provider: base.Provider, run: Run, steps: list[tuple[int, Step]], ends: float
) -> tuple[base.ProviderError | None, bool]:
    """Carry the steps out. Returns the last trouble with a single code, and whether all that was done is known.
    Raises a ProviderError that concerns the whole lock."""
    hitch, clear = None, True
    for code_id, step in steps:
        if time.monotonic() > ends:
            break
        attempt = run(_attempt, lease, code_id, step)
        if attempt is None:
            clear = False
            continue
        try:
            result = attempt.call(provider, ref)
        except base.CodeGone:
            clear = False
        except base.ProviderError as error:
            if error.concerns_lock:
                raise
            if isinstance(error, base.DuplicateCode):
                clear = False  # perhaps with our own code, written late: look before it is believed
            elif error.retry:
                hitch = error
            run(_record_trouble, lease, attempt, error)
        else:
            if result.outcome is base.Outcome.ACCEPTED:
                run(_record_accepted, lease, attempt, result.operation)
            elif result.outcome in DONE and (result.code or step is Step.DELETE):
                run(_record_done, lease, attempt, result)
            else:
                clear = False
    return hitch, clear


@dataclass(frozen=True)
class Attempt:
    """One write, decided under the lease: which code, at which generation, and the call itself. `misfit`: why the
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


def _attempt(lease: Lease, code_id: int, step: Step) -> Attempt | None:
    """Put the attempt on record before the call; None if the code no longer needs that step."""
    with fenced(lease) as lock:
        now = clock.now()
        code = AccessCode.objects.select_related("lock").get(pk=code_id)
        if verdicts.of(code, lock, now).step is not step:
            return None
        if step is Step.DELETE:
            wish, misfit = None, ""
        else:
            wish = verdicts.wish_on_device(code, lock)
            misfit = pins.misfit(code.pin, capabilities.of(lock))
        if not misfit:
            code.attempted_at = now
            code.save(update_fields=["attempted_at"])
        return Attempt(code.pk, code.generation, step, code.observed_ref, wish, misfit)


def _record_done(lease: Lease, attempt: Attempt, result: base.Result) -> None:
    with fenced(lease):
        code = AccessCode.objects.select_related("lock").get(pk=attempt.code_id)
        written = None if attempt.step is Step.DELETE else result.code
        observe.record_write(code, written, clock.now(), attempt.wish)


def _record_accepted(lease: Lease, attempt: Attempt, operation: str) -> None:
    with fenced(lease):
        code = AccessCode.objects.get(pk=attempt.code_id)
        code.operation = operation
        code.sent_name = attempt.wish.name if attempt.wish else code.sent_name
        code.save(update_fields=["operation", "sent_name"])


def _record_trouble(lease: Lease, attempt: Attempt, error: base.ProviderError) -> None:
    with fenced(lease):
        code = AccessCode.objects.select_related("lock").get(pk=attempt.code_id)
        observe.record_refusal(code, attempt.generation, error)


def _leave(lease: Lease, wakes: int, end: End, late: bool) -> bool:
    """Write what follows from all that was seen, and let go of the lock until it is due again. Returns whether a
    code waits for other digits."""
    with fenced(lease) as lock:
        now = clock.now()
        observe.record_contact(lock, end.trouble, now, hitch=end.hitch, believed=not end.doubted)
        judged = verdicts.store(lock, now)
        unfinished = any(v.step not in (Step.NONE, Step.LOOK) for _, v in judged)
        trouble = end.trouble or end.hitch
        if lock.wakes != wakes or (unfinished and late and trouble is None):
            lock.due_at = now
        elif end.doubted:
            lock.due_at = now + SECOND_LOOK_AFTER
        elif trouble is not None:
            lock.due_at = now + _wait(trouble, lock.failures)
        else:
            lock.due_at = next_look([v.due_at for _, v in judged], verdicts.busy(judged, now), now)
        lock.lease_token = lock.lease_until = None
        lock.save(update_fields=["due_at", "lease_token", "lease_until"])
        return any(code.waits_for_digits for code, _ in judged)


def _wait(trouble: base.ProviderError, failures: int) -> timedelta:
    asked = getattr(trouble, "retry_after", None)
    return max(back_off(failures), timedelta(seconds=min(asked or 0, 300)))


def give_up(lease: Lease) -> None:
    """After something nobody foresaw: leave the lock alone for a while, so that it does not stop the others."""
    with fenced(lease) as lock:
        lock.failures += 1
        lock.due_at = clock.now() + back_off(lock.failures)
        lock.lease_token = lock.lease_until = None
        lock.save(update_fields=["failures", "due_at", "lease_token", "lease_until"])
