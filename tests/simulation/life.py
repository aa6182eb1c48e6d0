"""What happens in a week: guests who book, come early, leave late and change rooms; owners with the maker's app; and
lines that go down. Everything is drawn from one seed.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random

from locks.providers import base
from tests.simulation.desk import Desk, Refused
from tests.simulation.hotel import DAYS, Hotel
from tests.simulation.keypad import MINUTE, Held, Keypad
from tests.simulation.memory import Grant, Lock

HOUR = timedelta(hours=1)
LASTS = 7 * DAYS
DESK_CLOSES, OWNER_STOPS, HEALED = LASTS - 2 * HOUR, LASTS - 3 * HOUR, LASTS - 3 * HOUR
"""The desk does nothing more after the first, the owner after the second, and nothing is broken after the third."""
TROUBLES = {
    "offline": lambda: base.DeviceOffline("the lock does not answer"),
    "hub": lambda: base.HubUnreachable("the hub does not answer"),
    "account": lambda: base.AuthFailed("the account is closed"),
    "busy": lambda: base.Busy("too fast", 300),
}
SWITCHES = {name: (name,) for name in ("lies", "loses", "refuses", "stalls")} | {
    "storm": ("lies", "loses", "refuses")
}
NEAR = 25 * MINUTE
"""So near to a guest's start or end, what somebody else changes is seen within a minute, at other times within ten."""

At = Callable[..., None]
"""Called with a moment, a function and its arguments: do this then. Moments before the week are its beginning."""


