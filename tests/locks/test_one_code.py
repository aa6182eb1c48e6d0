"""What is asked of one code alone, of a grant that may have several doors. The keypad is the judge."""

from datetime import timedelta

import pytest

from hospitality import clock
from locks import backups, codes, digits, pins, queries
from locks.models import AccessCode, AccessGrant, Event, Lock
from tests.locks.conftest import make_hotel

H = timedelta(hours=1)


@pytest.fixture
def lock(hotel) -> Lock:
    return hotel.locks["1"]


@pytest.fixture
def front(hotel) -> Lock:
    return hotel.locks["front"]


@pytest.fixture
def both(hotel, lock, front) -> AccessGrant:
    """A program's grant on two doors, as it stands on both."""
    grant = hotel.grant(lock, front, made_by_program=True)
    hotel.visit(lock, front)
    return grant


def row(code: AccessCode) -> dict:
    return AccessCode.objects.values().get(pk=code.pk)


# Closing


def test_closing_one_door_leaves_the_others_open(hotel, both, lock, front):
    codes.close(both.codes.get(lock=lock), by=None)
    hotel.visit(lock, front)
    assert not hotel.opens(lock, both.pin)
    assert hotel.opens(front, both.pin)
    both.refresh_from_db()
    assert both.revoked_at is None


def test_closing_the_last_door_revokes_the_grant(hotel, both, lock, front, admin_user):
    for code in both.codes.all():
        codes.close(code, by=admin_user)
    hotel.visit(lock, front)
    both.refresh_from_db()
    assert both.revoked_at is not None
    assert not hotel.opens(front, both.pin)
    said = Event.objects.filter(access_code__grant=both, data__wanted=False)
    assert [event.actor for event in said] == [admin_user] * 2


def test_closing_again_changes_nothing(both, lock):
    code = both.codes.get(lock=lock)
    codes.close(code, by=None)
    before, wakes = row(code), Lock.objects.get(pk=lock.pk).wakes
    codes.close(code, by=None)
    assert (row(code), Lock.objects.get(pk=lock.pk).wakes) == (before, wakes)


def test_closing_takes_the_backup_code_along(simulator, db):
    hotel = make_hotel(simulator, pool=1)
    lock = hotel.locks["1"]
    hotel.visit(lock)
    code = hotel.grant(lock, hotel.locks["2"]).codes.get(lock=lock)
    backup = backups.hand_out(code, by=None)
    codes.close(code, by=None)
    hotel.visit(lock)
    assert not hotel.opens(lock, backup.pin)


def test_a_code_of_no_grant_is_not_closed_so(hotel, lock):
    hotel.simulator.add_code(lock.provider_ref, "70831", "Cleaner")
    hotel.visit(lock)
    code = AccessCode.objects.get(lock=lock)
    for verb in (codes.close, codes.part):
        with pytest.raises(ValueError, match="no code of a grant"):
            verb(code, by=None)


# Parting


def test_a_parted_code_stays_as_it_is_at_the_door(hotel, both, lock, front):
    code = both.codes.get(lock=lock)
    own = codes.part(code, by=None)
    hotel.visit(lock, front)
    assert own.pk != both.pk
    kept = {name: getattr(own, name) for name in ("name", "pin", "starts_at", "ends_at", "made_by_program")}
    assert kept == {name: getattr(both, name) for name in kept}
    after = row(code)
    assert (after["grant_id"], after["generation"], after["status"]) == (own.pk, code.generation, "set")
    assert hotel.opens(lock, both.pin)
    assert hotel.opens(front, both.pin)
    assert hotel.simulator.log(lock.provider_ref, "code.updated") == []


def test_what_is_changed_then_is_changed_there_alone(hotel, both, lock, front):
    own = codes.part(both.codes.get(lock=lock), by=None)
    old = both.pin
    digits.repin(own, by=None, pin="583917")
    codes.revoke(both, by=None)
    hotel.visit(lock, front)
    assert hotel.opens(lock, "583917")
    assert not hotel.opens(lock, old)
    assert not hotel.opens(front, old)


def test_chosen_digits_stay_chosen(hotel, lock, front):
    grant = hotel.grant(lock, front, pin="583917", made_by_program=True)
    own = codes.part(grant.codes.get(lock=lock), by=None)
    own.refresh_from_db()
    assert (own.pin, own.pin_chosen, own.told_at) == ("583917", True, grant.told_at)


def test_a_door_with_digits_and_times_of_its_own_keeps_them(hotel, lock, front):
    now = clock.now()
    opens = {lock: (now, now + H), front: (now, now + 5 * H)}
    grant = hotel.grant(lock, front, starts=0 * H, ends=5 * H, at=opens, made_by_program=True)
    codes.tell_pin(grant)
    hotel.simulator.knobs(lock.provider_ref, reject_next_pins=1)
    hotel.visit(lock)
    code = grant.codes.get(lock=lock)
    assert code.has_own_pin
    own = codes.part(code, by=None)
    assert (own.pin, own.starts_at, own.ends_at) == (code.pin, *opens[lock])
    assert not own.codes.get().has_own_pin


def test_the_only_door_of_a_grant_stays_in_it(hotel, both, lock, front):
    code = both.codes.get(lock=lock)
    codes.close(both.codes.get(lock=front), by=None)
    assert codes.part(code, by=None) == both
    assert AccessGrant.objects.filter(property=hotel.property).count() == 1


def test_a_closed_code_and_one_of_the_desk_are_not_parted(hotel, both, lock, front):
    code = both.codes.get(lock=lock)
    codes.close(code, by=None)
    with pytest.raises(AccessCode.DoesNotExist):
        codes.part(code, by=None)
    desk = hotel.grant(lock, front, name="Ben")
    with pytest.raises(ValueError, match="a program made"):
        codes.part(desk.codes.get(lock=lock), by=None)


