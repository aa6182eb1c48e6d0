"""Training: a house on the simulator's locks says so on every screen, and its knobs and keypads are on a page of the
desk. The door's word is the simulator's."""

import pytest

from hospitality.models import AuditEntry, Role
from locks import simulated
from locks.models import Lock
from reservations import disclosing, stays
from tests.factories import ConnectionFactory, LockFactory, MembershipFactory, PropertyFactory, now
from tests.locks.conftest import make_hotel
from tests.reservations import booking

MARK = "Training: no real door"


@pytest.fixture
def hotel(db, simulator, client):
    made = make_hotel(simulator)
    client.force_login(MembershipFactory(property=made.property, role=Role.MANAGER).user)
    return made


def page(hotel, lock=None) -> str:
    base = f"/p/{hotel.property.slug}/locks/training/"
    return f"{base}{lock.public_id}/" if lock else base


def knobs(hotel, lock, **turned) -> dict:
    """What the form sends: as it was shown, with what was changed."""
    state = simulated.door(lock).state(lock.provider_ref)
    shown = {"slow_seconds": "0.0", "battery": "100", "slots": ""}
    shown |= {
        name: str(value)
        for name, value in state["knobs"].items()
        if name.endswith(("writes", "listings", "pins", "answers"))
    }
    return {
        "act": "knobs",
        **{name: value for name, value in shown.items() if name != "reject_pins"},
    } | turned


def test_every_screen_of_a_house_without_a_real_lock_says_so(client, hotel):
    for path in ("", "locks/", "book/", "handover/", "notes/", "print/", "locks/training/"):
        assert MARK in client.get(f"/p/{hotel.property.slug}/{path}").content.decode(), path


def test_one_real_lock_and_the_mark_is_gone(client, hotel):
    real = LockFactory(connection=ConnectionFactory(property=hotel.property, provider="another"))
    board = f"/p/{hotel.property.slug}/locks/"
    assert MARK not in client.get(board).content.decode()
    assert client.get(page(hotel)).status_code == 404
    assert client.get(page(hotel, hotel.locks["1"])).status_code == 404
    real.replaced_by, real.replaced_at = hotel.locks["1"], now()
    real.save()
    assert MARK in client.get(board).content.decode()


def test_the_mark_leads_a_manager_to_the_keypads_and_nobody_else(client, hotel):
    strip, way = f"/p/{hotel.property.slug}/book/", "Keypads"
    assert way in client.get(strip).content.decode()
    client.force_login(MembershipFactory(property=hotel.property, role=Role.DESK).user)
    body = client.get(strip).content.decode()
    assert MARK in body and way not in body


def test_a_house_without_a_lock_is_no_training(client, db):
    empty = PropertyFactory()
    client.force_login(MembershipFactory(property=empty, role=Role.MANAGER).user)
    assert MARK not in client.get(f"/p/{empty.slug}/").content.decode()
    assert simulated.training([empty]) == set()


def test_the_owners_page_of_several_houses_marks_the_right_one(client, hotel):
    user = MembershipFactory(property__name="Real House", role=Role.OWNER).user
    MembershipFactory(user=user, property=hotel.property, role=Role.OWNER)
    client.force_login(user)
    body = client.get("/owner/").content.decode()
    assert body.count(MARK) == 1
    assert body.index(MARK) > body.index("Real House")


def test_a_lock_that_is_turned_offline_is_offline_at_the_desk(client, hotel):
    lock = hotel.locks["1"]
    client.post(page(hotel, lock), knobs(hotel, lock, offline="on"))
    hotel.visit(lock)
    assert lock.online is False
    assert "Offline: it does not answer" in client.get(page(hotel)).content.decode()
    client.post(page(hotel, lock), knobs(hotel, lock))
    hotel.visit(lock)
    assert lock.online is True


def test_only_what_was_changed_is_turned_and_it_is_on_record(client, hotel):
    lock = hotel.locks["1"]
    hotel.simulator.knobs(lock.provider_ref, busy_next_answers=0, slow_seconds=0.5)
    client.post(
        page(hotel, lock), knobs(hotel, lock, slow_seconds="0.5", forget_next_writes="2", battery="12")
    )
    state = simulated.door(lock).state(lock.provider_ref)
    assert state["knobs"]["forget_next_writes"] == 2
    assert (state["battery"], state["knobs"]["slow_seconds"]) == (0.12, 0.5)
    hotel.simulator.knobs(lock.provider_ref, slow_seconds=0)
    assert AuditEntry.objects.get(action="training.turned").detail["knobs"] == [
        "battery",
        "forget_next_writes",
    ]


def test_what_cannot_be_is_said_at_its_field(client, hotel):
    lock = hotel.locks["1"]
    answer = client.post(page(hotel, lock), knobs(hotel, lock, battery="140"))
    assert answer.status_code == 422
    assert "less than or equal to 100" in answer.content.decode()


def test_the_keypad_on_the_page_is_the_door(client, hotel):
    stay = stays.check_in(booking.book(hotel, "1"), by=None)
    hotel.visit()
    pin = disclosing.reveal_pin(stay, by=None)
    lock = hotel.locks["1"]
    for typed, said in (
        (pin, "The door opens"),
        ("0" + pin[1:] if pin[0] != "0" else "1" + pin[1:], "The door stays shut"),
    ):
        body = client.post(page(hotel, lock), {"act": "keypad", "pin": typed}).content.decode()
        assert said in body
        assert typed not in body
    assert [one["details"]["opened"] for one in hotel.simulator.log(lock.provider_ref, "keypad")][-2:] == [
        True,
        False,
    ]


def test_a_reset_lock_has_lost_its_codes(client, hotel):
    stays.check_in(booking.book(hotel, "1"), by=None)
    hotel.visit()
    lock = hotel.locks["1"]
    client.post(page(hotel, lock), {"act": "reset", "same": "1"})
    assert hotel.simulator.codes(lock.provider_ref) == []
    assert AuditEntry.objects.get(action="training.reset").detail["same"] is True


def test_it_is_for_managers(client, hotel):
    client.force_login(MembershipFactory(property=hotel.property).user)
    assert client.get(page(hotel)).status_code == 403


def test_a_simulator_that_does_not_answer_is_said(client, hotel):
    account = hotel.locks["1"].connection
    account.credentials = account.credentials | {"base_url": "http://127.0.0.1:9"}
    account.save()
    for path in (page(hotel), page(hotel, hotel.locks["1"])):
        answer = client.get(path)
        assert answer.status_code == 502
        assert "The simulator does not answer." in answer.content.decode()
    assert Lock.objects.filter(property=hotel.property).count() == 3
