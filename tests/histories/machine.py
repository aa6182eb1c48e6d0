"""A history: people, faults and the worker in any order, with the promises checked after every step."""

import sys
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from locks import leases, reconcile, wishes
from locks.models import AccessCode, Event, Lock
from tests.histories import ending
from tests.histories.desk import NOW, ROOMS, SOME, Desk
from tests.histories.hotel import MAKES, STARTS, Plan
from tests.histories.house import House, check_constraints
from tests.histories.invariants import Broken, Invariants
from tests.histories.outside import DOOR, Outside
from tests.histories.watched import VERBS, Killed
from tests.histories.worker import Worker, alone

JUST_AFTER = timedelta(milliseconds=700)
"""Past a moment by more than the simulator's clock may be off."""
SEEN = ("name", "provider_ref", "error_code", "failures", "suspect_refs", "lease_token")
"""What is asked of a lock after a visit."""
MOST_STOPS = 5
"""So many beginnings and ends are lived through in one step; a longer time is cut there."""

MAKE = st.sampled_from(sorted(MAKES))
PLANS = st.builds(
    Plan,
    place=st.sampled_from(sorted(STARTS)),
    makes=st.tuples(MAKE, MAKE, MAKE),
    pool=st.sampled_from((0, 1, 2, 2)),
    slots=st.sampled_from((None, None, None, 4)),
)
BOOKED = st.lists(st.tuples(ROOMS, st.integers(0, 2), st.integers(1, 2)), min_size=2, max_size=4)
OPENING = {"plan": PLANS, "number": st.integers(0, 99), "booked": BOOKED, "here": NOW, "porter": NOW}
SPANS = st.sampled_from(
    [timedelta(seconds=s) for s in (2, 20, 61, 130)]
    + [timedelta(minutes=m) for m in (4, 16, 31)]
    + [timedelta(hours=h) for h in (3, 11, 25)]
)


