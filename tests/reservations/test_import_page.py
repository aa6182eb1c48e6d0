"""The import page: upload, preview, say what is unclear, take in; the file waits sealed on the server meanwhile."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from hospitality import clock
from hospitality.models import AuditEntry, Role
from reservations import stays
from reservations.imports import intake, uploads
from reservations.imports.models import ImportUpload
from reservations.models import ImportProfile, Stay
from tests.factories import MembershipFactory, PropertyFactory, RoomFactory, today
from tests.reservations.import_files import List, everything, take_in

GONE = "This file is no longer here"


@pytest.fixture
def property(db):
    made = PropertyFactory(slug="seaview")
    for name in ("203", "204"):
        RoomFactory(property=made, name=name)
    return made


@pytest.fixture
def files(property):
    return List(today(property))


def signed_in(client, property, role=Role.DESK):
    member = MembershipFactory(property=property, role=role)
    client.force_login(member.user)
    return member.user


@pytest.fixture
def user(client, property):
    return signed_in(client, property)


@pytest.fixture
def send(client):
    """Upload a file; follows to the page that answers."""

    def run(data: bytes, name="list.csv", **fields):
        file = SimpleUploadedFile(name, data, "text/csv")
        return client.post(reverse("import", args=["seaview"]), {"file": file, **fields}, follow=True)

    return run


def text(response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def upload() -> ImportUpload:
    return ImportUpload.objects.get()


def address(name: str) -> str:
    return reverse(name, args=["seaview", upload().public_id])


def test_an_upload_is_previewed_and_then_taken_in_without_a_second_upload(client, user, files, send):
    preview = send(files.data(files.row("1", unit_type="204"), files.row("", unit_type="203")))
    assert preview.redirect_chain == [(address("import_preview"), 302)]
    assert "1 new, 1 refused: line 3: it has no booking number." in text(preview)
    assert "Anna Smith" in text(preview)
    assert not Stay.objects.exists()
    done = client.post(address("import_apply"))
    assert done.status_code == 200
    assert "1 new, 1 refused" in text(done)
    stay = Stay.objects.get()
    assert stay.room.name == "204"
    assert set(AuditEntry.objects.values_list("actor", flat=True)) == {user.pk}


def test_the_file_is_sealed_while_it_waits_and_gone_once_taken_in(client, user, files, send):
    send(files.data(files.row("1", guest="Cassandra Uniquename")))
    stored = ImportUpload.objects.values_list("content_sealed", flat=True).get()
    assert b"Uniquename" not in bytes(stored)
    client.post(address("import_apply"))
    assert not ImportUpload.objects.exists()


def test_the_preview_can_be_loaded_again(client, user, files, send):
    send(files.data(files.row("1")))
    assert "1 new" in text(client.get(address("import_preview")))
    assert "1 new" in text(client.get(address("import_preview")))


def test_taking_in_plans_afresh_and_says_what_was_really_done(client, user, property, files, send):
    data = files.data(files.row("1"), files.row("2"))
    send(data)
    take_in(property, files.data(files.row("1")))
    assert "1 new, 1 unchanged" in text(client.post(address("import_apply")))


def test_the_second_click_is_told_that_it_is_done(client, user, files, send):
    send(files.data(files.row("1")))
    target = address("import_apply")
    client.post(target)
    before = everything()
    again = client.post(target)
    assert again.status_code == 409
    assert GONE in text(again)
    assert everything() == before


def test_an_upload_is_swapped_with_nobodys(client, user, property, files, send):
    send(files.data(files.row("1")))
    mine = address("import_preview")
    apply = address("import_apply")
    signed_in(client, property)
    assert client.get(mine).status_code == 410
    assert client.post(apply).status_code == 409
    elsewhere = PropertyFactory(slug="elsewhere")
    MembershipFactory(property=elsewhere, user=user)
    client.force_login(user)
    assert client.get(reverse("import_preview", args=["elsewhere", upload().public_id])).status_code == 410
    assert client.post(reverse("import_apply", args=["elsewhere", upload().public_id])).status_code == 409
    assert client.get(mine).status_code == 200
    assert not Stay.objects.exists()


def test_two_files_of_one_person_do_not_get_mixed_up(client, user, files, send):
    first = send(files.data(files.row("1", guest="First Guest"))).redirect_chain[0][0]
    second = send(files.data(files.row("2", guest="Second Guest"))).redirect_chain[0][0]
    assert "First Guest" in text(client.get(first))
    assert "First Guest" not in text(client.get(second))


def test_after_an_hour_the_file_is_gone(client, user, property, files, send):
    send(files.data(files.row("1")))
    ImportUpload.objects.update(created_at=clock.now() - timedelta(minutes=61))
    assert GONE in text(client.get(address("import_preview")))
    assert client.post(address("import_apply")).status_code == 409
    client.get(reverse("import", args=["seaview"]))
    assert not ImportUpload.objects.exists()


def test_only_old_uploads_are_swept(client, user, files, send):
    send(files.data(files.row("1")))
    assert uploads.sweep() == 0
    ImportUpload.objects.update(created_at=clock.now() - timedelta(minutes=61))
    assert uploads.sweep() == 1


def test_a_file_can_be_forgotten(client, user, files, send):
    send(files.data(files.row("1")))
    assert client.post(address("import_discard"), follow=True).status_code == 200
    assert not ImportUpload.objects.exists()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "The file is empty"),
        (b"PK\x03\x04" + bytes(100), "save it as CSV"),
        (b"<html><body>sign in</body></html>", "web page"),
        (b"a letter", "no columns parted by"),
        (b"Book number,Check-in,Check-out,Booked by\n", "no rows"),
    ],
)
def test_a_file_that_is_no_list_is_refused_with_the_remedy_and_not_kept(user, send, data, why):
    response = send(data)
    assert response.status_code == 422
    assert why in text(response)
    assert not ImportUpload.objects.exists()


def test_a_large_file_is_refused_unread(user, send, monkeypatch):
    def unread(*args):
        raise AssertionError("the file was read")

    monkeypatch.setattr(intake, "open_file", unread)
    response = send(b"x" * (50 * 2**20))
    assert response.status_code == 422
    assert "The file has 50 MB; at most 5 MB are read" in text(response)


def test_without_a_file_the_page_asks_for_one(client, user):
    response = client.post(reverse("import", args=["seaview"]))
    assert response.status_code == 422
    assert "Choose a file first." in text(response)


def test_guests_in_house_are_changed_only_with_the_second_yes(client, user, property, files, send):
    take_in(property, files.data(files.row("1", arrival=0, unit_type="204")))
    stays.check_in(Stay.objects.get(), by=user)
    data = files.data(files.row("1", arrival=0, nights=5, unit_type="204"))
    preview = send(data)
    assert "Anna Smith is in house in 204" in text(preview)
    assert 'name="second_yes"' in preview.content.decode()
    assert "1 needs a second yes: line 2: Anna Smith is in house in 204" in text(
        client.post(address("import_apply"))
    )
    assert Stay.objects.get().departure == files.today + timedelta(days=2)
    send(data)
    assert "1 changed dates" in text(client.post(address("import_apply"), {"second_yes": "on"}))
    assert Stay.objects.get().departure == files.today + timedelta(days=5)


def test_an_older_file_is_taken_in_only_with_a_yes(client, user, property, files, send):
    take_in(property, files.data(files.row("1", booked_on="2026-11-20")))
    assert "looks older than the last one" in text(
        send(files.data(files.row("1", nights=4, booked_on="2026-11-19")))
    )
    refused = client.post(address("import_apply"))
    assert refused.status_code == 422
    assert "Nothing was taken in" in text(refused)
    assert Stay.objects.get().departure == files.today + timedelta(days=3)
    assert "1 changed dates" in text(client.post(address("import_apply"), {"older": "on"}))


OTHER = b"Ref;Who;From;Until;Zimmer\nr1;Anna;2036-11-22;2036-11-24;204\n"
CHOSEN = {
    "source": "House Book",
    "number": "Ref",
    "guest": "Who",
    "arrival": "From",
    "departure": "Until",
    "unit_type": "Zimmer",
}


def test_unknown_columns_are_asked_for_once_and_then_remembered(client, user, property, send):
    asked = send(OTHER)
    assert asked.redirect_chain == [(address("import_columns"), 302)]
    form = asked.context["form"]
    assert (form["arrival"].value(), form["unit_type"].value()) == ("From", "Zimmer")
    assert "Who (like '" in text(asked)
    preview = client.post(address("import_columns"), CHOSEN, follow=True)
    assert "1 new" in text(preview)
    assert "read as a list from house book" in text(preview)
    client.post(address("import_apply"))
    assert Stay.objects.get().reservation.source == "house book"
    again = send(OTHER)
    assert "1 unchanged" in text(again)
    assert "There is nothing to take in." in text(again)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"number": ""}, "This field is required"),
        ({"guest": ""}, "Choose the column of the guest"),
        ({"guest": "Ref"}, "is chosen twice"),
        ({"arrival": "Never"}, "not one of the available choices"),
        ({"source": "desk"}, "cannot name a source"),
        ({"source": "<b>"}, "cannot name a source"),
    ],
)
def test_an_answer_about_columns_that_cannot_be_is_asked_again(client, user, send, answer, why):
    send(OTHER)
    response = client.post(address("import_columns"), CHOSEN | answer)
    assert response.status_code == 422
    assert why in text(response)
    assert not ImportProfile.objects.exists()


def test_the_source_can_be_chosen_at_upload(client, user, property, files, send):
    intake.remember_columns(property, "expedia", {})
    send(files.data(files.row("1")), source="expedia")
    client.post(address("import_apply"))
    assert Stay.objects.get().reservation.source == "expedia"
    assert send(files.data(files.row("1")), source="elsewhere").status_code == 422


def test_unknown_unit_types_are_mapped_on_the_preview_and_remembered(client, user, property, files, send):
    data = files.data(files.row("1", unit_type="Topmost room"), files.row("2", arrival=9, unit_type="Attic"))
    shown = text(send(data))
    assert "2 refused: unknown unit type 'Topmost room', map it; unknown unit type 'Attic', map it" in shown
    preview = client.post(address("import_units"), {"unit-0": "?", "unit-1": "204"}, follow=True)
    assert ImportProfile.objects.get().unit_types == {"Topmost room": "204"}
    assert "1 new, 1 refused: unknown unit type 'Attic', map it" in text(preview)
    wrong = client.post(address("import_units"), {"unit-0": "999"})
    assert wrong.status_code == 422
    client.post(address("import_apply"))
    assert Stay.objects.get(reservation__external_id="1").room.name == "204"


def test_a_long_list_shows_its_first_rows_and_says_how_many_more(user, files, send):
    preview = send(files.data(*(files.row(str(number), arrival=number % 300) for number in range(1, 601))))
    assert "600 new" in text(preview)
    assert preview.content.decode().count('id="line-') == 500
    assert "And 100 more rows." in text(preview)


def test_markup_in_a_file_is_shown_as_text(user, files, send):
    preview = send(files.data(files.row("1", guest="<script>alert(1)</script>")), name="<img src=x>.csv")
    body = preview.content.decode()
    assert "<script>alert" not in body
    assert "<img src=x" not in body


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.DESK, 200), (Role.MANAGER, 200), (Role.OWNER, 403), (None, 404), ("nobody", 302)],
)
def test_desk_and_manager_import_and_nobody_else(client, property, files, role, status):
    if role is None:
        signed_in(client, PropertyFactory())
    elif role != "nobody":
        signed_in(client, property, role)
    assert client.get(reverse("import", args=["seaview"])).status_code == status
    file = SimpleUploadedFile("list.csv", files.data(files.row("1")))
    sent = client.post(reverse("import", args=["seaview"]), {"file": file})
    assert sent.status_code == (302 if status in (200, 302) else status)
    assert ImportUpload.objects.exists() == (status == 200)
