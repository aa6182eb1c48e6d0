"""SIGKILL between a provider's effect and its answer. The simulator holds the answer back, the whole worker is
killed, another one takes over: one code on the lock, not two; off the door, not forgotten."""

from datetime import timedelta

import pytest

from hospitality import clock
from locks import codes
from locks.models import Lock
from tests.locks.conftest import make_hotel
from tests.locks.simulator_process import wait_until
from tests.locks.worker_process import WorkerProcess

H = timedelta(hours=1)
SOON = 45


@pytest.fixture
def hotel(transactional_db, simulator):
    made = make_hotel(simulator)
    made.visit()
    return made


def status(grant, lock) -> str:
    return grant.codes.get(lock=lock).status


def killed_while_held(hotel, lock, worker, wish) -> None:
    """Make the wish, wait until the lock has done it, and kill the worker that waits for the answer."""
    hotel.simulator.knobs(lock.provider_ref, hold_next_answers=1)
    held = len(hotel.simulator.log(lock.provider_ref, "answer.held"))
    wish()
    hotel.simulator.wait_for("answer.held", lock.provider_ref, count=held + 1, timeout=SOON)
    worker.kill9()
    hotel.simulator.release(lock.provider_ref)


def end_the_lease(lock) -> None:
    """What twenty seconds of waiting would do."""
    Lock.objects.filter(pk=lock.pk).update(lease_until=clock.now())


def test_killed_after_the_create_one_code_is_on_the_lock_and_it_is_known(hotel, tmp_path):
    one = hotel.locks["1"]
    made = []
    with WorkerProcess(tmp_path) as worker:
        killed_while_held(hotel, one, worker, lambda: made.append(hotel.grant()))
        [grant] = made
        assert len(hotel.mine(one, grant)) == 1
        assert status(grant, one) != "set", "nobody has seen it"
        worker.start()  # the dead worker's lease runs out by itself
        wait_until(lambda: status(grant, one) == "set", SOON, "the code is set")
    assert len(hotel.mine(one, grant)) == 1
    assert len(hotel.simulator.log(one.provider_ref, "code.created")) == 1
    assert hotel.opens(one, grant.pin)


def test_killed_after_the_update_the_window_is_right_and_there_is_one_code(hotel, tmp_path):
    one = hotel.locks["1"]
    grant = hotel.grant(ends=5 * H)
    hotel.visit(one)
    later = grant.ends_at + 24 * H

    def extend():
        codes.move(grant, by=None, starts_at=grant.starts_at, ends_at=later)

    with WorkerProcess(tmp_path) as worker:
        killed_while_held(hotel, one, worker, extend)
        end_the_lease(one)
        worker.start()
        wait_until(lambda: grant.codes.get().pending_mutations == [], SOON, "nothing is pending")
    [on_lock] = hotel.mine(one, grant)
    assert on_lock["ends_at"][:16] == later.strftime("%Y-%m-%dT%H:%M")


def test_killed_after_the_delete_the_code_is_seen_to_be_gone(hotel, tmp_path):
    one = hotel.locks["1"]
    grant = hotel.grant()
    hotel.visit(one)
    with WorkerProcess(tmp_path) as worker:
        killed_while_held(hotel, one, worker, lambda: codes.revoke(grant, by=None))
        assert grant.codes.get().live, "not confirmed, so not said"
        end_the_lease(one)
        worker.start()
        wait_until(lambda: not grant.codes.get().live, SOON, "the code is confirmed gone")
    assert not hotel.opens(one, grant.pin)


def test_a_reachable_lock_is_written_at_once_by_the_running_worker(hotel, tmp_path):
    one, two = hotel.locks["1"], hotel.locks["2"]
    with WorkerProcess(tmp_path):
        grant = hotel.grant(one)
        wait_until(lambda: hotel.mine(one, grant), SOON, "the code is on the lock")
        assert hotel.opens(one, grant.pin)
        hotel.simulator.knobs(one.provider_ref, slow_seconds=8)
        codes.revoke(grant, by=None)
        other = hotel.grant(two)
        wait_until(lambda: hotel.mine(two, other), SOON, "the neighbour's code is on its lock")
        assert grant.codes.get().live, "while the slow lock is still being asked"
        hotel.simulator.knobs(one.provider_ref, slow_seconds=0)
