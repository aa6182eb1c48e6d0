"""The promise about backup codes: two minutes after the last thing that went wrong, a lock's pool is whole again."""

from datetime import datetime, timedelta
from itertools import product

from hospitality import vault
from locks import constraints, former, pins
from locks.models import Lock
from tests.histories.hotel import DIGITS
from tests.histories.house import House
from tests.histories.rows import Row

WHOLE_AGAIN = timedelta(seconds=120)
BEGINNINGS = [
    digits
    for digits in map("".join, product(DIGITS, repeat=4))
    if not constraints.broken(digits, {pins.OUR_RULE})
]
UNSEEN = 10
"""Digits may come and go between two looks at them, but hardly so many."""


class Pools:
    """`check` what stands; returns the ids at the maker of the locks whose pools have been short for too long."""

    def __init__(self, house: House):
        self._house = house
        self._short_since: dict[str, datetime] = {}

    def check(self, slack: timedelta) -> list[str]:
        house, late = self._house, []
        now = house.clock.moment
        for door, lock in house.hotel.locks.items():
            ref = lock.provider_ref
            if not self._is_short(door, lock):
                self._short_since.pop(ref, None)
                continue
            since = house.obstacles.over_since(ref, self._short_since.setdefault(ref, now))
            if not house.obstacles.stand(ref) and now - since > WHOLE_AGAIN + slack:
                late.append(ref)
        return late

    def is_short(self, ref: str) -> bool:
        """Was it, when last checked?"""
        return ref in self._short_since

    def _is_short(self, door: str, lock: Lock) -> bool:
        """Are fewer codes of the pool confirmed than are kept, though nothing of the following is in their way: no
        place, no digits, or a write that the maker accepted and has not ended?"""
        house = self._house
        wanted = house.pool[door]
        if door in house.reset or not wanted:
            return False
        stock = [row for row in house.rows.all if row.lock_id == lock.pk and _is_in_stock(row)]
        healthy = sum(row.is_healthy and not row.pending_mutations for row in stock)
        if healthy >= wanted or any(row.operation or row.waits_for_place for row in stock):
            return False
        return len(stock) >= wanted or self._has_digits_left(lock)

    def _has_digits_left(self, lock: Lock) -> bool:
        """The product is only asked where few are left by what was seen of all codes of the house."""
        house = self._house
        seen = {pin[:4] for pin in (*house.rows.every_pin(), *house.truth.every_pin())}
        return len(set(BEGINNINGS) - seen) > UNSEEN or _has_free_digits(lock, house.clock.moment)


def _is_in_stock(row: Row) -> bool:
    return row.is_backup and row.live and row.wanted and not row.by_hand and row.handed_out_at is None


def _has_free_digits(lock: Lock, now: datetime) -> bool:
    taken = set(pins._taken([lock], None, None)) | former.had_lately(lock, now)
    return any(vault.index(digits) not in taken for digits in BEGINNINGS)
