"""What a guest may be told, and when. Every digit that is told is typed at the simulator's keypad."""

from hospitality.models import AuditEntry
from locks.models import AccessCode
from locks.providers.base import OfflineKind
from reservations import disclosing, guests, stays, telling
from reservations.telling import Standing
from tests.locks.conftest import add_lock
from tests.reservations.booking import fresh


def tell(stay) -> telling.Told:
    return guests.tell(fresh(stay), how="page")


def keys(told) -> list[tuple[str, str]]:
    return [(key.door, key.kind) for key in told.keys]


def test_the_code_is_told_once_it_was_seen_on_every_door(hotel, book):
    stay = stays.check_in(book("1"), by=None)
    assert tell(stay).standing is Standing.PREPARING
    hotel.visit(hotel.locks["1"])
    half = tell(stay)
    assert (half.standing, keys(half), half.waiting) == (
        Standing.PREPARING,
        [("Room 1", "pin")],
        ["Front door"],
    )
    hotel.visit(hotel.locks["front"])
    told = tell(stay)
    assert (told.standing, keys(told)) == (Standing.READY, [("Room 1", "pin"), ("Front door", "pin")])
    assert hotel.opens(hotel.locks["1"], told.pin)
    assert hotel.opens(hotel.locks["front"], told.pin)


def test_a_code_that_its_lock_holds_back_until_the_stay_begins_is_told(hotel, book):
    stay = book("1", arrival=1)
    hotel.property.tell_hours_before = None
    hotel.property.save()
    hotel.visit()
    assert tell(stay).standing is Standing.READY


def test_nothing_is_told_before_the_house_says_so(hotel, book):
    stay = book("1", arrival=2)
    hotel.visit()
    told = tell(stay)
    assert (told.standing, told.keys) == (Standing.LATER, [])
    assert told.from_at == telling.known_from(fresh(stay))
    assert fresh(stay).grant.told_at is None
    hotel.property.tell_hours_before = 72
    hotel.property.save()
    assert tell(stay).standing is Standing.READY


def test_a_guest_who_was_checked_in_early_is_told_at_once(hotel, book):
    stay = stays.check_in(book("1", arrival=2), by=None)
    hotel.visit()
    assert tell(stay).standing is Standing.READY


def test_a_lock_that_went_offline_after_it_was_seen_takes_nothing_back(hotel, here):
    hotel.simulator.knobs(hotel.locks["1"].provider_ref, offline=True)
    hotel.visit()
    told = tell(here)
    assert told.standing is Standing.READY
    assert hotel.opens(hotel.locks["1"], told.pin)


def test_where_the_code_has_an_error_the_door_is_failing_and_a_backup_code_takes_its_place(hotel, book):
    hotel.property.backup_pool_size = 1
    hotel.property.save()
    hotel.visit()
    hotel.visit()
    hotel.simulator.knobs(hotel.locks["1"].provider_ref, offline=True)
    stay = stays.check_in(book("1"), by=None)
    hotel.visit()
    told = tell(stay)
    assert (told.standing, told.failing) == (Standing.PREPARING, ["Room 1"])
    disclosing.issue_backup(fresh(stay), hotel.locks["1"], by=None)
    told = tell(stay)
    assert (told.standing, keys(told)) == (Standing.READY, [("Room 1", "backup"), ("Front door", "pin")])
    assert told.pin == ""
    assert all(
        hotel.opens(hotel.locks[door], key.digits)
        for door, key in zip(("1", "front"), told.keys, strict=True)
    )


def test_a_pin_that_is_changed_is_not_told_before_the_lock_has_it(hotel, here):
    told = tell(here)
    code = AccessCode.objects.get(grant=here.grant, lock=hotel.locks["1"])
    hotel.simulator.edit_code(hotel.locks["1"].provider_ref, code.observed_ref, pin="975319")
    hotel.visit(hotel.locks["1"])
    again = tell(here)
    assert not any(key.digits == "975319" for key in again.keys)
    hotel.visit(hotel.locks["1"])
    assert tell(here).pin == told.pin


def test_an_offline_code_is_told_once_it_was_issued(hotel, book):
    cellar = add_lock(hotel.simulator, hotel.locks["1"].connection, "Cellar", "offline", [hotel.rooms["1"]])
    hotel.visit(cellar)
    stay = stays.check_in(book("1"), by=None)
    hotel.visit()
    assert tell(stay).waiting == ["Cellar"]
    disclosing.issue_offline_code(fresh(stay), cellar, OfflineKind.HOURLY, by=None, confirmed=True)
    told = tell(stay)
    assert (told.standing, keys(told)[0]) == (Standing.READY, ("Cellar", "offline"))
    assert hotel.opens(cellar, told.keys[0].digits)


def test_after_the_stay_nothing_is_told(hotel, here):
    stays.check_out(here, by=None, confirmed=True)
    told = tell(here)
    assert (told.standing, told.keys) == (Standing.OVER, [])


def test_without_a_room_there_is_nothing_to_tell(hotel, book):
    assert tell(book(room=None)).standing is Standing.NONE


def test_what_was_told_is_on_record_once_and_holds_no_digits(hotel, here):
    pin = tell(here).pin
    tell(here)
    [entry] = AuditEntry.objects.filter(subject_id=here.public_id, action="guest.told")
    assert pin not in str(entry.detail)
    assert fresh(here).grant.told_at
