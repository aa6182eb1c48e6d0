"""Late check-out, and an agreed earlier arrival: the same digits open the door at the times that were agreed."""

from datetime import UTC, date, datetime, time, timedelta
from functools import partial

import pytest
from django.urls import reverse

from hospitality import clock
from hospitality.models import Role
from hospitality.wall import Wall
from reservations import grants, stays
from reservations.guest_link import token
from reservations.messages import texts
from reservations.rows import row as rows
from reservations.telling import Standing, Told
from tests.factories import MembershipFactory, MessageTemplateFactory
from tests.reservations import booking
from tests.reservations.booking import DAY, fresh


@pytest.fixture
def book(hotel, clerk):
    return partial(booking.book, hotel, by=clerk)


def on_lock(hotel, stay, door="1") -> dict:
    [code] = hotel.mine(hotel.locks[door], fresh(stay).grant)
    return code


def at(hotel, day: date, clock_time: time) -> datetime:
    return hotel.property.at(day, clock_time)


def test_a_late_check_out_keeps_the_digits_and_the_lock_has_the_agreed_end(hotel, here):
    pin = here.grant.pin
    stays.change(here, by=None, check_out_time=time(13), confirmed=True)
    hotel.visit()
    stay = fresh(here)
    assert stay.grant.pin == pin
    for door in ("1", "front"):
        end = datetime.fromisoformat(on_lock(hotel, stay, door)["ends_at"])
        assert end == at(hotel, stay.departure, time(13))


def test_after_a_late_check_out_the_door_opens_until_then_and_no_longer(hotel, here):
    stays.change(here, by=None, departure=here.arrival + DAY, check_out_time=time(23, 59), confirmed=True)
    hotel.visit()
    stay = fresh(here)
    ref = hotel.locks["1"].provider_ref
    left = grants.window(stay)[1] - clock.now()
    try:
        hotel.simulator.travel(seconds=(left - timedelta(minutes=5)).total_seconds())
        assert hotel.simulator.keypad(ref, stay.grant.pin)["opened"], "long after the usual time"
        hotel.simulator.travel(seconds=(left + timedelta(minutes=5)).total_seconds())
        assert not hotel.simulator.keypad(ref, stay.grant.pin)["opened"]
    finally:
        hotel.simulator.travel()


def test_an_agreed_earlier_arrival_opens_the_door_from_then(hotel, book):
    stay = book(arrival=1)
    stays.change(stay, by=None, check_in_time=time(9, 30))
    hotel.visit()
    starts = datetime.fromisoformat(on_lock(hotel, stay)["starts_at"])
    assert starts == at(hotel, stay.arrival, time(9, 30))


def test_taking_the_agreement_back_returns_to_the_houses_times(hotel, book):
    stay = stays.change(book(arrival=1), by=None, check_out_time=time(16))
    stay = stays.change(stay, by=None, check_out_time=None)
    assert stay.grant.ends_at == at(hotel, stay.departure, hotel.property.check_out_time)


def test_agreed_times_are_the_wall_clocks_on_both_sides_of_a_change_of_the_clocks(hotel, book):
    stay = book()
    stay.arrival, stay.departure = date(2027, 3, 27), date(2027, 3, 28)  # the night the clocks go forward
    stay.check_in_time, stay.check_out_time = time(12), time(13)
    assert grants.window(stay) == (
        datetime(2027, 3, 27, 11, tzinfo=UTC),
        datetime(2027, 3, 28, 11, tzinfo=UTC),
    )
    stay.check_out_time = time(2, 30)  # there is no such time that night: an hour on, by the new name
    assert grants.window(stay)[1] == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)


def test_times_that_meet_the_next_guests_are_asked_about_and_name_the_guest(hotel, book):
    stay = book()
    book(arrival=2, name="Bo Next")
    stays.change(stay, by=None, check_out_time=time(14))  # before the next guest's time
    with pytest.raises(stays.NeedsConfirmation, match="Bo Next has 1 from 15:00 on .* lasts until 16:00"):
        stays.change(stay, by=None, check_out_time=time(16))
    assert stays.change(stay, by=None, check_out_time=time(16), confirmed=True).check_out_time == time(16)


def test_an_earlier_arrival_that_meets_the_guest_before_is_asked_about(hotel, book):
    book(arrival=0, nights=2, name="Bo Before")
    stay = book(arrival=2)
    with pytest.raises(stays.NeedsConfirmation, match="Bo Before has 1 until 11:00 on .* begins at 09:00"):
        stays.change(stay, by=None, check_in_time=time(9))


def test_who_has_the_room_is_named_when_it_is_taken(book, hotel):
    book(room="2", name="Bo Other")
    with pytest.raises(stays.Refused, match="The room is taken: Bo Other has 2 from"):
        stays.change(book(), by=None, room=hotel.rooms["2"])


def test_the_board_the_stay_the_guests_page_and_messages_say_the_agreed_times(hotel, book, client):
    stay = stays.change(
        book(arrival=1), by=None, check_in_time=time(9, 30), check_out_time=time(13), confirmed=True
    )
    row = rows.row(fresh(stay), stay.arrival, Wall(hotel.property, clock.now()))
    assert (row.begins[-5:], row.ends[-5:]) == ("09:30", "13:00")
    client.force_login(MembershipFactory(property=hotel.property, role=Role.DESK).user)
    for page in (
        reverse("stay", args=[hotel.property.slug, stay.public_id]),
        reverse("guest", args=[token(stay)]),
    ):
        body = client.get(page).content.decode()
        assert "09:30" in body
        assert "13:00" in body
    template = MessageTemplateFactory(property=hotel.property, body="{window}")
    said = texts.render(template, fresh(stay), Told(Standing.LATER), masked=True).body
    assert "09:30" in said
    assert "13:00" in said


def test_the_history_says_what_was_agreed(hotel, book, client):
    stay = stays.change(book(), by=None, check_out_time=time(13), confirmed=True)
    client.force_login(MembershipFactory(property=hotel.property, role=Role.DESK).user)
    body = client.get(reverse("stay", args=[hotel.property.slug, stay.public_id])).content.decode()
    assert "Stay changed: agreed check-out the house’s to 13:00" in body
