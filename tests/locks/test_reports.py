"""What a program reports of a lock: PIN lengths that its maker does not tell."""

import pytest

from hospitality.models import AuditEntry
from locks import capabilities, digits, pins, reports
from locks.models import Lock
from tests.locks.conftest import add_lock


@pytest.fixture
def lock(hotel) -> Lock:
    """One that takes PINs of five or eight digits and tells nobody."""
    account = hotel.locks["1"].connection
    silent = add_lock(hotel.simulator, account, "Cellar", "native", [], pin_lengths=[5, 8])
    hotel.simulator.knobs(silent.provider_ref, hide_pin_lengths=True)
    hotel.visit(silent)
    return silent


def lengths(lock: Lock) -> tuple[int, ...]:
    return capabilities.of(Lock.objects.get(pk=lock.pk)).pin_lengths


def test_a_lock_that_tells_none_counts_as_taking_what_was_reported(hotel, lock, admin_user):
    assert lengths(lock) == ()
    reports.pin_lengths(lock, [8, 5, 8], by=admin_user)
    assert lengths(lock) == (5, 8)
    grant = hotel.grant(lock)
    hotel.visit(lock)
    assert len(grant.pin) == 5
    assert hotel.opens(lock, grant.pin)
    assert lengths(lock) == (5, 8)
    with pytest.raises(digits.PinRefused, match="Cellar: This lock takes PINs of 5 or 8 digits"):
        hotel.grant(lock, pin="583917")
    entry = AuditEntry.objects.get(action="lock.pin_lengths")
    assert (entry.actor, entry.detail) == (admin_user, {"lengths": [5, 8]})


def test_digits_that_wait_and_do_not_fit_are_drawn_anew(hotel, lock):
    grant = hotel.grant(lock)
    reports.pin_lengths(lock, [8], by=None)
    hotel.visit(lock)
    hotel.visit(lock)
    grant.refresh_from_db()
    assert len(grant.pin) == 8
    assert hotel.opens(lock, grant.pin)


def test_of_a_lock_that_tells_lengths_those_count_that_both_name(hotel):
    lock = add_lock(hotel.simulator, hotel.locks["1"].connection, "Attic", "native", [], pin_lengths=[4, 6])
    hotel.visit(lock)
    reports.pin_lengths(lock, range(6, 9), by=None)
    hotel.visit(lock)
    assert lengths(lock) == (6,)
    with pytest.raises(reports.NotPossible, match="Attic tells by itself .* and no others: 4, 6"):
        reports.pin_lengths(lock, [5, 8], by=None)
    assert lengths(lock) == (6,)
    hotel.simulator.knobs(lock.provider_ref, pin_lengths=[7])
    hotel.visit(lock)
    assert lengths(lock) == (7,), "what it tells itself counts more"


def test_a_report_is_taken_back_and_again_changes_nothing(lock):
    reports.pin_lengths(lock, [5], by=None)
    wakes = Lock.objects.get(pk=lock.pk).wakes
    reports.pin_lengths(lock, [5], by=None)
    assert Lock.objects.get(pk=lock.pk).wakes == wakes
    reports.pin_lengths(lock, [], by=None)
    assert lengths(lock) == ()
    assert pins.common_length([Lock.objects.get(pk=lock.pk)]) == pins.PREFERRED_LENGTH


def test_what_the_lock_tells_itself_is_kept_apart(hotel, lock):
    reports.pin_lengths(lock, [5], by=None)
    before = Lock.objects.values_list("capabilities", flat=True).get(pk=lock.pk)
    hotel.visit(lock)
    assert Lock.objects.values_list("capabilities", flat=True).get(pk=lock.pk) == before
    assert before["pin_lengths"] == []
