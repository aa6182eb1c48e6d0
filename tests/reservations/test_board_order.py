"""The board's rows: which need a person first, which are shown, and what one line says of a stay."""

from datetime import time

import pytest

from hospitality import clock
from hospitality.wall import Wall
from reservations import board
from reservations.rows.choice import Choice, floor, places
from tests.factories import MembershipFactory, PropertyFactory, RoomFactory
from tests.reservations.test_board import read, row, stay, with_code

FAILED = {"errors": [{"error_code": "failed_to_set_on_device", "created_at": "2026-11-23T08:00:00+00:00"}]}


@pytest.fixture
def hotel(db):
    return PropertyFactory(name="Seeblick", slug="seeblick")


def room(hotel, name, **fields):
    return RoomFactory(property=hotel, name=name, **fields)


def lists(hotel, choice: Choice = board.ALL) -> dict[str, list[str]]:
    wall = Wall(hotel, clock.now())
    read = board.board(hotel, wall.today, wall, choice)
    return {one.key: [row.guest for row in one.rows] for one in read.lists}


@pytest.mark.parametrize(
    ("hour", "arrives", "leaves", "fields", "late"),
    [
        (17, 0, 2, {}, ""),
        (18, 0, 2, {}, "late_in"),
        (9, -1, 2, {}, "late_in"),
        (18, 0, 2, {"check_in_time": time(20)}, ""),
        (23, 0, 2, {"check_in_time": time(20)}, "late_in"),
        (13, -2, 0, {"in_house": True, "check_out_time": time(14)}, ""),
        (14, -2, 0, {"in_house": True, "check_out_time": time(14)}, "overdue_out"),
        (18, 1, 2, {}, ""),
        (18, 0, 2, {"in_house": True}, ""),
        (10, -2, 0, {"in_house": True}, ""),
        (11, -2, 0, {"in_house": True}, "overdue_out"),
        (9, -3, -1, {"in_house": True}, "overdue_out"),
        (11, -2, 0, {"departed": True}, ""),
        (18, 0, 2, {"state": "no_show"}, ""),
    ],
)
def test_who_is_late_follows_from_the_hotels_times(hotel, clock_at, hour, arrives, leaves, fields, late):
    clock_at(hour)
    told = row(stay(hotel, "Anna Smith", arrives, leaves, **fields))
    assert told.late == late
    assert [said.text for said in told.notes] == {"late_in": ["Late in"], "": []}.get(late, ["Overdue out"])


def test_in_each_list_those_come_first_who_need_a_person_and_those_done_last(hotel, clock_at):
    clock_at(10)
    stay(hotel, "in time", 0, 2, room=room(hotel, "1"))
    stay(hotel, "since yesterday", -1, 2, room=room(hotel, "9"))
    stay(hotel, "no room", 0, 2, room=None)
    stay(hotel, "did not come", 0, 2, room=room(hotel, "0"), state="no_show")
    with_code(hotel, code=FAILED)
    first, *pressing, then, done = lists(hotel)["arrivals"]
    assert (first, set(pressing)) == ("no room", {"Anna Smith", "since yesterday"})
    assert (then, done) == ("in time", "did not come")


def test_what_needs_a_person_is_counted_of_all_rows_whichever_are_shown(hotel, clock_at):
    clock_at(10)
    stay(hotel, "late", -1, 2)
    stay(hotel, "no room", 0, 2, room=None)
    stay(hotel, "overdue", -3, -1, in_house=True)
    stay(hotel, "stays", -3, 1, in_house=True)
    wall = Wall(hotel, clock.now())
    told = board.board(hotel, wall.today, wall, Choice(text="nobody"))
    assert {one.key: [said.text for said in one.pressing] for one in told.lists} == {
        "arrivals": ["1 without a room", "1 late in"],
        "in_house": [],
        "departures": ["1 overdue out"],
    }
    assert [one.count for one in told.lists] == ["2 to come of 2", "1 staying on of 2", "1 to leave of 1"]
    assert [one.empty for one in told.lists] == ["Nobody here fits what was chosen."] * 3


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ({"show": "action"}, ["no room", "late", "overdue"]),
        ({"show": "unassigned"}, ["no room"]),
        ({"show": "late"}, ["late", "overdue"]),
        ({"rooms": "floor 2"}, ["late", "stays"]),
        ({"rooms": "type Suite"}, ["overdue"]),
        ({"text": "20 A"}, ["late", "stays"]),
        ({"text": "OVER"}, ["overdue"]),
        ({"show": "late", "rooms": "floor 2"}, ["late"]),
    ],
)
def test_a_choice_of_rows(hotel, clock_at, choice, expected):
    clock_at(10)
    stay(hotel, "late", -1, 2, room=room(hotel, "201"))
    stay(hotel, "no room", 0, 2, room=None)
    stay(hotel, "overdue", -3, -1, in_house=True, room=room(hotel, "101", unit_type="Suite"))
    stay(hotel, "stays", -3, 1, in_house=True, room=room(hotel, "202"))
    assert sum(lists(hotel, Choice(**choice)).values(), []) == expected
    of_all = {"action": 3, "unassigned": 1, "late": 2}
    if choice.keys() == {"show"}:
        told = {chip.key: chip.count for chip in read(hotel).chips}
        assert told[choice["show"]] == of_all[choice["show"]]


