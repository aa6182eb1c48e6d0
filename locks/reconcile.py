"""Making the locks true: look at a leased lock, do what the plan says, look again.

A visit holds nothing while it asks the provider. Its transactions are `locks.recording`'s; it hands them to `Run`, so
that whoever drives many visits decides how they are gathered.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from locks import accounts, operations
from locks.attempts import Answer, Attempt, ask
from locks.leases import LEASE, Lease, LeaseLost
from locks.providers import base
from locks.recording import (
    Answered,
    End,
    Leaving,
    Look,
    Looked,
    Renewal,
    Start,
    Steps,
    answer_refusals,
    begin,
    leave,
    record_answer,
    record_look,
    renew,
)

log = logging.getLogger(__name__)

VISIT_LASTS = 20.0
"""Seconds after which a visit makes no further call: a slow lock goes to the back of the queue."""
ROUNDS = 4
"""Look, act, look again: more rounds than that in one visit mean that the provider contradicts itself."""
RENEW_AFTER = LEASE.total_seconds() / 10
"""Seconds. A lease older than that is renewed before the next call, which may take most of what a fresh one has."""

Run = Callable[[Callable[[Sequence], list], Any], Any]
"""Has a step done for one item, alone or together with others', and gives or raises what it came to."""


def _alone(step: Callable[[Sequence], list], item: Any) -> Any:
    [result] = step([item])
    if isinstance(result, LeaseLost):
        raise result
    return result


def serve(lease: Lease, run: Run = _alone) -> None:
    """One visit to a leased lock, from its beginning (see `visit`)."""
    visit(run(begin, lease), run)


def visit(start: Start, run: Run) -> None:
    """One visit to a leased lock, ended by releasing it with its next due moment. Never raises a ProviderError."""
    going = Visit(start, run)
    try:
        going.make()
    except LeaseLost:
        log.warning("lock %s: the lease was lost, another worker goes on", start.lease.lock_id)
        return
    if going.waits_for_digits:
        run(answer_refusals, start.lease.lock_id)


@dataclass
class Visit:
    """One visit to one lock: what it began with, and what it has come to."""

    start: Start
    run: Run
    ends: float = field(default_factory=lambda: time.monotonic() + VISIT_LASTS)
    recorded: tuple[datetime, float] = field(init=False)
    """The database's time at the last record, and ours after it."""
    renewed: float = field(default_factory=lambda: time.monotonic())
    """When the lease was last known to be fresh, at the latest."""
    answer: Answer | None = None
    """The last answer, until it is on record: one that must be seen on the lock goes there with the look."""
    hitch: base.ProviderError | None = None
    waits_for_digits: bool = False
    """Does a code of the lock need other digits?"""
    device: base.Device | None = None
    """As it was found at the visit's first look."""

    def __post_init__(self) -> None:
        self.recorded = self.start.at, time.monotonic()

    @property
    def late(self) -> bool:
        return time.monotonic() > self.ends

    @property
    def now(self) -> datetime:
        """By the database's clock, or a little earlier: its time at the last record, and what went by here since."""
        at, ours = self.recorded
        return at + timedelta(seconds=time.monotonic() - ours)

    def make(self) -> None:
        """Look and act until nothing is left to do, and leave."""
        try:
            end = self.look_and_act()
        except base.ProviderError as error:
            end = End(error)
        if end:
            self.waits_for_digits = self.record(leave, self.leaving(end))

    def look_and_act(self) -> End | None:
        """How it ended; None where the lock was left together with the last record. Raises a ProviderError that
        concerns the whole lock."""
        ref, lock = self.start.lock.provider_ref, self.start.lock
        provider = accounts.metered(lock.connection)
        self.hitch = operations.ask_after(ref, provider, self.record, self.start.operations)
        for _ in range(ROUNDS):
            look = self.look(provider)
            if look.left:
                return None
            if look.doubt:
                trouble = base.BadAnswer(look.doubt.why) if look.doubt.alarming else None
                return End(trouble, self.hitch, doubted=True)
            self.remove_surplus(provider, look.surplus)
            if look.attempt is None and (self.hitch or not look.surplus):
                return End(hitch=self.hitch)
            if look.attempt and self.act(provider, look.attempt, look.rest, clear=not look.surplus):
                return None
            if self.late:
                return End(hitch=self.hitch, late=True)
        return End(self.hitch or base.BadAnswer("the lock's codes never came to rest"))

    def record(self, step: Callable[[Sequence], list], item: Any) -> Any:
        """Have a step done on the lock's sheet, which renews the lease."""
        begun = time.monotonic()
        result = self.run(step, item)
        self.renewed = begun
        return result

    def leaving(self, end: End) -> Leaving:
        return Leaving(self.start.lease, self.start.wakes, end, self.answer)

    def renew(self) -> None:
        """Before a call that follows no record: see to it that the lease outlasts it."""
        if time.monotonic() - self.renewed > RENEW_AFTER:
            self.record(renew, Renewal(self.start.lease))

    def look(self, provider: base.Provider) -> Look:
        """Read the lock's health and codes and record them. A listing that raises is no evidence of anything."""
        ref, since = self.start.lock.provider_ref, self.now
        if self.device is None:
            self.renew()
            self.device = provider.device(ref)
        secret = listing = None
        if self.device.capabilities.can_program_offline_access_codes:
            self.renew()
            secret = provider.pair(ref)
        if self.device.capabilities.can_program_online_access_codes:
            self.renew()
            listing = provider.codes(ref)
        leaving = self.leaving(End(hitch=self.hitch))
        look = self.record(record_look, Looked(leaving, self.device, listing, since, secret))
        self.recorded, self.answer = (look.at, time.monotonic()), None
        self.waits_for_digits = look.waits_for_digits
        return look

    def remove_surplus(self, provider: base.Provider, surplus: list[str]) -> None:
        """That they are gone is only seen in a list: the visit looks again, or comes back soon."""
        for code_ref in surplus:
            self.record(renew, Renewal(self.start.lease))
            try:
                result = provider.delete_code(self.start.lock.provider_ref, code_ref)
            except base.ProviderError as error:
                if error.concerns_lock:
                    raise
                self.hitch = error
            else:
                if result.outcome is base.Outcome.ACCEPTED:
                    self.hitch = base.ProviderError("a second copy of a code is still being taken off")

    def act(self, provider: base.Provider, attempt: Attempt, rest: Steps, *, clear: bool) -> bool:
        """Carry the steps out, each answer recorded together with the next attempt; the last one with the look that
        must follow, or with leaving the lock: then True. `clear`: is nothing done so far still to be seen? Raises a
        ProviderError that concerns the whole lock."""
        self.hitch = None
        while True:
            answer = ask(provider, self.start.lock.provider_ref, attempt)
            self.hitch = answer.hitch or self.hitch
            clear = clear and not answer.to_be_seen
            if self.late or not (rest or clear):
                self.answer = answer
                return False
            leaving = self.leaving(End(hitch=self.hitch))
            done = self.record(record_answer, Answered(leaving, answer, rest, clear))
            self.recorded = done.at, time.monotonic()
            if done.attempt is None:
                self.waits_for_digits = done.waits_for_digits
                return done.left
            attempt, rest, clear = done.attempt, done.rest, done.clear
