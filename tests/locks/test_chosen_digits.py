"""Digits that a program chose: taken as they are, or refused at once, and never exchanged by themselves. The keypad and
the simulator's log are the judges."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from hospitality import clock
from locks import capabilities, codes, digits, pins, unmanaged
from locks.models import AccessCode, AccessGrant, Event, Lock
from locks.providers.base import Capabilities
from tests.factories import LockFactory, PropertyFactory
from tests.locks.conftest import add_lock

H = timedelta(hours=1)
PIN = "583917"
ALIKE = "583902"
"""Begins like `PIN`."""
OTHER = "640275"


@pytest.fixture
def lock(hotel) -> Lock:
    return hotel.locks["1"]


def able(lock: Lock, **can) -> Lock:
    """Have the lock tell that it can do this."""
    lock.capabilities = capabilities.as_json(Capabilities(native_scheduling=True, **can))
    lock.save()
    return lock


# Chosen for a new grant


def test_they_are_put_on_every_door_as_they_are_and_count_as_told(hotel, lock):
    front = hotel.locks["front"]
    grant = hotel.grant(lock, front, pin=PIN, made_by_program=True)
    hotel.visit(lock, front)
    grant.refresh_from_db()
    assert (grant.pin, grant.pin_chosen, grant.made_by_program) == (PIN, True, True)
    assert grant.told_at is not None
    assert hotel.opens(lock, PIN)
    assert hotel.opens(front, PIN)


def test_a_grant_of_the_desk_has_drawn_digits_that_nobody_was_told(hotel):
    grant = AccessGrant.objects.get(pk=hotel.grant().pk)
    assert (grant.pin_chosen, grant.made_by_program, grant.told_at) == (False, False, None)


def test_our_own_rule_does_not_bind_them(hotel, lock):
    hotel.grant(lock, pin="4567")
    hotel.visit(lock)
    assert hotel.opens(lock, "4567")


@pytest.mark.parametrize(
    ("can", "why"),
    [
        ({"pin_lengths": (4, 8)}, "This lock takes PINs of 4 or 8 digits."),
        ({"code_constraints": ("no_zeros",)}, "The PIN must not contain a 0."),
    ],
)
def test_what_one_lock_does_not_take_is_refused_and_nothing_is_made(hotel, lock, can, why):
    able(hotel.locks["front"], **can)
    with pytest.raises(digits.PinRefused) as refused:
        hotel.grant(lock, hotel.locks["front"], pin="604839")
    assert str(refused.value) == f"Front door: {why}"
    assert not AccessCode.objects.filter(lock__in=[lock, hotel.locks["front"]]).exists()


@pytest.mark.parametrize("pin", ["", "123", "12a4", "１２３４", "-1234", "12 34"])
def test_what_is_no_pin_is_refused(hotel, pin):
    with pytest.raises(digits.PinRefused, match="four or more"):
        hotel.grant(pin=pin)


def test_a_lock_that_does_arithmetic_takes_none(hotel, lock):
    account = lock.connection
    safe = add_lock(hotel.simulator, account, "Cabin", "offline", [])
    hotel.visit(safe)
    with pytest.raises(digits.PinRefused, match="Cabin takes no chosen digits"):
        hotel.grant(lock, safe, pin=PIN)


# Taken


@pytest.fixture
def refused(hotel, lock):
    """Assert that digits that begin like `PIN` are taken on the lock now."""

    def check():
        before = AccessGrant.objects.count()
        with pytest.raises(digits.DigitsTaken, match="Another code on Room 1 begins with the same four"):
            hotel.grant(lock, hotel.locks["front"], pin=ALIKE)
        assert AccessGrant.objects.count() == before

    return check


def test_by_another_guest_also_one_who_comes_soon_after(hotel, lock, refused):
    hotel.grant(lock, starts=24 * H, ends=48 * H, pin=PIN)
    refused()


def test_not_by_one_who_comes_long_after(hotel, lock):
    later = 24 * H + pins.MARGIN + H
    hotel.grant(lock, starts=later, ends=later + 24 * H, pin=PIN)
    hotel.grant(lock, pin=ALIKE)
    hotel.visit(lock)
    assert hotel.opens(lock, ALIKE)


def test_by_a_code_that_was_found_on_the_lock(hotel, lock, refused):
    hotel.simulator.add_code(lock.provider_ref, PIN, "Cleaner")
    hotel.visit(lock)
    refused()


def test_by_a_code_that_was_adopted(hotel, lock, refused):
    hotel.simulator.add_code(lock.provider_ref, PIN, "Cleaner")
    hotel.visit(lock)
    unmanaged.adopt(AccessCode.objects.get(lock=lock), by=None)
    refused()


def test_by_a_code_that_is_not_confirmed_off_the_lock(hotel, lock, refused):
    grant = hotel.grant(lock, pin=PIN)
    hotel.visit(lock)
    hotel.simulator.knobs(lock.provider_ref, offline=True)
    codes.revoke(grant, by=None)
    hotel.visit(lock)
    assert hotel.opens(lock, PIN)
    refused()
    hotel.simulator.knobs(lock.provider_ref, offline=False)
    hotel.visit(lock)
    hotel.grant(lock, pin=ALIKE)


def test_by_former_digits_that_still_open(hotel, lock, refused):
    grant = hotel.grant(lock, pin=PIN)
    hotel.visit(lock)
    digits.repin(grant, by=None, pin=OTHER)
    assert hotel.opens(lock, PIN)
    refused()
    hotel.visit(lock)
    hotel.grant(lock, pin=ALIKE)


@pytest.mark.django_db(transaction=True)
def test_two_who_choose_the_same_at_once_are_one_who_has_them_and_one_who_is_told():
    hotel = PropertyFactory()
    doors = [LockFactory(connection__property=hotel, common=True) for _ in range(2)]
    gate, rounds = Barrier(2), [f"{number}" for number in range(3141, 3181)]

    def ask(doors) -> list[bool]:
        got = []
        for pin in rounds:
            gate.wait(20)
            now = clock.now()
            window = {"starts_at": now, "ends_at": now + H}
            try:
                codes.grant(hotel, by=None, name="Guest", locks=doors, pin=pin, **window)
                got.append(True)
            except digits.DigitsTaken:
                got.append(False)
        connection.close()
        return got

    with ThreadPoolExecutor(2) as threads:
        one, other = threads.map(ask, [doors, doors[::-1]])
    assert [a != b for a, b in zip(one, other, strict=True)] == [True] * len(rounds)
    assert AccessCode.objects.filter(live=True).count() == 2 * len(rounds)


# A length


@pytest.mark.parametrize(
    ("takes", "asked", "length"),
    [((4, 5, 6, 8), 8, 8), ((4, 5, 6), 8, 4), ((5, 7), 6, 5), ((), 4, 4), ((), 12, 4)],
)
def test_a_length_is_had_where_every_lock_takes_it_else_the_shortest(hotel, lock, takes, asked, length):
    able(lock, pin_lengths=takes)
    assert len(hotel.grant(lock, hotel.locks["front"], pin_length=asked).pin) == length


# Chosen later


def test_new_ones_replace_the_old_at_every_door(hotel, lock):
    front = hotel.locks["front"]
    grant = hotel.grant(lock, front)
    old = grant.pin
    hotel.visit(lock, front)
    digits.repin(grant, by=None, pin=PIN)
    hotel.visit(lock, front)
    for door in (lock, front):
        assert hotel.opens(door, PIN)
        assert not hotel.opens(door, old)
    assert AccessGrant.objects.get(pk=grant.pk).pin_chosen


def test_its_own_digits_do_not_stand_in_its_way(hotel, lock):
    grant = hotel.grant(lock, pin=PIN)
    hotel.visit(lock)
    for pin in (ALIKE, OTHER, PIN):
        digits.repin(grant, by=None, pin=pin)
    hotel.visit(lock)
    assert hotel.opens(lock, PIN)
    assert len(hotel.simulator.codes(lock.provider_ref)) == 1


def test_choosing_the_same_again_asks_nothing_of_the_door(hotel, lock):
    grant = hotel.grant(lock, pin=PIN)
    hotel.visit(lock)
    digits.repin(grant, by=None, pin=PIN)
    hotel.visit(lock)
    assert grant.codes.get().generation == 1
    assert hotel.simulator.log(lock.provider_ref, "code.updated") == []


def test_those_of_another_are_refused_and_the_old_stay(hotel, lock):
    hotel.grant(hotel.locks["front"], pin=PIN, name="Ben")
    grant = hotel.grant(lock, hotel.locks["front"], pin=OTHER)
    with pytest.raises(digits.DigitsTaken, match="Front door"):
        digits.repin(AccessGrant.objects.get(pk=grant.pk), by=None, pin=ALIKE)
    grant.refresh_from_db()
    assert {grant.pin, *(code.pin for code in grant.codes.all())} == {OTHER}


def test_drawn_ones_after_chosen_ones_are_the_houses_again(hotel, lock):
    grant = hotel.grant(lock, pin=PIN)
    digits.repin(grant, by=None)
    grant.refresh_from_db()
    assert (grant.pin_chosen, grant.told_at) == (False, None)
    assert grant.pin != PIN


def test_whoever_chose_them_stands_in_the_event_without_them(hotel, lock, admin_user):
    grant = hotel.grant(lock)
    digits.repin(grant, by=admin_user, pin=PIN)
    event = Event.objects.get(event_type="access_code.changed", lock=lock)
    assert event.actor == admin_user
    assert PIN not in str(event.data)


# Never exchanged


def test_what_the_lock_refuses_is_not_exchanged_and_the_error_stands(hotel, lock):
    front = hotel.locks["front"]
    hotel.simulator.knobs(lock.provider_ref, reject_next_pins=1000)
    grant = hotel.grant(lock, front, pin=PIN)
    for _ in range(3):
        hotel.visit(lock, front)
    code = grant.codes.get(lock=lock)
    assert (code.pin, code.has_own_pin) == (PIN, False)
    assert [error["error_code"] for error in code.errors] == ["code_constraints_violated"]
    assert len(hotel.simulator.log(lock.provider_ref, "request.refused")) == 1
    assert hotel.opens(front, PIN)
    failed = Event.objects.filter(lock=lock, event_type="access_code.failed_to_set_on_device")
    assert failed.count() == 1


def test_drawn_ones_that_are_exchanged_are_no_failure(hotel, lock):
    hotel.simulator.knobs(lock.provider_ref, reject_next_pins=1)
    grant = hotel.grant(lock)
    for _ in range(2):
        hotel.visit(lock)
    assert grant.codes.get().status == "set"
    assert not Event.objects.filter(event_type="access_code.failed_to_set_on_device").exists()


def test_other_ones_that_are_chosen_then_are_tried(hotel, lock):
    hotel.simulator.knobs(lock.provider_ref, reject_next_pins=1)
    grant = hotel.grant(lock, pin=PIN)
    hotel.visit(lock)
    digits.repin(grant, by=None, pin=OTHER)
    hotel.visit(lock)
    assert hotel.opens(lock, OTHER)
    assert grant.codes.get().errors == []


def test_a_stay_that_grows_into_them_is_what_gets_new_digits(hotel, lock):
    gap = 24 * H + pins.MARGIN + H
    stay = hotel.grant(lock, pin=ALIKE)
    digits.repin(hotel.grant(lock, starts=gap, ends=gap + H), by=None, pin=PIN)
    with pytest.raises(digits.DigitsTaken):
        codes.move(stay, by=None, starts_at=stay.starts_at, ends_at=stay.ends_at + gap)


def test_a_new_door_takes_them_or_is_refused(hotel, lock):
    grant = hotel.grant(lock, pin=PIN)
    able(hotel.locks["front"], pin_lengths=(4,))
    with pytest.raises(digits.PinRefused, match="Front door"):
        codes.set_doors(grant, [lock, hotel.locks["front"]], by=None)
    able(hotel.locks["front"], pin_lengths=(4, 6))
    codes.set_doors(grant, [lock, hotel.locks["front"]], by=None)
    hotel.visit(hotel.locks["front"])
    assert hotel.opens(hotel.locks["front"], PIN)
