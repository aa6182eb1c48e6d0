"""A room gets another name or another unit type: said in its history, and what pointed at it still does."""

import pytest

from hospitality.models import AuditEntry, Role
from reservations.imports.units import Units
from reservations.models import ImportProfile
from reservations.setup import room_names
from tests.factories import MembershipFactory, RoomFactory, StayFactory


@pytest.fixture
def hotel(client, db):
    membership = MembershipFactory(role=Role.MANAGER, property__slug="seeblick")
    client.force_login(membership.user)
    return membership.property


def page(room) -> str:
    return f"/p/{room.property.slug}/settings/rooms/{room.public_id}/"


def test_a_room_is_renamed_with_its_guests_and_its_history_says_so(client, hotel):
    room = RoomFactory(property=hotel, name="101", unit_type="Double")
    stay = StayFactory(property=hotel, room=room)
    sent = {"name": " Garden  suite ", "unit_type": "Suite"}
    said = client.post(page(room), sent, follow=True).content.decode()
    assert "Room 101 is called Garden suite now." in said
    stay.refresh_from_db()
    assert (stay.room.name, stay.room.unit_type) == ("Garden suite", "Suite")
    history = client.get(f"/p/seeblick/rooms/{room.public_id}/").content.decode()
    assert "Called Garden suite (was 101); Unit type Suite (was Double)" in history


def test_a_name_is_there_once_and_what_was_typed_stays(client, hotel):
    room = RoomFactory(property=hotel, name="101")
    RoomFactory(property=hotel, name="102")
    answer = client.post(page(room), {"name": "102", "unit_type": "Attic"})
    body = answer.content.decode()
    assert answer.status_code == 409
    assert "Another room is called 102" in body and 'value="Attic"' in body
    assert "<h1>Room 101</h1>" in body
    room.refresh_from_db()
    assert (room.name, room.unit_type) == ("101", "")
    RoomFactory(property__slug="elsewhere", name="103")
    assert client.post(page(room), {"name": "103"}).status_code == 302


def test_saved_as_it_is_nothing_is_written(client, hotel):
    room = RoomFactory(property=hotel, name="101")
    client.post(page(room), {"name": "101"})
    assert not AuditEntry.objects.exists()


def test_unit_types_that_were_mapped_to_the_room_still_mean_it(hotel):
    room = RoomFactory(property=hotel, name="101")
    mapped = {"Attic double": "101", "Any": ""}
    profile = ImportProfile.objects.create(property=hotel, source="portal", unit_types=mapped)
    room_names.change(room, by=None, name="105", unit_type="")
    profile.refresh_from_db()
    assert profile.unit_types == {"Attic double": "105", "Any": ""}
    assert Units(hotel.rooms.all(), profile.unit_types)._part("Attic double").room == room
