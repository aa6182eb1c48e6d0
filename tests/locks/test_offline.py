"""Codes made by arithmetic: given out without the lock, typed at the simulator's keypad, never taken back."""

from datetime import timedelta

import pytest

from hospitality import clock
from locks import accounts, codes, offline, queries
from locks.models import AccessCode
from locks.providers.base import OfflineKind, OfflineWindow
from locks.thresholds import FIRST_USE_WITHIN
from tests.locks.conftest import add_lock

HOURLY, DAILY, ONE_TIME = OfflineKind.HOURLY, OfflineKind.DAILY, OfflineKind.ONE_TIME
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def cellar(hotel):
    """A lock that is never asked, its key fetched."""
    lock = add_lock(hotel.simulator, hotel.property.connections.get(), "Cellar", "offline", [])
    hotel.visit(lock)
    return lock


@pytest.fixture
def guest(hotel, cellar):
    """A code of a guest for the cellar alone: `guest(starts=..., ends=...)`, in time from now."""

    def make(**window) -> AccessCode:
        return hotel.grant(cellar, **window).codes.get()

    return make


def fresh(code) -> AccessCode:
    return AccessCode.objects.select_related("lock__property", "grant").get(pk=code.pk)


def whole_hour(moment):
    return moment.replace(minute=0, second=0, microsecond=0)


def test_a_grant_for_such_a_door_alone_has_no_digits_before_a_code_is_issued(hotel, guest):
    code = guest()
    assert code.is_offline_access_code
    assert code.pin is None
    assert code.grant.pin is None
    hotel.visit(code.lock)
    assert (fresh(code).status, fresh(code).errors, fresh(code).warnings) == ("unset", [], [])


def test_an_issued_code_opens_the_door_though_nobody_answers(hotel, cellar, guest):
    code = guest()
    hotel.simulator.account(down=True)
    try:
        made = offline.issue(code, HOURLY, by=None)
        hotel.visit(cellar)
    finally:
        hotel.simulator.account(down=False)
    assert hotel.opens(cellar, made.pin)
    assert fresh(made).status == "set"


def test_it_opens_in_whole_hours_around_the_stay(guest):
    code = guest(starts=timedelta(minutes=-30), ends=timedelta(hours=5, minutes=10))
    made = offline.issue(code, HOURLY, by=None)
    assert made.issued_starts_at == whole_hour(made.issued_at)
    assert made.issued_ends_at - HOUR < code.ends_at <= made.issued_ends_at
    assert made.issued_ends_at == whole_hour(made.issued_ends_at)


def test_asked_twice_it_is_the_same_code(guest):
    code = guest()
    one = offline.issue(code, HOURLY, by=None)
    two = offline.issue(code, ONE_TIME, by=None)
    assert (two.pk, two.pin, two.offline_kind) == (one.pk, one.pin, HOURLY)


def test_a_revoked_one_keeps_opening_and_is_said_to_until_its_end(hotel, cellar, guest, later):
    code = guest()
    made = offline.issue(code, HOURLY, by=None)
    codes.revoke(made.grant, by=None)
    hotel.visit(cellar)
    made = fresh(made)
    assert hotel.opens(cellar, made.pin)
    assert made.status == "removing"
    assert [warning["warning_code"] for warning in made.warnings] == ["cannot_be_revoked"]
    assert [old.id for old in queries.old_codes(hotel.property, clock.now())] == [made.pk]
    later(hours=27)
    hotel.visit(cellar)
    assert not fresh(made).live
    assert queries.old_codes(hotel.property, clock.now()) == []


def test_after_an_extension_it_does_not_cover_the_stay_and_another_is_made_beside_it(hotel, cellar, guest):
    code = guest()
    first = offline.issue(code, HOURLY, by=None)
    assert offline.covers(first, clock.now())
    grant = first.grant
    codes.move(grant, by=None, starts_at=grant.starts_at, ends_at=grant.ends_at + 2 * DAY)
    assert not offline.covers(fresh(first), clock.now())
    second = offline.issue(fresh(first), HOURLY, by=None)
    assert second.pk != first.pk
    assert offline.covers(second, clock.now())
    assert hotel.opens(cellar, first.pin)
    assert hotel.opens(cellar, second.pin)
    assert grant.codes.filter(wanted=True).get() == second


def test_a_guest_who_comes_earlier_than_the_code_begins_gets_another(guest):
    code = guest(starts=timedelta(hours=30), ends=timedelta(hours=60))
    made = offline.issue(code, HOURLY, by=None)
    assert offline.covers(made, clock.now())
    codes.move(made.grant, by=None, starts_at=clock.now(), ends_at=made.grant.ends_at)
    assert not offline.covers(fresh(made), clock.now())


def test_another_instead_of_one_is_made_once_however_often_it_is_asked_for(hotel, cellar, guest):
    code = guest()
    first = offline.issue(code, HOURLY, by=None)
    second = offline.issue(first, HOURLY, by=None, instead_of=first.public_id)
    again = offline.issue(second, HOURLY, by=None, instead_of=first.public_id)
    assert again.pk == second.pk != first.pk
    assert second.pin != first.pin
    assert hotel.opens(cellar, second.pin)


def test_when_all_codes_of_one_window_were_given_out_another_kind_is_advised(guest):
    code = guest(starts=timedelta(hours=30), ends=timedelta(hours=50))
    for _ in range(3):
        code = offline.issue(code, HOURLY, by=None, instead_of=code.public_id)
    with pytest.raises(offline.NotPossible, match="All 3 codes"):
        offline.issue(code, HOURLY, by=None, instead_of=code.public_id)
    assert fresh(code).wanted, "the last one still counts"
    assert offline.issue(code, ONE_TIME, by=None, instead_of=code.public_id).is_one_time_use


