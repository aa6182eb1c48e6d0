"""Two guests exchange rooms in one step. Every "opens" is typed at the simulator's keypad."""

from functools import partial

import pytest

from hospitality.models import Room
from reservations import preview, stays, swapping
from tests.reservations import booking
from tests.reservations.booking import fresh


@pytest.fixture
def book(hotel, clerk):
    return partial(booking.book, hotel, by=clerk)


@pytest.fixture
def two(hotel, book):
    """Anna in room 1 and Bo in room 2, both in house."""
    anna, bo = stays.check_in(book("1"), by=None), stays.check_in(book("2", name="Bo Berg"), by=None)
    hotel.visit()
    return anna, bo


def opens(hotel, stay) -> dict[str, bool]:
    pin = fresh(stay).grant.pin
    return {door: hotel.opens(lock, pin) for door, lock in hotel.locks.items()}


def test_each_guests_digits_open_the_others_door_and_no_longer_their_own(hotel, two):
    anna, bo = two
    pins = [anna.grant.pin, bo.grant.pin]
    swapping.swap(anna, bo, by=None, confirmed=True)
    hotel.visit()
    assert [fresh(anna).room.name, fresh(bo).room.name] == ["2", "1"]
    assert [fresh(anna).grant.pin, fresh(bo).grant.pin] == pins
    assert opens(hotel, anna) == {"1": False, "2": True, "front": True}
    assert opens(hotel, bo) == {"1": True, "2": False, "front": True}


def test_guests_in_house_are_asked_about_and_named(two):
    with pytest.raises(stays.NeedsConfirmation, match="Anna Smith is in house.*Bo Berg is in house"):
        swapping.swap(*two, by=None)


def test_the_preview_tells_both_guests_doors(two, clerk):
    lines = preview.of(swapping.swap, *two, by=clerk).lines
    told = {(line.door, line.guest): line.said.text.split(" the code")[0] for line in lines if line.changes}
    assert told == {
        ("Room 1", "Anna Smith"): "loses",
        ("Room 1", "Bo Berg"): "gets",
        ("Room 2", "Anna Smith"): "gets",
        ("Room 2", "Bo Berg"): "loses",
    }


def test_a_third_guest_in_the_way_is_named_and_nobody_moves(hotel, book):
    anna, bo = book("1", nights=4), book("2", name="Bo Berg", nights=2)
    book("2", arrival=2, name="Cleo Third")
    with pytest.raises(stays.Refused, match="Cleo Third has 2 from"):
        swapping.swap(anna, bo, by=None)
    assert [fresh(anna).room.name, fresh(bo).room.name] == ["1", "2"]


def test_who_is_gone_or_has_no_room_cannot_swap(hotel, book):
    anna, gone, nowhere = book("1"), stays.cancel(book("2", name="Gone"), by=None), book(None, name="Nowhere")
    with pytest.raises(stays.Refused, match="stay of Gone is cancelled"):
        swapping.swap(anna, gone, by=None)
    with pytest.raises(stays.Refused, match="Nowhere has no room yet"):
        swapping.swap(anna, nowhere, by=None)


def test_a_room_without_a_lock_can_be_swapped_too(hotel, book):
    hotel.rooms["3"] = Room.objects.create(property=hotel.property, name="3")
    anna, bo = book("1"), book("3", name="Bo Berg")
    pin = anna.grant.pin
    swapping.swap(anna, bo, by=None)
    assert fresh(anna).room.name == "3"
    swapping.swap(bo, anna, by=None)
    assert fresh(anna).grant.pin == pin, "and back again with the digits that the guest was told"


def test_only_stays_at_the_same_time_in_other_rooms_are_offered(hotel, book):
    anna, bo = book("1"), book("2", name="Bo Berg")
    book("2", arrival=9, name="Much Later")
    book("1", arrival=2, name="Same Room")
    book(None, name="No Room")
    assert swapping.candidates(anna) == [bo]