class Histories(Desk, Outside, RuleBasedStateMachine):
    """`simulator` is set by the test: one process serves many histories."""

    simulator = None

    def __init__(self):
        super().__init__()
        self.house = None
        self.outbox = []
        self._outer = sys.exc_info()[1]

    @initialize(**OPENING)
    def open_house(self, plan, number, booked, here, porter):
        """A hotel that is open: some stays are booked, both rooms may have their guests, and there may be a porter,
        whose code the owner may change."""
        self.house = House(self.simulator, plan, number)
        house = self.house
        house.worker = Worker(house.hotel.property, house.clock, house.changes, self.visited)
        self.promises = Invariants(self.house)
        Lock.objects.filter(property=self.house.hotel.property).update(due_at=self.house.clock.now())
        first = [("1", 0, 1), ("2", 0, 2)] if here else []
        for room, ahead, nights in first + booked:
            self.book(room, ahead, nights, name=nights, now=False)
        for _ in first:
            self.check_in(who=0, sure=True, now=False)
        if porter:
            doors = {"1", "front"}
            self.let_staff_in(doors, starts=0, lasts=50, native=True, owners=True, now=False)
        self.serve(now=True)

    def teardown(self):
        if self.house is None:
            return
        try:
            if sys.exc_info()[1] is self._outer:  # nothing has gone wrong
                self.end()
        finally:
            self.house.close()

    def end(self):
        """Everything heals, and time passes until nothing is left to do."""
        self.heal()
        ending.come_to_rest(self.house, self.observe)
        ending.check(self.house)
        check_constraints()

    def writes(self, door, who):
        """Somebody new comes, or a code that is there gets other digits."""
        holding = [holder for holder in self.house.holding if door in holder.doors]
        if who % 2:
            self.let_staff_in({door}, starts=0, lasts=5, native=True, owners=False, now=False)
        elif holding:
            self.new_pin(self.house.holding.index(holding[who % len(holding)]), now=False)
        self.house.worker.work()

    def looks(self, door):
        wishes.wake([self.house.hotel.locks[door]])
        self.house.worker.work()

    def serve(self, now):
        self.observe()
        if now:
            self.house.worker.work()

    def observe(self):
        """Read on in the log, and see whether all promises hold."""
        self.house.clock.follow()
        entries = self.house.truth.read()
        self.house.read_rows()
        for entry in entries:
            self.report(entry)
        self.promises.take(entries)
        self.promises.check()
        return entries

    def visited(self, lock_id):
        """A visit has ended, one way or the other."""
        self.house.rows.read_doors()
        entries = self.observe()
        lock = Lock.objects.only(*SEEN).get(pk=lock_id)
        self.promises.opens_as_said(lock)
        under_way = any(row.operation for row in self.house.rows.all if row.lock_id == lock_id)
        misled = any(one.kind == "listing.false" and one.lock == lock.provider_ref for one in entries)
        troubled = lock.error_code or lock.failures or lock.suspect_refs or lock.lease_token
        if not (troubled or under_way or misled):
            self.house.lied.discard(lock.provider_ref)
            self.promises.after_clean_visit(lock)

    # The worker, and time

    @rule()
    def work(self):
        self.house.worker.work()

    @rule(span=SPANS)
    def time_passes(self, span):
        self.live_until(self.house.clock.moment + span)

    @precondition(lambda self: self.house.next_moment())
    @rule(after=st.sampled_from((-1, 0, 30, 62, 121)))
    def until_something_begins_or_ends(self, after):
        self.live_until(self.house.next_moment() + timedelta(seconds=after))

    @precondition(lambda self: self.house.next_end())
    @rule(after=st.sampled_from((-1, 0, 62, 121)))
    def until_a_code_ends(self, after):
        self.live_until(self.house.next_end() + timedelta(seconds=after))

    @rule(span=SPANS)
    def worker_is_away(self, span):
        self.house.clock.jump(self.house.clock.moment + span)
        self.house.obstacles.hit_all()
        self.observe()

    @rule(door=DOOR, phase=st.integers(0, 9))
    def worker_is_killed_between_steps(self, door, phase):
        """Before or after one of its pieces of work on the database: every second number is after."""
        left = [phase // 2]

        def run(step, item):
            left[0] -= 1
            if left[0] == -1 and phase % 2 == 0:
                raise Killed
            result = alone(step, item)
            if left[0] == -1:
                raise Killed
            return result

        self._killed(door, run)

    @rule(door=DOOR, call=st.integers(0, 4), answered=st.booleans())
    def worker_is_killed_at_a_call(self, door, call, answered):
        """As it is sent, or when its answer has come and nothing was written down."""
        self._killed(door, None, lambda: self.house.adapter.interrupt(_die, calls=call, after=answered))

    @rule(
        door=DOOR,
        call=st.integers(0, 3),
        who=SOME,
        meanwhile=st.sampled_from(("nothing", "new pin", "check out", "longer", "revoke")),
        only_writes=st.booleans(),
    )
    def worker_comes_late(self, door, call, who, meanwhile, only_writes):
        """It stands still at a call until another has taken over, and goes on then: it must change nothing."""
        house = self.house
        lock = house.hotel.locks[door]
        if self._is_leased(lock):
            return
        left_behind = []

        def stand_still():
            self.observe()
            house.clock.jump(house.clock.moment + leases.LEASE + timedelta(seconds=1))
            house.obstacles.hit(lock.provider_ref)
            self._something_changes(meanwhile, who)
            house.worker.visit(lock.pk)
            left_behind.append(_everything(lock))

        verbs = ("create_code", "update_code", "delete_code") if only_writes else VERBS
        house.adapter.interrupt(stand_still, calls=call, verbs=verbs)
        reconcile.serve(house.worker.lease(lock.pk))
        house.adapter.forget()
        if left_behind:
            late = [entry for entry in house.truth.read() if (entry.details or {}).get("by") == "api"]
            _unchanged(left_behind[0], _everything(lock), late)
        self.visited(lock.pk)

    def live_until(self, moment):
        """Time passes and the worker works. Quiet hours are skipped: nothing but looks would happen in them."""
        house = self.house
        stops = [at + JUST_AFTER for at in house.moments() if house.clock.moment < at + JUST_AFTER < moment]
        stops = sorted(set(stops))[:MOST_STOPS]
        last = moment if len(stops) < MOST_STOPS else stops.pop()
        for stop in [*stops, max(last, house.clock.moment)]:
            house.worker.work_until(stop, self._urgent)
            self.observe()
            house.worker.work()

    def _urgent(self):
        """The locks that can be served and hold a code that opens wrongly, or lack backup codes: here every minute
        counts."""
        return {
            lock.pk
            for lock in self.house.hotel.locks.values()
            if (self.promises.is_wrong(lock.provider_ref) or self.promises.lacks_backups(lock.provider_ref))
            and not self.house.obstacles.stand(lock.provider_ref)
        }

    def _killed(self, door, run, prepare=lambda: None):
        lock = self.house.hotel.locks[door]
        if self._is_leased(lock):
            return
        prepare()
        killed = self.house.worker.killed_visit(lock.pk, run)
        self.house.adapter.forget()
        if killed:
            self.house.obstacles.hit(lock.provider_ref, self.house.clock.moment + leases.LEASE)

    def _is_leased(self, lock):
        lock.refresh_from_db(fields=["lease_until"])
        return lock.lease_until is not None and lock.lease_until > self.house.clock.moment

    def _something_changes(self, what, who):
        house = self.house
        if what == "check out" and house.in_house:
            self.check_out(who, now=False)
        elif what == "longer" and house.guests:
            self.change(who, "longer", 1, now=False)
        elif what == "new pin" and house.holding:
            self.new_pin(who, now=False)
        elif what == "revoke" and house.staff:
            self.change_staff(who, "end", 0, now=False)


def _die():
    raise Killed


def _everything(lock):
    """What the product has of the lock."""
    return (
        list(Lock.objects.filter(pk=lock.pk).values()),
        list(AccessCode.objects.filter(lock=lock).order_by("pk").values()),
        Event.objects.filter(lock=lock).count(),
    )


def _unchanged(before, after, late):
    if before != after:
        raise Broken("a worker that came late has written to the tables")
    if late:
        raise Broken(f"a worker that came late has written to the lock: {[entry.kind for entry in late]}")
