"""A new booking at the desk."""

import re
from datetime import timedelta

import pytest

from reservations.messages.models import MessageSettings
from reservations.models import Reservation, Stay
from tests.factories import MembershipFactory, PropertyFactory, RoomFactory, today

BOOK = "/p/seeblick/book/"
DAY = timedelta(days=1)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def hotel(db, client):
    hotel = PropertyFactory(slug="seeblick")
    RoomFactory(property=hotel, name="101")
    client.force_login(MembershipFactory(property=hotel).user)
    return hotel


def form(hotel, **fields) -> dict:
    begin = today(hotel)
    return {
        "reference": "0A1B2C3D",
        "guest_name": "Anna Smith",
        "arrival": begin.isoformat(),
        "departure": (begin + timedelta(days=2)).isoformat(),
        "room": hotel.rooms.get().pk,
    } | fields


def test_a_walk_in_is_booked_and_shown(client, hotel):
    answer = client.post("/p/seeblick/book/", form(hotel, phone="+41 44 000 00 00"))
    stay = Stay.objects.get()
    assert answer.headers["Location"] == f"/p/seeblick/stays/{stay.public_id}/"
    assert (stay.room.name, stay.reservation.guest.phone) == ("101", "+41440000000")


def test_with_htmx_the_browser_is_sent_to_the_stay(client, hotel):
    answer = client.post("/p/seeblick/book/", form(hotel), headers=HTMX)
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == f"/p/seeblick/stays/{Stay.objects.get().public_id}/"


def test_a_form_sent_twice_is_one_booking(client, hotel):
    for room in (hotel.rooms.get().pk, ""):
        sent = form(hotel, room=room, reference="0000000A" if room else "0000000B")
        answers = [client.post("/p/seeblick/book/", sent) for _ in range(2)]
        assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert Reservation.objects.count() == 2


def test_each_form_has_a_reference_of_its_own(client, hotel):
    shown = [client.get("/p/seeblick/book/").context["form"]["reference"].value() for _ in range(2)]
    assert shown[0] != shown[1]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"guest_name": ""}, "This field is required."),
        ({"departure": "2020-01-01"}, "The departure must be after the arrival."),
        ({"departure": "2099-01-01"}, "check the year"),
        ({"arrival": "31.12.2026"}, "Enter a valid date."),
        (
            {"email": "anna at example"},
            "“anna at example” is no e-mail address; correct it, or leave it empty.",
        ),
        (
            {"phone": "+41 12"},
            "“+41 12” is no telephone number that exists; correct it, or leave it empty.",
        ),
        ({"phone": "079 123 45 67"}, "has no country; write it with +"),
        ({"guest_name": "x" * 201}, "at most 200 characters"),
        ({"guest_name": "An\x00na"}, "Null characters are not allowed."),
    ],
)
def test_bad_input_is_named_at_its_field_and_nothing_is_booked(client, hotel, fields, says):
    answer = client.post("/p/seeblick/book/", form(hotel, **fields), headers=HTMX)
    body = answer.content.decode()
    assert answer.status_code == 422
    assert says in body
    assert "<html" not in body
    assert not Stay.objects.exists()


def test_a_wrong_number_keeps_all_that_was_typed(client, hotel):
    sent = form(hotel, phone="079 12", email="anna@example.org", notes="Late")
    shown = client.post("/p/seeblick/book/", sent, headers=HTMX).context["form"]
    assert [shown[name].value() for name in ("guest_name", "phone", "email", "notes")] == [
        "Anna Smith",
        "079 12",
        "anna@example.org",
        "Late",
    ]


def test_a_number_without_a_country_is_the_houses(client, hotel):
    MessageSettings.objects.create(property=hotel, region="CH")
    client.post("/p/seeblick/book/", form(hotel, phone="079 123 45 67"))
    assert Stay.objects.get().reservation.guest.phone == "+41791234567"


def test_a_taken_room_is_refused_and_the_form_keeps_what_was_typed(client, hotel):
    client.post("/p/seeblick/book/", form(hotel))
    answer = client.post("/p/seeblick/book/", form(hotel, guest_name="Bo Late", reference="FFFFFFFF"))
    body = answer.content.decode()
    assert answer.status_code == 422
    assert "The room is taken" in body
    assert 'value="Bo Late"' in body
    assert Stay.objects.count() == 1


def value(body: str, name: str) -> str:
    return re.search(rf'name="{name}" value="([^"]*)"', body)[1]


def test_one_night_is_offered_from_the_day_that_is_asked_for(client, hotel):
    day = today(hotel)
    for asked, arrives in (("", day), (f"?arrival={day + 9 * DAY}", day + 9 * DAY)):
        body = client.get(f"{BOOK}{asked}").content.decode()
        assert [value(body, name) for name in ("arrival", "departure")] == [
            arrives.isoformat(),
            (arrives + DAY).isoformat(),
        ]


def test_what_concerns_several_rooms_stands_after_the_guest_and_open_only_where_it_was_used(client, hotel):
    body = client.get(BOOK).content.decode()
    places = [
        body.index(f'name="{name}"') for name in ("guest_name", "room", "email", "phone", "rooms", "one_pin")
    ]
    assert places == sorted(places)
    assert '<details id="several" class="more">' in body
    answer = client.post(BOOK, form(hotel, guest_name="", rooms="3"))
    assert '<details id="several" class="more" open>' in answer.content.decode()
