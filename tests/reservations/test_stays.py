"""The desk's verbs drive the doors. Every "opens" is typed at the simulator's keypad."""

from datetime import datetime
from functools import partial

import pytest

from hospitality import clock
from hospitality.models import AuditEntry, Room
from locks import codes
from reservations import disclosing, stays, tasks
from reservations.models import Stay
from tests.locks.conftest import add_lock
from tests.reservations import booking
from tests.reservations.booking import DAY, fresh


@pytest.fixture
def today(hotel):
    return hotel.property.local(clock.now()).date()


@pytest.fixture
def book(hotel, clerk):
    return partial(booking.book, hotel, by=clerk)


def test_a_stay_with_a_room_has_its_code_on_the_door_ahead_of_the_guest(hotel, book, today):
    stay = book(arrival=1)
    hotel.visit()
    assert stay.grant.starts_at == hotel.property.at(today + DAY, hotel.property.check_in_time)
    assert stay.grant.ends_at == hotel.property.at(today + 3 * DAY, hotel.property.check_out_time)
    assert len(hotel.mine(hotel.locks["1"], stay.grant)) == 1
    assert len(hotel.mine(hotel.locks["front"], stay.grant)) == 1
    assert hotel.mine(hotel.locks["2"], stay.grant) == []
    assert hotel.simulator.keypad(hotel.locks["1"].provider_ref, stay.grant.pin)["reason"] == "not_yet_valid"


def test_checking_an_early_guest_in_opens_the_door_now(hotel, book, clerk):
    stay = book(arrival=1)
    hotel.visit()
    stays.check_in(stay, by=clerk)
    hotel.visit()
    assert hotel.opens(hotel.locks["1"], stay.grant.pin)
    assert hotel.opens(hotel.locks["front"], stay.grant.pin)
    assert not hotel.opens(hotel.locks["2"], stay.grant.pin)


def test_check_out_ends_it_now_on_every_door(hotel, book, clerk):
    stay = book()
    stays.check_in(stay, by=clerk)
    hotel.visit()
    backup = disclosing.issue_backup(stay, hotel.locks["1"], by=clerk)
    hotel.visit()
    assert hotel.opens(hotel.locks["1"], backup.pin)
    stays.check_out(stay, by=clerk, confirmed=True)
    hotel.visit()
    for lock in (hotel.locks["1"], hotel.locks["front"]):
        assert not hotel.opens(lock, stay.grant.pin)
    assert not hotel.opens(hotel.locks["1"], backup.pin)


def test_leaving_before_the_day_is_asked_about_because_the_doors_close_at_once(hotel, book, clerk):
    stay = stays.check_in(book(), by=clerk)
    with pytest.raises(stays.NeedsConfirmation, match="booked in 1 until"):
        stays.check_out(stay, by=clerk)
    assert fresh(stay).grant.revoked_at is None


def test_another_name_goes_to_every_code_of_the_booking(hotel, book, clerk):
    one = book(external_id="777", part=1)
    two = book(room="2", external_id="777", part=2)
    stays.change(one, by=clerk, guest_name="Anna Berg")
    names = {code.name for stay in (one, two) for code in fresh(stay).grant.codes.all()}
    assert names == {"Anna Berg, 1", "Anna Berg, 2"}


def test_codes_from_check_in_hold_the_code_back_until_the_desk_has_seen_the_guest(hotel, book, clerk):
    hotel.property.codes_from_check_in = True
    hotel.property.save()
    stay = book()
    assert stay.grant is None
    stay = stays.check_in(stay, by=clerk)
    hotel.visit()
    assert hotel.opens(hotel.locks["1"], stay.grant.pin)


def test_another_room_takes_the_code_off_the_old_door_and_puts_it_on_the_new(hotel, book, clerk):
    stay = book()
    stays.check_in(stay, by=clerk)
    hotel.visit()
    pin = stay.grant.pin
    with pytest.raises(stays.NeedsConfirmation, match="in house"):
        stays.change(stay, by=clerk, room=hotel.rooms["2"])
    stays.change(stay, by=clerk, room=hotel.rooms["2"], confirmed=True)
    hotel.visit()
    assert fresh(stay).grant.pin == pin
    assert not hotel.opens(hotel.locks["1"], pin)
    assert hotel.opens(hotel.locks["2"], pin)
    assert hotel.opens(hotel.locks["front"], pin)
    stays.change(stay, by=clerk, room=hotel.rooms["1"], confirmed=True)
    hotel.visit()
    assert hotel.opens(hotel.locks["1"], pin), "and back again"
    assert not hotel.opens(hotel.locks["2"], pin)


