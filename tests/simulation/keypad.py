"""A lock as it really is: the codes on it, its own clock, and everything that can go wrong on the way to it.

The house sees it only through `device`, `codes`, `create`, `update`, `delete` and `poll`. The owner, the faults and
the invariants look at it directly.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from locks.providers import base

MINUTE = timedelta(minutes=1)


class Broken(Exception):
    """An invariant does not hold; the message says which, and for which code."""


class Held(NamedTuple):
    """A code on the lock. `owner`: the key of the house's row that it was made for (None: a stranger's); the house
    does not see it."""

    ref: int
    pin: int
    name: str
    starts_at: datetime | None
    ends_at: datetime | None
    active: bool
    owner: int | None


class Answer(NamedTuple):
    """What the house is told of a write."""

    outcome: base.Outcome
    code: Held | None = None
    operation: int = 0


@dataclass(frozen=True)
class Make:
    """What does not change about a lock."""

    native: bool
    slots: int | None
    offset: timedelta
    """How far the lock's clock is ahead of the house's."""
    numbered: bool
    """Refs are the numbers of its slots, and are given again."""
    refuses_copies: bool
    """No two codes with the same digits."""
    confirms_later: bool
    picky: bool
    """It refuses one PIN in six, for reasons of its own."""


@dataclass
class UnderWay:
    """A write that happens later than it was asked for, or (`done_at` None) never."""

    effect: Callable[[], Held | None]
    done_at: datetime | None
    done: bool = False
    error: base.ProviderError | None = None
    code: Held | None = None


class Keypad:
    """The switches `trouble`, `lies`, `loses`, `refuses` and `stalls` are the faults; `excused_until` is until when
    the house cannot have put everything right again after what happened."""

    def __init__(self, make: Make, rng: Random, now: datetime):
        self.make, self.rng = make, rng
        self.codes_held: dict[int, Held] = {}
        self.trouble: Callable[[], base.ProviderError] | None = None
        self.lies = self.loses = self.refuses = self.stalls = False
        self.under_way: dict[int, UnderWay] = {}
        self.late: list[UnderWay] = []
        self.excused_until = self.blind_until = self.busy_until = now
        self.changed_while_ill = False
        """By its owner, so that the house learns of it only afterwards."""
        self.moments: list[datetime] = []
        """When something will happen on the lock by itself."""
        self.events = 0
        """Rises with each change on the lock and with each throw of the dice."""
        self._last_ref = 0
        self._left_out: set[int] = set()

    @property
    def ill(self) -> bool:
        return bool(self.trouble or self.lies or self.loses or self.refuses or self.stalls)

    def opens(self, held: Held, now: datetime) -> bool:
        """Does this code open the door, by the lock's own clock?"""
        here = now + self.make.offset
        begun = held.starts_at is None or held.starts_at <= here
        return held.active and begun and (held.ends_at is None or here < held.ends_at)

    def excuse(self, now: datetime, minutes: int) -> None:
        self.excused_until = max(self.excused_until, now + minutes * MINUTE)

    def excuse_blindness(self, now: datetime, minutes: int) -> None:
        """Something changed that the house cannot know of before it looks: until then it cannot warn either."""
        self.blind_until = max(self.blind_until, now + minutes * MINUTE)
        self.excuse(now, minutes)

    # What the house may call.

    def device(self, now: datetime) -> None:
        self.advance(now)
        if self.trouble:
            raise self.trouble()

    def codes(self, now: datetime) -> list[Held]:
        self.device(now)
        listing = list(self.codes_held.values())
        left_out, self._left_out = self._left_out, set()
        if not self.lies or not listing or self._throw() < 0.4:
            return listing
        if self.rng.random() < 0.1:
            return [*listing, listing[0]._replace(pin=0)]
        keep = self.rng.choice([0.0, 0.5])
        told = [held for held in listing if held.ref in left_out or self.rng.random() < keep]
        self._left_out = self.codes_held.keys() - {held.ref for held in told}
        self.excuse(now, 3)
        return told

    def create(self, now: datetime, owner: int, pin: int, name: str, window: tuple) -> Answer:
        return self._write(now, lambda: self._put(self._free_ref(), pin, name, window, owner))

    def update(self, now: datetime, ref: int, pin: int, name: str, window: tuple) -> Answer:
        def effect() -> Held:
            if ref not in self.codes_held:
                raise base.CodeGone("it is not there")
            return self._put(ref, pin, name, window, self.codes_held[ref].owner)

        return self._write(now, effect)

    def delete(self, now: datetime, ref: int) -> Answer:
        return self._write(now, lambda: self._take_off(ref))

    def poll(self, now: datetime, operation: int) -> Answer:
        self.device(now)
        writing = self.under_way.get(operation)
        if writing is None:
            return Answer(base.Outcome.UNCONFIRMED)
        if not writing.done:
            return Answer(base.Outcome.ACCEPTED)
        del self.under_way[operation]
        if writing.error:
            raise writing.error
        return Answer(base.Outcome.CONFIRMED, writing.code)

    # What happens on the lock.

    def advance(self, now: datetime) -> None:
        """Let what is under way happen if its time has come."""
        for writing in [*self.under_way.values(), *self.late]:
            if writing.done or writing.done_at is None or writing.done_at > now:
                continue
            writing.done = True
            if writing in self.late:
                self.late.remove(writing)
                self.excuse_blindness(now, 13)
            else:
                self.excuse(now, 3)
            try:
                writing.code = writing.effect()
            except base.ProviderError as error:
                writing.error = error

    def add_stranger(self, pin: int, name: str) -> None:
        """The owner makes a code of his own, where there is room."""
        if self.make.slots is None or len(self.codes_held) < self.make.slots:
            ref = 1000 + self._next_ref()
            self.change(ref, Held(ref, pin, name, None, None, True, None))

    def change(self, ref: int, held: Held | None) -> None:
        """Whoever it was: now the lock holds this."""
        self.events += 1
        if held is None:
            self.codes_held.pop(ref, None)
        else:
            self.codes_held[ref] = held

    def _write(self, now: datetime, effect: Callable[[], Held | None]) -> Answer:
        self.device(now)
        if self.refuses and self._throw() < 0.5:
            raise base.ProviderError("not now")
        if self.make.confirms_later:
            return self._accept(now, effect)
        if not (self.loses and self._throw() < 0.6):
            return Answer(base.Outcome.CONFIRMED, self._done(now, effect))
        fate = self.rng.choice(["done", "never", "late"])
        if fate == "late":
            self.late.append(UnderWay(effect, self._happens(now, self.rng.randint(1, 3))))
        elif fate == "done":
            try:
                effect()
            except base.ProviderError:
                self.events += 1
        return Answer(base.Outcome.UNCONFIRMED)

    def _done(self, now: datetime, effect: Callable[[], Held | None]) -> Held | None:
        try:
            return effect()
        except base.Rejected:
            self.excuse(now, 3)  # other digits come first
            raise

    def _accept(self, now: datetime, effect: Callable[[], Held | None]) -> Answer:
        self._throw()
        self._last_ref += 1
        takes = self.rng.randint(0, 3)
        if self.stalls and self.rng.random() < 0.5:
            takes = self.rng.choice([None, 14, 18])
        writing = UnderWay(effect, None if takes is None else self._happens(now, takes))
        if takes is None or takes > 10:
            self.late.append(writing)
            self.excuse(now, 16)
        self.under_way[self._last_ref] = writing
        self.excuse(now, 3 + min(takes or 0, 10))
        return Answer(base.Outcome.ACCEPTED, operation=self._last_ref)

    def _happens(self, now: datetime, minutes: int) -> datetime:
        self.moments.append(now + minutes * MINUTE)
        return self.moments[-1]

    def _put(self, ref: int, pin: int, name: str, window: tuple, owner: int | None) -> Held:
        if self.make.picky and pin % 6 == 0:
            raise base.InvalidPin("these digits are too simple")
        others = [held for held in self.codes_held.values() if held.ref != ref]
        if self.make.refuses_copies and any(held.pin == pin for held in others):
            raise base.DuplicateCode("these digits are taken")
        if ref not in self.codes_held and self.make.slots is not None and len(others) >= self.make.slots:
            raise base.NoSpace("the lock is full")
        held = Held(ref, pin, name, *(window if self.make.native else (None, None)), True, owner)
        self._must_be_ours(ref)
        self.change(ref, held)
        return held

    def _take_off(self, ref: int) -> None:
        self._must_be_ours(ref)
        self.change(ref, None)

    def _must_be_ours(self, ref: int) -> None:
        if ref in self.codes_held and self.codes_held[ref].owner is None:
            raise Broken(f"a stranger's code was touched: {self.codes_held[ref]}")

    def _free_ref(self) -> int:
        if not self.make.numbered:
            return self._next_ref()
        return next(number for number in range(1, 1000) if number not in self.codes_held)

    def _next_ref(self) -> int:
        self._last_ref += 1
        return self._last_ref

    def _throw(self) -> float:
        self.events += 1
        return self.rng.random()
