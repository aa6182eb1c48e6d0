"""The owner's pages: the stock of every lock, days of cover, making, rotating, retiring; never a digit."""

import html
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hospitality.models import AuditEntry, Role
from locks import queries
from locks.capabilities import as_json
from locks.models import AccessCode, Lock
from locks.providers.base import Capabilities
from tests.factories import (
    AccessCodeFactory,
    AccessGrantFactory,
    ConnectionFactory,
    FoundDeviceFactory,
    LockFactory,
    MembershipFactory,
    PropertyFactory,
    UserFactory,
    now,
)

DAY = timedelta(days=1)


@pytest.fixture
def owner(db):
    return UserFactory()


@pytest.fixture
def account(owner, client):
    hotel = PropertyFactory(slug="seeblick", name="Hotel Seeblick", backup_pool_size=2)
    MembershipFactory(user=owner, property=hotel, role=Role.OWNER)
    client.force_login(owner)
    return ConnectionFactory(property=hotel)


def words(answer) -> str:
    return html.unescape(" ".join(answer.content.decode().split()))


def board(client) -> str:
    return words(client.get("/owner/"))


def row(client, lock) -> str:
    body = board(client)
    body = body[body.index(f'id="holding-{lock.public_id}"') :]
    return body[: body.index("</tr>")]


def handed_out(lock, at, **fields) -> AccessCode:
    backup = AccessCodeFactory(
        lock=lock, backup=True, handed_out_at=at, **{"name": "Backup for Anna Smith, 204", **fields}
    )
    grant = AccessGrantFactory(property=lock.property, ends_at=fields.get("ends_at") or now() + DAY)
    AccessCodeFactory(lock=lock, grant=grant, present=True, pulled_backup=backup)
    return backup


def test_each_lock_with_health_battery_places_stock_and_what_was_not_made_here(client, account):
    lock = LockFactory(connection=account, battery=0.12, capabilities=as_json(Capabilities(slots=30)))
    AccessCodeFactory(lock=lock, backup=True)
    AccessCodeFactory(lock=lock, grant=None, is_managed=False, present=True, name="Cleaner")
    line = row(client, lock)
    assert "Battery low, 12 %" in line
    assert "online since " in line
    assert "1 of 2 ready" in line
    assert "2 of 30 taken" in line
    assert ">1 code</a>" in line


def test_a_lock_that_is_offline_says_since_when(client, account):
    line = row(client, LockFactory(connection=account, offline=True))
    assert "Offline since " in line
    assert "online since" not in line


@pytest.mark.parametrize(
    ("given", "ready", "said"),
    [
        ([], 2, "None used in 28 days"),
        ([29], 2, "None used in 28 days"),
        ([27], 2, "56 days of cover: 1 used in 28 days"),
        ([1, 3, 9, 20], 2, "14 days of cover: 4 used in 28 days"),
        ([1] * 28, 1, "1 day of cover: 28 used in 28 days"),
        ([1], 0, "Less than a day's cover: 1 used in 28 days"),
    ],
)
def test_how_long_the_stock_lasts_at_the_last_weeks_rate(client, account, given, ready, said):
    lock = LockFactory(connection=account)
    for days in given:
        AccessCodeFactory(lock=lock, backup=True, handed_out_at=now() - days * DAY, live=False)
    for _ in range(ready):
        AccessCodeFactory(lock=lock, backup=True)
    AccessCode.objects.update(created_at=now() - 40 * DAY)
    assert said in row(client, lock)


def test_a_lock_with_its_first_backup_code_five_days_ago_is_judged_by_five_days(client, account):
    lock = LockFactory(connection=account)
    for _ in range(5):
        AccessCodeFactory(lock=lock, backup=True)
    AccessCodeFactory(lock=lock, backup=True, handed_out_at=now() - DAY)
    AccessCode.objects.update(created_at=now() - 4.5 * DAY)
    assert "25 days of cover: 1 used in 5 days" in row(client, lock)


def test_what_was_used_at_a_lock_that_hung_here_before_counts(client, account):
    lock, old = LockFactory(connection=account), LockFactory(connection=account)
    AccessCodeFactory(lock=lock, backup=True)
    AccessCodeFactory(lock=old, backup=True, handed_out_at=now() - DAY)
    Lock.objects.filter(pk=old.pk).update(replaced_by=lock)
    AccessCode.objects.update(created_at=now() - 40 * DAY)
    assert "28 days of cover: 1 used in 28 days" in row(client, lock)


