"""What is printed: lists of a day, the paper of a shift with masked codes, a registration card without a PIN unless
somebody asks."""

import pytest

from hospitality.models import AuditEntry
from locks import sealed
from tests.factories import (
    AccessCodeFactory,
    AccessGrantFactory,
    CompanionFactory,
    ConnectionFactory,
    LockFactory,
    MembershipFactory,
    NoteFactory,
    PropertyFactory,
    RoomFactory,
    StayFactory,
    now,
    today,
)

PIN = "246813"


@pytest.fixture
def hotel(db, client):
    hotel = PropertyFactory(slug="seeblick", name="Seeblick")
    client.force_login(MembershipFactory(property=hotel).user)
    return hotel


@pytest.fixture
def here(hotel):
    room = RoomFactory(property=hotel, name="204")
    lock = LockFactory(connection=ConnectionFactory(property=hotel), name="Room 204", rooms=[room])
    grant = AccessGrantFactory(property=hotel, pin=PIN)
    AccessCodeFactory(lock=lock, grant=grant, present=True, pin=PIN)
    return StayFactory(property=hotel, room=room, grant=grant, in_house=True, guest_name="Anna Smith")


def printed(client, which="", day=None) -> str:
    return client.get(f"/p/seeblick/print/{which}", {"day": day.isoformat()} if day else {}).content.decode()


def test_each_list_has_its_guests_and_no_others(client, hotel, here):
    StayFactory(property=hotel, guest_name="Bo Due")
    yesterday = today(hotel).fromordinal(today(hotel).toordinal() - 1)
    StayFactory(property=hotel, guest_name="Cy Out", arrival=yesterday, departure=today(hotel), in_house=True)
    names = ("Anna Smith", "Bo Due", "Cy Out")
    found = {
        which: [name for name in names if name in printed(client, which)]
        for which in ("arrivals/", "in-house/", "departures/", "shift/")
    }
    assert found == {
        "arrivals/": ["Bo Due"],
        "in-house/": ["Anna Smith"],
        "departures/": ["Cy Out"],
        "shift/": list(names),
    }


def test_the_paper_of_the_shift_masks_codes_and_says_whether_they_are_on_the_doors(client, here):
    body = printed(client)
    assert "••••••" in body
    assert "On the lock, confirmed" in body
    assert PIN not in body.replace(" ", "")
    assert "No code is written here." in body


def test_it_names_the_envelopes_of_the_rooms_doors(client, here):
    code = AccessCodeFactory(
        lock=here.room.locks.get(), backup=True, pin="907531", handed_out_at=now(), sealed_at=now()
    )
    assert sealed.label(code.public_id) in printed(client)
    assert "907531" not in printed(client)


def test_notes_are_on_it(client, here):
    NoteFactory(stay=here, text="Has a dog")
    assert "Has a dog" in printed(client, "in-house/")


def test_another_day_can_be_printed_and_what_is_no_list_is_not_there(client, hotel):
    day = today(hotel).fromordinal(today(hotel).toordinal() + 3)
    StayFactory(property=hotel, guest_name="Di Later", arrival=day)
    assert "Di Later" in printed(client, "arrivals/", day)
    assert "Di Later" not in printed(client, "arrivals/")
    assert client.get("/p/seeblick/print/everything/").status_code == 404


def test_a_registration_card_has_the_guest_and_no_pin(client, here):
    CompanionFactory(stay=here, name="Ben Okri")
    body = client.get(f"/p/seeblick/stays/{here.public_id}/card/").content.decode()
    for words in ("Anna Smith", "204", "Ben Okri", "Signature", "With the PIN on it"):
        assert words in body
    assert PIN not in body.replace(" ", "")
    assert not AuditEntry.objects.filter(action="pin.revealed").exists()


def test_with_the_pin_only_when_asked_for_and_on_record(client, here):
    answer = client.post(f"/p/seeblick/stays/{here.public_id}/card/")
    assert "246 813" in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert AuditEntry.objects.filter(action="pin.revealed", subject_id=here.public_id).count() == 1


def test_a_stay_without_a_code_says_why_there_is_no_pin(client, hotel):
    stay = StayFactory(property=hotel)
    answer = client.post(f"/p/seeblick/stays/{stay.public_id}/card/")
    assert answer.status_code == 422
    assert "This stay has no code" in answer.content.decode()