def test_the_choice_stands_in_the_address_and_outlives_a_form_in_a_row(client, hotel):
    client.force_login(MembershipFactory(property=hotel).user)
    guest = stay(hotel, "Anna Smith", 0, 2, room=room(hotel, "201"))
    stay(hotel, "Bo Lee", 0, 2, room=room(hotel, "301"))
    room(hotel, "302")
    address = "/p/seeblick/?rooms=floor+2&show=bogus"
    page = client.get(address)
    assert [one.guest for one in page.context["board"].lists[0].rows] == ["Anna Smith"]
    assert "rooms=floor+2" in page.content.decode().split('id="lists"')[1].split(">")[0]
    done = client.post(
        f"/p/seeblick/stays/{guest.public_id}/check-in/",
        {"back": "board"},
        headers={"Referer": f"http://testserver{address}"},
    )
    assert done.status_code == 302
    assert done.url.endswith("&rooms=floor+2")


def test_one_line_each_is_remembered(client, hotel):
    client.force_login(MembershipFactory(property=hotel).user)
    assert b"lists--dense" not in client.get("/p/seeblick/").content
    assert b"lists--dense" in client.get("/p/seeblick/?view=dense").content
    assert b"lists--dense" in client.get("/p/seeblick/").content
    assert b"lists--dense" not in client.get("/p/seeblick/?view=full").content
    assert b"lists--dense" not in client.get("/p/seeblick/").content


@pytest.mark.parametrize(
    ("code", "fields", "words"),
    [
        ({"present": True}, {"in_house": True}, ("good", "Code set")),
        ({}, {"in_house": True}, ("wait", "Code to come")),
        (FAILED, {"in_house": True}, ("bad", "Code failed")),
        ({"leaving": True}, {"departed": True}, ("warn", "Old code on door")),
        ({"wanted": False, "observed": "absent"}, {"departed": True}, ("off", "Left")),
        ({"present": True}, {"state": "no_show"}, ("off", "No-show")),
    ],
)
def test_a_stay_in_two_words(hotel, code, fields, words):
    said = row(with_code(hotel, code=code, **fields)).brief
    assert (said.tone, said.text) == words


def test_the_two_words_are_of_what_is_most_pressing(hotel, clock_at):
    clock_at(20)
    assert row(with_code(hotel, code=FAILED)).brief.text == "Late in"
    clock_at(12)
    house = room(hotel, "7")
    stay(hotel, "Bo Old", -2, 0, room=house, in_house=True)
    assert row(stay(hotel, "Anna Smith", 0, 2, room=house)).brief.text == "Occupied"
    assert row(stay(hotel, "Cy Oh", 0, 2, room=None)).brief.text == "No room"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("204", "2"), ("1204", "12"), ("2.04", "2"), ("A204", "2"), ("204b", "2"), ("7", ""), ("Suite", "")],
)
def test_the_floor_that_a_rooms_name_tells(name, expected):
    assert floor(name) == expected


def test_what_is_offered_to_choose_among():
    told = places([("101", "Double"), ("201", "Double"), ("1001", "")])
    assert told == [
        ("Floor", [("floor 1", "Floor 1"), ("floor 2", "Floor 2"), ("floor 10", "Floor 10")]),
    ]
