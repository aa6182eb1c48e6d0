"""Steps back: reinstated stays, check-ins and check-outs by mistake, and the grace after an early check-out."""

from datetime import timedelta
from functools import partial

import pytest

from hospitality import clock
from hospitality.models import Property
from reservations import disclosing, grants, preview, stays, swapping, taking_back
from reservations.models import Stay
from tests.locks.conftest import add_lock
from tests.reservations import booking
from tests.reservations.booking import DAY, fresh


@pytest.fixture
def book(hotel, clerk):
    return partial(booking.book, hotel, by=clerk)


@pytest.fixture
def grace(hotel):
    """The house leaves codes on for so many minutes."""

    def leave_on(minutes: int) -> None:
        Property.objects.filter(pk=hotel.property.pk).update(check_out_grace_minutes=minutes)

    return leave_on


def opens(hotel, stay, door="1") -> bool:
    return hotel.opens(hotel.locks[door], fresh(stay).grant.pin)


# Reinstating.


@pytest.mark.parametrize("verb", [stays.cancel, stays.no_show])
def test_a_stay_that_comes_about_after_all_has_its_room_and_its_digits_again(hotel, book, verb):
    stay = book()
    hotel.visit()
    pin = stay.grant.pin
    verb(stay, by=None)
    hotel.visit()
    assert hotel.mine(hotel.locks["1"], stay.grant) == []
    taking_back.reinstate(stay, by=None)
    stays.check_in(stay, by=None)
    hotel.visit()
    assert fresh(stay).grant.pin == pin
    assert opens(hotel, stay)


def test_digits_that_somebody_else_has_by_now_are_drawn_again(hotel, book, monkeypatch):
    stay = stays.cancel(book(), by=None)
    hotel.visit()
    drawn = iter(stay.grant.pin)
    monkeypatch.setattr("locks.pins.secrets.choice", lambda digits: next(drawn))
    assert book("2", name="Bo Berg").grant.pin == stay.grant.pin, "free again, so that it was drawn"
    monkeypatch.undo()
    taking_back.reinstate(stay, by=None)
    assert fresh(stay).grant.pin != stay.grant.pin


def test_who_has_the_room_by_now_is_named(book):
    stay = stays.cancel(book(), by=None)
    book(arrival=1, name="Bo Berg")
    with pytest.raises(stays.Refused, match="Bo Berg has 1 from"):
        taking_back.reinstate(stay, by=None)
    assert fresh(stay).state == "cancelled"


def test_what_is_past_or_was_never_called_off_is_not_reinstated(book):
    past = book(arrival=-5, nights=2)
    Stay.objects.filter(pk=past.pk).update(state="no_show")
    with pytest.raises(stays.Refused, match="is past; book a new one"):
        taking_back.reinstate(past, by=None)
    with pytest.raises(stays.AlreadyDone, match="booked already"):
        taking_back.reinstate(book(), by=None)


# A check-in by mistake.


def test_after_a_check_in_by_mistake_the_code_opens_from_the_planned_time_again(hotel, book):
    stay = book(arrival=3)
    arrival, begins = stay.arrival, stay.grant.starts_at
    stays.check_in(stay, by=None)
    hotel.visit()
    assert opens(hotel, stay)
    taking_back.undo_check_in(stay, by=None)
    hotel.visit()
    stay = fresh(stay)
    assert (stay.state, stay.arrival, stay.grant.starts_at) == ("booked", arrival, begins)
    assert not opens(hotel, stay)
    assert not opens(hotel, stay, "front")


def test_a_backup_code_that_was_handed_out_meanwhile_comes_off(hotel, here):
    backup = disclosing.issue_backup(here, hotel.locks["1"], by=None)
    hotel.visit()
    taking_back.undo_check_in(here, by=None)
    hotel.visit()
    assert not hotel.opens(hotel.locks["1"], backup.pin)


def test_where_codes_start_at_check_in_there_is_none_until_the_real_one(hotel, book):
    Property.objects.filter(pk=hotel.property.pk).update(codes_from_check_in=True)
    stay = stays.check_in(book(), by=None)
    hotel.visit()
    pin = stay.grant.pin
    taking_back.undo_check_in(stay, by=None)
    hotel.visit()
    assert not opens(hotel, stay)
    assert stays.check_in(stay, by=None).grant.pin == pin


# A check-out by mistake.


def test_a_guest_checked_out_by_mistake_is_in_house_again_with_the_same_digits(hotel, here):
    stays.check_out(here, by=None, confirmed=True)
    hotel.visit()
    assert not opens(hotel, here)
    taking_back.undo_check_out(here, by=None)
    hotel.visit()
    stay = fresh(here)
    assert (stay.state, stay.checked_out_at, stay.grant.pin) == ("in_house", None, here.grant.pin)
    assert opens(hotel, stay)
    assert opens(hotel, stay, "front")