class Life:
    """Puts the week's happenings on the calendar. `happened(kind)` counts them; `touch(lock)` says that something
    happened at a lock that the house does not know of."""

    def __init__(self, house: Hotel, desk: Desk, rng: Random, at: At, begins: datetime, tell: Callable):
        self.house, self.desk, self.rng, self.at, self.begins = house, desk, rng, at, begins
        self.tell = tell
        own = [lock for lock in desk.locks if lock.own]
        self.rooms, self.shared = own, [lock for lock in desk.locks if not lock.own]

    def plan(self) -> None:
        """Draw the week."""
        for room in self.rooms:
            self._stays(room)
        if self.rng.random() < 0.4:
            self._staff()
        if self.rng.random() < 0.2:
            return  # a quiet week
        for lock in self.desk.locks:
            for _ in range(self.rng.choice([0, 1, 2, 4])):
                self._fault(lock)
            for _ in range(self.rng.choice([0, 0, 1, 3])):
                self.at(self._some_moment(OWNER_STOPS), self._owner_acts, lock)

    # Guests.

    def _stays(self, room: Lock) -> None:
        day = self.rng.choice([-2, -1, 0])
        while day < 7:
            nights = self.rng.choice([1, 1, 2, 3])
            starts_at = self.house.at(day, self.house.check_in)
            ends_at = self.house.at(day + nights, self.house.check_out)
            booked = starts_at - self.rng.choice([0, 1, 30, 90]) * HOUR + self.rng.randint(-300, 120) * MINUTE
            if booked < ends_at:
                self.at(booked, self._book, room, starts_at, ends_at)
            day += nights + self.rng.choice([0, 0, 0, 1])

    def _book(self, now: datetime, room: Lock, starts_at: datetime, ends_at: datetime) -> None:
        if now - self.begins > DESK_CLOSES:
            return
        options = {"prefer_native": self.rng.random() > 0.1, "allowed": self.rng.random() < 0.15}
        name = f"Guest {self.rng.randint(1, 99)}"
        doors = [room, *self.shared]
        with suppress(Refused):
            grant = self.desk.grant(now, name, doors, starts_at, ends_at, guest=True, **options)
            self.tell("booked", grant)
            self._plans(grant, now)

    def _plans(self, grant: Grant, now: datetime) -> None:
        """What this guest is going to do."""
        starts_at, ends_at = grant.starts_at, grant.ends_at
        stay = max(ends_at - max(starts_at, now), MINUTE)
        begins = max(starts_at, now)
        for chance, at, verb in (
            (0.1, starts_at - self._hours(0, 40), self._cancel),
            (0.25, starts_at - self._hours(0, 5), self._come_early),
            (0.15, begins + self.rng.random() * stay, self._check_out),
            (0.25, ends_at - self._hours(-0.2, 4), self._stay_later),
            (0.15, begins + self.rng.random() * stay, self._extend),
            (0.08, starts_at - self._hours(0, 60), self._come_later),
            (0.15, begins + self.rng.random() * stay, self._move_room),
            (0.1, begins + self.rng.random() * stay, self._rename),
            (0.1, starts_at + self._hours(-20, 20), self._repin),
            (0.15, begins + self.rng.random() * stay, self._backup),
            (0.7, starts_at - self._hours(-1, 48), self._told),
        ):
            if self.rng.random() < chance and now <= at < self.begins + DESK_CLOSES:
                self.at(at, self._do, verb, grant)

    def _hours(self, least: float, most: float) -> timedelta:
        return self.rng.uniform(least, most) * HOUR

    def _do(self, now: datetime, verb: Callable, grant: Grant) -> None:
        if grant.revoked:
            return
        with suppress(Refused):
            verb(now, grant)
            self.tell(verb.__name__.strip("_"), grant)

    def _cancel(self, now: datetime, grant: Grant) -> None:
        self.desk.revoke(grant, now)

    def _check_out(self, now: datetime, grant: Grant) -> None:
        self.desk.revoke(grant, now)

    def _come_early(self, now: datetime, grant: Grant) -> None:
        if now < grant.starts_at:
            self.desk.move(grant, now, now, grant.ends_at)

    def _come_later(self, now: datetime, grant: Grant) -> None:
        if now < grant.starts_at:
            later = self.rng.choice([1, 3, 5]) * DAYS
            self.desk.move(grant, now, grant.starts_at + later, grant.ends_at + later)

    def _stay_later(self, now: datetime, grant: Grant) -> None:
        until = max(grant.ends_at, now) + self.rng.choice([10, 30, 45, 60, 180, 240]) * MINUTE
        try:
            self.desk.move(grant, now, grant.starts_at, until)
        except Refused:
            following = self._next_start(grant)
            if following is None or following <= max(grant.ends_at, now):
                raise
            self.desk.move(grant, now, grant.starts_at, following)

    def _next_start(self, grant: Grant) -> datetime | None:
        """When the next guest of the same room comes."""
        rooms = [lock for lock in self.rooms if lock.number in grant.rows and grant.rows[lock.number].wanted]
        starts = [
            row.starts_at
            for lock in rooms
            for row in lock.live.values()
            if row.grant and row.grant.guest and row.wanted and row.starts_at >= grant.ends_at
        ]
        return min(starts, default=None)

    def _extend(self, now: datetime, grant: Grant) -> None:
        self.desk.move(grant, now, grant.starts_at, grant.ends_at + DAYS)

    def _move_room(self, now: datetime, grant: Grant) -> None:
        room = self.rng.choice(self.rooms)
        self.desk.set_doors(grant, now, [room, *self.shared])

    def _rename(self, now: datetime, grant: Grant) -> None:
        self.desk.rename(grant, now, f"Guest {self.rng.randint(100, 999)}")

    def _repin(self, now: datetime, grant: Grant) -> None:
        self.desk.repin(grant, now)

    def _told(self, now: datetime, grant: Grant) -> None:
        grant.told = True

    def _backup(self, now: datetime, grant: Grant) -> None:
        rows = [row for row in grant.rows.values() if row.wanted]
        if rows and grant.starts_at <= now:
            self.desk.hand_out(self.rng.choice(rows), now)

    # Staff: codes without an end.

    def _staff(self) -> None:
        self.at(self.begins + self.rng.random() * DESK_CLOSES, self._hire)

    def _hire(self, now: datetime) -> None:
        begins = now + self.rng.choice([0, 0, 5, 100]) * HOUR
        with suppress(Refused):
            grant = self.desk.grant(now, "Staff", self.desk.locks, begins, None, guest=False)
            self.tell("hired", grant)
            leaves = now + self.rng.random() * LASTS
            if leaves < self.begins + DESK_CLOSES:
                self.at(leaves, self._do, self._cancel, grant)

    # Owners and their apps.

    def _some_moment(self, before: timedelta) -> datetime:
        """Any, or one near the house's check-in or check-out, when most is to be done."""
        if self.rng.random() < 0.5:
            return self.begins + self.rng.random() * before
        clock = self.rng.choice([self.house.check_in, self.house.check_out])
        return self.house.at(self.rng.randint(1, 5), clock) + self.rng.randint(-40, 20) * MINUTE

    def _owner_acts(self, now: datetime, lock: Lock) -> None:
        keypad = lock.keypad
        ours = [held for held in keypad.codes_held.values() if self._known(lock, held)]
        strangers = [held for held in keypad.codes_held.values() if held.owner is None]
        act = self.rng.choice(["change", "change", "remove", "add", "add", "take away", "reset"])
        if act in ("change", "remove") and ours:
            held = self.rng.choice(ours)
            keypad.change(held.ref, None if act == "remove" else self._changed(held, now, keypad))
        elif act == "add":
            keypad.add_stranger(self._any_pin(), self.rng.choice(["Cleaner", "Anna", "#", "Plumber #7x"]))
        elif act == "take away" and strangers:
            keypad.change(self.rng.choice(strangers).ref, None)
        elif act == "reset" and self.rng.random() < 0.4:
            for ref in list(keypad.codes_held):
                keypad.change(ref, None)
        else:
            return
        keypad.excuse_blindness(max(now, keypad.busy_until), 4 if self._is_near(lock, now) else 14)
        keypad.changed_while_ill = keypad.ill
        self.tell(f"owner: {act}", lock)

    def _is_near(self, lock: Lock, now: datetime) -> bool:
        moments = [at for row in lock.live.values() for at in (row.starts_at, row.ends_at) if at]
        return not lock.keypad.ill and any(abs(at - now) <= NEAR for at in moments)

    def _known(self, lock: Lock, held: Held) -> bool:
        """A code that the house has seen where it is, so that it will know it again whatever becomes of it."""
        row = lock.live.get(held.owner)
        return row is not None and row.ref == held.ref and row.settled_generation == row.generation

    def _changed(self, held: Held, now: datetime, keypad: Keypad) -> Held:
        kind = self.rng.choice(["pin", "name", "window", "off"])
        if kind == "pin":
            return held._replace(pin=self.rng.randint(1, 99_999))
        if kind == "name":
            return held._replace(name=self.rng.choice(["Anna", f"{held.name[:5]} new #{held.owner}"]))
        if kind == "window" and keypad.make.native:
            starts_at = now - self.rng.choice([1, 5]) * HOUR
            return held._replace(starts_at=starts_at, ends_at=starts_at + self.rng.randint(2, 90) * HOUR)
        return held._replace(active=False)

    def _any_pin(self) -> int:
        """Digits of a stranger's code: often those of a guest of ours who is still to come."""
        pins = [row.pin for grant in self.desk.grants for row in grant.rows.values() if row.live]
        return self.rng.choice(pins) if pins and self.rng.random() < 0.5 else self.rng.randint(1, 99_999)

    # Lines.

    def _fault(self, lock: Lock) -> None:
        kind = self.rng.choice([*TROUBLES, *SWITCHES, "lies", "loses", "offline"])
        starts = self._some_moment(HEALED - 13 * HOUR)
        most = 12 * 60 if kind in ("offline", "hub", "account") else 60
        ends = starts + self.rng.randint(1, most) * MINUTE
        self.at(starts, self._break, lock, kind, ends)
        self.at(ends, self._heal, lock, kind)

    def _break(self, now: datetime, lock: Lock, kind: str, ends: datetime) -> None:
        self._switch(lock, kind, on=True)
        if kind == "busy":  # nothing is learned of the lock, and that is not said
            lock.keypad.busy_until = max(lock.keypad.busy_until, ends)
            if now <= lock.keypad.blind_until:
                lock.keypad.excuse_blindness(ends, 14)
        if now <= lock.keypad.blind_until:
            lock.keypad.changed_while_ill = True
        self.tell(f"{kind} begins", lock)

    def _heal(self, now: datetime, lock: Lock, kind: str) -> None:
        self._switch(lock, kind, on=False)
        if lock.keypad.changed_while_ill:
            lock.keypad.excuse_blindness(now, 3)
        lock.keypad.excuse(now, 3)
        self.tell(f"{kind} ends", lock)

    def _switch(self, lock: Lock, kind: str, on: bool) -> None:
        if kind in TROUBLES:
            lock.keypad.trouble = TROUBLES[kind] if on else None
        for switch in SWITCHES.get(kind, ()):
            setattr(lock.keypad, switch, on)
