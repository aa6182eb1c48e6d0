"""A door opened from afar: once, soon, or not at all. How often it turned is read from the simulator's log."""

import threading

import pytest
from django.db import connection

from hospitality import clock
from hospitality.wall import Wall
from locks import event_words, leases, unlocking
from locks.models import Event, Lock, RemoteUnlock
from locks.thresholds import UNLOCK_LASTS
from tests.locks.conftest import make_hotel
from tests.locks.simulator_process import wait_until


@pytest.fixture
def room(hotel) -> Lock:
    hotel.visit()
    return hotel.locks["1"]


def turned(hotel, room: Lock) -> int:
    return len(hotel.simulator.log(room.provider_ref, "door.unlocked"))


def outcome(unlock: RemoteUnlock) -> str:
    return RemoteUnlock.objects.get(pk=unlock.pk).outcome


def said(unlock: RemoteUnlock) -> str:
    fresh = RemoteUnlock.objects.get(pk=unlock.pk)
    return event_words.of_unlock(fresh, Wall(unlock.lock.property, clock.now())).text


def test_it_turns_once_and_what_the_maker_says_is_an_event(hotel, room, django_user_model):
    clerk = django_user_model.objects.create_user("ana")
    unlock = unlocking.ask(room, by=clerk)
    assert said(unlock).endswith("on its way to the lock")
    unlocking.carry_out(unlock.pk)
    assert (turned(hotel, room), outcome(unlock)) == (1, "done")
    event = Event.objects.get(lock=room, event_type="lock.remote_unlock")
    assert event.actor == clerk
    assert event_words.of(event) == "Opened from afar, the maker says"


def test_run_again_it_does_not_turn_again(hotel, room):
    unlock = unlocking.ask(room, by=None)
    for _ in range(3):
        unlocking.carry_out(unlock.pk)
    assert turned(hotel, room) == 1


def test_asked_twice_it_is_one(hotel, room):
    assert unlocking.ask(room, by=None).pk == unlocking.ask(room, by=None).pk


def test_what_comes_too_late_is_never_sent(hotel, room, later):
    unlock = unlocking.ask(room, by=None)
    later(seconds=UNLOCK_LASTS.total_seconds())
    assert "not sent" in said(unlock)
    unlocking.carry_out(unlock.pk)
    assert (turned(hotel, room), outcome(unlock)) == (0, "too_late")


def test_a_lost_answer_says_that_it_may_have_opened(hotel, room):
    hotel.simulator.knobs(room.provider_ref, lose_next_answers=1)
    unlock = unlocking.ask(room, by=None)
    unlocking.carry_out(unlock.pk)
    assert outcome(unlock) == "unconfirmed"
    assert "it may have opened" in said(unlock)
    assert not Event.objects.filter(event_type="lock.remote_unlock").exists()


def test_a_lock_that_went_offline_meanwhile_is_said(hotel, room):
    unlock = unlocking.ask(room, by=None)
    hotel.simulator.knobs(room.provider_ref, offline=True)
    unlocking.carry_out(unlock.pk)
    assert (turned(hotel, room), outcome(unlock)) == (0, "refused")
    assert said(unlock).endswith("not opened: lock offline")


def test_a_worker_that_died_after_sending_leaves_it_open_and_it_is_not_sent_again(hotel, room, later):
    unlock = unlocking.ask(room, by=None)
    RemoteUnlock.objects.filter(pk=unlock.pk).update(outcome="sent", sent_at=clock.now())
    unlocking.carry_out(unlock.pk)
    assert turned(hotel, room) == 0
    later(seconds=UNLOCK_LASTS.total_seconds() + 1)
    assert "it may have opened" in said(unlock)
    again = unlocking.ask(room, by=None)
    assert again.pk != unlock.pk
    assert outcome(unlock) == "unconfirmed"


def test_a_lock_that_is_offline_or_cannot_is_refused_with_the_remedy(hotel, room):
    hotel.simulator.knobs(room.provider_ref, offline=True)
    hotel.visit(room)
    with pytest.raises(unlocking.NotPossible, match="does not answer.*send somebody with a key"):
        unlocking.ask(room, by=None)
    hotel.simulator.knobs(room.provider_ref, offline=False, can_remotely_unlock=False)
    hotel.visit(room)
    with pytest.raises(unlocking.NotPossible, match="cannot be opened from here"):
        unlocking.ask(room, by=None)


@pytest.mark.django_db(transaction=True)
def test_it_waits_while_a_visit_is_at_the_lock(transactional_db, simulator):
    hotel = make_hotel(simulator)
    hotel.visit()
    room = hotel.locks["1"]
    unlock = unlocking.ask(room, by=None)
    lease = leases.claim_one(room.pk)

    def run():
        try:
            unlocking.carry_out(unlock.pk)
        finally:
            connection.close()

    worker = threading.Thread(target=run)
    worker.start()
    assert leases.claim_one(room.pk) is None
    assert turned(hotel, room) == 0
    leases.give_back(lease)
    worker.join()
    wait_until(lambda: turned(hotel, room) == 1, what="the door turns once the visit is over")
    assert Lock.objects.get(pk=room.pk).lease_token is None
