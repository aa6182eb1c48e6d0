"""What owners do to our codes in the maker's app: it is told, and where they may do it, it stands."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from locks.models import Event, Lock
from locks.thresholds import TOLERANCE
from tests.histories.house import House
from tests.histories.rows import Row
from tests.histories.truth import Entry, Held, moment_of

SOON = timedelta(seconds=5)
"""A code that ends so soon after a look may be over by it."""
TOLD = ("access_code.modified_external_to_seam", "access_code.deleted_external_to_seam")


@dataclass
class Sight:
    """A code that was on its lock as wanted when a visit ended clean; `code`: what was there at `at`; `found`: what
    the next look finds, None where it is gone; `is_written`: we have touched it since, so that `found` stays."""

    lock: str
    row_id: int
    generation: int
    attempted_at: datetime | None
    at: datetime
    code: dict
    found: dict | None
    is_written: bool = False


class OwnersChanges:
    """`take` each line of the log; `looked` after each clean visit. `fail(what, lock)` raises."""

    def __init__(self, house: House, fail: Callable[[str, str], None]):
        self._house = house
        self._fail = fail
        self._sights: dict[tuple[str, str], Sight] = {}
        self._left: dict[int, tuple[int, bool]] = {}
        """By a code's number, the wish in spite of which its owner's change stands, and whether it was removed."""

    def take(self, entry: Entry) -> None:
        if entry.kind == "lock.reset":
            self.forget(entry.lock)
        if not entry.kind.startswith("code."):
            return
        by, code = entry.details["by"], entry.details["code"]
        sight = self._sights.get((entry.lock, code["id"]))
        if by == "app" and sight:
            self._changed(sight, None if entry.kind == "code.deleted" else code)
        elif by == "api":
            self._let_stand(entry, self._house.owner_of.get(code["id"]))
            if sight:
                sight.is_written = True

    def forget(self, lock: str) -> None:
        """Nothing is known for sure of what the lock's codes were."""
        self._sights = {key: sight for key, sight in self._sights.items() if sight.lock != lock}

    def looked(self, lock: Lock) -> None:
        """All that was done to the lock's codes since the last clean visit has been seen by now."""
        house, ref = self._house, lock.provider_ref
        for sight in self._sights.values():
            row = house.rows.by_id[sight.row_id]
            if sight.lock == ref and self._is_changed(sight, row):
                self._was_told(sight, row)
        self.forget(ref)
        for held in house.truth.on(ref):
            row = house.row_of(held)
            if row and _is_as_wanted(row, held):
                self._sights[ref, held.ref] = Sight(
                    lock=ref,
                    row_id=row.id,
                    generation=row.generation,
                    attempted_at=row.attempted_at,
                    at=house.clock.moment,
                    code=held.code,
                    found=held.code,
                )

    def _changed(self, sight: Sight, code: dict | None) -> None:
        row = self._house.rows.by_id[sight.row_id]
        if row.attempted_at != sight.attempted_at and not sight.is_written:
            # A write that may or may not have come: nobody can tell whose doing the difference is.
            self.forget(sight.lock)
        elif not sight.is_written:
            sight.found = code

    def _is_changed(self, sight: Sight, row: Row) -> bool:
        """Did somebody else change a code that is wanted as it was?"""
        now = self._house.clock.moment
        if row.generation != sight.generation or row.over(now + SOON):
            return False
        door = self._house.hotel.door_of(sight.lock)
        return door is not None and _differ(sight.code, sight.found, self._house.hotel.hides_digits(door))

    def _was_told(self, sight: Sight, row: Row) -> None:
        if row.is_external_modification_allowed:
            self._left[row.id] = row.generation, sight.found is None
        if not Event.objects.filter(
            access_code_id=row.id, event_type__in=TOLD, occurred_at__gte=sight.at
        ).exists():
            self._fail(f"code {row.id} was changed from outside after {sight.at}, nobody is told", sight.lock)

    def _let_stand(self, entry: Entry, row_id: int | None) -> None:
        """No write of ours undoes what the owner may do."""
        row = self._house.rows.by_id.get(row_id or 0)
        if row is None or not row.is_external_modification_allowed or entry.kind == "code.deleted":
            return
        left = self._left.get(row.id)
        removed = [left[1]] if left and left[0] == row.generation else []
        removed += [
            sight.found is None
            for sight in self._sights.values()
            if sight.row_id == row.id and not sight.is_written and self._is_changed(sight, row)
        ]
        if any(removed) if entry.kind == "code.created" else removed:
            self._fail(f"code {row.id} is its owner's to change, and was put back: {entry.kind}", entry.lock)


def _is_as_wanted(row: Row, held: Held) -> bool:
    here = row.live and row.is_managed and row.observed == "present" and row.observed_ref == held.ref
    return here and row.wanted and row.settled_generation == row.generation and not row.unanswered


def _differ(one: dict, other: dict | None, hides_digits: bool) -> bool:
    """By what the lock's list shows."""
    if other is None:
        return True
    shown = ("name", "active") if hides_digits else ("name", "active", "pin")
    if any(one[key] != other[key] for key in shown):
        return True
    return any(_apart(moment_of(one[key]), moment_of(other[key])) for key in ("starts_at", "ends_at"))


def _apart(one: datetime | None, other: datetime | None) -> bool:
    if one is None or other is None:
        return one is not other
    return abs(one - other) >= TOLERANCE
