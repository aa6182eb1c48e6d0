"""A new PIN on purpose: what opens which door is typed at the keypad."""

import re

import pytest

from hospitality import clock
from hospitality.models import AuditEntry
from hospitality.wall import Wall
from locks import pins
from locks.models import AccessCode
from reservations import disclosing, guest_link, new_pin, stays
from reservations.verbs import AlreadyDone
from tests.factories import MembershipFactory
from tests.reservations.booking import fresh
from tests.reservations.desk.pages import HTMX, page


@pytest.fixture
def told(here):
    """Anna Smith, in house in room 1, who was told her PIN."""
    disclosing.reveal_pin(here, by=None)
    return fresh(here)


@pytest.fixture
def desk(hotel, client):
    client.force_login(MembershipFactory(property=hotel.property).user)
    return client


def renew(stay, **wish):
    new_pin.renew(stay, **{"by": None, "reason": "leaked", "seen": 0} | wish)
    return fresh(stay).grant.pin


def text(answer) -> str:
    body = re.sub(r"<[^>]+>", " ", answer.content.decode()).replace("&#x27;", "'")
    return " ".join(body.split())


def test_each_door_opens_with_the_old_digits_until_it_has_the_new(hotel, told):
    one, front, old = hotel.locks["1"], hotel.locks["front"], told.grant.pin
    hotel.simulator.knobs(front.provider_ref, offline=True)
    new = renew(told)
    assert (hotel.opens(one, old), hotel.opens(front, old)) == (True, True)
    hotel.visit()
    assert (hotel.opens(one, new), hotel.opens(one, old)) == (True, False)
    assert (hotel.opens(front, new), hotel.opens(front, old)) == (False, True)
    hotel.simulator.knobs(front.provider_ref, offline=False)
    hotel.visit(front)
    assert (hotel.opens(front, new), hotel.opens(front, old)) == (True, False)


def test_the_screens_say_which_door_has_which_until_all_have_the_new(hotel, desk, told):
    front = hotel.locks["front"]
    hotel.simulator.knobs(front.provider_ref, offline=True)
    renew(told)
    assert (
        "New digits are not confirmed on any door yet; the old ones still open Room 1 and Front door."
        in text(desk.get(page(told)))
    )
    hotel.visit()
    said = "New digits confirmed on Room 1; the old ones still open Front door."
    assert said in text(desk.get(page(told)))
    assert said in text(desk.post(page(told, "pin/"), headers=HTMX))
    guests_own = text(desk.get(f"/guest/{guest_link.token(told)}/"))
    assert "the one you had before opens Front door" in guests_own
    hotel.simulator.knobs(front.provider_ref, offline=False)
    hotel.visit()
    assert "the old ones" not in text(desk.get(page(told)))
    assert "Your code is ready" in text(desk.get(f"/guest/{guest_link.token(told)}/"))


def test_before_it_is_done_guest_room_and_doors_are_named(hotel, desk, told):
    hotel.simulator.knobs(hotel.locks["front"].provider_ref, offline=True)
    hotel.visit()
    asked = text(desk.get(page(told, "new-pin/")))
    assert "New PIN for Anna Smith, 1?" in asked
    assert "Room 1: the old digits open it until the new ones are confirmed there." in asked
    assert "Front door: the old digits go on opening it until it can be reached (lock offline since" in asked
    assert told.grant.pin == fresh(told).grant.pin


def test_a_reason_is_asked_for_and_goes_on_record(desk, told):
    assert "Say why" in text(desk.post(page(told, "new-pin/"), {"seen": "0"}))
    assert desk.post(page(told, "new-pin/"), {"seen": "0", "reason": "leaked"}).status_code == 302
    entry = AuditEntry.objects.get(action="pin.renewed", subject_id=told.public_id)
    assert entry.detail == {"reason": "leaked"}
    assert "New PIN made: Somebody else knows it" in text(desk.get(page(told)))
    assert fresh(told).grant.pin != told.grant.pin


def test_sent_twice_it_is_one_new_pin(told):
    pin = renew(told)
    with pytest.raises(AlreadyDone, match="A new PIN was made by the system at"):
        renew(told)
    assert fresh(told).grant.pin == pin
    assert renew(told, seen=1) != pin


def test_a_door_that_has_nothing_yet_only_ever_gets_the_new_digits(hotel, book):
    stay = book(arrival=1)
    old = stay.grant.pin
    assert "nothing is on the lock yet" in " ".join(
        new_pin.preview(fresh(stay), Wall(stay.property, clock.now()))
    )
    new = renew(stay)
    hotel.visit()
    for door in ("1", "front"):
        on_lock = hotel.simulator.pins(hotel.locks[door].provider_ref)
        assert new in on_lock and old not in on_lock


def test_nobody_is_drawn_digits_that_still_open_a_door(hotel, told):
    front = hotel.locks["front"]
    code = AccessCode.objects.get(grant=told.grant, lock=front)
    hotel.simulator.knobs(front.provider_ref, offline=True)
    renew(told)
    hotel.visit()
    assert code.pin4 in set(pins._taken([front], None, None))
    hotel.simulator.knobs(front.provider_ref, offline=False)
    hotel.visit()
    assert code.pin4 not in set(pins._taken([front], None, None))


def test_after_the_stay_there_is_no_new_pin(desk, told):
    stays.check_out(told, by=None, confirmed=True)
    answer = desk.post(page(told, "new-pin/"), {"seen": "0", "reason": "wish"}, headers=HTMX)
    assert answer.status_code == 422
    assert "its PIN opens nothing any more" in text(answer)
