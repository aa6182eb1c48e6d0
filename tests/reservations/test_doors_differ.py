"""Doors of one stay that are not alike: one refuses the PIN, one is offline, one takes listed times only. What opens is
typed at the keypad."""

import re
from datetime import time

import pytest

from hospitality import clock
from hospitality.models import AuditEntry
from locks.models import AccessCode
from reservations import disclosing, stays
from reservations.imports.report import Kind
from reservations.models import Stay
from tests.factories import MembershipFactory
from tests.locks.conftest import add_lock
from tests.reservations.booking import DAY, fresh
from tests.reservations.desk.pages import change
from tests.reservations.import_files import List, look, take_in

HTMX = {"HX-Request": "true"}


@pytest.fixture
def clerk(hotel, client):
    user = MembershipFactory(property=hotel.property).user
    client.force_login(user)
    return user


@pytest.fixture
def today(hotel):
    return hotel.property.local(clock.now()).date()


def page(stay, verb="") -> str:
    return f"/p/{stay.property.slug}/stays/{stay.public_id}/{verb}"


def text(answer) -> str:
    body = re.sub(r"<[^>]+>", " ", answer.content.decode()).replace("&#x27;", "'")
    return " ".join(body.split())


def grouped(pin: str) -> str:
    return f"{pin[:3]} {pin[3:]}"


# A door that refuses the guest's PIN


@pytest.fixture
def own_pin(hotel, book) -> Stay:
    """A guest in house who was told the PIN, which room 1's lock then refused."""
    stay = stays.check_in(book(), by=None)
    pin = disclosing.reveal_pin(stay, by=None)
    hotel.simulator.knobs(hotel.locks["1"].provider_ref, reject_pins=[pin])
    hotel.visit()
    hotel.visit()
    return fresh(stay)


def test_a_pin_that_one_lock_refuses_before_the_guest_was_told_is_another_one_for_all_doors(hotel, book):
    stay = stays.check_in(book(), by=None)
    first = stay.grant.pin
    hotel.simulator.knobs(hotel.locks["1"].provider_ref, reject_pins=[first])
    hotel.visit()
    hotel.visit()
    pin = disclosing.reveal_pin(stay, by=None)
    assert pin != first
    for name in ("1", "front"):
        assert hotel.opens(hotel.locks[name], pin)
        assert not hotel.opens(hotel.locks[name], first)


def test_after_the_guest_was_told_that_door_has_its_own_and_the_page_says_so(client, clerk, hotel, own_pin):
    one, front = hotel.locks["1"], hotel.locks["front"]
    body = text(client.get(page(own_pin)))
    assert "This lock refused the guest's PIN and has one of its own." in body
    assert "Show this door's PIN" in body
    code = own_pin.grant.codes.get(lock=one)
    assert grouped(code.pin) not in body
    answer = client.post(page(own_pin, f"doors/{one.public_id}/pin/"), headers=HTMX)
    assert grouped(code.pin) in text(answer)
    assert "Opens Room 1 only" in text(answer)
    assert hotel.opens(one, code.pin)
    assert not hotel.opens(front, code.pin)
    assert hotel.opens(front, own_pin.grant.pin)
    entry = AuditEntry.objects.get(action="door_pin.revealed")
    assert (entry.actor, entry.detail["lock"]) == (clerk, "Room 1")
    assert code.pin not in str(entry.detail)


def test_the_guests_pin_is_said_to_be_for_the_other_doors(client, clerk, own_pin):
    answer = text(client.post(page(own_pin, "pin/"), headers=HTMX))
    assert grouped(own_pin.grant.pin) in answer
    assert "Opens Front door." in answer


def test_a_pin_that_every_door_takes_is_said_to_open_all(client, clerk, book):
    assert "Opens all doors of the stay." in text(client.post(page(book(), "pin/"), headers=HTMX))


def test_after_check_out_a_doors_own_pin_is_not_shown(client, clerk, hotel, own_pin):
    stays.check_out(own_pin, by=None, confirmed=True)
    answer = client.post(page(own_pin, f"doors/{hotel.locks['1'].public_id}/pin/"), headers=HTMX)
    assert answer.status_code == 422
    assert "has ended" in text(answer)
    assert "Show this door's PIN" not in text(client.get(page(own_pin)))


