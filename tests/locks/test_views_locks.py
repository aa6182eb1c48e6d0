"""The locks' pages: health, stock, codes and events, and never a digit."""

import html
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hospitality.models import AuditEntry, Role
from locks import queries, remedies
from locks.capabilities import as_json
from locks.models import AccessCode, Connection, FoundDevice, Lock
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
    body = body[body.index("<table") :]
    assert body.index("Room 9") < body.index("Room 10")
    assert "Battery low, 12 %" in body
    assert "0 of 30 taken" in body
    assert "Offline since" in body
    assert "The lock does not answer its hub." in body
    assert "1 of 2 ready" in body


def test_an_account_that_does_not_answer_is_said_above_the_list(client, account):
    Connection.objects.update(state=Connection.State.DISCONNECTED, error="Connection refused.")
    assert "Simulator does not answer: Connection refused." in words(client.get("/p/seeblick/locks/"))


def test_a_property_without_locks_says_how_it_gets_some(client, account):
    assert "A manager adds them under Settings" in words(client.get("/p/seeblick/locks/"))


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
    assert "Not made here" in body
    assert "Cleaner" in body
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


def sign_in(client, account, role):
    client.force_login(MembershipFactory(property=account.property, role=role).user)


def entry(code: str, kind="error", **more) -> dict:
    return {f"{kind}_code": code, "created_at": now().isoformat(), **more}


@pytest.mark.parametrize("role", [Role.DESK, Role.OWNER, Role.MANAGER])
def test_what_is_wrong_with_a_lock_and_its_codes_is_said_with_the_readers_remedy(client, account, role):
    lock = LockFactory(
        connection=account,
        offline=True,
        battery=0.15,
        errors=[entry("device_disconnected")],
        warnings=[entry("time_zone_unknown", "warning")],
    )
    shared = entry("device_disconnected")
    AccessCodeFactory(lock=lock, errors=[shared, entry("failed_to_set_on_device"), entry("a_new_kind")])
    sign_in(client, account, role)
    body = html.unescape(lock_page(client, lock))
    for code in ("device_disconnected", "time_zone_unknown", "failed_to_set_on_device", remedies.LOW):
        remedy = remedies.of(code)
        assert body.count(remedy.for_role(role)) == 1, code
        assert (remedy.owner if role == Role.DESK else remedy.clerk) not in body, code
    assert "“a_new_kind” has no remedy here yet" in body


def test_who_waits_for_a_place_is_told_in_order_of_arrival(client, account):
    lock = LockFactory(connection=account, capabilities=as_json(Capabilities(slots=3)))
    AccessCodeFactory(lock=lock, present=True)
    AccessCodeFactory(lock=lock, grant=None, is_managed=False, present=True)
    waits = [{"mutation_code": "deferring_creation", "scheduled_at": None}]
    for name, hours in (("Late Lou", 9), ("Early Eve", 2)):
        grant = AccessGrantFactory(
            property=account.property, name=name, starts_at=now() + timedelta(hours=hours)
        )
        AccessCodeFactory(lock=lock, grant=grant, pending_mutations=waits)
    body = lock_page(client, lock)
    assert "2 of 3 taken, 2 codes wait" in body
    waiting = body[body.index('aria-label="Waiting, nearest arrival first"') :]
    assert waiting.index("Early Eve, from ") < waiting.index("Late Lou, from ")
    assert "2 of 3 taken, 2 codes wait" in words(client.get("/p/seeblick/locks/"))


def test_each_code_is_shown_as_the_makers_app_shows_it_with_what_happened_to_it(client, account):
    lock = LockFactory(connection=account)
    change = {
        "change_type": "modified",
        "modified_fields": [{"field": "code"}, {"field": "name", "from": "Anna", "to": "135791"}],
        "at": now().isoformat(),
        "generation": 1,
    }
    AccessCodeFactory(
        lock=lock,
        present=True,
        appearance={
            "name": "Anna Smith 204 1a2b3c4d",
            "first_name": "Anna",
            "last_name": "Smith 204 1a2b3c4d",
        },
        external_change=change,
        first_used_at=now(),
    )
    body = html.unescape(lock_page(client, lock))
    assert (
        "In the maker's app: “Anna Smith 204 1a2b3c4d” (first name “Anna”, last name “Smith 204 1a2b3c4d”)"
        in body
    )
    assert "Changed (digits, name) by somebody else, seen " in body
    assert "First opened the door " in body
    assert "135791" not in body


def replaced(account):
    """A lost lock with a code, and the one that took its place."""
    old = LockFactory(connection=account, name="Room 204", errors=[entry("device_removed")])
    new = LockFactory(connection=account, name="Room 204 new")
    AccessCodeFactory(lock=old, leaving=True, status="unknown")
    Lock.objects.filter(pk=old.pk).update(replaced_by=new, replaced_at=now())
    old.refresh_from_db()
    return old, new


