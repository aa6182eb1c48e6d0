"""One PIN for all rooms of a booking: it opens each room in the time of its stay, and the common doors from the first to
the last. What opens is typed at the keypad."""

import re
from datetime import time, timedelta

import pytest

from hospitality.models import AuditEntry, Property
from locks.models import AccessCode
from reservations import misfits, preview, shared_code, stays, swapping, taking_back, tasks
from reservations.models import Reservation
from reservations.verbs import AlreadyDone, Refused
from tests.factories import MembershipFactory, today
from tests.locks.conftest import add_lock
from tests.reservations.booking import DAY, book_two, fresh
from tests.reservations.desk.pages import HTMX, on_board, page


def text(answer) -> str:
    body = re.sub(r"<[^>]+>", " ", answer.content.decode()).replace("&#x27;", "'").replace("&#8217;", "’")
    return " ".join(body.split())


@pytest.fixture
def two(hotel):
    """Both rooms in house, with one PIN for them."""
    made = book_two(hotel)
    shared_code.share(made[0], by=None)
    for stay in made:
        stays.check_in(stay, by=None)
    hotel.visit()
    return tuple(fresh(stay) for stay in made)


def shared(stay):
    return Reservation.objects.select_related("grant").get(pk=stay.reservation_id).grant


def opened(hotel, pin) -> set[str]:
    """The doors that a PIN opens, by what is typed there."""
    return {name for name, lock in hotel.locks.items() if hotel.opens(lock, pin)}


def windows(hotel, stay) -> dict[str, tuple]:
    """From when to when the shared PIN is wanted at each door."""
    names = {lock.pk: name for name, lock in hotel.locks.items()}
    rows = AccessCode.objects.filter(grant=shared(stay), wanted=True)
    return {names[lock]: span for lock, *span in rows.values_list("lock_id", "starts_at", "ends_at")}


def own(stay) -> list:
    """From when to when the stay's own PIN is."""
    grant = fresh(stay).grant
    return [grant.starts_at, grant.ends_at]


def in_line() -> bool:
    return misfits.find() == []


def test_it_opens_both_rooms_and_the_front_door_beside_the_rooms_own_pins(hotel, two):
    first, second = two
    assert opened(hotel, shared(first).pin) == {"1", "2", "front"}
    assert opened(hotel, first.grant.pin) == {"1", "front"}
    assert opened(hotel, second.grant.pin) == {"2", "front"}
    assert in_line()


def test_after_an_early_check_out_it_opens_the_other_room_only(hotel, two):
    first, second = two
    stays.check_out(first, by=None, confirmed=True)
    hotel.visit()
    assert opened(hotel, shared(second).pin) == {"2", "front"}
    assert in_line()
    taking_back.undo_check_out(first, by=None)
    hotel.visit()
    assert opened(hotel, shared(second).pin) == {"1", "2", "front"}
    for stay in two:
        stays.check_out(stay, by=None, confirmed=True)
    hotel.visit()
    assert opened(hotel, shared(second).pin) == set()
    assert shared(second).revoked_at


def test_a_room_that_is_extended_moves_its_own_door_and_the_common_one(hotel, two):
    first, second = two
    until = first.departure + 3 * DAY
    untouched = AccessCode.objects.get(grant=shared(first), lock=hotel.locks["2"]).generation
    stays.change(first, by=None, departure=until, confirmed=True)
    assert windows(hotel, first) == {
        "1": own(first),
        "2": own(second),
        "front": [min(own(first)[0], own(second)[0]), own(first)[1]],
    }
    assert AccessCode.objects.get(grant=shared(first), lock=hotel.locks["2"]).generation == untouched
    hotel.visit()
    [on_lock] = hotel.mine(hotel.locks["1"], shared(first))
    assert on_lock["ends_at"][:16] == f"{own(first)[1]:%Y-%m-%dT%H:%M}"
    assert in_line()


