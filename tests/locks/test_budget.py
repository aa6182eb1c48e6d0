"""One account's calls: no more a second than it allows, and none while it asks for rest."""

import threading
import time

import pytest

from locks import accounts
from locks.budget import MOST_WAIT, Budget, Metered, Places
from locks.providers import base


def test_without_a_limit_nobody_waits():
    budget = Budget(None)
    assert [budget._reserve(100.0) for _ in range(1000)] == [0.0] * 1000


def test_calls_are_spread_over_time_after_the_first_burst():
    budget = Budget(10)
    budget._reserve(100.0)
    waits = [budget._reserve(1000.0) for _ in range(30)]
    assert sum(wait < 0.001 for wait in waits) == 11, "a second's worth at once after a rest"
    assert waits[-1] == pytest.approx(1.9, abs=0.11)


def test_a_wait_that_is_too_long_is_told_and_costs_no_turn():
    budget = Budget(1)
    waits = []
    with pytest.raises(base.Busy) as busy:
        while True:
            waits.append(budget._reserve(100.0))
    assert busy.value.retry_after > MOST_WAIT
    assert max(waits) <= MOST_WAIT
    assert budget._reserve(100.0 + MOST_WAIT) <= MOST_WAIT


def test_a_pause_holds_for_every_caller():
    budget = Budget(None)
    budget.pause(0.2)
    began = time.monotonic()
    callers = [threading.Thread(target=budget.take) for _ in range(5)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert time.monotonic() - began >= 0.2
    budget.pause(60)
    with pytest.raises(base.Busy):
        budget.take()


def test_a_lock_that_was_asked_too_fast_keeps_no_other_quiet():
    class Hasty:
        def device(self, ref):
            raise base.LockBusy("ten a minute", 60)

    budget = Budget(None)
    with pytest.raises(base.LockBusy):
        Metered(Hasty(), budget).device("1")
    began = time.monotonic()
    budget.take()
    assert time.monotonic() - began < 1


def test_one_locks_retry_after_keeps_the_whole_account_quiet(hotel):
    one, two = hotel.locks["1"], hotel.locks["2"]
    grant = hotel.grant(one, two)
    hotel.simulator.knobs(one.provider_ref, busy_next_answers=1)
    hotel.visit(one)
    one.refresh_from_db()
    assert (one.error_code, one.failures) == ("", 1), "that is no trouble with the lock"
    began = time.monotonic()
    hotel.visit(two)
    assert time.monotonic() - began >= 1.5, "the simulator asks for 2 s"
    assert hotel.opens(two, grant.pin)


def test_a_new_limit_counts_from_the_next_visit(hotel):
    account = hotel.locks["1"].connection
    assert accounts.metered(account)._budget.per_second is None
    account.calls_per_second = 5
    assert accounts.metered(account)._budget is accounts.metered(account)._budget
    assert accounts.metered(account)._budget.per_second == 5


class Call(threading.Thread):
    """A call that has a place until it is told to end."""

    def __init__(self, places: Places):
        super().__init__()
        self.places, self.begun, self.end = places, threading.Event(), threading.Event()
        self.start()

    def run(self):
        with self.places.one():
            self.begun.set()
            self.end.wait(30)

    def done(self):
        self.end.set()
        self.join(30)


def test_so_many_calls_are_made_at_once_and_the_next_one_waits_for_a_place():
    places = Places(2, slow_after=1000, most_slow=10)
    first, second = Call(places), Call(places)
    assert first.begun.wait(30) and second.begun.wait(30)
    third = Call(places)
    assert not third.begun.wait(0.2)
    first.done()
    assert third.begun.wait(30)
    for call in (second, third):
        call.done()


def test_a_slow_call_gives_its_place_to_another_but_only_so_many_do():
    places = Places(1, slow_after=0.05, most_slow=1)
    slow = Call(places)
    assert slow.begun.wait(30)
    also_slow = Call(places)
    assert also_slow.begun.wait(30), "the first one is set aside"
    assert places.slow() == 1
    third = Call(places)
    assert not third.begun.wait(0.3), "no more are set aside"
    slow.done()
    assert third.begun.wait(30), "there is room for another slow one"
    for call in (also_slow, third):
        call.done()
    assert places.slow() == 0