def test_at_a_lock_that_has_not_heard_of_the_check_out_the_code_simply_stays(hotel, here, clerk):
    hotel.simulator.knobs(hotel.locks["1"].provider_ref, offline=True)
    stays.check_out(here, by=None, confirmed=True)
    hotel.visit()
    foreseen = preview.of(taking_back.undo_check_out, here, by=clerk)
    words = {line.door: line.said.text for line in foreseen.lines}
    assert words["Room 1"].startswith("has the code still, and keeps it until")
    taking_back.undo_check_out(here, by=None)
    hotel.simulator.knobs(hotel.locks["1"].provider_ref, offline=False)
    hotel.visit()
    assert opens(hotel, here)


def test_a_room_that_was_let_again_is_not_taken_back(hotel, here, book):
    stays.check_out(here, by=None, confirmed=True)
    stays.check_in(book(nights=1, name="Bo Berg"), by=None, confirmed=True)
    with pytest.raises(stays.Refused, match="Bo Berg has 1 from"):
        taking_back.undo_check_out(here, by=None)


def test_on_the_day_of_departure_the_next_guest_in_the_room_is_named(hotel, here, book):
    Stay.objects.filter(pk=here.pk).update(arrival=here.arrival - 2 * DAY, departure=here.arrival)
    stays.check_out(here, by=None)
    stays.check_in(book(name="Bo Berg"), by=None, confirmed=True)
    with pytest.raises(stays.Refused, match="Bo Berg is in house in 1 now"):
        taking_back.undo_check_out(here, by=None)


# The grace after an early check-out.


def test_an_early_leavers_code_opens_until_the_grace_is_over(hotel, here, grace):
    grace(30)
    stay = stays.check_out(fresh(here), by=None, confirmed=True)
    hotel.visit()
    assert stay.opens_until > clock.now()
    [code] = hotel.mine(hotel.locks["1"], stay.grant)
    assert code["ends_at"][:16] == stay.opens_until.strftime("%Y-%m-%dT%H:%M")
    assert opens(hotel, stay)
    hotel.simulator.travel(minutes=31)
    try:
        assert not opens(hotel, stay)
    finally:
        hotel.simulator.travel()


def test_without_schedules_the_code_is_taken_off_when_the_grace_is_over(hotel, book, grace, later):
    grace(30)
    stay = stays.check_in(book("2"), by=None)
    hotel.visit()
    stays.check_out(stay, by=None, confirmed=True)
    hotel.visit()
    assert opens(hotel, stay, "2")
    later(minutes=31)
    hotel.visit()
    assert not opens(hotel, stay, "2")


def test_on_the_day_of_departure_codes_end_at_once_also_with_a_grace(hotel, here, grace):
    grace(30)
    Stay.objects.filter(pk=here.pk).update(arrival=here.arrival - 2 * DAY, departure=here.arrival)
    assert stays.check_out(fresh(here), by=None).opens_until is None
    hotel.visit()
    assert not opens(hotel, here)


def test_where_a_lock_cannot_keep_the_grace_the_guest_can_leave_and_the_codes_end_at_once(hotel, here, grace):
    grace(30)
    far = hotel.property.local(clock.now() + timedelta(hours=8))
    slot = {"name": "Usual", "check_in": "15:00", "check_out": f"{far:%H:%M}"}
    account = hotel.locks["1"].connection
    odd = add_lock(
        hotel.simulator,
        account,
        "Oracode",
        "native",
        [hotel.rooms["1"]],
        time_slots=[slot],
        time_zone="Europe/Zurich",
    )
    hotel.visit(odd)
    stay = fresh(stays.check_out(here, by=None, confirmed=True))
    assert (stay.state, stay.opens_until) == ("departed", None)
    assert stay.grant.revoked_at


def test_the_next_guest_is_not_sent_up_unwarned_while_the_grace_runs(hotel, here, book, grace):
    grace(30)
    stays.check_out(fresh(here), by=None, confirmed=True)
    with pytest.raises(stays.NeedsConfirmation, match="Anna Smith left 1 early: that code opens it until"):
        stays.check_in(book(name="Bo Berg"), by=None)


def test_undoing_the_check_out_within_the_grace_keeps_the_code_as_it_was(hotel, here, grace):
    ends = here.grant.ends_at
    grace(30)
    stays.check_out(fresh(here), by=None, confirmed=True)
    taking_back.undo_check_out(here, by=None)
    stay = fresh(here)
    assert (stay.grant.ends_at, stay.opens_until) == (ends, None)
    assert grants.window(stay)[1] == ends


def test_a_swap_and_back_leaves_everything_as_it_was(hotel, here, book):
    other = book("2", name="Bo Berg")
    swapping.swap(here, other, by=None, confirmed=True)
    swapping.swap(here, other, by=None, confirmed=True)
    hotel.visit()
    assert fresh(here).room.name == "1"
    assert opens(hotel, here)
