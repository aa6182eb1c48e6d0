"""Making the locks true: claim a lock that is due, look at it, do what the plan says, record what was seen.

A claim is a lease on the lock's row, on the database's clock, with a fencing token; every write to the database
checks the token under the lock's row, and nothing is held while a provider is asked. Whoever is killed leaves a
lease that runs out, and what a killed write may have done is found by the next look: the attempt is on record
before the call, and codes of ours are known again by their ref or marker.
"""

import logging
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction

from hospitality import clock
from locks import accounts, backups, codes, observe, verdicts
from locks.models import AccessCode, Lock
from locks.plan import Step, back_off, next_look
from locks.providers import base

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
"""Longer than the longest provider call by far: it is renewed before each call."""
VISIT_LASTS = 20.0
"""Seconds after which a visit makes no further call: a slow lock goes to the back of the queue."""
ROUNDS = 4
"""Look, act, look again: more rounds than that in one visit mean that the provider contradicts itself."""


class LeaseLost(Exception):
    """Another worker has the lock now: stop, and write nothing."""


@dataclass(frozen=True)
class Lease:
    lock_id: int
    token: uuid.UUID


def anything_due() -> bool:
    """Is there a lock to look at that nobody is at? One read of the due index (for which the time must be stable)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM locks_lock WHERE due_at <= statement_timestamp() "
            "AND (lease_until IS NULL OR lease_until < statement_timestamp()))"
        )
        return cursor.fetchone()[0]


def claim(limit: int) -> list[Lease]:
    """Lease up to `limit` due locks, longest due first. Two workers never get the same lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE locks_lock SET lease_token = gen_random_uuid(), lease_until = statement_timestamp() + %s "
            "WHERE id IN (SELECT id FROM locks_lock WHERE due_at <= statement_timestamp() "
            "  AND (lease_until IS NULL OR lease_until < statement_timestamp()) "
            "  ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED) "
            "RETURNING id, lease_token",
            [LEASE, limit],
        )
        return [Lease(*row) for row in cursor.fetchall()]


@contextmanager
def fenced(lease: Lease) -> Iterator[Lock]:
    """A transaction with the lock's row held and the lease renewed. Raises LeaseLost."""
    with transaction.atomic():
        lock = (
            Lock.objects.select_for_update(of=("self",), no_key=True)
            .select_related("property", "connection")
            .filter(pk=lease.lock_id, lease_token=lease.token)
            .first()
        )
        if lock is None:
            raise LeaseLost(lease.lock_id)
        lock.lease_until = clock.now() + LEASE
        lock.save(update_fields=["lease_until"])
        yield lock


def _renew(lease: Lease) -> None:
    """Before another call: is the lock still ours? Raises LeaseLost."""
    with fenced(lease):
        pass


def serve(lease: Lease) -> None:
    """One visit to a leased lock, ended by releasing it with its next due moment. Never raises a ProviderError."""
    try:
        with fenced(lease) as lock:
            backups.refill(lock, clock.now())
            wakes = lock.wakes
        ends = time.monotonic() + VISIT_LASTS
        trouble = _visit(lease, lock, ends)
        _leave(lease, wakes, trouble, late=time.monotonic() > ends)
    except LeaseLost:
        log.warning("lock %s: the lease was lost, another worker goes on", lease.lock_id)


def _visit(lease: Lease, lock: Lock, ends: float) -> base.ProviderError | None:
    """Look and act until nothing is left to do; the error that ended it, if one did."""
    try:
        provider = accounts.adapter(lock.connection)
        worst = None
        for _ in range(ROUNDS):
            worst = _look(lease, lock.provider_ref, provider)
            steps = _steps(lease)
            if not steps:
                return worst
            worst, clear = _act(lease, lock.provider_ref, provider, steps, ends)
            if clear or time.monotonic() > ends:
                return worst
        return worst or base.BadAnswer("the lock's codes never came to rest")
    except base.ProviderError as error:
        return error