@pytest.mark.parametrize(
    ("nights", "kinds"), [(0.8, [HOURLY, ONE_TIME]), (5, [HOURLY]), (35, [DAILY]), (366, [DAILY])]
)
def test_the_kinds_that_fit_are_offered(guest, nights, kinds):
    code = guest(starts=DAY, ends=DAY * (1 + nights))
    assert [window.kind for window in offline.offers(code, clock.now())] == kinds


def test_where_none_fits_it_is_said_what_does(guest):
    code = guest(starts=DAY, ends=DAY * 400)
    with pytest.raises(offline.NotPossible, match="29 to 367 days"):
        offline.offers(code, clock.now())


def test_a_longer_code_must_be_used_within_a_day_and_may_be_spent_after_it(guest):
    made = offline.issue(guest(ends=5 * DAY), HOURLY, by=None)
    begun = made.issued_starts_at
    opens = OfflineWindow(HOURLY, begun, made.issued_ends_at)
    assert offline.first_use_by(opens) == begun + FIRST_USE_WITHIN
    assert not offline.may_be_spent(made, begun + FIRST_USE_WITHIN - timedelta(minutes=1))
    assert offline.may_be_spent(made, begun + FIRST_USE_WITHIN)


def test_the_door_keeps_to_the_first_day(hotel, cellar, guest):
    made = offline.issue(guest(ends=5 * DAY), HOURLY, by=None)
    hotel.simulator.travel(hours=26)
    try:
        assert not hotel.opens(cellar, made.pin)
    finally:
        hotel.simulator.travel()


def test_a_one_time_code_may_be_spent_as_soon_as_it_opens(hotel, cellar, guest):
    made = offline.issue(guest(ends=timedelta(hours=20)), ONE_TIME, by=None)
    assert offline.may_be_spent(made, clock.now())
    assert [hotel.opens(cellar, made.pin) for _ in range(2)] == [True, False]


def test_no_code_is_made_that_would_open_in_another_guests_time(hotel, cellar, guest):
    until_next_hour = whole_hour(clock.now()) + HOUR - clock.now()
    hotel.grant(cellar, ends=until_next_hour + 20 * HOUR + timedelta(minutes=20), name="Bo Before")
    begins = until_next_hour + 20 * HOUR + timedelta(minutes=30)
    with pytest.raises(offline.NotPossible, match="meets another guest's time"):
        offline.issue(guest(starts=begins, ends=begins + 2 * DAY), HOURLY, by=None)


def test_what_it_would_have_opened_before_now_is_no_trouble(hotel, cellar, guest, later):
    until_next_hour = whole_hour(clock.now()) + HOUR - clock.now()
    hotel.grant(cellar, ends=until_next_hour + timedelta(minutes=20), name="Bo Before")
    code = guest(starts=until_next_hour + timedelta(minutes=30), ends=2 * DAY)
    later(seconds=(until_next_hour + timedelta(minutes=35)).total_seconds())
    assert offline.issue(code, HOURLY, by=None).pin


def test_without_the_locks_key_it_is_said_to_wait(hotel):
    new = add_lock(hotel.simulator, hotel.property.connections.get(), "Attic", "offline", [])
    hotel.visit(new)
    new.offline_secret = None
    new.save()
    code = hotel.grant(new).codes.get()
    with pytest.raises(offline.NotPossible, match="has not been fetched yet"):
        offline.issue(code, HOURLY, by=None)


def test_a_code_for_a_lock_that_is_written_to_is_not_issued(hotel):
    with pytest.raises(offline.NotPossible, match="takes no offline code"):
        offline.issue(hotel.grant().codes.get(), HOURLY, by=None)


def test_a_stay_that_is_over_gets_none(guest, later):
    code = guest(ends=HOUR)
    later(hours=2)
    with pytest.raises(offline.NotPossible, match="is over"):
        offline.issue(code, HOURLY, by=None)


def test_mixed_doors_have_the_guests_pin_where_it_can_be_written_and_digits_of_its_own_elsewhere(
    hotel, cellar
):
    front = hotel.locks["front"]
    grant = hotel.grant(front, cellar)
    hotel.visit(front, cellar)
    made = offline.issue(grant.codes.get(lock=cellar), HOURLY, by=None)
    assert hotel.opens(front, grant.pin)
    assert not hotel.opens(cellar, grant.pin)
    assert hotel.opens(cellar, made.pin)
    assert not hotel.opens(front, made.pin)
    assert len(made.pin) == 9


def test_from_such_a_door_to_one_that_is_written_to_a_pin_is_drawn(hotel, cellar):
    grant = hotel.grant(cellar)
    codes.set_doors(grant, [hotel.locks["1"]], by=None)
    hotel.visit(hotel.locks["1"])
    grant.refresh_from_db()
    assert hotel.opens(hotel.locks["1"], grant.pin)


def test_after_a_reset_what_was_given_out_counts_as_over_and_another_opens(hotel, cellar, guest):
    made = offline.issue(guest(), HOURLY, by=None)
    hotel.simulator.factory_reset(cellar.provider_ref, new_identity=False)
    assert not hotel.opens(cellar, made.pin)
    cellar.offline_secret = accounts.adapter(cellar.connection).pair(cellar.provider_ref)
    cellar.save()
    [dead] = offline.void([made], clock.now())
    dead.save()
    assert not offline.covers(fresh(made), clock.now())
    another = offline.issue(fresh(made), HOURLY, by=None)
    assert another.pk != made.pk
    assert hotel.opens(cellar, another.pin)
    assert offline.void([dead], clock.now()) == []
