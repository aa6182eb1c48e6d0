"""The running worker tells of an event within moments, at least once, whatever happens to it or to a target."""

import threading
import time
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from seam import SeamWebhook

from hospitality import clock
from locks.models import Delivery, Event
from locks.subscriptions import gathering, verbs
from tests.factories import PropertyFactory
from tests.locks.conftest import make_hotel
from tests.locks.loopback_server import server
from tests.locks.simulator_process import wait_until
from tests.locks.subscriptions.conftest import SET, happens, only, verified
from tests.locks.worker_process import WorkerProcess

SOON = 60
State = Delivery.State


@pytest.fixture
def near(near, monkeypatch):
    """Here and in processes that are started here."""
    monkeypatch.setenv("LATCHKEY_WEBHOOKS_TO", "127.0.0.1")


@pytest.fixture
def house(transactional_db):
    return PropertyFactory()


@contextmanager
def holding():
    """A target that says yes, but to its first caller only when it is let go."""
    came, let_go = [], threading.Event()

    def answer(connection, request):
        came.append(request)
        if len(came) == 1:
            let_go.wait(SOON)
        connection.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")

    with server(answer) as url:
        try:
            yield url, came
        finally:
            let_go.set()


def verify(secret: str, request: bytes):
    head, _, body = request.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    return SeamWebhook(secret).verify(body, headers)


def test_a_worker_killed_in_the_middle_of_a_call_leaves_nothing_undelivered(near, house, tmp_path):
    with holding() as (url, came), WorkerProcess(tmp_path) as worker:
        webhook = verbs.make(house, by=None, url=url)
        event = happens(house)
        wait_until(lambda: came, SOON, "the call is under way")
        worker.kill9()
        delivery = only(webhook)
        assert (delivery.state, delivery.attempts) == (State.WAITING, 0)
        [cut_off] = delivery.made.all()
        assert cut_off.duration_ms is None, "nobody knows what came of it"
        worker.start()  # the dead worker's lease runs out by itself
        wait_until(lambda: only(webhook).state == State.DELIVERED, SOON, "it is delivered")
    assert len(came) == 2
    assert {verify(webhook.secret, request).event_id for request in came} == {str(event.event_id)}
    assert [attempt.status_code for attempt in only(webhook).made.all()] == [None, 204]


def test_a_target_that_hangs_holds_up_neither_the_others_nor_the_doors(
    near, transactional_db, simulator, receiver, tmp_path
):
    hotel = make_hotel(simulator)
    hotel.visit()
    with holding() as (url, hung), WorkerProcess(tmp_path):
        slow = verbs.make(hotel.property, by=None, url=url)
        quick = verbs.make(hotel.property, by=None, url=receiver.url, event_types=[SET])
        happens(hotel.property, "device.connected")
        wait_until(lambda: hung, SOON, "the slow one was called")
        began = time.monotonic()
        grant = hotel.grant()
        wait_until(lambda: hotel.mine(hotel.locks["1"], grant), SOON, "the code is on the lock")
        receiver.wait(1)
        assert time.monotonic() - began < 12, "well before the slow one's call is given up"
        assert slow.deliveries.filter(state=State.WAITING).exists()
    [told] = verified(quick, receiver)
    assert told.access_code_id == str(grant.codes.get().public_id)
    assert hotel.opens(hotel.locks["1"], grant.pin)


def test_two_workers_deliver_every_event_and_none_of_them_twice(near, house, receiver, tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir(), other.mkdir()
    webhook = verbs.make(house, by=None, url=receiver.url)
    with WorkerProcess(one), WorkerProcess(other):
        events = set()
        for _ in range(5):
            events |= {str(happens(house).event_id) for _ in range(40)}
            receiver.wait(len(events))
        delivered = webhook.deliveries.filter(state=State.DELIVERED)
        wait_until(lambda: delivered.count() == len(events), SOON, "all are written down as delivered")
    came = [told.event_id for told in verified(webhook, receiver)]
    assert sorted(came) == sorted(events)


def test_an_event_whose_transaction_takes_long_is_told_as_soon_as_it_is_there(
    near, house, receiver, tmp_path
):
    webhook = verbs.make(house, by=None, url=receiver.url)
    written, commit = threading.Event(), threading.Event()

    def late():
        with transaction.atomic():
            happens(house, "lock.unlocked")
            written.set()
            commit.wait(SOON)
        connection.close()

    slow = threading.Thread(target=late)
    slow.start()
    try:
        written.wait(SOON)
        with WorkerProcess(tmp_path):  # which takes its time to start
            happens(house)
            receiver.wait(1)
            time.sleep(
                max(0, (gathering.LATELY - (clock.now() - Event.objects.get().created_at)).total_seconds())
                + 1
            )
            commit.set()
            receiver.wait(2)
    finally:
        commit.set()
        slow.join()
    assert [told.event_type for told in verified(webhook, receiver)] == [SET, "lock.unlocked"]