def _look(lease: Lease, ref: str, provider: base.Provider) -> base.ProviderError | None:
    """Read the lock's health and codes, record them, and remove surplus codes of ours; returns what went wrong with
    one of these. A listing that raises is no evidence of anything."""
    started = clock.now()
    device = provider.device(ref)
    _renew(lease)
    listing = provider.codes(ref)
    with fenced(lease) as lock:
        observe.record_device(lock, device)
        believed = observe.is_believed(lock, listing)
        surplus = observe.record_listing(lock, listing, started) if believed else []
    if not believed:
        raise base.BadAnswer("several codes are missing from the lock's list at once; looking again")
    trouble = None
    for code_ref in surplus:
        _renew(lease)
        try:
            provider.delete_code(ref, code_ref)
        except base.ProviderError as error:
            if error.concerns_lock:
                raise
            trouble = error
    return trouble


def _steps(lease: Lease) -> list[tuple[int, Step]]:
    """The codes to act on, in the order of need: off before on, guests before backups, the nearest first."""
    with fenced(lease) as lock:
        now = clock.now()
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


def _act(
    lease: Lease, ref: str, provider: base.Provider, steps: list[tuple[int, Step]], ends: float
) -> tuple[base.ProviderError | None, bool]:
    """Carry the steps out. Returns the last trouble with a single code, and whether all that was done is known.
    Raises a ProviderError that concerns the whole lock."""
    trouble, clear = None, True
    for code_id, step in steps:
        if time.monotonic() > ends:
            break
        attempt = _attempt(lease, code_id, step)
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
                trouble = error
            _record_trouble(lease, attempt, error)
        else:
            if result.outcome is base.Outcome.CONFIRMED:
                _record_done(lease, attempt, result)
            else:
                clear = False
    return trouble, clear


@dataclass(frozen=True)
class Attempt:
    """One write, decided under the lease: which code, at which generation, and the call itself."""

    code_id: int
    generation: int
    step: Step
    code_ref: str
    wish: base.Code | None

    def call(self, provider: base.Provider, ref: str) -> base.Result:
        """Ask the provider. Raises any ProviderError."""
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
        code.attempted_at = now
        code.save(update_fields=["attempted_at"])
        wish = None if step is Step.DELETE else verdicts.wish_on_device(code, lock)
        return Attempt(code.pk, code.generation, step, code.observed_ref, wish)


def _record_done(lease: Lease, attempt: Attempt, result: base.Result) -> None:
    with fenced(lease):
        code = AccessCode.objects.select_related("lock").get(pk=attempt.code_id)
        sent = attempt.wish and codes.indexes(attempt.wish.pin)["pin_index"]
        observe.record_write(code, result.code, clock.now(), sent)


def _record_trouble(lease: Lease, attempt: Attempt, error: base.ProviderError) -> None:
    """Keep why this code could not be written: for good (the lock refuses this wish) or for now."""
    with fenced(lease):
        code = AccessCode.objects.select_related("lock").get(pk=attempt.code_id)
        final = isinstance(error, base.Rejected)
        if final or isinstance(error, base.NoSpace):
            code.attempted_at = None  # a clear no: nothing was done
        code.refusal_code, code.refusal = error.code, str(error)[:300]
        code.refused_generation = attempt.generation if final else None
        code.save(update_fields=["attempted_at", "refusal_code", "refusal", "refused_generation"])
        if final and code.is_backup and code.handed_out_at is None:
            backups.retire(code, clock.now())


def _leave(lease: Lease, wakes: int, trouble: base.ProviderError | None, late: bool) -> None:
    """Write what follows from all that was seen, and let go of the lock until it is due again."""
    with fenced(lease) as lock:
        now = clock.now()
        observe.record_contact(lock, trouble, now)
        judged = verdicts.store(lock, now)
        unfinished = any(v.step not in (Step.NONE, Step.LOOK) for _, v in judged)
        if lock.wakes != wakes or (unfinished and late and trouble is None):
            lock.due_at = now
        elif trouble is not None:
            lock.due_at = now + _wait(trouble, lock.failures)
        else:
            lock.due_at = next_look([v.due_at for _, v in judged], verdicts.busy(judged, now), now)
        lock.lease_token = lock.lease_until = None
        lock.save(update_fields=["due_at", "lease_token", "lease_until"])


def _wait(trouble: base.ProviderError, failures: int) -> timedelta:
    asked = getattr(trouble, "retry_after", None)
    return max(back_off(failures), timedelta(seconds=min(asked or 0, 300)))
