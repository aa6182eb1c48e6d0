"""Backup codes: ready on the lock, secret, handed out at most once, ended with the stay. The keypad is the judge."""

from datetime import timedelta

import pytest

from locks import backups, codes, queries
from locks.models import AccessCode
from tests.locks.conftest import make_hotel

H = timedelta(hours=1)


@pytest.fixture
def hotel(db, simulator):
    made = make_hotel(simulator, pool=2)
    made.visit()
    return made


def test_each_lock_gets_its_pool_at_once_and_only_confirmed_codes_count(hotel, simulator):
    one = hotel.locks["1"]
    assert len(simulator.codes(one.provider_ref)) == 2
    assert backups.healthy(one).count() == 2
    hotel.property.backup_pool_size = 4
    hotel.property.save()
    simulator.knobs(one.provider_ref, offline=True)
    hotel.visit(one)
    assert (backups.stock(one).count(), backups.healthy(one).count()) == (4, 2)


def test_a_backup_opens_while_the_guests_code_does_not_and_ends_with_the_stay(hotel, simulator, later):
    two = hotel.locks["2"]
    simulator.knobs(two.provider_ref, offline=True)
    grant = hotel.grant(two, ends=5 * H)
    hotel.visit(two)
    assert not hotel.opens(two, grant.pin)
    backup = backups.hand_out(grant.codes.get(), by=None)
    assert hotel.opens(two, backup.pin)
    assert backup.ends_at == grant.ends_at
    simulator.knobs(two.provider_ref, offline=False)
    later(hours=5, minutes=1)
    hotel.visit(two)
    assert not hotel.opens(two, backup.pin)
    assert not hotel.opens(two, grant.pin)


def test_asked_again_it_is_the_same_one_and_another_guest_gets_another(hotel):
    one = hotel.locks["1"]
    first, second = hotel.grant(one), hotel.grant(one, name="Ben")
    handed = [backups.hand_out(first.codes.get(), by=None) for _ in range(3)]
    other = backups.hand_out(second.codes.get(), by=None)
    assert len({code.pk for code in handed}) == 1
    assert other.pk != handed[0].pk


def test_the_pool_is_filled_up_again(hotel):
    one = hotel.locks["1"]
    backups.hand_out(hotel.grant(one).codes.get(), by=None)
    hotel.visit(one)
    assert backups.healthy(one).count() == 2


def test_none_left_says_what_to_do(hotel, simulator):
    one = hotel.locks["1"]
    simulator.knobs(one.provider_ref, offline=True)
    for guest in ("Anna", "Ben"):
        backups.hand_out(hotel.grant(one, name=guest).codes.get(), by=None)
    with pytest.raises(backups.NoneLeft, match="staff key"):
        backups.hand_out(hotel.grant(one, name="Cleo").codes.get(), by=None)


def test_a_backup_is_of_no_use_after_the_stay(hotel):
    grant = hotel.grant(hotel.locks["1"])
    codes.revoke(grant, by=None)
    with pytest.raises(backups.NotPossible):
        backups.hand_out(grant.codes.get(), by=None)


def test_check_out_takes_the_backup_with_it_and_an_extension_extends_it(hotel):
    one = hotel.locks["1"]
    grant = hotel.grant(one, ends=5 * H)
    backup = backups.hand_out(grant.codes.get(), by=None)
    codes.move(grant, by=None, starts_at=grant.starts_at, ends_at=grant.ends_at + H)
    backup.refresh_from_db()
    assert backup.ends_at == grant.ends_at
    hotel.visit(one)
    assert hotel.opens(one, backup.pin)
    codes.revoke(grant, by=None)
    hotel.visit(one)
    assert not hotel.opens(one, backup.pin)
    assert not hotel.opens(one, grant.pin)


def test_a_backup_that_the_lock_refuses_is_replaced(hotel, simulator):
    one = hotel.locks["1"]
    hotel.property.backup_pool_size = 3
    hotel.property.save()
    simulator.knobs(one.provider_ref, reject_next_pins=1)
    hotel.visit(one)
    hotel.visit(one)
    assert backups.healthy(one).count() == 3


def test_a_backup_deleted_behind_our_back_is_not_handed_out(hotel, simulator):
    one = hotel.locks["1"]
    simulator.delete_code(one.provider_ref, simulator.codes(one.provider_ref)[0]["id"])
    simulator.knobs(one.provider_ref, fail_next_writes=9)
    hotel.visit(one)
    assert backups.healthy(one).count() == 1, "missing once, it is not handed out"
    assert queries.stocks(hotel.property)[one.pk].ready == 1, "and not promised"
    hotel.visit(one)
    assert backups.healthy(one).count() == 1
    simulator.knobs(one.provider_ref, fail_next_writes=0)
    backup = backups.hand_out(hotel.grant(one).codes.get(), by=None)
    assert hotel.opens(one, backup.pin)


def test_no_more_is_promised_than_can_be_handed_out_while_a_list_is_in_doubt(hotel, simulator):
    one, two = hotel.locks["1"], hotel.locks["2"]
    code = hotel.grant(one).codes.get()
    assert queries.stocks(hotel.property)[one.pk].ready == 2
    assert code.is_backup_access_code_available
    simulator.knobs(one.provider_ref, empty_next_listings=1)
    hotel.visit(one)
    one.refresh_from_db()
    assert one.suspect_refs
    stocks = queries.stocks(hotel.property)
    assert (stocks[one.pk].ready, stocks[one.pk].wanted) == (0, 2)
    assert stocks[two.pk].ready == 2
    assert not code.is_backup_access_code_available
    with pytest.raises(backups.NoneLeft):
        backups.hand_out(code, by=None)
    hotel.visit(one)
    assert queries.stocks(hotel.property)[one.pk].ready == backups.healthy(one).count() == 2


def test_switched_off_the_pool_is_not_filled_up(hotel):
    one = hotel.locks["1"]
    one.backup_pool_enabled = False
    one.save()
    before = AccessCode.objects.filter(lock=one).count()
    hotel.property.backup_pool_size = 9
    hotel.property.save()
    hotel.visit(one)
    assert AccessCode.objects.filter(lock=one).count() == before
