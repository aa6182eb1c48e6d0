"""Bookings of several rooms, and a stay that is divided between two. What opens is typed at the keypad."""

import re
from datetime import time, timedelta

import pytest

from reservations import bookings, companions, stays
from reservations.models import Reservation, Stay
from reservations.verbs import NeedsConfirmation, Refused
from tests.factories import MembershipFactory, today
from tests.reservations.booking import DAY, book_two, fresh
from tests.reservations.desk.pages import HTMX, page


@pytest.fixture
def desk(hotel, client):
    client.force_login(MembershipFactory(property=hotel.property).user)
    return client


def text(answer) -> str:
    body = re.sub(r"<[^>]+>", " ", answer.content.decode()).replace("&#x27;", "'").replace("&#8217;", "’")
    return " ".join(body.split())


@pytest.fixture
def two(hotel):
    """A booking of both rooms from today."""
    both = book_two(hotel)
    hotel.visit()
    return both


def test_several_rooms_are_booked_at_the_desk_under_one_name(hotel, desk):
    begins = today(hotel.property)
    sent = {
        "reference": "0A1B2C3D",
        "guest_name": "Anna Smith",
        "arrival": begins.isoformat(),
        "departure": (begins + timedelta(days=2)).isoformat(),
        "room": hotel.rooms["1"].pk,
        "rooms": "3",
    }
    for _ in range(2):
        assert desk.post(f"/p/{hotel.property.slug}/book/", sent).status_code == 302
    booking = Reservation.objects.get()
    parts = booking.stays.order_by("part").values_list("part", "room__name")
    assert list(parts) == [(1, "1"), (2, None), (3, None)]


def test_the_rooms_have_pins_of_their_own(hotel, two):
    first, second = two
    assert first.grant.pin != second.grant.pin
    for stay in two:
        stays.check_in(stay, by=None)
    hotel.visit()
    doors = ("1", "2", "front")
    opened = [[hotel.opens(hotel.locks[name], fresh(stay).grant.pin) for name in doors] for stay in two]
    assert opened == [[True, False, True], [False, True, True]]


def test_all_are_checked_in_and_out_at_once_from_the_page_of_one(hotel, desk, two):
    first, second = two
    body = text(desk.get(page(first)))
    assert "Other rooms of this booking" in body and "Check in all 2 rooms" in body
    answer = desk.post(page(first, "check-in-all/"), headers=HTMX)
    assert "Checked in: 1 and 2." in text(answer)
    hotel.visit()
    assert [hotel.opens(hotel.locks[stay.room.name], stay.grant.pin) for stay in two] == [True, True]
    Stay.objects.update(arrival=today(hotel.property) - DAY, departure=today(hotel.property))
    assert "Checked out: 1 and 2." in text(desk.post(page(second, "check-out-all/"), headers=HTMX))
    hotel.visit()
    assert [hotel.opens(hotel.locks[stay.room.name], stay.grant.pin) for stay in two] == [False, False]


def test_a_room_that_is_refused_is_named_with_the_reason_and_keeps_no_other_back(hotel, desk, two):
    first, second = two
    bookings.check_in_all(first, by=None)
    Stay.objects.filter(pk=second.pk).update(arrival=second.arrival - DAY, departure=second.arrival)
    answer = text(desk.post(page(first, "check-out-all/"), headers=HTMX))
    assert "Checked out: 2." in answer
    assert "1 was left as it is: Anna Smith is booked in 1 until" in answer


def test_a_booking_of_one_room_shows_no_others(desk, book):
    body = text(desk.get(page(book())))
    assert "Other rooms" not in body and "Check in all" not in body


@pytest.fixture
def divided(hotel, here):
    """Anna Smith, in house in room 1, has room 2 from tomorrow on."""
    return fresh(bookings.split(here, by=None, day=here.arrival + DAY, room=hotel.rooms["2"], confirmed=True))


def test_the_second_room_opens_from_the_moment_the_first_one_ends(hotel, here, divided):
    first = fresh(here)
    assert first.departure == divided.arrival == here.arrival + DAY
    assert first.grant.ends_at == divided.grant.starts_at
    assert divided.departure == here.departure
    assert divided.grant.pin != first.grant.pin
    hotel.visit()
    front, two = hotel.locks["front"], hotel.locks["2"]
    windows = {
        code["pin"]: (code["starts_at"], code["ends_at"])
        for code in hotel.simulator.codes(front.provider_ref)
    }
    assert windows[first.grant.pin][1] == windows[divided.grant.pin][0]
    assert hotel.opens(hotel.locks["1"], first.grant.pin)
    assert not hotel.opens(two, first.grant.pin)
    assert not hotel.opens(two, divided.grant.pin)


def test_before_a_stay_is_divided_it_is_said_what_opens_what(hotel, here):
    with pytest.raises(NeedsConfirmation) as asked:
        bookings.split(here, by=None, day=here.arrival + DAY, room=hotel.rooms["2"])
    first, second, told = asked.value.warnings
    assert "Anna Smith has 1: the PIN opens Room 1 and Front door as now" in first
    assert "Anna Smith has 2: a second PIN opens Room 2 and Front door" in second
    assert told == "Anna Smith must be told both PINs."
    assert Stay.objects.count() == 1


def test_who_comes_along_goes_along_and_an_agreed_late_check_out_stays_at_the_end(hotel, here):
    companions.add(here, by=None, name="Ben Okri", has_own_code=True)
    stays.change(fresh(here), by=None, check_out_time=time(14), confirmed=True)
    rest = bookings.split(fresh(here), by=None, day=here.arrival + DAY, room=hotel.rooms["2"], confirmed=True)
    assert (fresh(here).check_out_time, fresh(rest).check_out_time) == (None, time(14))
    [ben] = rest.companions.select_related("grant")
    hotel.visit()
    assert ben.grant.starts_at == fresh(rest).grant.starts_at
    assert {code.lock.name for code in ben.grant.codes.filter(wanted=True)} == {"Room 2", "Front door"}


@pytest.mark.parametrize(
    ("day", "room", "why"),
    [
        (0, "2", "between the arrival and the departure"),
        (2, "2", "between the arrival and the departure"),
        (1, "1", "another room than the one"),
    ],
)
def test_a_day_or_room_that_cannot_be_is_refused(hotel, here, day, room, why):
    with pytest.raises(Refused, match=why):
        bookings.split(here, by=None, day=here.arrival + day * DAY, room=hotel.rooms[room], confirmed=True)


def test_a_room_that_is_taken_then_is_refused_and_nothing_is_changed(hotel, here, book):
    book("2", arrival=1, name="Cleo")
    with pytest.raises(Refused, match="Cleo has 2"):
        bookings.split(here, by=None, day=here.arrival + DAY, room=hotel.rooms["2"], confirmed=True)
    assert fresh(here).departure == here.departure


def test_the_desk_divides_a_stay(hotel, desk, here):
    path = page(here, "split/")
    assert "Another room from which day on?" in text(desk.get(path))
    sent = {"day": (here.arrival + DAY).isoformat(), "room": hotel.rooms["2"].pk}
    assert "a second PIN opens Room 2 and Front door" in text(desk.post(path, sent))
    assert desk.post(path, sent | {"confirmed": "1"}).status_code == 302
    rest = here.reservation.stays.get(part=2)
    body = text(desk.get(page(here)))
    assert "Other rooms of this booking" in body and page(rest) in desk.get(page(here)).content.decode()
    assert "Stay divided" in body
