"""The table of new locks whose names say where they hang: placed once a person confirmed it, and guests follow."""

import pytest

from hospitality.models import Role
from locks.models import FoundDevice, Lock
from reservations import tasks
from reservations.setup import suggested_locks
from tests.factories import (
    ConnectionFactory,
    FoundDeviceFactory,
    LockFactory,
    MembershipFactory,
    RoomFactory,
    StayFactory,
)

PAGE = "/p/seeblick/new-locks/"


@pytest.fixture
def hotel(client, db):
    membership = MembershipFactory(role=Role.OWNER, property__slug="seeblick")
    client.force_login(membership.user)
    hotel = membership.property
    for name in ("101", "102", "103"):
        RoomFactory(property=hotel, name=name)
    return hotel


@pytest.fixture
def found(hotel):
    account = ConnectionFactory(property=hotel)
    names = ("Room 101", "Room 102", "Front entrance", "TTLock 8f3a")
    return {name: FoundDeviceFactory(connection=account, name=name) for name in names}


def answers(client) -> list[str]:
    return [offer.answer for offer in client.get(PAGE).context["offers"]]


def test_what_is_ticked_is_placed_as_shown_and_the_rest_waits(client, hotel, found):
    offers = client.get(PAGE).context["offers"]
    assert [(offer.name, offer.place) for offer in offers] == [
        ("Room 101", "is the door of room 101"),
        ("Room 102", "is the door of room 102"),
        ("Front entrance", "is a common door of all 3 rooms"),
    ]
    assert not Lock.objects.exists(), "looking places nothing"
    client.post(f"{PAGE}confirm/", {"place": [offer.answer for offer in offers if "102" not in offer.name]})
    placed = {lock.name: lock for lock in hotel.locks.all()}
    assert {name: lock.kind for name, lock in placed.items()} == {
        "Room 101": "own",
        "Front entrance": "common",
    }
    assert [room.name for room in placed["Room 101"].rooms.all()] == ["101"]
    assert placed["Front entrance"].rooms.count() == 3
    assert set(FoundDevice.objects.values_list("name", flat=True)) == {"Room 102", "TTLock 8f3a"}


def test_the_guests_of_the_rooms_get_the_doors(client, hotel, found):
    stay = StayFactory(property=hotel, room=hotel.rooms.get(name="101"))
    client.post(f"{PAGE}confirm/", {"place": answers(client)})
    tasks.fit_doors()
    stay.refresh_from_db()
    assert set(stay.grant.codes.values_list("lock__name", flat=True)) == {"Room 101", "Front entrance"}


def test_a_room_that_has_a_lock_gets_no_second_one_by_its_name(client, hotel, found):
    LockFactory(connection=found["Room 101"].connection, rooms=[hotel.rooms.get(name="101")])
    assert [offer.name for offer in client.get(PAGE).context["offers"]] == ["Room 102", "Front entrance"]


def test_what_was_placed_meanwhile_is_told_and_the_others_go_through(client, hotel, found):
    shown = answers(client)
    suggested_locks.place(hotel, shown[:1], by=None)
    body = client.post(f"{PAGE}confirm/", {"place": shown}, follow=True).content.decode()
    assert "2 locks placed" in body
    assert "1 of them were placed a moment ago" in body
    assert hotel.locks.count() == 3


@pytest.mark.parametrize("nonsense", ["x", "x:y", "::", "{device}:nowhere", "{device}:"])
def test_nonsense_places_nothing(client, hotel, found, nonsense):
    client.post(f"{PAGE}confirm/", {"place": [nonsense.format(device=found["Room 101"].public_id)]})
    assert not Lock.objects.exists()


def test_nothing_ticked_is_said(client, hotel, found):
    answer = client.post(f"{PAGE}confirm/", {})
    assert answer.status_code == 422
    assert "Nothing was ticked" in answer.content.decode()


def test_nothing_of_another_house_is_placed(client, hotel, found):
    elsewhere, room = FoundDeviceFactory(name="101"), RoomFactory()
    mine = found["Room 101"]
    client.post(
        f"{PAGE}confirm/", {"place": [f"{elsewhere.public_id}:every", f"{mine.public_id}:{room.public_id}"]}
    )
    assert not Lock.objects.exists()
