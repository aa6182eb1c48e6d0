"""The seeds' permanent backup codes, which owners make by hand. The keypad is the judge."""

from datetime import timedelta

import pytest

from hospitality import clock
from locks import backups, codes, spares
from tests.locks.conftest import make_hotel

H = timedelta(hours=1)


@pytest.fixture
def hotel(db, simulator):
    made = make_hotel(simulator)  # no pool: its owner makes all codes by hand
    made.visit()
    return made


@pytest.fixture
def one(hotel):
    return hotel.locks["1"]


def there(hotel, lock) -> set[str]:
    return hotel.simulator.pins(lock.provider_ref)


def made(hotel, lock, **wish):
    """Codes made by hand and confirmed."""
    fresh = spares.generate(lock, by=None, **wish)
    hotel.visit(lock)
    return fresh


def test_feature_1_an_owner_generates_permanent_codes_as_many_as_wanted(hotel, one):
    fresh = made(hotel, one, count=3)
    assert there(hotel, one) == {code.pin for code in fresh}
    assert len(there(hotel, one)) == 3
    assert all(hotel.opens(one, code.pin) for code in fresh)
    assert backups.healthy(one).count() == 3


def test_feature_1_a_code_may_be_made_until_a_day(hotel, later):
    two = hotel.locks["2"]  # which keeps no schedules
    [code] = made(hotel, two, ends_at=clock.now() + 5 * H)
    assert hotel.opens(two, code.pin)
    later(hours=5, minutes=1)
    hotel.visit(two)
    assert not hotel.opens(two, code.pin)
    assert not backups.stock(two).exists()


def test_feature_2_one_is_given_to_a_guest_while_the_lock_is_offline_is_spent_and_is_replaced(hotel, one):
    mine, other = made(hotel, one, count=2)
    hotel.simulator.knobs(one.provider_ref, offline=True)
    grant = hotel.grant(one, ends=5 * H)
    hotel.visit(one)
    assert not hotel.opens(one, grant.pin)
    given = backups.hand_out(grant.codes.get(), by=None, which=mine)
    assert (given, given.ends_at) == (mine, grant.ends_at)
    assert hotel.opens(one, given.pin)
    assert not backups.stock(one).filter(pk=mine.pk).exists(), "spent"
    [fresh] = backups.stock(one).exclude(pk=other.pk)
    assert (fresh.by_hand, fresh.ends_at) == (True, None)
    hotel.simulator.knobs(one.provider_ref, offline=False)
    hotel.visit(one)
    assert hotel.opens(one, fresh.pin)


def test_feature_2_the_guest_keeps_the_one_given_first_and_nobody_else_gets_it(hotel, one):
    mine, other = made(hotel, one, count=2)
    code = hotel.grant(one).codes.get()
    assert backups.hand_out(code, by=None, which=mine) == mine
    assert backups.hand_out(code, by=None, which=other) == mine
    with pytest.raises(backups.NotPossible, match="choose another"):
        backups.hand_out(hotel.grant(one, name="Ben").codes.get(), by=None, which=mine)


def test_the_desk_gets_them_when_the_pool_has_none(hotel, one):
    [mine] = made(hotel, one)
    assert backups.hand_out(hotel.grant(one).codes.get(), by=None) == mine


def test_one_that_was_given_away_is_off_the_lock_at_the_stays_end(hotel, one):
    [mine] = made(hotel, one)
    grant = hotel.grant(one)
    backups.hand_out(grant.codes.get(), by=None, which=mine)
    hotel.visit(one)
    codes.revoke(grant, by=None)
    hotel.visit(one)
    assert not hotel.opens(one, mine.pin)


def test_unless_its_owner_keeps_it_and_then_ends_it(hotel, one):
    [mine] = made(hotel, one)
    grant = hotel.grant(one)
    backups.hand_out(grant.codes.get(), by=None, which=mine)
    assert spares.keep(mine, by=None)
    assert not spares.keep(mine, by=None), "again is a no-op"
    codes.move(grant, by=None, starts_at=grant.starts_at, ends_at=grant.ends_at + H)
    codes.revoke(grant, by=None)
    hotel.visit(one)
    assert hotel.opens(one, mine.pin)
    assert spares.end_with_guest(mine, by=None)
    hotel.visit(one)
    assert not hotel.opens(one, mine.pin)


