"""Rooms as a person types them, or as a file lists them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from hospitality.models import Role, Room
from hospitality.setup import room_lists
from hospitality.setup.room_lists import FileRefused, Wanted
from tests.factories import MembershipFactory, RoomFactory, StayFactory


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("101-103, 201-202", "101 102 103 201 202"),
        ("101 – 103", "101 102 103"),
        ("A1-A3;B7", "A1 A2 A3 B7"),
        ("Suite 1-3", "Suite 1|Suite 2|Suite 3"),
        ("001-003", "001 002 003"),
        ("9-11", "9 10 11"),
        ("Garden-Suite, , Attic", "Garden-Suite Attic"),
        ("A-1-A-2", "A-1 A-2"),
        ("101\n  102 \n", "101 102"),
    ],
)
def test_ranges_and_names(text, names):
    read = room_lists.from_text(text)
    assert [room.name for room in read.rooms] == names.split("|" if "|" in names else " ")
    assert read.refused == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("112-101", "backwards"),
        ("A1-B9", "write both alike"),
        ("1-5000", "more than 1000"),
        ("101, 101-102", "twice"),
        ("x" * 41, "longer than 40"),
        ("1: " + "x" * 121, "longer than 120"),
    ],
)
def test_what_cannot_be_read_is_named_and_the_rest_is_kept(text, why):
    read = room_lists.from_text(f"{text}\nAttic")
    assert why in " ".join(read.refused)
    assert read.rooms[-1] == Wanted("Attic")


def test_after_a_colon_stands_what_the_rooms_of_the_line_are_sold_as():
    read = room_lists.from_text("101-102, 9: Double lake view\n103")
    assert read.rooms == [
        Wanted("101", "Double lake view"),
        Wanted("102", "Double lake view"),
        Wanted("9", "Double lake view"),
        Wanted("103"),
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"Name,Unit type\n101,Double\n102,\n",
        b"\xef\xbb\xbfUnit Type;Room\r\nDouble;101\r\n;102\r\n",
        b"101\tDouble\n102\n",
        b"Room,Type\n101,Double\n102,\n",
    ],
)
def test_files_with_and_without_a_head(data):
    assert room_lists.from_csv(data).rooms == [Wanted("101", "Double"), Wanted("102")]


def test_a_row_without_a_name_is_told():
    read = room_lists.from_csv("Name,Type\n101,Königszimmer\n,Double\n".encode("cp1252"))
    assert read.rooms == [Wanted("101", "Königszimmer")]
    assert read.refused == ["Row 2 of the rooms has no name."]


@pytest.mark.parametrize("data", [b"", b"\n\n", b"PK\0\3", b"Unit type,Floor\nDouble,1\n"])
def test_what_is_no_list_of_rooms_is_refused(data):
    with pytest.raises(FileRefused):
        room_lists.from_csv(data)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_or_named_and_survives_the_preview(text):
    read = room_lists.from_text(text.replace("\0", ""))
    assert all(room.name and len(room.name) <= 40 for room in read.rooms)
    if read.rooms:
        assert room_lists.from_csv(room_lists.as_csv(read.rooms).encode()).rooms == read.rooms


@given(st.binary(max_size=80))
def test_whatever_file_comes_is_read_or_refused(data):
    try:
        room_lists.from_csv(data)
    except FileRefused as refusal:
        assert str(refusal)


@pytest.fixture
def hotel(client, db):
    membership = MembershipFactory(role=Role.MANAGER)
    client.force_login(membership.user)
    return membership.property


def page(hotel, end="") -> str:
    return f"/p/{hotel.slug}/settings/rooms/{end}"


def test_nothing_is_made_before_the_preview_was_confirmed(client, hotel):
    RoomFactory(property=hotel, name="101")
    answer = client.post(page(hotel, "preview/"), {"rooms": "101-103: Double\n9-1"})
    body = answer.content.decode()
    assert "2 rooms to be made" in body
    assert "runs backwards" in body
    assert "1 unit type" not in body and "Sold as something else from now on: 101 (Double)" in body
    assert hotel.rooms.count() == 1
    client.post(page(hotel, "make/"), {"kept": answer.context["kept"]})
    assert set(hotel.rooms.values_list("name", "unit_type")) == {
        ("101", "Double"),
        ("102", "Double"),
        ("103", "Double"),
    }


def test_a_file_and_what_is_typed_go_together_and_again_is_nothing(client, hotel):
    file = SimpleUploadedFile("rooms.csv", b"Name,Unit type\n201,Suite\n")
    kept = client.post(page(hotel, "preview/"), {"rooms": "101", "file": file}).context["kept"]
    for _ in range(2):
        client.post(page(hotel, "make/"), {"kept": kept})
    assert sorted(hotel.rooms.values_list("name", flat=True)) == ["101", "201"]


@pytest.mark.parametrize("sent", [{}, {"rooms": "  "}, {"file": SimpleUploadedFile("x", b"PK\0")}])
def test_nothing_and_nonsense_are_refused_with_the_remedy(client, hotel, sent):
    answer = client.post(page(hotel, "preview/"), sent)
    assert answer.status_code == 422
    assert "field__error" in answer.content.decode() or "Write the rooms" in answer.content.decode()


def test_a_room_that_has_had_guests_stays(client, hotel):
    used, slip = RoomFactory(property=hotel, name="101"), RoomFactory(property=hotel, name="1012")
    StayFactory(property=hotel, room=used)
    assert client.post(page(hotel, f"{used.public_id}/remove/")).status_code == 409
    client.post(page(hotel, f"{slip.public_id}/remove/"))
    assert list(Room.objects.all()) == [used]
