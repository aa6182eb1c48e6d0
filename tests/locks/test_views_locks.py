"""The locks' pages: health, stock, codes and events, and never a digit."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hospitality.models import Role
from locks.capabilities import as_json
from locks.models import Connection, Lock
from locks.providers.base import Capabilities
from tests.factories import (
    AccessCodeFactory,
    AccessGrantFactory,
    ConnectionFactory,
    EventFactory,
    LockFactory,
    MembershipFactory,
    PropertyFactory,
    RoomFactory,
    now,
)


@pytest.fixture
def account(db, client):
    hotel = PropertyFactory(slug="seeblick", backup_pool_size=2)
    client.force_login(MembershipFactory(property=hotel, role=Role.OWNER).user)
    return ConnectionFactory(property=hotel)


def words(answer) -> str:
    return " ".join(answer.content.decode().split())


def lock_page(client, lock) -> str:
    return words(client.get(f"/p/seeblick/locks/{lock.public_id}/"))


def test_the_list_tells_health_battery_stock_and_codes(client, account):
    LockFactory(connection=account, name="Room 9", battery=0.12, capabilities=as_json(Capabilities(slots=30)))
    down = LockFactory(connection=account, name="Room 10", offline=True)
    AccessCodeFactory(lock=down, backup=True)
    body = words(client.get("/p/seeblick/locks/"))
    assert body.index("Room 9") < body.index("Room 10")
    assert "Battery low, 12 %" in body
    assert "0 of 30" in body
    assert "Offline since" in body
    assert "The lock does not answer its hub." in body
    assert "1 of 2 ready" in body


def test_an_account_that_does_not_answer_is_said_above_the_list(client, account):
    Connection.objects.update(state=Connection.State.DISCONNECTED, error="Connection refused.")
    assert "Simulator does not answer: Connection refused." in words(client.get("/p/seeblick/locks/"))


def test_a_property_without_locks_says_how_it_gets_some(client, account):
    assert "A manager adds them in the administration" in words(client.get("/p/seeblick/locks/"))


def test_the_list_takes_as_many_queries_for_forty_locks_as_for_four(client, account):
    taken = []
    for more in (4, 36):
        for _ in range(more):
            lock = LockFactory(connection=account, rooms=[RoomFactory(property=account.property)])
            AccessCodeFactory(lock=lock, backup=True)
        with CaptureQueriesContext(connection) as queries:
            client.get("/p/seeblick/locks/")
        taken.append(len(queries))
    assert taken[0] == taken[1]


def test_a_locks_page_names_its_codes_and_no_digits(client, account):
    lock = LockFactory(connection=account, name="Room 204", kind=Lock.Kind.OWN)
    grant = AccessGrantFactory(property=account.property, name="Anna Smith, 204", pin="480275")
    AccessCodeFactory(lock=lock, grant=grant, present=True, pin="480275")
    AccessCodeFactory(lock=lock, grant=None, name="Cleaner", is_managed=False, present=True, pin="771166")
    for _ in range(2):
        AccessCodeFactory(lock=lock, backup=True)
    body = lock_page(client, lock)
    assert "Anna Smith, 204" in body
    assert "found on the lock, not made here" in body
    assert "2 backup codes" in body
    assert "480275" not in body
    assert "771166" not in body


def test_what_happened_is_told_in_words_and_repeats_are_counted(client, account):
    lock = LockFactory(connection=account)
    code = AccessCodeFactory(lock=lock, present=True)
    for _ in range(3):
        EventFactory(lock=lock, event_type="lock.access_denied", data={"pin": "135791"})
    EventFactory(lock=lock, access_code=code, occurred_at=now() - timedelta(days=3))
    body = lock_page(client, lock)
    assert "Door refused a code, 3 times" in body
    assert "Door opened: Anna Smith, 204" in body
    assert "135791" not in body


def test_a_locks_page_listens_to_its_lock(client, account):
    lock = LockFactory(connection=account)
    assert f'hx-trigger="sse:lock-{lock.public_id}, ' in lock_page(client, lock)