def test_every_house_that_one_owns_or_manages_and_no_other(client, account, owner):
    managed, elsewhere, desk = (PropertyFactory(name=name) for name in ("Managed", "Elsewhere", "Desk only"))
    MembershipFactory(user=owner, property=managed, role=Role.MANAGER)
    MembershipFactory(user=owner, property=desk, role=Role.DESK)
    for hotel in (account.property, managed, elsewhere, desk):
        LockFactory(connection=ConnectionFactory(property=hotel), name=f"Door of {hotel.name}")
    body = board(client)
    assert "Door of Hotel Seeblick" in body
    assert "Door of Managed" in body
    assert "Door of Elsewhere" not in body
    assert "Door of Desk only" not in body


def test_new_devices_that_wait_for_a_place_are_told(client, account):
    assert "for a place" not in board(client)
    FoundDeviceFactory(connection=account)
    assert "1 new device</a> waits for a place" in board(client)
    FoundDeviceFactory(connection=account)
    assert "2 new devices</a> wait for a place" in board(client)
    assert "/p/seeblick/new-locks/" in board(client)


@pytest.mark.parametrize(
    "fields",
    [
        {"outlives_guest": True, "by_hand": True},
        {"ends_at": now() - timedelta(minutes=30)},
    ],
    ids=["left on by the owner", "not confirmed off"],
)
def test_a_code_that_is_left_active_past_its_guest_is_listed_in_red(client, account, fields):
    lock = LockFactory(connection=account, name="Room 204")
    code = handed_out(lock, now() - 2 * DAY, **fields)
    if code.outlives_guest:
        assert "left on after" not in board(client), "the guest is still here"
        code.pulled_for.update(wanted=False)
    body = board(client)
    assert "Codes left on after their guest" in body
    listed = body[body.index("Codes left on after") : body.index("</ul>")]
    assert 'class="said said--bad"' in listed
    assert "Backup for Anna Smith, 204, Room 204" in listed
    AccessCode.objects.filter(pk=code.pk).update(observed="absent", live=False)
    assert "left on after" not in board(client)


def test_one_left_on_is_an_alarm(client, account):
    code = handed_out(LockFactory(connection=account), now() - DAY, outlives_guest=True, by_hand=True)
    listed = words(client.get("/p/seeblick/locks/"))
    assert "alarm" not in listed
    code.pulled_for.update(wanted=False)
    listed = words(client.get("/p/seeblick/locks/"))
    assert "where its guest's time is over" in listed
    assert "unless you know everybody who was told it" in listed


def test_the_dashboard_takes_as_many_queries_for_two_hundred_locks_as_for_ten(client, account, owner):
    taken = []
    for more, houses in ((10, 1), (190, 3)):
        for _ in range(houses):
            MembershipFactory(user=owner, role=Role.OWNER)
        for _ in range(more):
            lock = LockFactory(connection=account)
            AccessCodeFactory(lock=lock, backup=True)
        handed_out(lock, now() - DAY, ends_at=now() - timedelta(minutes=30))
        FoundDeviceFactory(connection=account)
        with CaptureQueriesContext(connection) as seen:
            client.get("/owner/")
        taken.append(len(seen))
    assert taken[0] == taken[1]


def page(lock) -> str:
    return f"/p/seeblick/locks/{lock.public_id}/backups/"


def test_no_page_of_the_owners_shows_a_digit(client, account):
    lock = LockFactory(connection=account)
    codes = [AccessCodeFactory(lock=lock, backup=True, pin=pin) for pin in ("84027531", "96127533")]
    codes.append(handed_out(lock, now(), pin="77116600"))
    body = board(client) + words(client.get(page(lock))) + words(client.get(page(lock)[: -len("backups/")]))
    assert not [code for code in codes if code.pin in body]


def test_codes_are_made_in_one_click_as_many_as_wanted(client, account):
    lock = LockFactory(connection=account, name="Room 204")
    answer = client.post(f"{page(lock)}make/", {"count": "3", "back": "dashboard"}, follow=True)
    assert answer.redirect_chain == [("/owner/", 302)]
    assert "3 backup codes are going on Room 204" in words(answer)
    made = AccessCode.objects.filter(lock=lock, by_hand=True)
    assert [(code.ends_at, code.name) for code in made] == [(None, "Latchkey backup")] * 3
    entry = AuditEntry.objects.get(action="backup.made")
    assert (entry.subject_id, entry.detail) == (lock.public_id, {"lock": "Room 204", "count": 3})