def test_other_dates_move_the_code_with_the_same_digits(hotel, book, clerk, today):
    stay = book(arrival=1, nights=1)
    hotel.visit()
    pin = stay.grant.pin
    stays.change(stay, by=clerk, departure=today + 5 * DAY)
    hotel.visit()
    [code] = hotel.mine(hotel.locks["1"], stay.grant)
    assert fresh(stay).grant.pin == pin
    ends = hotel.property.at(today + 5 * DAY, hotel.property.check_out_time)
    assert datetime.fromisoformat(code["ends_at"]) == ends
    assert fresh(stay).grant.ends_at == ends


def test_nothing_changed_is_no_change(hotel, book, clerk):
    stay = book()
    hotel.visit()
    generation = stay.grant.codes.first().generation
    entries = AuditEntry.objects.count()
    stays.change(stay, by=clerk, arrival=stay.arrival, departure=stay.departure, room=stay.room)
    assert stay.grant.codes.first().generation == generation
    assert AuditEntry.objects.count() == entries


@pytest.mark.parametrize("verb", [stays.cancel, stays.no_show])
def test_a_stay_that_does_not_come_about_revokes_its_code(hotel, book, clerk, verb):
    stay = book()
    hotel.visit()
    verb(stay, by=clerk)
    hotel.visit()
    assert hotel.mine(hotel.locks["1"], stay.grant) == []
    with pytest.raises(stays.AlreadyDone):
        verb(stay, by=clerk)


def test_the_second_clerk_is_told_who_was_first(hotel, book, clerk):
    stay = book()
    stays.check_in(stay, by=clerk)
    with pytest.raises(stays.AlreadyDone, match="Checked in by Ana at"):
        stays.check_in(stay, by=clerk)
    stays.check_out(stay, by=clerk, confirmed=True)
    with pytest.raises(stays.AlreadyDone, match="Checked out by Ana at"):
        stays.check_out(stay, by=clerk)


def test_what_cannot_be_is_refused_with_the_remedy(hotel, book, clerk, today):
    stay = book()
    with pytest.raises(stays.Refused, match="never checked in"):
        stays.check_out(stay, by=clerk)
    with pytest.raises(stays.Refused, match="no room yet"):
        stays.check_in(book(room=None), by=clerk)
    with pytest.raises(stays.Refused, match="departure must be after"):
        book(nights=0)
    with pytest.raises(stays.Refused, match="room is taken"):
        book(arrival=1)
    with pytest.raises(stays.Refused, match="still to come"):
        stays.no_show(book(room="2", arrival=1), by=clerk)
    with pytest.raises(stays.Refused, match="check the guest in first"):
        disclosing.issue_backup(stay, hotel.locks["1"], by=clerk)
    stays.check_in(stay, by=clerk)
    with pytest.raises(stays.Refused, match="checked out instead"):
        stays.cancel(stay, by=clerk)
    with pytest.raises(stays.Refused, match="no code on Room 2"):
        disclosing.issue_backup(stay, hotel.locks["2"], by=clerk)


def test_a_past_stay_gets_no_code_and_cannot_be_checked_in(hotel, book, clerk):
    stay = book(arrival=-5, nights=2)
    assert stay.grant is None
    with pytest.raises(stays.Refused, match="change its dates"):
        stays.check_in(stay, by=clerk)


def test_back_to_back_stays_share_a_room_and_a_departed_guest_frees_it(hotel, book, clerk):
    first = book(nights=2)
    book(arrival=2, name="Ben")
    stays.check_in(first, by=clerk)
    stays.check_out(first, by=clerk, confirmed=True)
    book(arrival=0, nights=2, name="Cleo")


def test_the_clerk_is_warned_of_an_occupied_room_and_of_an_old_code_on_its_door(hotel, book, clerk):
    one = hotel.locks["1"]
    there = book(arrival=-1, nights=1, name="Early Bird")
    Stay.objects.filter(pk=there.pk).update(state="in_house")
    stay = book()
    with pytest.raises(stays.NeedsConfirmation, match="occupied by Early Bird"):
        stays.check_in(stay, by=clerk)
    Stay.objects.filter(pk=there.pk).update(state="departed")
    old = hotel.grant(one, name="Old guest")
    hotel.visit(one)
    hotel.simulator.knobs(one.provider_ref, offline=True)
    codes.revoke(old, by=None)
    hotel.visit(one)
    with pytest.raises(stays.NeedsConfirmation, match="An old code is still on Room 1: Old guest"):
        stays.check_in(stay, by=clerk)
    assert stays.check_in(stay, by=clerk, confirmed=True).state == "in_house"


