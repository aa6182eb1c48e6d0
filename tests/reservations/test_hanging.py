"""Where a lock hangs is corrected later: guests get the doors of their rooms, and lose no other without a question."""

import pytest

from hospitality.models import AuditEntry, Role
from locks.models import Lock
from reservations import tasks
from reservations.setup import checklist
from tests.factories import MembershipFactory, RoomFactory
from tests.reservations.booking import book


@pytest.fixture
def owner(hotel, client):
    user = MembershipFactory(property=hotel.property, role=Role.OWNER).user
    client.force_login(user)
    return user


def say(client, hotel, lock, **sent):
    known = {"name": lock.name, "kind": lock.kind}
    return client.post(f"/p/{hotel.property.slug}/locks/{lock.public_id}/hangs/", known | sent)


def doors(stay) -> set[str]:
    stay.refresh_from_db()
    return set(stay.grant.codes.filter(wanted=True, is_backup=False).values_list("lock__name", flat=True))


def test_a_room_made_later_is_told_of_and_gets_the_front_door(client, owner, hotel):
    room, front = RoomFactory(property=hotel.property, name="3"), hotel.locks["front"]
    hotel.rooms["3"] = room
    lines = {line.title: line for line in checklist.read(hotel.property).lines}
    assert lines["Common doors"].said.text == "None opens for 3"
    assert client.get(lines["Common doors"].url).status_code == 200
    stay = book(hotel, "3", 0)
    assert stay.grant is None
    assert say(client, hotel, front, every_room="on").status_code == 302
    tasks.fit_doors()
    assert doors(stay) == {"Front door"}
    assert AuditEntry.objects.filter(action="lock.rehung", actor=owner).exists()
    assert "Common doors" not in [line.title for line in checklist.read(hotel.property).lines]


def test_who_loses_a_door_is_named_before(client, owner, hotel):
    stay = book(hotel, "1", 0, name="Anna Smith")
    front, two = hotel.locks["front"], hotel.rooms["2"].pk
    answer = say(client, hotel, front, rooms=[two])
    assert answer.status_code == 422
    assert "The code of Anna Smith, room 1, comes off Front door." in answer.content.decode()
    assert front.rooms.count() == 2
    say(client, hotel, front, rooms=[two], confirmed="1")
    tasks.fit_doors()
    assert doors(stay) == {"Room 1"}


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({}, "Say which rooms"),
        ({"every_room": "on", "kind": "own"}, "own door has one room"),
        ({"every_room": "on", "name": ""}, "required"),
    ],
)
def test_what_cannot_be_is_refused(client, owner, hotel, sent, why):
    answer = say(client, hotel, hotel.locks["front"], **sent)
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert Lock.objects.get(pk=hotel.locks["front"].pk).rooms.count() == 2


def test_a_lock_that_was_replaced_hangs_nowhere(client, owner, hotel):
    old = hotel.locks["1"]
    Lock.objects.filter(pk=old.pk).update(replaced_by=hotel.locks["2"])
    assert say(client, hotel, old, rooms=[hotel.rooms["1"].pk], confirmed="1").status_code == 409