def test_a_replaced_lock_stands_apart_and_its_page_still_opens(client, account):
    old, new = replaced(account)
    body = words(client.get("/p/seeblick/locks/"))
    assert f'<tr id="lock-{new.public_id}"' in body
    assert f'<tr id="lock-{old.public_id}"' not in body
    assert body.index("Replaced locks") < body.index(f"/p/seeblick/locks/{old.public_id}/")
    page = html.unescape(lock_page(client, old))
    assert "has taken this lock's place" in page
    assert "Unknown whether it is off: another lock has taken its place" in page
    assert remedies.of("device_removed").owner not in page
    assert f"/p/seeblick/locks/{old.public_id}/" in lock_page(client, new)


def test_codes_of_a_replaced_lock_are_nobodys_doors_and_no_stock(account):
    old, new = replaced(account)
    grant = old.codes.get().grant
    AccessCodeFactory(lock=old, backup=True)
    ours = AccessCodeFactory(lock=new, grant=grant, present=True)
    hotel = account.property
    assert [code.id for code in queries.codes_of([grant.pk])[grant.pk]] == [ours.pk]
    assert set(queries.doors(hotel).by_id) == {new.pk}
    assert set(queries.doors(hotel, replaced=True).by_id) == {old.pk, new.pk}
    assert queries.stocks(hotel) == {}
    assert queries.old_codes(hotel, now()) == []


def test_of_two_codes_on_one_door_the_wanted_one_comes_last(account):
    lock = LockFactory(connection=account)
    grant = AccessGrantFactory(property=account.property)
    kept = AccessCodeFactory(lock=lock, grant=grant)
    old = AccessCodeFactory(lock=lock, grant=grant, wanted=False)
    assert [code.id for code in queries.codes_of([grant.pk])[grant.pk]] == [old.pk, kept.pk]


def test_alarms_stand_above_the_locks_with_the_readers_remedy(client, account):
    lock = LockFactory(connection=account, name="Room 9", battery=0.05)
    body = html.unescape(words(client.get("/p/seeblick/locks/")))
    assert "1 alarm<" in body
    assert body.index("battery nearly empty, 5 %") < body.index("<table")
    assert remedies.of(remedies.EMPTY).owner in body
    assert f'<a href="/p/seeblick/locks/{lock.public_id}/">Room 9</a>' in body
    sign_in(client, account, Role.DESK)
    assert remedies.of(remedies.EMPTY).clerk in html.unescape(words(client.get("/p/seeblick/locks/")))


def test_new_devices_are_listed_until_somebody_has_placed_them(client, account):
    FoundDevice.objects.create(connection=account, provider_ref="new", name="Lock 77", found_at=now())
    body = words(client.get("/p/seeblick/locks/"))
    assert "Lock 77" in body[body.index("New devices") :]
    assert body.count("/p/seeblick/new-locks/") == 2  # in the alarm and in the list
    sign_in(client, account, Role.DESK)
    assert "/p/seeblick/new-locks/" not in words(client.get("/p/seeblick/locks/"))
    FoundDevice.objects.update(dismissed_at=now())
    assert "Lock 77" not in words(client.get("/p/seeblick/locks/"))


@pytest.fixture
def stranger(account):
    """The cleaner's code, which somebody put on the lock in the maker's app."""
    lock = LockFactory(connection=account, name="Room 204")
    return AccessCodeFactory(
        lock=lock, grant=None, name="Cleaner", is_managed=False, present=True, pin="771166", public_id=KEY
    )


KEY = UUID("1a2b3c4d-0000-4000-8000-000000000000")


def adopt_page(code) -> str:
    return f"/p/seeblick/locks/{code.lock.public_id}/codes/{code.public_id}/adopt/"


def test_an_owner_is_offered_to_adopt_a_code_and_a_clerk_is_not(client, account, stranger):
    assert adopt_page(stranger) in lock_page(client, stranger.lock)
    sign_in(client, account, Role.MANAGER)
    assert adopt_page(stranger) in lock_page(client, stranger.lock)
    sign_in(client, account, Role.DESK)
    assert adopt_page(stranger) not in lock_page(client, stranger.lock)
    assert client.post(adopt_page(stranger)).status_code == 403
    stranger.refresh_from_db()
    assert not stranger.is_managed


