"""Codes that somebody else put on a lock: left alone, until a person adopts one. What opens is typed at the keypad."""

from datetime import timedelta

import pytest

from hospitality import clock
from locks import names, pins, unmanaged
from locks.models import AccessCode, Event, Lock

CLEANER = "70831"


@pytest.fixture
def lock(hotel):
    return hotel.locks["1"]


@pytest.fixture
def found(hotel, lock):
    """A code that its owner put on the lock, as the house found it."""

    def make(pin=CLEANER, name="Cleaner", **fields) -> AccessCode:
        hotel.simulator.add_code(lock.provider_ref, pin, name, **fields)
        hotel.visit(lock)
        return AccessCode.objects.get(lock=lock, name=name)

    return make


def on_lock(hotel, lock) -> dict[str, str]:
    """Name by digits, as they are really on the lock."""
    return {code["pin"]: code["name"] for code in hotel.simulator.codes(lock.provider_ref)}


def test_a_found_code_is_left_as_it_is(hotel, lock, found):
    code = found()
    hotel.visit(lock)
    assert not code.is_managed
    assert on_lock(hotel, lock) == {CLEANER: "Cleaner"}
    assert hotel.simulator.log(lock.provider_ref, "code.updated") == []


def test_an_adopted_one_stays_on_the_lock_with_its_digits_and_is_known_by_our_marker(hotel, lock, found):
    code = unmanaged.adopt(found(), by=None)
    hotel.visit(lock)
    code.refresh_from_db()
    assert (code.is_managed, code.status, code.errors) == (True, "set", [])
    [(pin, name)] = on_lock(hotel, lock).items()
    assert pin == CLEANER
    assert names.marker_of(name) == names.marker(code.public_id)
    assert name.startswith("Cleaner")
    assert hotel.opens(lock, CLEANER)


def test_adopting_again_changes_nothing(found):
    code = unmanaged.adopt(found(), by=None)
    before = AccessCode.objects.values().get(pk=code.pk)
    unmanaged.adopt(code, by=None)
    assert AccessCode.objects.values().get(pk=code.pk) == before
    events = Event.objects.filter(event_type="access_code.unmanaged.converted_to_managed")
    assert events.filter(access_code=code).count() == 1


def test_an_adopted_one_that_is_deleted_outside_is_set_again(hotel, lock, found):
    code = unmanaged.adopt(found(), by=None)
    hotel.visit(lock)
    [there] = hotel.simulator.codes(lock.provider_ref)
    hotel.simulator.delete_code(lock.provider_ref, there["id"])
    hotel.visit(lock)
    hotel.visit(lock)
    code.refresh_from_db()
    assert hotel.opens(lock, CLEANER)
    assert code.status == "set"


def test_with_external_modification_allowed_its_owner_may_still_change_it(hotel, lock, found):
    code = unmanaged.adopt(found(), by=None, is_external_modification_allowed=True)
    hotel.visit(lock)
    [there] = hotel.simulator.codes(lock.provider_ref)
    hotel.simulator.edit_code(lock.provider_ref, there["id"], pin="51962")
    hotel.visit(lock)
    code.refresh_from_db()
    assert hotel.opens(lock, "51962")
    assert [warning["warning_code"] for warning in code.warnings] == ["external_modification_in_effect"]


def test_its_times_are_kept(hotel, lock, found):
    now = clock.now().replace(microsecond=0)
    window = {"starts_at": now - timedelta(hours=1), "ends_at": now + timedelta(hours=5)}
    code = unmanaged.adopt(found(**{name: at.isoformat() for name, at in window.items()}), by=None)
    hotel.visit(lock)
    code.refresh_from_db()
    assert (code.starts_at, code.ends_at) == (window["starts_at"], window["ends_at"])
    assert code.status == "set"


def test_one_that_is_gone_is_not_adopted(hotel, lock, found):
    code = found()
    [there] = hotel.simulator.codes(lock.provider_ref)
    hotel.simulator.delete_code(lock.provider_ref, there["id"])
    hotel.visit(lock)
    with pytest.raises(unmanaged.NotPossible, match="not on the lock any more"):
        unmanaged.adopt(code, by=None)


def test_one_whose_digits_the_lock_does_not_show_is_not_adopted(hotel, lock, found):
    hotel.simulator.knobs(lock.provider_ref, read_back="presence")
    with pytest.raises(unmanaged.NotPossible, match="does not show this code's digits"):
        unmanaged.adopt(found(), by=None)


def test_one_that_begins_like_a_guests_pin_is_not_adopted(hotel, lock, found, monkeypatch):
    digits = iter("483915")
    monkeypatch.setattr(pins.secrets, "choice", lambda _: next(digits))
    guest = hotel.grant()
    hotel.visit(lock)
    code = found(pin="48397")
    with pytest.raises(unmanaged.NotPossible, match="same four digits"):
        unmanaged.adopt(code, by=None)
    assert hotel.opens(lock, guest.pin)


def test_an_adopted_codes_digits_are_drawn_for_nobody_else(hotel, found, monkeypatch):
    unmanaged.adopt(found(pin="483915"), by=None)
    digits = iter("483927" + "516208")
    monkeypatch.setattr(pins.secrets, "choice", lambda _: next(digits))
    assert hotel.grant().pin == "516208"


