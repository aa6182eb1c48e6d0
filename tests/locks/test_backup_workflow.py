"""The seeds' on-demand backup codes, step by step, on a lock whose guest cannot get in. The keypad is the judge."""

from datetime import timedelta

import pytest

from hospitality.models import Role
from locks import backups, codes
from tests.factories import MembershipFactory
from tests.locks.conftest import make_hotel

H = timedelta(hours=1)


@pytest.fixture
def hotel(db, simulator):
    made = make_hotel(simulator, pool=5)
    made.visit()
    return made


def stocked(hotel, lock) -> list[dict]:
    """The codes that are really on the lock and that nobody was given."""
    unissued = {code.pin for code in backups.stock(lock)}
    return [code for code in hotel.simulator.codes(lock.provider_ref) if code["pin"] in unissued]


def cannot_get_in(hotel, lock, *, ends=5 * H, name="Anna Smith"):
    """A guest of a lock that has gone offline before it had the guest's code."""
    hotel.simulator.knobs(lock.provider_ref, offline=True)
    grant = hotel.grant(lock, ends=ends, name=name)
    hotel.visit(lock)
    assert not hotel.opens(lock, grant.pin)
    return grant


def online(hotel, lock):
    hotel.simulator.knobs(lock.provider_ref, offline=False)
    hotel.visit(lock)


def test_step_1_every_lock_has_five_ongoing_backup_codes_that_are_programmed_at_once(hotel):
    for lock in hotel.locks.values():
        there = stocked(hotel, lock)
        assert len(there) == 5
        assert {(code["starts_at"], code["ends_at"]) for code in there} == {(None, None)}
        assert {len(code["pin"]) for code in there} == {8}, "the longest PIN that the lock takes"
        assert all(hotel.opens(lock, code["pin"]) for code in there)


def test_step_2_no_code_with_errors_is_kept_in_the_pool(hotel, simulator):
    one = hotel.locks["1"]
    spoilt = stocked(hotel, one)[0]
    simulator.edit_code(one.provider_ref, spoilt["id"], pin="13571357")
    hotel.visit(one)
    assert len(stocked(hotel, one)) == backups.healthy(one).count() == 5
    assert not hotel.opens(one, "13571357")
    assert not hotel.opens(one, spoilt["pin"])


def test_step_3_no_owner_and_no_administrator_is_shown_one_before_there_is_trouble(
    hotel, admin_client, admin_user
):
    one = hotel.locks["1"]
    backup = backups.stock(one).first()
    MembershipFactory(user=admin_user, property=hotel.property, role=Role.MANAGER)
    house = f"/p/{hotel.property.slug}"
    for page in (
        f"{house}/locks/",
        f"{house}/locks/{one.public_id}/",
        f"/admin/locks/accesscode/{backup.pk}/change/",
        f"/admin/locks/lock/{one.pk}/change/",
        "/admin/locks/accesscode/",
        "/admin/locks/event/",
    ):
        answer = admin_client.get(page)
        assert answer.status_code == 200
        assert not [code for code in backups.stock(one) if code.pin in answer.content.decode()], page


def test_step_4_a_guest_who_cannot_open_is_sent_one_and_it_opens_while_the_lock_is_offline(hotel):
    one = hotel.locks["1"]
    grant = cannot_get_in(hotel, one)
    backup = backups.hand_out(grant.codes.get(), by=None)
    assert hotel.opens(one, backup.pin)


def test_step_5_the_code_that_was_sent_ends_when_the_reservation_does(hotel):
    one = hotel.locks["1"]
    grant = cannot_get_in(hotel, one)
    code = grant.codes.get()
    backup = backups.hand_out(code, by=None)
    assert backup.ends_at == grant.ends_at
    for ends_at in (grant.ends_at + 3 * H, grant.ends_at - 2 * H):
        codes.move(grant, by=None, starts_at=grant.starts_at, ends_at=ends_at)
        backup.refresh_from_db()
        assert backup.ends_at == ends_at
        assert backups.hand_out(code, by=None) == backup
    online(hotel, one)
    [there] = [one for one in hotel.simulator.codes(one.provider_ref) if one["pin"] == backup.pin]
    assert there["ends_at"][:16] == f"{ends_at:%Y-%m-%dT%H:%M}"


def test_step_6_at_the_end_of_the_reservation_it_is_seen_to_be_off_the_device(hotel, later):
    two = hotel.locks["2"]
    grant = cannot_get_in(hotel, two)
    backup = backups.hand_out(grant.codes.get(), by=None)
    online(hotel, two)
    later(hours=5, minutes=1)
    hotel.simulator.knobs(two.provider_ref, offline=True)
    hotel.visit(two)
    backup.refresh_from_db()
    assert (backup.status, backup.live) == ("removing", True), "not called gone before it was seen to be"
    online(hotel, two)
    backup.refresh_from_db()
    assert (backup.status, backup.live) == ("unset", False)
    assert not hotel.opens(two, backup.pin)


def test_step_7_the_code_that_was_used_is_replaced_by_a_new_one(hotel):
    one = hotel.locks["1"]
    grant = cannot_get_in(hotel, one)
    before = set(backups.stock(one))
    backup = backups.hand_out(grant.codes.get(), by=None)
    [fresh] = set(backups.stock(one)) - before
    assert fresh.pin[:4] not in {code.pin[:4] for code in [*before, backup]}
    online(hotel, one)
    assert len(stocked(hotel, one)) == backups.healthy(one).count() == 5
    assert hotel.opens(one, fresh.pin)


def test_a_pool_of_five_helps_five_guests_in_a_row_while_the_lock_is_offline(hotel):
    front = hotel.locks["front"]
    given = set()
    for number in range(5):
        grant = cannot_get_in(hotel, front, name=f"Guest {number}")
        backup = backups.hand_out(grant.codes.get(), by=None)
        assert hotel.opens(front, backup.pin)
        given.add(backup.pin)
    assert len(given) == 5
    sixth = cannot_get_in(hotel, front, name="Guest 6")
    with pytest.raises(backups.NoneLeft):
        backups.hand_out(sixth.codes.get(), by=None)
    online(hotel, front)
    assert hotel.opens(front, backups.hand_out(sixth.codes.get(), by=None).pin)