def test_codes_may_be_made_until_a_day(client, account):
    lock = LockFactory(connection=account)
    day = account.property.local(now() + 9 * DAY).date()
    answer = client.post(f"{page(lock)}make/", {"count": "1", "until": day.isoformat()}, follow=True)
    ends_at = account.property.at(day, account.property.check_out_time)
    assert AccessCode.objects.get(by_hand=True).ends_at == ends_at
    assert "Until " in words(answer)
    assert "until " in words(client.get(f"/p/seeblick/locks/{lock.public_id}/"))


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"count": "0"}, "1 to 10"),
        ({"count": "11"}, "1 to 10"),
        ({"count": ""}, "1 to 10"),
        ({"count": "many"}, "1 to 10"),
        ({"count": "1", "until": "soon"}, "2026-12-31"),
        ({"count": "1", "until": "2020-01-01"}, "in the past"),
    ],
)
def test_what_cannot_be_made_is_refused_with_the_reason(client, account, form, why):
    lock = LockFactory(connection=account)
    for back in ("dashboard", ""):
        answer = client.post(f"{page(lock)}make/", {**form, "back": back})
        assert answer.status_code == 422
        assert why in words(answer)
    assert not AccessCode.objects.exists()


def test_no_more_than_twenty_made_by_hand_wait_on_a_lock(client, account):
    lock = LockFactory(connection=account)
    for _ in range(19):
        AccessCodeFactory(lock=lock, backup=True, by_hand=True)
    answer = client.post(f"{page(lock)}make/", {"count": "2"})
    assert answer.status_code == 422
    assert "19 codes made by hand" in words(answer)


def test_a_lock_that_does_arithmetic_is_offered_none(client, account):
    arithmetic = as_json(Capabilities(can_program_online_access_codes=False))
    lock = LockFactory(connection=account, capabilities=arithmetic)
    assert "Make<" not in row(client, lock)
    assert client.post(f"{page(lock)}make/", {"count": "1"}).status_code == 422


def test_a_fragment_is_answered_with_the_region_it_was_asked_from(client, account):
    lock = LockFactory(connection=account)
    htmx = {"HX-Request": "true"}
    part = client.post(f"{page(lock)}make/", {"count": "1", "back": "dashboard"}, headers=htmx)
    assert part.content.decode().lstrip().startswith('<div id="holdings"')
    part = client.post(f"{page(lock)}make/", {"count": "1"}, headers=htmx)
    assert part.content.decode().lstrip().startswith('<div id="live"')


def test_a_code_is_rotated_and_retired_on_the_record(client, account):
    lock = LockFactory(connection=account)
    first, second = (AccessCodeFactory(lock=lock, backup=True) for _ in range(2))
    for _ in range(2):
        answer = client.post(f"{page(lock)}{first.public_id}/rotate/", follow=True)
    assert "A new code is on its way; this one comes off once that is confirmed." in words(answer)
    assert AccessCode.objects.get(in_place_of=first).wanted
    first.refresh_from_db()
    assert first.wanted, "the new one first"
    client.post(f"{page(lock)}{second.public_id}/retire/", follow=True)
    second.refresh_from_db()
    assert not second.wanted
    actions = AuditEntry.objects.order_by("id").values_list("action", "subject_id")
    assert list(actions) == [("backup.rotated", first.public_id), ("backup.retired", second.public_id)]


def test_a_code_that_a_guest_has_is_only_taken_off_after_a_question(client, account):
    lock = LockFactory(connection=account, name="Room 204")
    code = handed_out(lock, now(), ends_at=now() + DAY)
    address = f"{page(lock)}{code.public_id}/retire/"
    assert address in words(client.get(page(lock)))
    assert "they cannot come in with it any more" in words(client.get(address))
    code.refresh_from_db()
    assert code.wanted
    client.post(address)
    code.refresh_from_db()
    assert not code.wanted


def test_who_could_still_get_in_is_said_before_a_code_is_kept(client, account):
    lock = LockFactory(connection=account, name="Room 204")
    code = handed_out(lock, now(), ends_at=now() + DAY, by_hand=True)
    assert "Permanent, spent" in words(client.get(page(lock)))
    address = f"{page(lock)}{code.public_id}/keep/"
    asked = words(client.get(address))
    assert "Anna Smith, 204 knows this code, and so may anybody who was told it." in asked
    assert "They can all still open Room 204 after the stay" in asked
    code.refresh_from_db()
    assert not code.outlives_guest
    answer = client.post(address, follow=True)
    code.refresh_from_db()
    assert (code.outlives_guest, code.ends_at) == (True, None)
    assert "no end: kept on the lock after its guest" in words(answer)
    client.post(f"{page(lock)}{code.public_id}/end/")
    code.refresh_from_db()
    assert not code.outlives_guest
    assert code.ends_at == code.pulled_for.get().ends_at


