"""The tape chart: where stays lie, what it remembers, and that moving a stay asks first."""

from datetime import timedelta

import pytest

from hospitality import clock
from hospitality.wall import Wall
from reservations import stays, tape
from reservations.models import Stay
from tests.factories import (
    CalendarEventFactory,
    CalendarFeedFactory,
    ClosureFactory,
    PropertyFactory,
    RoomFactory,
    StayFactory,
    today,
)
from tests.reservations.desk.pages import DAY, HTMX, book, page

CHART = "/p/seeblick/tape/"


def read(hotel, begins=0, days=14) -> tape.Tape:
    wall = Wall(hotel, clock.now())
    return tape.tape(hotel, wall.today + begins * DAY, days, wall)


def line(hotel, room="101", **where) -> list[tuple[int, str]]:
    """How many halves of days, and what lies there."""
    [found] = [one for group in read(hotel, **where).groups for one in group.rooms if one.name == room]
    return [(cell.halves, cell.bar.guest if cell.bar else cell.closed) for cell in found.cells]


def bar(hotel, **where) -> tape.Bar:
    [found] = [
        cell.bar
        for group in read(hotel, **where).groups
        for one in group.rooms
        for cell in one.cells
        if cell.bar
    ]
    return found


def room(hotel, name="101"):
    return hotel.rooms.get(name=name)


def test_a_stay_lies_from_the_middle_of_its_first_day_to_the_middle_of_its_last(hotel):
    book(hotel, arrives=1, leaves=3)
    assert line(hotel) == [(3, ""), (4, "Anna Smith"), (21, "")]


def test_two_guests_share_the_day_on_which_one_leaves_and_one_comes(hotel):
    book(hotel, arrives=0, leaves=2)
    book(hotel, "Bo Lee", arrives=2, leaves=3)
    assert line(hotel) == [(1, ""), (4, "Anna Smith"), (2, "Bo Lee"), (21, "")]


def test_what_goes_on_beyond_the_edges_is_cut_there_and_says_so(hotel):
    book(hotel, arrives=0, leaves=30)
    assert line(hotel, begins=2) == [(28, "Anna Smith")]
    assert (bar(hotel, begins=2).before, bar(hotel, begins=2).after) == (True, True)
    assert (bar(hotel, days=28).before, bar(hotel, days=28).after) == (False, True)
    assert line(hotel, begins=30) == [(1, "Anna Smith"), (27, "")]
    assert line(hotel, begins=31) == [(28, "")]


@pytest.mark.parametrize("state", ["cancelled", "no_show"])
def test_who_does_not_come_is_not_shown(hotel, state):
    StayFactory(property=hotel, room=room(hotel), state=state)
    assert line(hotel) == [(28, "")]


@pytest.mark.parametrize(
    ("fields", "arrives", "leaves", "words"),
    [
        ({}, 0, 2, "booked"),
        ({}, -1, 2, "was due"),
        ({"in_house": True}, -1, 2, "in house"),
        ({"in_house": True}, -4, -1, "should have left"),
        ({"departed": True}, -2, 2, "left"),
    ],
)
def test_the_state_is_said_in_words(hotel, fields, arrives, leaves, words):
    begin = today(hotel)
    StayFactory(
        property=hotel,
        room=room(hotel),
        arrival=begin + arrives * DAY,
        departure=begin + leaves * DAY,
        **fields,
    )
    shown = bar(hotel, begins=-3)
    assert shown.state_words == words
    assert shown.told.startswith(f"Anna Smith, {words}, 101, ")
    assert shown.may_move is (words != "left")


def test_who_left_early_lies_until_that_day_and_who_should_have_left_until_now(hotel):
    begin = today(hotel)
    StayFactory(
        property=hotel, room=room(hotel), departed=True, arrival=begin - 2 * DAY, departure=begin + 3 * DAY
    )
    book(hotel, "Bo Lee", arrives=0, leaves=1)
    assert line(hotel, begins=-2) == [(1, ""), (4, "Anna Smith"), (2, "Bo Lee"), (21, "")]
    over = StayFactory(
        property=hotel,
        room=room(hotel, "102"),
        in_house=True,
        arrival=begin - 9 * DAY,
        departure=begin - 4 * DAY,
    )
    assert over.state == "in_house"
    assert line(hotel, "102", begins=-2) == [(5, "Anna Smith"), (23, "")]


def test_when_a_room_is_out_of_order_lies_where_no_guest_does(hotel):
    begin = today(hotel)
    book(hotel, arrives=1, leaves=2)
    ClosureFactory(room=room(hotel), begins=begin, ends=begin + 4 * DAY)
    ClosureFactory(room=room(hotel, "102"), begins=begin + 2 * DAY)
    leaks = "The shower leaks"
    assert line(hotel) == [(3, leaks), (2, "Anna Smith"), (3, leaks), (20, "")]
    assert line(hotel, "102") == [(4, ""), (24, leaks)]