def test_a_new_code_first_and_the_old_one_off_once_that_is_confirmed(hotel, one, simulator):
    [old] = made(hotel, one)
    simulator.knobs(one.provider_ref, offline=True)
    fresh = spares.rotate(old, by=None)
    assert spares.rotate(old, by=None) is None, "one is on its way"
    hotel.visit(one)
    assert hotel.opens(one, old.pin)
    simulator.knobs(one.provider_ref, offline=False, fail_next_writes=1)
    hotel.visit(one)
    assert hotel.opens(one, old.pin), "the new one is not there yet"
    hotel.visit(one)
    hotel.visit(one)
    assert there(hotel, one) == {fresh.pin}


def test_once_the_new_code_is_confirmed_the_old_one_waits_for_no_look(hotel, one):
    [old] = made(hotel, one)
    fresh = spares.rotate(old, by=None)
    hotel.visit(one)
    assert there(hotel, one) == {old.pin, fresh.pin}
    assert one.due_at <= clock.now()
    hotel.visit(one)
    assert there(hotel, one) == {fresh.pin}


def test_a_code_of_the_pool_is_rotated_and_the_pool_keeps_its_size(hotel, one):
    backups.resize(one, 2, by=None)
    hotel.visit(one)
    old, kept = backups.stock(one).order_by("pk")
    fresh = spares.rotate(old, by=None)
    for _ in range(3):
        hotel.visit(one)
    assert there(hotel, one) == {kept.pin, fresh.pin}
    assert backups.healthy(one).count() == 2


def test_an_old_code_that_is_given_away_meanwhile_is_not_taken_off(hotel, one, simulator):
    [old] = made(hotel, one)
    simulator.knobs(one.provider_ref, offline=True)
    fresh = spares.rotate(old, by=None)
    assert backups.hand_out(hotel.grant(one).codes.get(), by=None) == old
    simulator.knobs(one.provider_ref, offline=False)
    for _ in range(2):
        hotel.visit(one)
    assert hotel.opens(one, old.pin)
    assert set(backups.stock(one)) == {fresh}, "the new one is its replacement"


def test_a_new_code_that_is_refused_is_drawn_anew_and_still_takes_the_old_ones_place(hotel, one, simulator):
    [old] = made(hotel, one)
    spares.rotate(old, by=None)
    simulator.knobs(one.provider_ref, reject_next_pins=1)
    for _ in range(3):
        hotel.visit(one)
    [fresh] = backups.healthy(one)
    assert fresh.in_place_of == old
    assert there(hotel, one) == {fresh.pin}


def test_a_code_made_by_hand_that_is_spoilt_is_replaced_by_one_of_its_kind(hotel, one, simulator):
    ends_at = clock.now() + 30 * H
    [old] = made(hotel, one, ends_at=ends_at)
    [code] = simulator.codes(one.provider_ref)
    simulator.switch_off(one.provider_ref, code["id"])
    hotel.visit(one)
    [fresh] = backups.healthy(one)
    assert (fresh.by_hand, fresh.ends_at) == (True, ends_at)
    assert there(hotel, one) == {fresh.pin} != {old.pin}


def test_retired_it_comes_off_and_nothing_takes_its_place(hotel, one):
    mine, other = made(hotel, one, count=2)
    assert spares.retire(mine, by=None)
    assert not spares.retire(mine, by=None)
    hotel.visit(one)
    assert there(hotel, one) == {other.pin}


def test_switching_the_pool_off_leaves_what_was_made_by_hand(hotel, one):
    [mine] = made(hotel, one)
    backups.resize(one, 2, by=None)
    hotel.visit(one)
    backups.switch_off(one, by=None)
    hotel.visit(one)
    assert there(hotel, one) == {mine.pin}


def test_a_code_with_an_end_of_its_own_lasts_as_long_as_the_stay_once_it_is_given(hotel, one, later):
    [mine] = made(hotel, one, ends_at=clock.now() + 2 * H)
    grant = hotel.grant(one, ends=5 * H)
    assert backups.hand_out(grant.codes.get(), by=None).ends_at == grant.ends_at
    hotel.visit(one)
    [code] = [code for code in hotel.simulator.codes(one.provider_ref) if code["pin"] == mine.pin]
    assert code["ends_at"][:16] == f"{grant.ends_at:%Y-%m-%dT%H:%M}"
    assert not backups.stock(one).exists(), "it was for a time, and is not replaced"