def test_it_follows_to_another_room_and_out_of_one_that_is_cancelled(hotel):
    first, second = book_two(hotel)
    shared_code.share(second, by=None)
    pin = shared(first).pin
    third = hotel.property.rooms.create(name="3")
    account = hotel.property.connections.get()
    hotel.locks["3"] = add_lock(hotel.simulator, account, "Room 3", "native", [third])
    hotel.locks["front"].rooms.add(third)
    stays.change(second, by=None, room=third)
    assert set(windows(hotel, first)) == {"1", "3", "front"}
    stays.cancel(first, by=None)
    assert set(windows(hotel, first)) == {"3", "front"}
    taking_back.reinstate(first, by=None)
    assert set(windows(hotel, first)) == {"1", "3", "front"}
    stays.cancel(first, by=None)
    stays.check_in(second, by=None)
    hotel.visit()
    assert shared(first).pin == pin
    assert opened(hotel, pin) == {"3", "front"}


def test_rooms_that_swap_keep_it_on_the_doors_that_are_the_bookings(hotel, two, book):
    first, second = two
    before = windows(hotel, first)
    swapping.swap(first, second, by=None, confirmed=True)
    assert windows(hotel, first).keys() == before.keys()
    stays.cancel(book(None), by=None)
    third = hotel.property.rooms.create(name="3")
    account = hotel.property.connections.get()
    hotel.locks["3"] = add_lock(hotel.simulator, account, "Room 3", "native", [third])
    other = stays.change(book(None, name="Ben Okri"), by=None, room=third)
    swapping.swap(fresh(first), fresh(other), by=None, confirmed=True)
    hotel.visit()
    assert opened(hotel, shared(first).pin) == {"1", "3", "front"}
    assert in_line()


def test_it_is_made_when_rooms_come_and_where_codes_start_at_check_in_then(hotel):
    Property.objects.filter(pk=hotel.property.pk).update(codes_from_check_in=True)
    hotel.property.refresh_from_db()
    first, second = book_two(hotel, one_pin=True)
    assert shared(first) is None and in_line()
    stays.check_in(second, by=None)
    hotel.visit()
    assert opened(hotel, shared(first).pin) == {"2", "front"}
    stays.check_in(first, by=None)
    hotel.visit()
    assert opened(hotel, shared(first).pin) == {"1", "2", "front"}


def test_of_two_stays_in_one_room_with_somebody_else_between_it_opens_the_first(hotel):
    begins = today(hotel.property)
    wish = {"guest_name": "Anna Smith", "room": hotel.rooms["1"], "external_id": "A1"}
    first = stays.book(hotel.property, by=None, arrival=begins, departure=begins + DAY, **wish)
    again = stays.book(
        hotel.property, by=None, part=2, arrival=begins + 5 * DAY, departure=begins + 6 * DAY, **wish
    )
    shared_code.share(first, by=None)
    assert windows(hotel, first) == {"1": own(first), "front": [own(first)[0], own(again)[1]]}
    stays.check_in(first, by=None)
    stays.check_out(first, by=None, confirmed=True)
    assert windows(hotel, first) == {"1": own(again), "front": own(again)}
    assert in_line()


def test_taken_off_it_opens_nothing_and_made_again_it_is_another(hotel, two):
    first, second = two
    pin = shared(first).pin
    shared_code.take_off(second, by=None)
    hotel.visit()
    assert opened(hotel, pin) == set()
    assert opened(hotel, first.grant.pin) == {"1", "front"}
    with pytest.raises(AlreadyDone):
        shared_code.take_off(first, by=None)
    assert preview.of(shared_code.share, first, by=None).warnings == ()
    shared_code.share(first, by=None)
    hotel.visit()
    assert shared(first).pin != pin
    assert opened(hotel, shared(first).pin) == {"1", "2", "front"}
    with pytest.raises(AlreadyDone):
        shared_code.share(second, by=None)


@pytest.fixture
def cellar(hotel):
    """A room whose lock is never asked: its codes are made by arithmetic."""
    room = hotel.property.rooms.create(name="3")
    account = hotel.property.connections.get()
    lock = add_lock(hotel.simulator, account, "Cellar", "offline", [room])
    hotel.visit(lock)
    return room


def test_it_is_refused_for_a_door_that_takes_no_pin_and_a_room_moved_there_is_left_out(hotel, two, cellar):
    first, second = two
    shared_code.take_off(first, by=None)
    stays.change(second, by=None, room=cellar, confirmed=True)
    with pytest.raises(Refused, match="Cellar takes no PIN: its codes are made by arithmetic. Each room has"):
        shared_code.share(first, by=None)
    stays.change(fresh(second), by=None, room=hotel.rooms["2"], confirmed=True)
    shared_code.share(first, by=None)
    stays.change(fresh(second), by=None, room=cellar, confirmed=True)
    assert set(windows(hotel, first)) == {"1", "front"}
    assert in_line()