def test_nights_that_a_portal_has_closed_lie_where_nothing_else_does_with_their_source(client, hotel, clerk):
    begin = today(hotel)
    feed = CalendarFeedFactory(room=room(hotel))
    for one, is_stay in ((begin + 3 * DAY, False), (begin + 8 * DAY, True)):
        CalendarEventFactory(feed=feed, is_stay=is_stay, arrival=one, departure=one + 3 * DAY)
    sells = CalendarFeedFactory(room=room(hotel, "102"), source="booking.com")
    CalendarEventFactory(feed=sells, is_stay=False, arrival=begin - 5 * DAY, departure=begin + 1 * DAY)
    book(hotel, arrives=4, leaves=5)
    found = client.get(f"{CHART}?from={begin}").context["tape"]
    lines = {one.name: one.cells for group in found.groups for one in group.rooms}
    shown = [(cell.halves, cell.bar.guest if cell.bar else cell.elsewhere) for cell in lines["101"]]
    closed = "Closed at Airbnb"
    assert shown == [(7, ""), (2, closed), (2, "Anna Smith"), (2, closed), (15, "")]
    assert [(cell.halves, cell.elsewhere) for cell in lines["102"]] == [
        (3, "Closed or sold at Booking.com"),
        (25, ""),
    ]


def test_rooms_stand_by_type_as_a_person_counts_and_who_has_none_comes_first(hotel):
    for name, unit_type in (("10", "Suite"), ("9", "Suite"), ("8", "Double")):
        RoomFactory(property=hotel, name=name, unit_type=unit_type)
    for name in ("Noah No", "Olga Or"):
        book(hotel, name, room=None)
    book(hotel, "Pia Past", room=None, arrives=4, leaves=5)
    shown = [(group.unit_type, [one.name for one in group.rooms]) for group in read(hotel).groups]
    assert shown == [
        ("No room yet", ["–", "–"]),
        ("Double", ["8"]),
        ("Suite", ["9", "10"]),
        ("", ["101", "102"]),
    ]


def test_the_page_marks_today_and_remembers_where_one_was_in_each_house(client, hotel, clerk):
    begin = today(hotel)
    assert f'data-day="{begin}" class="tape__now" aria-current="date"' in client.get(CHART).content.decode()
    later = begin + 40 * DAY
    client.get(CHART, {"from": later.isoformat()})
    client.get(CHART, {"days": "28"})
    assert (client.get(CHART).context["tape"].first, client.get(CHART).context["length"]) == (
        later.isoformat(),
        28,
    )
    other = PropertyFactory(slug="bergblick")
    clerk.memberships.create(property=other, role="desk")
    assert client.get("/p/bergblick/tape/").context["length"] == 14
    client.get(CHART, {"from": (begin - timedelta(days=2)).isoformat()})
    assert client.get(CHART).context["tape"].first == (begin - 2 * DAY).isoformat()
    assert client.get(CHART, {"from": "soon"}).status_code == 400
    assert client.get(CHART, {"days": "9999"}).context["length"] == 28


def test_moving_asks_with_what_it_does_at_the_doors_and_only_a_yes_moves(client, hotel, clerk):
    stay = book(hotel)
    wish = {"room": room(hotel, "102").pk, "departure": (stay.departure + DAY).isoformat()}
    question = client.get(page(stay, "move/"), wish, headers=HTMX)
    body = question.content.decode()
    assert (question.status_code, question.headers["HX-Retarget"]) == (200, "#dialog")
    assert "Room 102, " in body
    assert "3 nights." in body
    assert "Door 101" in body
    assert "Door 102" in body
    assert Stay.objects.get(pk=stay.pk).room.name == "101"
    answer = client.post(page(stay, "move/"), wish | {"confirmed": "1"}, headers=HTMX)
    assert answer.content.decode().startswith('<div id="tape"')
    moved = Stay.objects.get(pk=stay.pk)
    assert (moved.room.name, moved.arrival, moved.departure) == ("102", stay.arrival, stay.departure + DAY)


def test_a_room_that_is_taken_is_refused_and_the_chart_stays(client, hotel, clerk):
    stay = book(hotel)
    book(hotel, "Bo Lee", room="102")
    answer = client.get(page(stay, "move/"), {"room": room(hotel, "102").pk}, headers=HTMX)
    body = answer.content.decode()
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (422, "#tape")
    assert "Bo Lee has 102" in body
    assert body.startswith('<div id="tape"')
    assert client.get(page(stay, "move/"), {"departure": "2020-01-01"}, headers=HTMX).status_code == 422


def test_without_javascript_the_question_is_a_page_and_its_answer_leads_back_to_the_chart(
    client, hotel, clerk
):
    stay = stays.check_in(book(hotel), by=clerk)
    wish = {"departure": (stay.departure + DAY).isoformat()}
    body = client.get(page(stay, "move/"), wish).content.decode()
    assert body.lstrip().startswith("<!doctype html>")
    assert f'name="departure" value="{wish["departure"]}"' in body
    answer = client.post(page(stay, "move/"), wish | {"confirmed": "1"})
    assert (answer.status_code, answer.headers["Location"]) == (302, CHART)
    assert Stay.objects.get(pk=stay.pk).departure == stay.departure + DAY


def test_the_chart_costs_the_same_for_ten_rooms_and_for_two_hundred(hotel, django_assert_num_queries):
    for many in (10, 200):
        for one in RoomFactory.create_batch(many - hotel.rooms.count(), property=hotel):
            StayFactory(property=hotel, room=one)
        wall = Wall(hotel, clock.now())
        with django_assert_num_queries(3):
            shown = tape.tape(hotel, wall.today, 28, wall)
        assert sum(len(group.rooms) for group in shown.groups) == many
