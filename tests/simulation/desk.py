"""What the desk does: `locks.codes`, `locks.backups` and `locks.digits` in miniature.

A verb that would be refused in the house raises `Refused` and changes nothing.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from random import Random

from locks import windows
from tests.simulation import memory
from tests.simulation.memory import Grant, Lock, Row, noted


class Refused(Exception):
    """The desk is told why not."""


def wish(row: Row, now: datetime, **changes) -> None:
    """Change what is wanted of one code: a new generation."""
    if all(getattr(row, name) == value for name, value in changes.items()):
        return
    for name, value in changes.items():
        setattr(row, name, value)
    row.generation += 1
    row.asked_at = row.lock.wished_at = now
    row.refusal, row.refused_pin = "", False
    if row.live and row.key in row.lock.dead:
        del row.lock.dead[row.key]
        row.lock.live[row.key] = row
    if "starts_at" in changes or "ends_at" in changes:
        memory.fit(row)
    noted(row.lock, wish=True)


class Desk:
    """The verbs. `wake(locks)` is called with the locks that must be looked at now; `watch(row)` with each code whose
    wish is new."""

    def __init__(self, locks: Sequence[Lock], rng: Random, wake: Callable, watch: Callable):
        self.locks, self.rng, self.wake, self.watch = locks, rng, wake, watch
        self.grants: list[Grant] = []
        self._keys = self._pins = 0

    def draw(self) -> int:
        """Digits that nobody has."""
        self._pins += self.rng.randint(1, 5)
        return 100_000 + self._pins

    def grant(
        self, now: datetime, name: str, locks: Sequence[Lock], starts_at, ends_at, *, guest: bool, **options
    ) -> Grant:
        """Let somebody through `locks` in that window. Raises Refused."""
        grant = Grant(len(self.grants) + 1, name, self.draw(), starts_at, ends_at, guest)
        self._check(grant, locks, starts_at, ends_at)
        self.grants.append(grant)
        for lock in locks:
            self._add(grant, lock, now, **options)
        self.wake(locks)
        return grant

    def move(self, grant: Grant, now: datetime, starts_at: datetime, ends_at: datetime | None) -> None:
        """Another window; the backup codes handed out for it end with it. Raises Refused."""
        rows = [row for row in grant.rows.values() if row.wanted]
        if grant.revoked:
            raise Refused("it is revoked")
        self._check(grant, [row.lock for row in rows], starts_at, ends_at)
        grant.starts_at, grant.ends_at = starts_at, ends_at
        for row in rows:
            self._wish(row, now, starts_at=starts_at, ends_at=ends_at, live=True)
            if row.backup and row.backup.wanted:
                self._wish(row.backup, now, ends_at=ends_at, live=True)
        self.wake([row.lock for row in rows])

    def set_doors(self, grant: Grant, now: datetime, locks: Sequence[Lock]) -> None:
        """Open exactly these doors. Raises Refused."""
        if grant.revoked:
            raise Refused("it is revoked")
        open_now = {number for number, row in grant.rows.items() if row.wanted}
        new = [lock for lock in locks if lock.number not in open_now]
        self._check(grant, new, grant.starts_at, grant.ends_at)
        keep = {lock.number for lock in locks}
        for number, row in grant.rows.items():
            if number not in keep:
                self._drop(row, now)
        for lock in new:
            row = grant.rows.get(lock.number)
            if row:
                window = {"starts_at": grant.starts_at, "ends_at": grant.ends_at}
                fresh = {"wanted": True, "live": True, "own_pin": False, "pin": grant.pin}
                self._wish(row, now, name=grant.name, **fresh, **window)
            else:
                self._add(grant, lock, now)
        self.wake([self.locks[number] for number in sorted(keep | open_now)])

    def rename(self, grant: Grant, now: datetime, name: str) -> None:
        grant.name = name
        for row in self._wanted(grant):
            self._wish(row, now, name=name)

    def revoke(self, grant: Grant, now: datetime) -> None:
        """Close every door to it, backup codes included."""
        grant.revoked = True
        for row in grant.rows.values():
            self._drop(row, now)
        self.wake([row.lock for row in grant.rows.values()])

    def repin(self, grant: Grant, now: datetime) -> None:
        """New digits, the same for all doors."""
        if grant.revoked:
            raise Refused("it is revoked")
        self.redraw(grant, now)

    def redraw(self, grant: Grant, now: datetime) -> None:
        grant.pin, grant.told = self.draw(), False
        for row in self._wanted(grant):
            self._wish(row, now, own_pin=False, pin=grant.pin)

    def hand_out(self, row: Row, now: datetime) -> Row:
        """Give the holder of a code a backup code of the same lock. Raises Refused."""
        if row.backup and row.backup.wanted and row.backup.live:
            return row.backup
        if not row.wanted or row.ends_at is None or row.ends_at <= now:
            raise Refused("this stay's time at the door is over")
        ready = [one for one in row.lock.live.values() if memory.healthy(one)]
        if not ready:
            raise Refused("no backup code is ready")
        backup = ready[0]
        backup.handed_out = True
        self._wish(backup, now, ends_at=row.ends_at, name=f"Backup for {row.name}")
        row.backup = backup
        noted(row.lock, wish=True)
        self.wake([row.lock])
        return backup

    def refill(self, lock: Lock, now: datetime) -> bool:
        """Bring the stock of backup codes to its size; returns whether any were missing."""
        missing = lock.pool_size - sum(row.kept and row.wanted for row in lock.live.values())
        for _ in range(missing):
            self._new_row(lock, now, None, "Latchkey backup", self.draw(), is_backup=True)
        return missing > 0

    def _wanted(self, grant: Grant) -> list[Row]:
        rows = [row for row in grant.rows.values() if row.wanted]
        self.wake([row.lock for row in rows])
        return rows

    def _wish(self, row: Row, now: datetime, **changes) -> None:
        wish(row, now, **changes)
        self.watch(row)

    def _drop(self, row: Row, now: datetime) -> None:
        for one in filter(None, (row, row.backup)):
            if one.wanted:
                self._wish(one, now, wanted=False)

    def _add(self, grant: Grant, lock: Lock, now: datetime, **options) -> None:
        window = {"starts_at": grant.starts_at, "ends_at": grant.ends_at}
        row = self._new_row(lock, now, grant, grant.name, grant.pin, **window, **options)
        grant.rows[lock.number] = row

    def _new_row(self, lock: Lock, now: datetime, grant: Grant | None, name: str, pin: int, **fields) -> Row:
        self._keys += 1
        row = Row(self._keys, lock, grant, name, pin, now, **fields)
        memory.fit(row)
        lock.live[row.key] = row
        lock.wished_at = now
        noted(lock, wish=True)
        self.watch(row)
        return row

    def _check(self, grant: Grant, locks: Sequence[Lock], starts_at, ends_at) -> None:
        """The room is free then, and every lock can keep the window without meeting another guest's."""
        for lock in locks:
            others = self._guests_on(lock, grant) if lock.own and grant.guest else []
            if any(_meet((starts_at, ends_at), (row.starts_at, row.ends_at)) for row in others):
                raise Refused("the room is taken")
            if not lock.can.native_scheduling:
                continue
            try:
                fitted = windows.fit(starts_at, ends_at, lock.can, lock.zone)
            except windows.NotPossible as error:
                raise Refused(str(error)) from error
            if any(_meet(fitted, (row.starts_at, row.ends_at)) for row in others):
                raise Refused("the window as the lock keeps it meets another guest's")
            if any(_meet((starts_at, ends_at), row.fitted) for row in others if row.fitted):
                raise Refused("another guest's window as the lock keeps it meets this one")

    def _guests_on(self, lock: Lock, but: Grant) -> list[Row]:
        return [
            row
            for row in lock.live.values()
            if row.grant and row.grant is not but and row.grant.guest and row.wanted
        ]


def _meet(one: memory.Window, other: memory.Window) -> bool:
    begins_in_time = one[1] is None or other[0] is None or other[0] < one[1]
    return begins_in_time and (other[1] is None or one[0] is None or one[0] < other[1])