def test_it_is_for_several_rooms_that_are_to_come_or_in_house(hotel, book):
    alone = book()
    with pytest.raises(Refused, match="has one room"):
        shared_code.share(alone, by=None)
    stays.cancel(alone, by=None)
    with pytest.raises(Refused, match="This stay is cancelled"):
        shared_code.share(alone, by=None)


def test_other_times_of_the_house_and_a_new_name_reach_it_too(hotel, two):
    first, _ = two
    Property.objects.filter(pk=hotel.property.pk).update(check_out_time=time(12, 30))
    assert tasks.fit_doors() == 2
    assert {until for _, until in windows(hotel, first).values()} == {own(first)[1]}
    stays.change(fresh(first), by=None, guest_name="Anna Brown", confirmed=True)
    assert shared(first).name == "Anna Brown, all rooms"
    AccessCode.objects.filter(grant=shared(first), lock=hotel.locks["2"]).update(
        ends_at=own(first)[1] + timedelta(days=9)
    )
    assert tasks.fit_doors() == 1
    assert in_line()


def test_a_preview_tells_of_its_doors_that_change(hotel, two):
    first, _ = two
    foreseen = preview.of(stays.check_out, first, by=None)
    said = {line.door: line for line in foreseen.lines if line.guest == "Anna Smith, all rooms"}
    assert set(said) == {"Room 1"}
    assert "loses the code at once" in said["Room 1"].said.text


# The desk.


@pytest.fixture
def desk(hotel, client):
    client.force_login(MembershipFactory(property=hotel.property).user)
    return client


def test_the_desk_makes_it_shows_it_on_record_and_takes_it_off(hotel, desk):
    first, second = book_two(hotel)
    assert "One PIN for all rooms" in text(desk.get(page(first)))
    make = page(first, "shared-code/")
    asked = text(desk.get(make))
    assert "opens every room of this booking" in asked and "Room 2" in asked
    assert desk.post(make).status_code == 302
    hotel.visit()
    for stay in (first, second):
        body = text(desk.get(page(stay)))
        assert "PIN for all rooms" in body and "PIN for all rooms made" in body
    pin = shared(first).pin
    shown = text(desk.post(page(second, "shared-code/pin/"), headers=HTMX))
    assert f"PIN for all rooms {pin[:3]} {pin[3:]} Opens Room 1, Room 2 and Front door." in shown
    entry = AuditEntry.objects.get(action="shared_code.pin_revealed")
    assert entry.subject_id == second.public_id and shared(first).told_at
    off = page(second, "shared-code/off/")
    assert "Room 1" in text(desk.get(off))
    assert desk.post(off).status_code == 302
    assert shared(first).revoked_at
    assert "PIN for all rooms taken off" in text(desk.get(page(first)))


def test_it_is_chosen_when_several_rooms_are_booked(hotel, desk):
    begins = today(hotel.property)
    sent = {
        "reference": "0A1B2C3D",
        "guest_name": "Anna Smith",
        "arrival": begins.isoformat(),
        "departure": (begins + DAY).isoformat(),
        "room": hotel.rooms["1"].pk,
        "rooms": "3",
        "one_pin": "on",
    }
    assert desk.post(f"/p/{hotel.property.slug}/book/", sent).status_code == 302
    booking = Reservation.objects.get()
    assert booking.has_shared_code and booking.stays.count() == 3
    assert windows(hotel, booking.stays.first()).keys() == {"1", "front"}


def test_the_board_tells_of_its_trouble_at_the_room_that_has_it(hotel, desk, two):
    first, second = two
    rows = [page(stay, "row/") for stay in two]
    assert all("PIN for all rooms" not in text(desk.get(row, headers=HTMX)) for row in rows)
    hotel.simulator.knobs(hotel.locks["1"].provider_ref, offline=True)
    shared_code.take_off(first, by=None)
    hotel.visit()
    told = desk.get(rows[0], on_board(first), headers=HTMX)
    assert "PIN for all rooms: Room 1" in text(told)
    assert f"sse:grant-{shared(first).public_id}" in told.content.decode()
    assert "PIN for all rooms" not in text(desk.get(rows[1], on_board(second), headers=HTMX))
    assert "still on the door" in text(desk.get(page(second)))
