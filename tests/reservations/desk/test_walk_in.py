"""A guest without a booking, and which rooms are offered to whom."""

from datetime import datetime, time

import pytest

from hospitality import clock
from hospitality.models import Condition, Room
from hospitality.wall import Wall
from reservations import stays
from reservations.housekeeping.offers import offers
from reservations.models import Reservation, Stay
from tests.factories import ClosureFactory, RoomFactory, StayFactory, today
from tests.reservations.desk.pages import DAY, HTMX, book

WALK_IN = "/p/seeblick/walk-in/"


def form(hotel, **fields) -> dict:
    shown = {"reference": "0A1B2C3D", "guest_name": "Anna Smith", "nights": "2"}
    return shown | {"room": hotel.rooms.get(name="101").pk} | fields


def offered(hotel, arrives=0, leaves=1) -> dict[str, str]:
    wall = Wall(hotel, clock.now())
    there = offers(hotel, wall.today + arrives * DAY, wall.today + leaves * DAY, wall)
    return {one.name: one.taken or one.now for one in there}


def test_a_walk_in_is_booked_and_checked_in_at_once_and_lands_on_the_stay(client, hotel, clerk):
    answer = client.post(WALK_IN, form(hotel))
    stay = Stay.objects.get()
    assert answer.headers["Location"] == f"/p/seeblick/stays/{stay.public_id}/"
    assert (stay.state, stay.room.name, stay.checked_in_by) == ("in_house", "101", clerk)
    assert (stay.departure - stay.arrival).days == 2
    assert stay.grant is not None


def test_a_room_that_is_not_ready_asks_first_and_until_then_nothing_is_kept(client, hotel, clerk):
    Room.objects.update(condition=Condition.DIRTY)
    question = client.post(WALK_IN, form(hotel))
    assert question.status_code == 422
    assert "Room 101 is dirty" in question.content.decode()
    assert not Reservation.objects.exists()
    assert client.post(WALK_IN, form(hotel, confirmed="1")).status_code == 302
    assert Stay.objects.get().state == "in_house"


def test_sent_twice_it_is_one_guest(client, hotel, clerk):
    answers = [client.post(WALK_IN, form(hotel)).headers["Location"] for _ in range(2)]
    assert answers[0] == answers[1]
    assert Stay.objects.count() == 1


def test_a_room_taken_meanwhile_is_refused_and_what_was_typed_stays(client, hotel, clerk):
    book(hotel, "Bo Fast")
    answer = client.post(WALK_IN, form(hotel, phone="+41 44 668 18 00"))
    body = answer.content.decode()
    assert answer.status_code == 422
    assert "Bo Fast has 101" in body
    assert 'value="Anna Smith"' in body
    assert 'value="+41 44 668 18 00"' in body
    assert Stay.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"guest_name": ""}, "This field is required."),
        ({"nights": "0"}, "greater than or equal to 1"),
        ({"room": ""}, "This field is required."),
    ],
)
def test_what_is_missing_is_named_at_its_field(client, hotel, clerk, fields, says):
    answer = client.post(WALK_IN, form(hotel, **fields))
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Stay.objects.exists()


def test_who_comes_in_the_small_hours_sleeps_the_night_that_has_begun(client, hotel, clerk, monkeypatch):
    day = today(hotel)
    monkeypatch.setattr(clock, "now", lambda: datetime.combine(day, time(1, 30), tzinfo=hotel.zone))
    client.post(WALK_IN, form(hotel, nights="1"))
    stay = Stay.objects.get()
    assert (stay.state, stay.arrival, stay.departure) == ("in_house", day - DAY, day)


def test_ready_rooms_are_offered_first_and_what_is_not_free_says_why(hotel, clerk):
    made = {name: RoomFactory(property=hotel, name=name) for name in ("9", "103", "104", "105")}
    Room.objects.filter(name="101").update(condition=Condition.DIRTY)
    stays.check_in(book(hotel, "Bo In", room="102"), by=clerk)
    ClosureFactory(room=made["103"])
    leaves = StayFactory(
        property=hotel, room=made["104"], in_house=True, arrival=today(hotel) - DAY, departure=today(hotel)
    )
    day = Wall(hotel, clock.now()).day
    assert list(offered(hotel).items()) == [
        ("9", ""),
        ("105", ""),
        ("101", "dirty"),
        ("104", f"still occupied by {leaves.reservation.guest}"),
        ("102", f"Bo In, {day(today(hotel))} to {day(today(hotel) + 2 * DAY)}"),
        ("103", "out of order until further notice"),
    ]
    assert list(offered(hotel, arrives=2, leaves=4)) == ["9", "101", "102", "104", "105", "103"]


def test_new_dates_fetch_the_rooms_that_are_free_then(client, hotel, clerk):
    begin = today(hotel)
    book(hotel, "Bo Fast", arrives=3, leaves=5)
    for arrives, free in ((1, True), (3, False)):
        dates = {
            "arrival": (begin + arrives * DAY).isoformat(),
            "departure": (begin + (arrives + 1) * DAY).isoformat(),
        }
        answer = client.get("/p/seeblick/book/", dates, headers=HTMX)
        body = answer.content.decode()
        assert body.startswith('<div id="rooms-free"')
        assert ("101: Bo Fast" in body) is not free
        assert (" disabled>" in body) is not free


def test_without_javascript_a_button_shows_them_and_nothing_is_booked_or_lost(client, hotel, clerk):
    sent = {"look": "1", "guest_name": "Anna Smith", "reference": "0A1B2C3D", "nights": "3"}
    for address in (WALK_IN, "/p/seeblick/book/"):
        answer = client.post(address, sent)
        body = answer.content.decode()
        assert answer.status_code == 200
        assert 'value="Anna Smith"' in body
        assert 'value="0A1B2C3D"' in body
        assert "This field is required" not in body
    assert not Stay.objects.exists()


def test_the_offer_costs_the_same_for_ten_rooms_and_for_two_hundred(hotel, django_assert_num_queries):
    for many in (10, 200):
        RoomFactory.create_batch(many - hotel.rooms.count(), property=hotel)
        wall = Wall(hotel, clock.now())
        with django_assert_num_queries(6):
            assert len(offers(hotel, wall.today, wall.today + DAY, wall)) == many
