"""Tonight: go, wait or no-go for each guest to come, each with its reasons."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hospitality import clock
from hospitality.models import Condition, Room
from hospitality.wall import Wall
from locks.models import AccessCode, Lock
from reservations import tonight
from tests.factories import (
    AccessCodeFactory,
    AccessGrantFactory,
    MembershipFactory,
    MessageFactory,
    PropertyFactory,
)
from tests.reservations.test_board import fill, read, stay, with_door

DAY = timedelta(days=1)


@pytest.fixture
def hotel(db):
    return PropertyFactory(name="Seeblick", slug="seeblick")


def coming(hotel, *, code=None, lock=None, arrives=0, **fields):
    """A guest to come in a room with one lock, a backup code on it, and the guest's own confirmed there."""
    room = with_door(hotel, **(lock or {}))
    grant = AccessGrantFactory(property=hotel, name=f"Anna Smith, {room}")
    AccessCodeFactory(lock=room.locks.get(), backup=True)
    AccessCodeFactory(lock=room.locks.get(), grant=grant, **({"present": True} if code is None else code))
    return stay(hotel, "Anna Smith", arrives, 3, room=room, grant=grant, **fields)


def told(hotel, night=0) -> tuple[str, list[str]]:
    [one] = tonight.nights(hotel, Wall(hotel, clock.now()))[night].verdicts
    return one.said.text, [said.text.replace(f"Room {one.room}", "Room") for said in one.reasons]


def test_a_guest_of_whom_all_is_well_may_come(hotel):
    coming(hotel)
    answer, seen = told(hotel)
    assert answer == "Go"
    assert seen[0] == "Room: clean"
    assert seen[1].startswith("Room: On the lock, confirmed ")


def test_a_guest_without_a_room_may_not(hotel):
    stay(hotel, "Anna Smith", 0, 2, room=None)
    assert told(hotel) == ("No-go", ["No room yet: assign one"])


@pytest.mark.parametrize(
    ("code", "answer", "why"),
    [
        ({}, "Wait", "Room: Going on the lock now"),
        (
            {
                "errors": [
                    {"error_code": "failed_to_set_on_device", "created_at": "2026-11-23T08:00:00+00:00"}
                ]
            },
            "No-go",
            "Room: Not on the lock, asked ",
        ),
        (
            {"refused_generation": 1, "refusal": "duplicate code"},
            "No-go",
            "Room: Refused by the lock: duplicate code",
        ),
    ],
)
def test_the_code_is_to_be_confirmed_on_every_door(hotel, code, answer, why):
    coming(hotel, code=code)
    said, [reason] = told(hotel)
    assert said == answer
    assert reason.startswith(why)


def test_a_code_that_is_made_at_check_in_is_waited_for_and_one_that_is_missing_is_not(hotel):
    guest = coming(hotel)
    AccessCode.objects.filter(grant=guest.grant).delete()
    assert told(hotel) == ("No-go", ["Room: No code"])
    hotel.codes_from_check_in = True
    assert told(hotel) == ("Wait", ["Room: The code is made at check-in"])


def test_a_lock_that_is_away_is_waited_for_only_where_the_code_was_on_it_before(hotel):
    guest = coming(hotel, lock={"offline": True})
    answer, [reason] = told(hotel)
    assert answer == "Wait"
    assert reason.endswith("; the code was on it before")
    AccessCode.objects.filter(grant=guest.grant).update(observed="absent")
    assert told(hotel)[0] == "No-go"


@pytest.mark.parametrize(
    ("battery", "answer", "why"),
    [
        (0.08, "No-go", "Room: battery nearly empty, 8 %"),
        (0.18, "Go", "Room: battery low, 18 %"),
        (0.8, "Go", None),
    ],
)
def test_the_battery_must_last(hotel, battery, answer, why):
    coming(hotel, lock={"battery": battery})
    said, reasons = told(hotel)
    assert said == answer
    assert (why in reasons) == (why is not None)


def test_an_empty_stock_of_backup_codes_is_waited_for(hotel):
    coming(hotel)
    AccessCode.objects.filter(is_backup=True).delete()
    assert told(hotel) == ("Wait", ["Room: no backup code ready"])
    Lock.objects.update(backup_pool_enabled=False)
    assert told(hotel)[0] == "Go"


@pytest.mark.parametrize(("hour", "answer"), [(12, "Wait"), (15, "No-go")])
def test_the_room_must_be_free_and_made_up_when_the_guest_is_due(hotel, clock_at, hour, answer):
    guest = coming(hotel)
    Room.objects.update(condition=Condition.DIRTY)
    clock_at(hour)
    assert told(hotel) == (answer, ["Room: dirty"])
    Room.objects.update(condition=Condition.CLEAN)
    stay(hotel, "Bo Old", -2, 0, room=guest.room, in_house=True)
    assert told(hotel) == (answer, ["Bo Old is still in the room"])


def test_an_old_code_on_the_door_is_named(hotel):
    guest = coming(hotel)
    gone = AccessGrantFactory(property=hotel, name="Cy Gone, 7")
    AccessCodeFactory(lock=guest.room.locks.get(), grant=gone, leaving=True)
    assert told(hotel) == ("No-go", ["Old code still on the door: Cy Gone, 7"])


@pytest.mark.parametrize(
    ("fields", "answer", "why"),
    [
        ({"state": "failed"}, "No-go", ["Message “Your code”: not sent"]),
        (
            {"state": "queued", "waits": "Waits for the door"},
            "Wait",
            ["Message “Your code”: waits for the door"],
        ),
        ({"state": "sent"}, "Go", None),
        ({"state": "superseded"}, "Go", None),
    ],
)
def test_the_guests_message_must_have_gone_out(hotel, fields, answer, why):
    MessageFactory(stay=coming(hotel), **fields)
    said, reasons = told(hotel)
    assert said == answer
    assert why is None or reasons == why


def test_a_room_without_a_lock_opens_with_a_key(hotel):
    stay(hotel, "Anna Smith", 0, 2)
    assert told(hotel) == ("Go", ["No lock on this room: hand out a key", "Room: clean"])


def test_tomorrow_has_a_list_of_its_own_and_who_should_have_come_is_still_expected(hotel):
    coming(hotel, arrives=1)
    late = coming(hotel, arrives=-1)
    stay(hotel, "Di Off", 0, 2, state="cancelled")
    stay(hotel, "Eve Inn", 0, 2, in_house=True)
    today, tomorrow = tonight.nights(hotel, Wall(hotel, clock.now()))
    assert [one.public_id for one in today.verdicts] == [late.public_id]
    assert len(tomorrow.verdicts) == 1


def test_the_board_counts_them_and_the_page_names_them(client, hotel):
    client.force_login(MembershipFactory(property=hotel).user)
    coming(hotel)
    stay(hotel, "Bo Lee", 0, 2, room=None)
    assert [said.text for said in read(hotel).tonight] == ["1 no-go", "1 go"]
    assert read(hotel, read(hotel).day + DAY).tonight == []
    page = client.get("/p/seeblick/tonight/").content.decode()
    assert page.index("Bo Lee") < page.index("Anna Smith")


@pytest.mark.django_db
def test_it_takes_as_many_queries_for_many_as_for_few(client):
    taken = {}
    for rooms in (4, 40):
        membership = MembershipFactory()
        fill(membership.property, rooms)
        client.force_login(membership.user)
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/p/{membership.property.slug}/tonight/")
        taken[rooms] = len(queries)
    assert taken[4] == taken[40] <= 17