def test_an_adopted_one_that_is_removed_counts_as_there_until_the_lock_confirms(hotel, lock, found):
    code = unmanaged.adopt(found(), by=None)
    hotel.visit(lock)
    hotel.simulator.knobs(lock.provider_ref, offline=True)
    unmanaged.remove(code, by=None)
    hotel.visit(lock)
    code.refresh_from_db()
    assert (code.wanted, code.live, code.status) == (False, True, "removing")
    assert hotel.opens(lock, CLEANER)
    hotel.simulator.knobs(lock.provider_ref, offline=False)
    hotel.visit(lock)
    code.refresh_from_db()
    assert not code.live
    assert on_lock(hotel, lock) == {}
    assert not hotel.opens(lock, CLEANER)


def test_removing_wakes_the_lock_and_again_changes_nothing(lock, found):
    code = unmanaged.adopt(found(), by=None)
    wakes = Lock.objects.get(pk=lock.pk).wakes
    unmanaged.remove(code, by=None)
    assert Lock.objects.get(pk=lock.pk).wakes == wakes + 1
    before = AccessCode.objects.values().get(pk=code.pk)
    unmanaged.remove(code, by=None)
    assert AccessCode.objects.values().get(pk=code.pk) == before
    assert Lock.objects.get(pk=lock.pk).wakes == wakes + 1


def test_one_that_its_owner_changed_and_may_change_is_removed_too(hotel, lock, found):
    code = unmanaged.adopt(found(), by=None, is_external_modification_allowed=True)
    hotel.visit(lock)
    [there] = hotel.simulator.codes(lock.provider_ref)
    hotel.simulator.edit_code(lock.provider_ref, there["id"], pin="51962")
    hotel.visit(lock)
    unmanaged.remove(code, by=None)
    hotel.visit(lock)
    assert on_lock(hotel, lock) == {}
    assert not hotel.opens(lock, "51962")


def test_only_an_adopted_one_can_be_removed(hotel, lock, found):
    guest = hotel.grant(lock)
    hotel.visit(lock)
    for code in (found(), guest.codes.get()):
        with pytest.raises(AccessCode.DoesNotExist):
            unmanaged.remove(code, by=None)
    hotel.visit(lock)
    assert hotel.opens(lock, CLEANER)
    assert hotel.opens(lock, guest.pin)


# Deleted without being adopted


def test_a_found_one_that_is_deleted_is_gone_once_the_lock_confirms(hotel, lock, found, admin_user):
    code = unmanaged.delete(found(), by=admin_user)
    assert (code.wanted, code.live) == (False, True)
    assert hotel.opens(lock, CLEANER)
    hotel.visit(lock)
    code.refresh_from_db()
    assert not code.live
    assert not hotel.opens(lock, CLEANER)
    assert on_lock(hotel, lock) == {}
    said = Event.objects.filter(access_code=code).order_by("id").values_list("event_type", "actor")
    assert list(said) == [
        ("access_code.unmanaged.created", None),
        ("access_code.changed", admin_user.pk),
        ("access_code.removed_from_device", None),
        ("access_code.deleted", None),
    ]


def test_one_whose_digits_the_lock_does_not_show_is_deleted_too(hotel, lock, found):
    hotel.simulator.knobs(lock.provider_ref, read_back="presence")
    found(pin="862417", name="Gardener")
    unmanaged.delete(found(), by=None)
    hotel.visit(lock)
    assert on_lock(hotel, lock) == {"862417": "Gardener"}


def test_one_that_keeps_a_guests_code_off_the_lock_is_deleted_and_makes_room(hotel, lock, found):
    guest = hotel.grant(lock, pin="483915")
    code = found(pin="483915")
    assert guest.codes.get().errors != []
    unmanaged.delete(code, by=None)
    hotel.visit(lock)
    hotel.visit(lock)
    [name] = on_lock(hotel, lock).values()
    assert names.marker_of(name) == names.marker(guest.codes.get().public_id)
    assert guest.codes.get().status == "set"


def test_its_digits_are_drawn_for_nobody_while_they_may_still_open(hotel, found, monkeypatch):
    unmanaged.delete(found(pin="483915"), by=None)
    digits = iter("483927" + "516208")
    monkeypatch.setattr(pins.secrets, "choice", lambda _: next(digits))
    assert hotel.grant().pin == "516208"


def test_deleting_again_changes_nothing(lock, found):
    code = unmanaged.delete(found(), by=None)
    before = AccessCode.objects.values().get(pk=code.pk), Lock.objects.get(pk=lock.pk).wakes
    unmanaged.delete(code, by=None)
    assert (AccessCode.objects.values().get(pk=code.pk), Lock.objects.get(pk=lock.pk).wakes) == before


def test_one_that_somebody_adopted_meanwhile_is_kept(hotel, lock, found):
    code = found()
    unmanaged.adopt(code, by=None)
    with pytest.raises(unmanaged.NotPossible, match="adopted this code"):
        unmanaged.delete(code, by=None)
    hotel.visit(lock)
    assert hotel.opens(lock, CLEANER)


def test_one_that_is_gone_already_is_not_deleted(hotel, lock, found):
    code = found()
    [there] = hotel.simulator.codes(lock.provider_ref)
    hotel.simulator.delete_code(lock.provider_ref, there["id"])
    hotel.visit(lock)
    with pytest.raises(unmanaged.NotPossible, match="not on the lock any more"):
        unmanaged.delete(code, by=None)