# Options


def test_a_code_without_native_scheduling_comes_just_in_time(hotel, lock, admin_user):
    grant = hotel.grant(lock, starts=20 * H, ends=30 * H)
    hotel.visit(lock)
    assert hotel.mine(lock, grant)
    codes.set_options(grant.codes.get(), by=admin_user, prefer_native_scheduling=False)
    hotel.visit(lock)
    assert hotel.mine(lock, grant) == []
    event = Event.objects.filter(access_code__grant=grant, event_type="access_code.changed").get()
    assert (event.actor, event.data["changed"]) == (admin_user, ["prefer_native_scheduling"])


def test_what_an_owner_changed_stands_once_that_is_allowed(hotel, lock):
    grant = hotel.grant(lock)
    hotel.visit(lock)
    codes.set_options(grant.codes.get(), by=None, is_external_modification_allowed=True)
    hotel.visit(lock)
    [there] = hotel.mine(lock, grant)
    hotel.simulator.edit_code(lock.provider_ref, there["id"], pin="51962")
    hotel.visit(lock)
    assert hotel.opens(lock, "51962")
    codes.set_options(grant.codes.get(), by=None, is_external_modification_allowed=False)
    hotel.visit(lock)
    assert not hotel.opens(lock, "51962")
    assert hotel.opens(lock, grant.pin)


def test_asking_for_what_is_so_changes_nothing(hotel, lock):
    code = hotel.grant(lock).codes.get()
    before = row(code)
    codes.set_options(code, by=None)
    codes.set_options(code, by=None, prefer_native_scheduling=True)
    assert row(code) == before


# With and without an end


def test_a_code_is_made_ongoing_and_given_an_end_again(hotel, lock, later):
    grant = hotel.grant(lock, ends=2 * H)
    hotel.visit(lock)
    end = grant.ends_at
    codes.move(grant, by=None, starts_at=grant.starts_at, ends_at=None)
    hotel.visit(lock)
    [there] = hotel.mine(lock, grant)
    assert there["ends_at"] is None
    code = grant.codes.get()
    assert (code.type, code.status, code.errors) == ("ongoing", "set", [])
    codes.move(grant, by=None, starts_at=grant.starts_at, ends_at=end)
    hotel.visit(lock)
    [there] = hotel.mine(lock, grant)
    assert there["ends_at"] is not None
    assert grant.codes.get().type == "time_bound"
    later(hours=3)
    hotel.visit(lock)
    assert hotel.mine(lock, grant) == []


def test_one_that_would_never_end_does_not_take_a_later_guests_digits(hotel, lock):
    later = 60 * 24 * H
    hotel.grant(lock, starts=later, ends=later + H, pin="583917")
    grant = hotel.grant(lock, pin="583902")
    with pytest.raises(digits.DigitsTaken):
        codes.move(grant, by=None, starts_at=grant.starts_at, ends_at=None)


# Deleted, as programs are told


def told(code: AccessCode) -> list[str]:
    kinds = ("access_code.deleted", "access_code.removed_from_device")
    events = Event.objects.filter(access_code=code, event_type__in=kinds).order_by("id")
    return list(events.values_list("event_type", flat=True))


def test_a_code_counts_as_deleted_once_it_is_confirmed_off(hotel, both, lock, front):
    code = both.codes.get(lock=lock)
    hotel.simulator.knobs(lock.provider_ref, offline=True)
    codes.close(code, by=None)
    hotel.visit(lock, front)
    assert told(code) == []
    hotel.simulator.knobs(lock.provider_ref, offline=False)
    for _ in range(3):
        hotel.visit(lock, front)
    assert told(code) == ["access_code.removed_from_device", "access_code.deleted"]
    assert told(both.codes.get(lock=front)) == []


@pytest.mark.parametrize("offline", [False, True])
def test_one_that_was_never_on_the_lock_is_deleted_and_not_removed(hotel, lock, offline):
    code = hotel.grant(lock, starts=100 * H, ends=120 * H).codes.get()
    hotel.visit(lock)
    hotel.simulator.knobs(lock.provider_ref, offline=offline)
    codes.close(code, by=None)
    hotel.visit(lock)
    assert told(code) == ["access_code.deleted"]


def test_one_whose_time_is_over_is_removed_and_not_deleted(hotel, lock, later):
    code = hotel.grant(lock, ends=H).codes.get()
    hotel.visit(lock)
    later(hours=2)
    hotel.visit(lock)
    assert told(code) == ["access_code.removed_from_device"]


def test_the_desk_reads_once_that_a_code_is_gone(hotel, both, lock):
    code = both.codes.get(lock=lock)
    codes.close(code, by=None)
    hotel.visit(lock)
    newest = [event.event_type for event in queries.events_of(code_ids=[code.pk])][:2]
    assert newest == ["access_code.removed_from_device", "access_code.changed"]


def test_a_door_with_digits_of_its_own_that_meets_a_later_guests_makes_that_one_get_others(
    hotel, lock, monkeypatch
):
    grant = hotel.grant(lock)
    codes.tell_pin(grant)
    hotel.simulator.knobs(lock.provider_ref, reject_next_pins=1)
    hotel.visit(lock)
    own = grant.codes.get()
    assert own.has_own_pin
    gap = 24 * H + pins.MARGIN + H
    digits_drawn = iter(own.pin)
    with monkeypatch.context() as patch:
        patch.setattr(pins.secrets, "choice", lambda _: next(digits_drawn))
        later = hotel.grant(lock, starts=gap, ends=gap + H)
    codes.move(grant, by=None, starts_at=grant.starts_at, ends_at=grant.ends_at + gap)
    later.refresh_from_db()
    assert later.pin[:4] != own.pin[:4]