def test_before_a_code_is_adopted_it_is_said_what_will_happen(client, account, stranger):
    body = html.unescape(words(client.get(adopt_page(stranger))))
    assert "Adopt “Cleaner” on Room 204?" in body
    assert "“Cleaner #1a2b3c4d”" in body
    assert "it has no end" in body
    assert "is put back, unless you allow it here" in body
    assert "771166" not in body
    part = client.get(adopt_page(stranger), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert 'method="dialog"' in part


@pytest.mark.parametrize(("form", "allowed"), [({}, False), ({"outside": "1"}, True)])
def test_an_adopted_code_is_ours_and_on_the_record(client, account, stranger, form, allowed):
    answer = client.post(adopt_page(stranger), form, follow=True)
    assert "“Cleaner” on Room 204 is adopted." in answer.content.decode()
    stranger.refresh_from_db()
    assert (stranger.is_managed, stranger.is_external_modification_allowed) == (True, allowed)
    entry = AuditEntry.objects.get(action="code.adopted")
    assert (entry.subject_id, entry.detail["lock"]) == (stranger.public_id, "Room 204")
    assert "771166" not in str(entry.detail)
    again = client.post(adopt_page(stranger), follow=True)
    assert "was adopted before" in again.content.decode()
    assert AuditEntry.objects.filter(action="code.adopted").count() == 1


def test_a_code_that_cannot_be_adopted_says_why_and_stays_as_it_is(client, account, stranger):
    AccessCodeFactory(lock=stranger.lock, present=True, pin="771188")
    answer = client.post(adopt_page(stranger), headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "begins with the same four digits" in answer.content.decode()
    stranger.refresh_from_db()
    assert not stranger.is_managed
    assert not AuditEntry.objects.filter(action="code.adopted").exists()


def test_only_a_code_that_was_found_is_asked_about(client, account):
    ours = AccessCodeFactory(lock=LockFactory(connection=account), present=True)
    assert client.get(adopt_page(ours)).headers["Location"] == f"/p/seeblick/locks/{ours.lock.public_id}/"
    other = AccessCodeFactory(lock=LockFactory(), is_managed=False, grant=None, present=True)
    elsewhere = f"/p/seeblick/locks/{ours.lock.public_id}/codes/{other.public_id}/adopt/"
    assert client.get(elsewhere).status_code == 404
    assert client.post(elsewhere).status_code == 404


@pytest.fixture
def adopted(stranger):
    """The cleaner's code, taken over."""
    stranger.is_managed = True
    stranger.save()
    return stranger


def remove_page(code) -> str:
    return f"/p/seeblick/locks/{code.lock.public_id}/codes/{code.public_id}/remove/"


def test_an_owner_is_offered_to_take_an_adopted_code_off_and_a_clerk_is_not(client, account, adopted):
    assert remove_page(adopted) in lock_page(client, adopted.lock)
    sign_in(client, account, Role.MANAGER)
    assert remove_page(adopted) in lock_page(client, adopted.lock)
    sign_in(client, account, Role.DESK)
    assert remove_page(adopted) not in lock_page(client, adopted.lock)
    assert client.post(remove_page(adopted)).status_code == 403
    adopted.refresh_from_db()
    assert adopted.wanted


def test_guests_codes_and_backups_are_not_offered_to_be_taken_off(client, account):
    lock = LockFactory(connection=account)
    AccessCodeFactory(lock=lock, grant=AccessGrantFactory(property=account.property), present=True)
    AccessCodeFactory(lock=lock, backup=True, handed_out_at=now())
    assert "/remove/" not in lock_page(client, lock)


def test_before_an_adopted_code_is_taken_off_it_is_said_what_will_happen(client, account, adopted):
    body = html.unescape(words(client.get(remove_page(adopted))))
    assert "“Cleaner” on Room 204" in body
    assert "It stops opening once the lock confirms" in body
    assert "It cannot be brought back here" in body
    assert "771166" not in body
    part = client.get(remove_page(adopted), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert 'method="dialog"' in part
    adopted.refresh_from_db()
    assert adopted.wanted


def test_a_code_that_is_taken_off_says_so_until_the_lock_confirms_and_is_on_the_record(
    client, account, adopted
):
    answer = client.post(remove_page(adopted), follow=True)
    body = html.unescape(answer.content.decode())
    assert "“Cleaner” is being taken off Room 204; it may open until the lock confirms." in body
    assert "Removing; still on the door" in body
    assert remove_page(adopted) not in body
    entry = AuditEntry.objects.get(action="code.removed")
    assert (entry.subject_id, entry.detail["lock"], entry.detail["name"]) == (KEY, "Room 204", "Cleaner")
    assert "771166" not in str(entry.detail)
    again = client.post(remove_page(adopted), follow=True)
    assert "was taken off before" in again.content.decode()
    assert AuditEntry.objects.filter(action="code.removed").count() == 1
    page = f"/p/seeblick/locks/{adopted.lock.public_id}/"
    assert client.get(remove_page(adopted)).headers["Location"] == page
    AccessCode.objects.update(observed="absent", live=False)
    assert "was taken off before" in client.post(remove_page(adopted), follow=True).content.decode()
    assert "Removing" not in words(client.get(page))


def test_only_an_adopted_code_of_that_lock_is_taken_off(client, account, stranger):
    lock = stranger.lock
    grant = AccessGrantFactory(property=account.property)
    ours = AccessCodeFactory(lock=lock, grant=grant, present=True)
    backup = AccessCodeFactory(lock=lock, backup=True)
    other = AccessCodeFactory(lock=LockFactory(connection=account), grant=None, present=True)
    for code in (stranger, ours, backup, other):
        address = f"/p/seeblick/locks/{lock.public_id}/codes/{code.public_id}/remove/"
        assert client.get(address).status_code == 404
        assert client.post(address).status_code == 404
        code.refresh_from_db()
        assert code.wanted
