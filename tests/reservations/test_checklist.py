"""What a house still lacks: true by the rows, cheap, and gone once it is put away."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hospitality import clock
from hospitality.models import Property, Role
from locks.models import Connection, Lock
from reservations.setup import checklist
from tests.factories import (
    AccessCodeFactory,
    ConnectionFactory,
    FoundDeviceFactory,
    InvitationFactory,
    LockFactory,
    MembershipFactory,
    MessageRuleFactory,
    RoomFactory,
    StayFactory,
)


@pytest.fixture
def manager(client, db):
    membership = MembershipFactory(role=Role.MANAGER, property__slug="seeblick")
    client.force_login(membership.user)
    return membership


@pytest.fixture
def hotel(manager):
    return manager.property


def lines(hotel) -> dict[str, tuple[str, str]]:
    return {line.title: (line.said.tone, line.said.text) for line in checklist.read(hotel).lines}


def following(client) -> str:
    return client.get("/p/seeblick/set-up/next/").headers["Location"].removeprefix("/p/seeblick/")


def test_the_guide_goes_from_rooms_to_account_to_locks_and_then_to_the_list(client, hotel):
    assert following(client) == "settings/rooms/"
    room = RoomFactory(property=hotel, name="101")
    assert following(client) == "settings/accounts/"
    account = ConnectionFactory(property=hotel)
    assert following(client) == "settings/accounts/"
    found = FoundDeviceFactory(connection=account)
    assert following(client) == "new-locks/"
    found.delete()
    LockFactory(connection=account, rooms=[room])
    assert following(client) == "set-up/"
    Connection.objects.update(state=Connection.State.DISCONNECTED)
    assert following(client) == "settings/accounts/"


def test_every_line_says_what_is_so(hotel):
    rooms = [RoomFactory(property=hotel, name=name) for name in ("101", "102", "9")]
    account = ConnectionFactory(property=hotel, name="Lake locks", state=Connection.State.DISCONNECTED)
    own = LockFactory(connection=account, name="Room 101", rooms=rooms[:1])
    LockFactory(connection=account, name="Front", kind=Lock.Kind.COMMON, rooms=rooms)
    LockFactory(connection=account, name="Shed")
    AccessCodeFactory(lock=own, backup=True)
    FoundDeviceFactory(connection=account)
    assert lines(hotel) == {
        "Rooms": ("good", "3 rooms"),
        "Lock account": ("bad", "Lake locks does not answer"),
        "Locks": ("warn", "1 lock found; nobody has said where"),
        "Doors": ("warn", "No lock of their own: 9, 102"),
        "Locks without a room": ("warn", "No guest's code goes on: Shed"),
        "Backup codes": ("wait", "None ready on 2 locks; they are put on by themselves"),
        "Reservations": ("off", "None yet"),
        "Staff": ("off", "Nobody but you"),
        "Messages": ("off", "No message goes to guests by itself"),
    }
    InvitationFactory(property=hotel)
    assert lines(hotel)["Staff"] == ("wait", "1 invited, not here yet")


def complete(hotel):
    rooms = [RoomFactory(property=hotel)]
    lock = LockFactory(connection=ConnectionFactory(property=hotel), rooms=rooms)
    AccessCodeFactory(lock=lock, backup=True)
    MembershipFactory(property=hotel)
    MessageRuleFactory(property=hotel)
    StayFactory(property=hotel)


def test_a_house_that_has_everything_is_said_to(hotel):
    complete(hotel)
    assert checklist.read(hotel).open == []


def test_the_board_shows_it_to_a_manager_until_it_is_put_away(client, hotel):
    assert "What is still missing" in client.get("/p/seeblick/").content.decode()
    answer = client.post("/p/seeblick/set-up/done/")
    assert answer.status_code == 409
    assert "Rooms: None yet" in answer.content.decode()
    complete(hotel)
    assert "Everything is set up" in client.get("/p/seeblick/").content.decode()
    client.post("/p/seeblick/set-up/done/")
    assert 'id="set-up"' not in client.get("/p/seeblick/").content.decode()


def test_a_clerk_does_not_see_it(client, hotel):
    client.force_login(MembershipFactory(property=hotel).user)
    assert 'id="set-up"' not in client.get("/p/seeblick/").content.decode()


def queries(act) -> int:
    with CaptureQueriesContext(
        connection,
    ) as counted:
        act()
    return len(counted)


def test_it_costs_nine_queries_however_large_the_house_and_none_once_put_away(client, hotel):
    def look():
        return client.get("/p/seeblick/")

    complete(hotel)
    look()
    small, guided = queries(lambda: checklist.read(hotel)), queries(look)
    account = hotel.connections.get()
    for n in range(20):
        LockFactory(connection=account, rooms=[RoomFactory(property=hotel, name=f"R{n}")])
    assert queries(lambda: checklist.read(hotel)) == small <= 9
    Property.objects.update(set_up_at=clock.now())
    assert queries(look) == guided - small