def test_only_a_permanent_code_that_a_guest_has_can_be_kept(client, account):
    lock = LockFactory(connection=account)
    for code in (
        AccessCodeFactory(lock=lock, backup=True, by_hand=True),
        handed_out(lock, now(), ends_at=now() + DAY),
    ):
        answer = client.post(f"{page(lock)}{code.public_id}/keep/")
        assert answer.status_code == 422
        code.refresh_from_db()
        assert not code.outlives_guest


def test_only_backup_codes_of_that_lock_are_touched(client, account):
    lock = LockFactory(connection=account)
    guest = AccessCodeFactory(lock=lock, grant=AccessGrantFactory(property=account.property), present=True)
    other = AccessCodeFactory(lock=LockFactory(connection=account), backup=True)
    for code in (guest, other):
        for verb in ("rotate", "retire", "keep", "end"):
            assert client.post(f"{page(lock)}{code.public_id}/{verb}/").status_code == 404
        code.refresh_from_db()
        assert code.wanted


def test_a_lock_that_was_replaced_has_no_such_page(client, account):
    lock, new = LockFactory(connection=account), LockFactory(connection=account)
    Lock.objects.filter(pk=lock.pk).update(replaced_by=new)
    assert client.get(page(lock)).status_code == 404


# The pool, on the lock's page


def pool(client, lock, **form):
    return client.post(f"/p/seeblick/locks/{lock.public_id}/pool/", form, follow=True)


def test_an_owner_says_how_many_a_lock_keeps(client, account):
    lock = LockFactory(connection=account)
    assert "lock keeps 4 backup codes ready" in words(pool(client, lock, act="size", size="4")).replace(
        lock.name, "lock"
    )
    lock.refresh_from_db()
    assert (lock.backup_pool_size, AccessCode.objects.count()) == (4, 4)
    assert "0 of 4 ready" in words(client.get(f"/p/seeblick/locks/{lock.public_id}/"))
    pool(client, lock, act="size", size="")
    lock.refresh_from_db()
    assert lock.backup_pool_size is None
    actions = AuditEntry.objects.order_by("id").values_list("action", "detail__size")
    assert list(actions) == [("backup_pool.size", 4), ("backup_pool.size", None)]


@pytest.mark.parametrize("size", ["21", "-1", "five"])
def test_a_size_that_cannot_be_is_refused(client, account, size):
    lock = LockFactory(connection=account)
    answer = pool(client, lock, act="size", size=size)
    assert answer.status_code == 422
    assert "0 to 20" in words(answer)
    lock.refresh_from_db()
    assert lock.backup_pool_size is None


def test_an_owner_switches_the_pool_off_after_a_question_and_on_again(client, account):
    lock = LockFactory(connection=account, name="Room 204")
    code = AccessCodeFactory(lock=lock, backup=True)
    asked = words(client.get(f"/p/seeblick/locks/{lock.public_id}/pool/"))
    assert "1 backup code that nobody was given will be taken off Room 204" in asked
    assert "staff key" in asked
    pool(client, lock, act="off", confirmed="1")
    code.refresh_from_db()
    lock.refresh_from_db()
    assert (lock.backup_pool_enabled, code.wanted) == (False, False)
    assert "No backup codes kept" in words(client.get(f"/p/seeblick/locks/{lock.public_id}/"))
    pool(client, lock, act="on")
    pool(client, lock, act="on")
    lock.refresh_from_db()
    assert lock.backup_pool_enabled
    assert queries.stocks(account.property)[lock.pk].wanted == 2
    actions = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))
    assert actions == ["backup_pool.off", "backup_pool.on"]


def test_a_clerk_is_offered_neither(client, account):
    lock = LockFactory(connection=account)
    client.force_login(MembershipFactory(property=account.property, role=Role.DESK).user)
    body = words(client.get(f"/p/seeblick/locks/{lock.public_id}/"))
    assert 'id="pool"' not in body
    assert "/owner/" not in body
    assert pool(client, lock, act="off").status_code == 403
    assert client.get("/owner/").status_code == 403
