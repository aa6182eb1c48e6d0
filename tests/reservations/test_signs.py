"""The badge of a stay that crosses a change of the property's clock, with both times, on the board and on its page."""

from datetime import date, timedelta

import pytest

from hospitality import clock
from hospitality.wall import Wall
from reservations.rows import row, signs
from tests.factories import AccessGrantFactory, MembershipFactory, PropertyFactory, RoomFactory, StayFactory

BACK = date(2026, 10, 25)
DAY = timedelta(days=1)


@pytest.fixture
def hotel(db):
    return PropertyFactory(slug="seeblick", time_zone="Europe/Zurich")


def stay(hotel, arrival, departure, **fields):
    fields.setdefault("grant", AccessGrantFactory(property=hotel))
    room = RoomFactory(property=hotel)
    return StayFactory(property=hotel, room=room, arrival=arrival, departure=departure, **fields)


def badge(one, today: date) -> list[str]:
    """What the board's row says of clocks, on that day at noon."""
    hotel = one.property
    wall = Wall(hotel, hotel.at(today, hotel.check_out_time))
    on_row = [said.text for said in row.row(one, today, wall).notes if "locks" in said.text]
    assert on_row == [said.text for said in signs.of_clocks(one, wall)]
    return on_row


def test_a_stay_over_the_change_says_both_times(hotel):
    one = stay(hotel, BACK - DAY, BACK + DAY)
    assert badge(one, BACK - 2 * DAY) == [
        "Clocks go back on 25 Oct, 03:00 becomes 02:00: "
        "the code opens until 26 Oct, 11:00 new time (12:00 old time)"
    ]


def test_in_spring_the_old_time_is_an_hour_less(hotel):
    forward = date(2026, 3, 29)
    [said] = badge(stay(hotel, forward - DAY, forward), forward - DAY)
    assert said.startswith("Clocks go forward on 29 Mar, 02:00 becomes 03:00")
    assert said.endswith("the code opens until 29 Mar, 11:00 new time (10:00 old time)")


def test_afterwards_it_says_that_they_went(hotel):
    one = stay(hotel, BACK - DAY, BACK + DAY, in_house=True)
    assert badge(one, BACK)[0].startswith("Clocks went back on 25 Oct, 03:00 became 02:00")


def test_without_a_code_it_speaks_of_the_stay(hotel):
    [said] = badge(stay(hotel, BACK - DAY, BACK, grant=None), BACK - DAY)
    assert "the stay lasts until" in said


@pytest.mark.parametrize(("arrives", "leaves"), [(-3, -1), (0, 2)])
def test_a_stay_beside_the_change_has_none(hotel, arrives, leaves):
    assert badge(stay(hotel, BACK + arrives * DAY, BACK + leaves * DAY), BACK - DAY) == []


def test_a_house_whose_clock_never_changes_has_none(hotel):
    hotel.time_zone = "Asia/Tokyo"
    hotel.save()
    assert badge(stay(hotel, BACK - DAY, BACK + DAY), BACK - DAY) == []


def test_a_stay_that_is_over_has_none(hotel):
    assert badge(stay(hotel, BACK - DAY, BACK, departed=True), BACK + DAY) == []


def test_the_stays_page_shows_it(client, hotel, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: hotel.at(BACK - DAY, hotel.check_in_time))
    client.force_login(MembershipFactory(property=hotel).user)
    one = stay(hotel, BACK - DAY, BACK + DAY)
    body = client.get(f"/p/seeblick/stays/{one.public_id}/").content.decode()
    assert "11:00 new time (12:00 old time)" in body
