"""Notes on stays and rooms: who reads them where, that they end on record, and that none is lost."""

import pytest
from django.db.models import ProtectedError

from hospitality import clock
from hospitality.models import AuditEntry
from hospitality.wall import Wall
from locks.said import Said
from reservations import stays
from reservations.models import StayState
from reservations.notes import book as notes
from reservations.notes.models import Note
from reservations.rows import row
from tests.factories import (
    MembershipFactory,
    PropertyFactory,
    RoomFactory,
    StayFactory,
    UserFactory,
    today,
)

HTMX = {"HX-Request": "true"}


@pytest.fixture
def hotel(db):
    return PropertyFactory(slug="seeblick")


@pytest.fixture
def clerk(hotel, client):
    user = UserFactory(first_name="Ana", last_name="Keller")
    MembershipFactory(user=user, property=hotel)
    client.force_login(user)
    return user


@pytest.fixture
def stay(hotel):
    return StayFactory(property=hotel, room=RoomFactory(property=hotel, name="204"))


def signs(stay) -> list[Said]:
    wall = Wall(stay.property, clock.now())
    return [said for said in row.row(stay, today(stay.property), wall).notes if said.tone == "note"]


def page(stay, verb="") -> str:
    return f"/p/seeblick/stays/{stay.public_id}/{verb}"


def test_a_note_on_a_stay_is_on_its_page_with_who_and_when(client, clerk, stay):
    body = client.post(page(stay, "notes/"), {"text": "Late, has the  dog"}, headers=HTMX).content.decode()
    assert '<section id="notes"' in body
    assert "<html" not in body
    assert "Late, has the dog" in body
    assert "Ana Keller, " in body
    assert "The note is kept." in body


def test_a_note_on_the_room_is_there_for_the_next_guest_too(client, clerk, stay):
    client.post(page(stay, "notes/"), {"text": "The window sticks", "about": "room"})
    stays.cancel(stay, by=None)
    following = StayFactory(property=stay.property, room=stay.room)
    body = client.get(page(following)).content.decode()
    assert "The window sticks" in body
    assert "Room 204" in body


def test_without_javascript_writing_leads_back_to_the_stay(client, clerk, stay):
    answer = client.post(page(stay, "notes/"), {"text": "Late"}, follow=True)
    assert answer.redirect_chain == [(page(stay), 302)]
    assert "The note is kept." in answer.content.decode()


@pytest.mark.parametrize(
    ("text", "why"), [("  ", "Write the note first"), ("x" * 501, "at most 500 letters")]
)
def test_a_note_that_cannot_be_kept_says_why_and_loses_nothing(client, clerk, stay, text, why):
    answer = client.post(page(stay, "notes/"), {"text": text})
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert f">{text}</textarea>" in answer.content.decode()
    assert not Note.objects.exists()


def test_the_boards_row_has_a_sign_for_notes_on_the_stay_and_on_its_room(clerk, stay):
    notes.write(stay, "Late", by=clerk)
    notes.write(stay.room, "The window sticks; " + "x" * 100, by=clerk)
    late, window = sorted(signs(stay), key=lambda said: len(said.text))
    assert late == Said("note", "Late")
    assert window.text.startswith("The window sticks")
    assert len(window.text) == 70


def test_rows_of_others_and_of_guests_who_left_have_none(clerk, stay):
    notes.write(stay, "Late", by=clerk)
    assert signs(StayFactory(property=stay.property, room=RoomFactory(property=stay.property))) == []
    stay.state = StayState.CANCELLED
    stay.save()
    assert signs(stay) == []


def test_a_note_is_read_at_check_in(clerk, stay):
    notes.write(stay, "Take a deposit", by=clerk)
    notes.write(stay.room, "The window sticks", by=clerk)
    with pytest.raises(stays.NeedsConfirmation) as question:
        stays.check_in(stay, by=clerk)
    assert question.value.warnings == [
        "Note on the stay: Take a deposit",
        "Note on room 204: The window sticks",
    ]
    assert stays.check_in(stay, by=clerk, confirmed=True).state == StayState.IN_HOUSE


def test_a_note_that_is_done_stays_with_who_did_it_and_is_no_sign_any_more(client, clerk, stay):
    note = notes.write(stay, "Late", by=clerk)
    body = client.post(page(stay, f"notes/{note.public_id}/done/"), headers=HTMX).content.decode()
    assert "note--done" in body
    assert "done: Ana Keller, " in body
    assert signs(stay) == []
    assert stays.check_in(stay, by=clerk).state == StayState.IN_HOUSE


def test_the_second_who_marks_it_done_is_told_who_was_first(client, clerk, stay):
    note = notes.write(stay, "Late", by=clerk)
    notes.mark_done(note, by=clerk)
    answer = client.post(page(stay, f"notes/{note.public_id}/done/"), headers=HTMX)
    assert answer.status_code == 409
    assert "Marked done by Ana Keller at" in answer.content.decode()


def test_writing_and_ending_a_note_are_on_record_without_its_words(clerk, stay):
    note = notes.write(stay, "Take a deposit", by=clerk)
    notes.mark_done(note, by=clerk)
    entries = AuditEntry.objects.filter(subject_id=stay.public_id, action__startswith="note.")
    assert sorted(entry.action for entry in entries) == ["note.done", "note.written"]
    assert all("deposit" not in str(entry.detail) for entry in entries)


def test_a_stay_with_a_note_cannot_be_deleted(clerk, stay):
    notes.write(stay, "Late", by=clerk)
    with pytest.raises(ProtectedError):
        stay.delete()


def test_the_house_page_lists_open_notes_of_who_is_still_to_come_or_here(client, clerk, stay):
    notes.write(stay, "Late", by=clerk)
    notes.write(stay.room, "The window sticks", by=clerk)
    gone = StayFactory(property=stay.property, departed=True)
    notes.write(gone, "Left a scarf", by=clerk)
    body = client.get("/p/seeblick/notes/").content.decode()
    assert "Anna Smith, 204" in body
    assert "The window sticks" in body
    assert "Left a scarf" not in body


def test_a_note_on_a_room_is_written_and_done_on_the_house_page(client, clerk, stay):
    answer = client.post("/p/seeblick/notes/", {"room": "", "text": "The window sticks"})
    assert answer.status_code == 422
    assert "Choose the room" in answer.content.decode()
    client.post("/p/seeblick/notes/", {"room": stay.room.pk, "text": "The window sticks"})
    note = Note.objects.get()
    assert note.room == stay.room
    body = client.post(f"/p/seeblick/notes/{note.public_id}/done/", headers=HTMX).content.decode()
    assert "No open note." in body


def test_a_room_of_another_house_takes_no_note(client, clerk, stay):
    other = RoomFactory()
    assert client.post("/p/seeblick/notes/", {"room": other.pk, "text": "Hello"}).status_code == 422
    assert not Note.objects.exists()
