"""A hotel with everything that a history needs of it, on one virtual clock and in one transaction that ends unwritten."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from unittest import mock

from django.contrib.auth import get_user_model
from django.db import connection, transaction

from hospitality import clock
from locks import accounts, alarms, budget, pins, reconcile, remedies
from locks.models import AccessGrant, Lock
from tests.histories.changes import Changes
from tests.histories.guests import Guest, Holder, Staff
from tests.histories.hotel import STARTS, FewDigits, Hotel, Plan, impatient, make_hotel
from tests.histories.house_clock import HouseClock
from tests.histories.obstacles import Obstacles
from tests.histories.rows import Row, Rows
from tests.histories.truth import Held, Truth
from tests.histories.watched import Watched
from tests.histories.worker import Worker
from tests.locks.simulator_process import SimulatorProcess

HEALTHY = {"down": False, "auth": True}


class House:
    """One hotel, its people, its worker, its maker, and what is known of the truth."""

    def __init__(self, simulator: SimulatorProcess, plan: Plan, number: int):
        self.simulator = simulator
        self.clock = HouseClock(simulator, STARTS[plan.place])
        self.holders: list[Holder] = []
        self.owner_of: dict[str, int] = {}
        """By its id at the maker, each code that we made or adopted: which row's it is."""
        self.known: set[str] = set()
        """Those of them that the product has seen, or was told of."""
        self.disowned: set[str] = set()
        """Those whose owner gave them another name before: nobody can tell whose they are, until they are known."""
        self.unsure: set[str] = set()
        """Locks on which a write may come late, or was lied about: what a clean visit leaves there may be wrong."""
        self.backups: dict[str, Guest] = {}
        """By its public id, each backup code that was handed out, and to whom."""
        self.pool = dict.fromkeys(("1", "2", "front"), plan.pool)
        """By door, how many backup codes are to be kept ready there."""
        self.reset: dict[str, str] = {}
        """By door, the new id of a lock that was reset and that nobody has placed yet."""
        self.short_of: set[str] = set()
        """The doors whose locks have lost slots."""
        self.faulty: set[str] = set()
        """The doors at whose locks something was made to go wrong."""
        self.lied: set[str] = set()
        """The locks that told a false list, and no true one since."""
        self.worker: Worker | None = None
        self._raised: tuple[object, list[alarms.Alarm]] = None, []
        self.obstacles = Obstacles(self.clock)
        self.changes = Changes()
        self.adapter = Watched(impatient(simulator.credentials), self.obstacles.called)
        simulator.account(**HEALTHY)
        with ExitStack() as undo:
            undo.enter_context(_unwritten())
            undo.enter_context(connection.execute_wrapper(self.changes))
            undo.enter_context(mock.patch.object(clock, "now", self.clock.now))
            for waits in (budget, reconcile):
                undo.enter_context(mock.patch.object(waits, "time", self.clock))
            undo.enter_context(mock.patch.object(pins, "secrets", FewDigits(number)))
            self.hotel: Hotel = make_hotel(plan, simulator)
            self._wire()
            self.clerk, _ = get_user_model().objects.get_or_create(username="history")
            self._undo = undo.pop_all()
        self.truth = Truth(simulator, self.clock)
        self.rows = Rows(self.hotel.property, self.clock, self.changes)
        self.rows.read_doors()

    def close(self) -> None:
        """Undo everything; the locks are taken out of the account."""
        for lock in (*self.hotel.locks.values(), *self.hotel.lost.values()):
            self.simulator.knobs(lock.provider_ref, removed=True, release=True)
        self.simulator.account(**HEALTHY)
        accounts._adapters.pop(self.hotel.account.pk, None)
        accounts._budgets.pop(self.hotel.account.pk, None)
        self._undo.close()

    @property
    def guests(self) -> list[Guest]:
        return [holder for holder in self.holders if isinstance(holder, Guest)]

    @property
    def staff(self) -> list[Staff]:
        return [holder for holder in self.holders if isinstance(holder, Staff)]

    @property
    def expected(self) -> list[Guest]:
        """Guests who are booked and not here."""
        return [guest for guest in self.guests if not guest.over and not guest.checked_in_at]

    @property
    def in_house(self) -> list[Guest]:
        return [guest for guest in self.guests if not guest.over and guest.checked_in_at]

    @property
    def holding(self) -> list[Holder]:
        """Whoever has a code that is not over."""
        return [holder for holder in self.holders if not holder.over and holder.grants]

    def grant_of(self, holder: Holder) -> AccessGrant | None:
        """The one that lasts."""
        return AccessGrant.objects.filter(pk__in=holder.grants, revoked_at=None).first()

    def moments(self) -> list[datetime]:
        """When something begins or ends for anybody."""
        return [at for holder in self.holders for at in holder.moments()]

    def next_moment(self) -> datetime | None:
        """The next of them."""
        soon = self.clock.moment + timedelta(seconds=2)
        return min((at for at in self.moments() if at > soon), default=None)

    def next_end(self) -> datetime | None:
        """When the next code ends that is in use or near it."""
        soon = self.clock.moment + timedelta(seconds=2)
        ends = [holder.window[1] for holder in self.holding if holder.window[1]]
        return min((at for at in ends if at > soon), default=None)

    def granted(self, guest: Guest) -> None:
        """Keep which grant the stay has."""
        guest.stay.refresh_from_db(fields=["grant"])
        if guest.stay.grant_id:
            guest.grants.add(guest.stay.grant_id)

    def replaced(self, door: str, lock: Lock) -> None:
        """From now on this is the door's lock."""
        self.reset.pop(door)
        old = self.hotel.locks[door]
        self.hotel.lost[old.provider_ref] = old
        self.hotel.locks[door] = lock
        self.rows.read_doors()

    def hears_alarm(self, held: Held) -> bool:
        """Are people told that this code still opens its door?"""
        row = self.row_of(held)
        return any(
            alarm.kind == remedies.STILL_ON_DOOR
            and row.lock_id in alarm.lock_ids
            and row.grant_id == alarm.grant_id
            for alarm in self._alarms()
        )

    def _alarms(self) -> list[alarms.Alarm]:
        """All that are raised now; they hang on the rows and the time alone."""
        when = self.changes.all, self.clock.moment
        if self._raised[0] != when:
            self._raised = when, alarms.alarms(self.hotel.property, self.clock.moment)
        return self._raised[1]

    def ref(self, door: str) -> str:
        return self.hotel.locks[door].provider_ref

    def read_rows(self) -> None:
        """Read the codes again."""
        self.rows.read()
        self.known |= {row.observed_ref for row in self.rows.all if row.is_managed}
        self.disowned -= self.known

    def lock_id(self, ref: str) -> int | None:
        lock = self.hotel.lost.get(ref) or next(
            (lock for lock in self.hotel.locks.values() if lock.provider_ref == ref), None
        )
        return lock and lock.pk

    def row_of(self, held: Held) -> Row | None:
        """Which of our codes it is; None for one that somebody else made."""
        if held.ref in self.disowned:
            return None
        return self.rows.by_id.get(self.owner_of.get(held.ref, 0))

    def holder_of(self, row: Row) -> Holder | None:
        """Who was given the code."""
        if row.is_backup:
            return self.backups.get(str(row.public_id))
        return next((holder for holder in self.holders if row.grant_id in holder.grants), None)

    def is_early(self, holder: Holder, door: str) -> bool:
        """May the code be on the lock although its time has not come: just in time, or by a rounded start?"""
        now, native = self.clock.moment, self.hotel.native(door) and holder.prefers_native
        lead = timedelta(minutes=0 if native else 30, seconds=self.hotel.grain(door))
        starts_at, _ = holder.window
        if holder.over or door not in holder.doors or not starts_at - lead <= now < starts_at:
            return False
        return native or not self.is_held_back(holder, door)

    def is_held_back(self, holder: Holder, door: str) -> bool:
        """Is the guest before this one still in, at a room's own door?"""
        starts_at, _ = holder.window
        return door != "front" and any(
            other is not holder
            and other.may(door, self.clock.moment)
            and other.window[1] is not None
            and other.window[1] <= starts_at
            for other in self.holders
        )

    def _wire(self) -> None:
        """Have the product talk to the maker through the watched adapter."""
        account = self.hotel.account
        accounts._adapters[account.pk] = bytes(account.credentials_sealed), self.adapter


@contextmanager
def _unwritten() -> Iterator[None]:
    """One transaction around all, which is never committed; what only a commit would have refused is refused."""
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)


def check_constraints() -> None:
    """Raise IntegrityError for what the commit would refuse."""
    with transaction.atomic():
        connection.check_constraints()
