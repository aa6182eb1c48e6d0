"""The sweep: due locks side by side, and one lock's trouble stays its own."""

from datetime import timedelta

import pytest

from hospitality import clock
from locks import leases, reconcile, sweep
from tests.locks.conftest import make_hotel


@pytest.fixture
def hotel(transactional_db, simulator):
    made = make_hotel(simulator)
    made.visit()
    return made


def test_it_serves_every_due_lock_and_leaves_each_with_its_next_moment(hotel):
    grant = hotel.grant(*hotel.locks.values())
    assert leases.anything_due()
    assert sweep.run() >= 3
    assert not leases.anything_due()
    for lock in hotel.locks.values():
        lock.refresh_from_db()
        assert hotel.opens(lock, grant.pin)
        assert lock.due_at is not None
        assert lock.lease_token is None


def test_a_visit_that_breaks_down_does_not_stop_the_others(hotel, monkeypatch, caplog):
    one, two, front = hotel.locks.values()
    grant = hotel.grant(one, two, front)
    visit = reconcile.visit

    def breaks_at_one(start, run):
        if start.lock == one:
            raise RuntimeError("a defect")
        visit(start, run)

    monkeypatch.setattr(reconcile, "visit", breaks_at_one)
    sweep.run()
    assert hotel.opens(two, grant.pin)
    assert hotel.opens(front, grant.pin)
    assert f"visit to lock {one.pk} failed" in caplog.text
    one.refresh_from_db()
    assert one.due_at > clock.now() - timedelta(seconds=1), "it is tried again, but not at once for ever"
    assert one.failures == 1
    assert one.lease_token is None


def test_with_nothing_due_it_costs_one_query(hotel, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert not leases.anything_due()