def test_what_stands_beside_the_doors_follows_a_check_out_at_once(client, clerk, book):
    stay = stays.check_in(book(), by=None)
    assert "Show PIN" in text(client.get(page(stay)))
    answer = client.post(page(stay, "check-out/"), {"back": "stay", "confirmed": "1"}, headers=HTMX)
    beside = re.findall(r'<section id="(\w+)" hx-swap-oob="true"', answer.content.decode())
    assert beside == ["secret", "change"]
    assert "Show PIN" not in text(answer)
    assert "no longer changes" in text(answer)
    assert "hx-swap-oob" not in client.get(page(stay), headers=HTMX).content.decode()


# A door that is offline


def test_one_door_that_is_offline_holds_no_other_back(client, clerk, hotel, book):
    one, front = hotel.locks["1"], hotel.locks["front"]
    hotel.simulator.knobs(one.provider_ref, offline=True)
    stay = stays.check_in(book(), by=None)
    hotel.visit()
    assert hotel.opens(front, stay.grant.pin)
    assert not hotel.opens(one, stay.grant.pin)
    body = text(client.get(page(stay)))
    room = body[body.index("Room 1 ") : body.index("Front door")]
    common = body[body.index("Front door") :]
    assert "On the lock, confirmed" not in room
    assert "On the lock, confirmed" in common
    hotel.simulator.knobs(one.provider_ref, offline=False)
    hotel.visit(one)
    assert hotel.opens(one, stay.grant.pin)


# A door that takes listed times only


@pytest.fixture
def oracode(hotel):
    """Room 2 has a second lock, which takes the house's times and those of late guests only."""
    slots = [
        {"name": "Usual", "check_in": "15:00", "check_out": "11:00"},
        {"name": "Late", "check_in": "19:00", "check_out": "20:00"},
    ]
    lock = add_lock(
        hotel.simulator,
        hotel.property.connections.get(),
        "Oracode",
        "native",
        [hotel.rooms["2"]],
        time_slots=slots,
        time_zone="Europe/Zurich",
    )
    hotel.visit(lock)
    return lock


ALLOWED = "Oracode: This lock takes 15:00 to 11:00 or 19:00 to 20:00."


def test_times_that_are_listed_are_kept(hotel, oracode, book):
    stay = book("2", arrival=1)
    hotel.visit(oracode)
    [code] = hotel.mine(oracode, stay.grant)
    assert code["starts_at"][:16] == stay.grant.starts_at.strftime("%Y-%m-%dT%H:%M")


def move_check_out(hotel, at: time) -> None:
    hotel.property.check_out_time = at
    hotel.property.save()


def test_a_booking_whose_times_the_lock_cannot_keep_is_refused_with_those_it_takes(
    client, clerk, hotel, oracode, today
):
    move_check_out(hotel, time(16))
    sent = {
        "reference": "0A1B2C3D",
        "guest_name": "Anna Smith",
        "arrival": today.isoformat(),
        "departure": (today + DAY).isoformat(),
        "room": hotel.rooms["2"].pk,
    }
    answer = client.post(f"/p/{hotel.property.slug}/book/", sent, headers=HTMX)
    assert answer.status_code == 422
    assert ALLOWED in text(answer)
    assert 'value="Anna Smith"' in answer.content.decode()
    assert not Stay.objects.exists()


def test_a_move_into_such_a_room_is_refused_in_the_form_and_changes_no_door(
    client, clerk, hotel, oracode, book
):
    stay = book("1", arrival=1)
    move_check_out(hotel, time(16))
    before = list(AccessCode.objects.order_by("pk").values("generation", "wanted"))
    sent = change(stay, room=str(hotel.rooms["2"].pk))
    answer = client.post(page(stay, "change/"), sent, headers=HTMX)
    assert answer.status_code == 422
    assert ALLOWED in text(answer)
    assert f'value="{hotel.rooms["2"].pk}" selected' in answer.content.decode()
    assert fresh(stay).room == hotel.rooms["1"]
    assert list(AccessCode.objects.order_by("pk").values("generation", "wanted")) == before


def test_an_imported_booking_that_the_lock_cannot_keep_is_a_refused_row_with_the_reason(
    hotel, oracode, today
):
    move_check_out(hotel, time(16))
    files = List(today)
    data = files.data(files.row("1", unit_type="2"), files.row("2", guest="Bo Lee", unit_type="1"))
    report = take_in(hotel.property, data, source="booking.com")
    refused, taken = report.lines
    assert (refused.kinds, refused.notes) == ((Kind.REFUSED,), (ALLOWED,))
    assert Kind.NEW in taken.kinds
    assert [stay.reservation.guest.name for stay in Stay.objects.all()] == ["Bo Lee"]
    assert look(hotel.property, data, source="booking.com").counts[Kind.NEW] == 1