def test_revealing_a_pin_is_on_the_record_without_the_pin(hotel, book, clerk):
    stay = book()
    pin = disclosing.reveal_pin(stay, by=clerk)
    entry = AuditEntry.objects.get(action="pin.revealed")
    assert (entry.actor, entry.subject_id) == (clerk, stay.public_id)
    assert pin == stay.grant.pin
    assert pin not in str(entry.detail)


def test_a_room_without_a_lock_has_no_code_until_one_is_mapped(hotel, book, clerk):
    hotel.rooms["3"] = Room.objects.create(property=hotel.property, name="3")
    stay = book(room="3")
    assert stay.grant is None
    with pytest.raises(stays.Refused, match="no lock"):
        disclosing.reveal_pin(stay, by=clerk)
    hotel.locks["front"].rooms.add(hotel.rooms["3"])
    assert tasks.fit_doors() == 1
    assert tasks.fit_doors() == 0
    stay = stays.check_in(stay, by=clerk)
    hotel.visit()
    assert hotel.opens(hotel.locks["front"], fresh(stay).grant.pin)


def test_a_door_that_no_longer_serves_the_room_loses_the_code(hotel, book, clerk):
    stay = stays.check_in(book(), by=clerk)
    hotel.visit()
    hotel.locks["front"].rooms.remove(hotel.rooms["1"])
    assert tasks.fit_doors() == 1
    hotel.visit()
    assert not hotel.opens(hotel.locks["front"], fresh(stay).grant.pin)
    assert hotel.opens(hotel.locks["1"], fresh(stay).grant.pin)


def test_parts_of_one_booking_have_their_own_codes(hotel, book):
    one = book(external_id="777", source="booking.com", part=1)
    two = book(room="2", external_id="777", source="booking.com", part=2)
    assert one.reservation_id == two.reservation_id
    assert one.grant.pin != two.grant.pin
    with pytest.raises(stays.Refused, match="there already"):
        book(room=None, external_id="777", source="booking.com", part=2)


def test_a_guest_who_comes_days_early_takes_the_room_from_today_if_it_is_free(hotel, book, clerk, today):
    stay = book(arrival=3)
    assert stays.check_in(stay, by=clerk).arrival == today
    hotel.visit()
    assert hotel.opens(hotel.locks["1"], stay.grant.pin)
    book(room="2", name="Ben")
    with pytest.raises(stays.Refused, match="room is taken"):
        stays.check_in(book(room="2", arrival=3, name="Cleo"), by=clerk)


def test_the_longest_guest_name_fits_at_the_door(hotel, book, clerk):
    stay = stays.check_in(book(name="A" * 200), by=clerk)
    hotel.visit()
    assert hotel.opens(hotel.locks["1"], stay.grant.pin)
    backup = disclosing.issue_backup(stay, hotel.locks["1"], by=clerk)
    hotel.visit()
    assert hotel.opens(hotel.locks["1"], backup.pin)


def test_a_code_that_has_ended_is_not_revealed(hotel, book, clerk):
    stay = stays.check_in(book(), by=clerk)
    stays.check_out(stay, by=clerk, confirmed=True)
    with pytest.raises(stays.Refused, match="has ended"):
        disclosing.reveal_pin(stay, by=clerk)


def test_a_name_put_right_after_check_out_time_costs_nobody_the_digits(hotel, book, clerk, later):
    stay = stays.check_in(book(nights=1), by=clerk)
    pin = stay.grant.pin
    later(days=2)
    stays.change(stay, by=clerk, guest_name="Anna Smyth", confirmed=True)
    stays.change(stay, by=clerk, departure=stay.departure + 3 * DAY, confirmed=True)
    assert fresh(stay).grant.pin == pin


def test_one_room_that_cannot_be_fitted_does_not_keep_the_others_waiting(hotel, book):
    stuck, other = book(room="1"), book(room="2", name="Ben")
    account = hotel.locks["1"].connection
    for name, lengths in (("a", [4]), ("b", [8])):
        odd = add_lock(hotel.simulator, account, name, "native", [hotel.rooms["1"]], pin_lengths=lengths)
        hotel.visit(odd)
    side = add_lock(hotel.simulator, account, "Side door", "native", [hotel.rooms["2"]])
    assert tasks.fit_doors() == 1
    assert fresh(other).grant.codes.filter(lock=side, wanted=True).exists()
    assert fresh(stuck).grant.codes.filter(wanted=True).count() == 2
