"""The handover: open exceptions and nothing else, what was done for guests at doors, signed as read, kept, then gone."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from hospitality import clock
from hospitality.models import AuditEntry, Condition
from hospitality.schedules import PERIODIC
from hospitality.wall import Wall
from reservations import calls, disclosing, guests
from reservations.handover import draft, signing
from reservations.handover.models import Handover
from reservations.housekeeping import rooms
from reservations.models import InTheWay, StayState
from reservations.notes import book as notes
from tests.factories import (
    AccessCodeFactory,
    AccessGrantFactory,
    ConnectionFactory,
    LockFactory,
    MembershipFactory,
    MessageFactory,
    PropertyFactory,
    RoomFactory,
    StayFactory,
    UserFactory,
    now,
    today,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PAGE = "/p/seeblick/handover/"


@pytest.fixture
def hotel(db):
    return PropertyFactory(slug="seeblick", backup_pool_size=0)


@pytest.fixture
def clerk(hotel, client):
    user = UserFactory(first_name="Ana", last_name="Keller")
    MembershipFactory(user=user, property=hotel)
    client.force_login(user)
    return user


@pytest.fixture
def here(hotel):
    """Anna Smith in house in 204, whose lock has her code and a backup code."""
    room = RoomFactory(property=hotel, name="204")
    lock = LockFactory(connection=ConnectionFactory(property=hotel), name="Room 204", rooms=[room])
    grant = AccessGrantFactory(property=hotel)
    AccessCodeFactory(lock=lock, grant=grant, present=True)
    AccessCodeFactory(lock=lock, backup=True)
    return StayFactory(property=hotel, room=room, grant=grant, in_house=True)


def read(hotel) -> dict[str, list[str]]:
    found = draft.compose(hotel, Wall(hotel, clock.now()))
    return {one.title: [f"{point.about}: {point.text}" for point in one.points] for one in found.sections}


def sign(hotel, by, **fields) -> Handover:
    digest = draft.compose(hotel, Wall(hotel, clock.now())).digest
    return signing.sign(hotel, by=by, **{"remarks": "", "digest": digest} | fields)


def test_where_all_is_well_nothing_is_mentioned(client, clerk, here):
    assert read(here.property) == {}
    assert "Nothing is open" in client.get(PAGE).content.decode()


def test_what_was_done_for_a_guest_who_could_not_get_in_is_told_in_order(clerk, here):
    lock = here.room.locks.get()
    calls.ring(here, by=None, why=InTheWay.FAILING(doors=["Room 204"]))
    disclosing.issue_backup(here, lock, by=clerk, reason="battery", is_id_checked=True)
    [line] = read(here.property)["Guests who could not get in"]
    assert line.startswith("Anna Smith, 204: ")
    assert "Guest cannot get in: The code has an error at Room 204.; " in line
    assert "Backup code handed out: Room 204, battery, ID checked, by Ana Keller" in line
    assert "rings still" not in line


def test_who_rings_still_is_said(clerk, here):
    calls.ring(here, by=None, why=InTheWay.CONFIRMED())
    assert read(here.property)["Guests who could not get in"][0].endswith("rings still")
    guests.helped(here, by=clerk)
    assert read(here.property)["Guests who could not get in"][0].endswith("Guest helped, by Ana Keller")


def test_what_was_told_in_the_last_handover_is_not_told_again(clerk, here):
    disclosing.issue_backup(here, here.room.locks.get(), by=clerk)
    sign(here.property, clerk)
    assert read(here.property) == {}


def test_locks_codes_batteries_and_messages_that_need_somebody_are_there(hotel, clerk, here):
    account = here.room.locks.get().connection
    LockFactory(connection=account, name="Room 9", offline=True)
    LockFactory(connection=account, name="Room 10", battery=0.15)
    MessageFactory(stay=here, state="failed", problem="No address.")
    found = read(hotel)
    assert any(line.startswith("Room 9: offline since") for line in found["Locks and codes"])
    assert found["Batteries to change soon"] == ["Room 10: Battery low, 15 %"]
    assert found["Messages that did not go out"][0].startswith(
        "Anna Smith, 204: message “Your code” not sent"
    )


def test_late_arrivals_and_overdue_departures_are_there(hotel, clerk):
    StayFactory(property=hotel, guest_name="Bo Late", arrival=today(hotel) - DAY)
    StayFactory(property=hotel, guest_name="Cy In", arrival=today(hotel) + DAY)
    StayFactory(
        property=hotel,
        guest_name="Di Over",
        arrival=today(hotel) - 3 * DAY,
        departure=today(hotel) - DAY,
        in_house=True,
    )
    found = read(hotel)
    assert [line.split(":")[0] for line in found["Late arrivals"]] == ["Bo Late"]
    assert [line.split(":")[0] for line in found["Overdue departures"]] == ["Di Over"]


def test_rooms_out_of_order_and_rooms_not_ready_for_who_comes_are_there(hotel, clerk):
    closed, dirty, empty = (RoomFactory(property=hotel, name=name) for name in ("7", "8", "9"))
    rooms.close(closed, by=clerk, begins=today(hotel), ends=None, why="Leak")
    for room in (dirty, empty):
        rooms.mark(room, Condition.DIRTY, by=clerk)
    StayFactory(property=hotel, room=dirty)
    assert read(hotel)["Rooms"] == [
        "Room 7: Out of order until further notice: Leak",
        "Room 8: Dirty, and a guest comes today",
    ]


def test_open_notes_are_there_until_they_are_done(clerk, here):
    note = notes.write(here.room, "The window sticks", by=clerk)
    [line] = read(here.property)["Open notes"]
    assert line.startswith("Room 204: The window sticks (Ana Keller, ")
    notes.mark_done(note, by=clerk)
    assert read(here.property) == {}


def test_signing_keeps_what_was_read_with_name_and_remarks(client, clerk, here):
    notes.write(here, "Wants a late breakfast", by=clerk)
    body = client.get(PAGE).content.decode()
    digest = body.split('name="digest" value="')[1].split('"')[0]
    answer = client.post(PAGE, {"digest": digest, "remarks": "Plumber at ten"}, follow=True)
    made = Handover.objects.get()
    assert answer.redirect_chain == [(f"{PAGE}{made.public_id}/", 302)]
    kept = answer.content.decode()
    for words in ("Signed by <b>Ana Keller</b>", "Plumber at ten", "Wants a late breakfast"):
        assert words in kept
    assert AuditEntry.objects.filter(
        action="handover.signed", subject_id=made.public_id, actor=clerk
    ).exists()
    notes.mark_done(here.notes.get(), by=clerk)
    assert "Wants a late breakfast" in client.get(f"{PAGE}{made.public_id}/").content.decode()
    assert "Ana Keller" in client.get(PAGE).content.decode()


def test_what_changed_since_it_was_read_is_not_signed_and_the_remarks_are_kept(client, clerk, here):
    body = client.get(PAGE).content.decode()
    digest = body.split('name="digest" value="')[1].split('"')[0]
    notes.write(here, "Just now", by=clerk)
    answer = client.post(PAGE, {"digest": digest, "remarks": "Plumber at ten"})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "read it again, and sign then" in page
    assert "Plumber at ten</textarea>" in page
    assert "Just now" in page
    assert not Handover.objects.exists()


def test_a_signed_one_is_never_changed(clerk, here):
    made = sign(here.property, clerk)
    made.remarks = "Something else"
    with pytest.raises(DatabaseError), transaction.atomic():
        made.save()
    made.refresh_from_db()
    assert made.remarks == ""


def test_it_is_kept_for_ninety_days_and_then_deleted_by_the_schedule(clerk, here, monkeypatch):
    made = sign(here.property, clerk)
    assert "reservations.handover.signing.forget" in [work.function for work in PERIODIC]
    for days, left in ((91, 1), (93, 0)):
        monkeypatch.setattr(clock, "now", lambda days=days: now() + days * DAY)
        signing.forget()
        assert Handover.objects.filter(pk=made.pk).count() == left
    assert AuditEntry.objects.filter(action="handover.signed").exists()


def test_the_number_of_queries_does_not_depend_on_what_is_open(
    hotel, clerk, here, django_assert_max_num_queries
):
    wall = Wall(hotel, clock.now())
    for number in range(12):
        room = RoomFactory(property=hotel)
        stay = StayFactory(
            property=hotel, room=room, arrival=today(hotel) - DAY, guest_name=f"Guest {number}"
        )
        notes.write(stay, "Late", by=clerk)
    with django_assert_max_num_queries(43):
        found = draft.compose(hotel, wall)
    assert found.count == 24


def test_departed_and_cancelled_stays_are_not_open(hotel, clerk):
    StayFactory(property=hotel, departed=True)
    StayFactory(property=hotel, state=StayState.CANCELLED, arrival=today(hotel) - DAY)
    assert read(hotel) == {}
