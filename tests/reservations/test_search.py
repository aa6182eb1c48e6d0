"""The search: who is found by what is typed, in which order, and where."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hospitality import clock
from hospitality.wall import Wall
from reservations import search
from tests.factories import (
    CompanionFactory,
    MembershipFactory,
    PropertyFactory,
    RoomFactory,
    StayFactory,
    today,
)

DAY = timedelta(days=1)


@pytest.fixture
def hotel(db):
    return PropertyFactory(name="Seeblick", slug="seeblick")


def stay(hotel, name, *, phone="", reference=None, arrives=0, **fields):
    begin = today(hotel) + arrives * DAY
    if reference:
        fields["reservation__external_id"] = reference
    return StayFactory(
        property=hotel,
        guest_name=name,
        reservation__guest__phone=phone,
        arrival=begin,
        departure=begin + 2 * DAY,
        **fields,
    )


def found(hotel, text, *others) -> list[str]:
    told = search.find([hotel, *others], text, Wall(hotel, clock.now()))
    return [hit.stay["reservation__guest__name"] for hit in told.hits]


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Müller", "muller"),
        ("Müller", "MÜLLER"),
        ("Müller", "Mueller"),
        ("Weiß", "weiss"),
        ("Søren Ångström", "soren angst"),
        ("Łukasz Żak", "lukasz zak"),
        ("Nguyễn Thị Minh", "nguyen minh"),
        ("Þóra Æsisdóttir", "thora aesis"),
        ("O’Brien", "obrien"),
        ("O'Brien", "o'brien"),
        ("Smith-Jones", "jones"),
        ("ﬁnn", "finn"),
        ("Иван Петров", "петр"),
        ("Ελένη", "ελενη"),
        ("山田太郎", "山田"),
        ("Anna Smith", "smi"),
        ("Anna Smith", "s"),
        ("Anna Smith", "smith anna"),
        ("Schmidt", "schmitd"),
        ("Schmidt", "shmidt"),
        ("Schmidt", "schmiddt"),
        ("Schmidt", "schmitt"),
        ("Rossi", "rosi"),
    ],
)
def test_accents_cases_and_one_wrong_letter_are_forgiven(hotel, name, typed):
    stay(hotel, name)
    assert found(hotel, typed) == [name]


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Schmidt", "smit"),
        ("Ann", "amn"),
        ("Anna Smith", "nna s"),
        ("Bo Lee", "lea"),
        ("Anna", ""),
        ("A", "'"),
    ],
)
def test_what_is_further_off_is_not_found(hotel, name, typed):
    stay(hotel, name)
    assert found(hotel, typed) == []


@pytest.mark.parametrize(
    "typed", ["'", "\\", "a:*", "!a", "a & | b", "<->", "(", "%", "~", "#", "ab\\'c:", "\x00a"]
)
def test_nothing_that_is_typed_breaks_the_search(client, hotel, typed):
    client.force_login(MembershipFactory(property=hotel).user)
    assert client.get("/p/seeblick/search/", {"q": typed}).status_code == 200


@pytest.mark.parametrize("typed", ["4567", "123 45 67", "079 123 45 67", "+41 79 123 45 67", "41791234567"])
def test_a_telephone_number_is_known_by_its_last_digits(hotel, typed):
    stay(hotel, "Anna Smith", phone="+41791234567")
    stay(hotel, "Bo Lee", phone="+41791234568")
    assert found(hotel, typed) == ["Anna Smith"]


def test_of_a_number_that_a_portal_tells_the_end_only_that_end_is_known(hotel):
    guest = stay(hotel, "Anna Smith").reservation.guest
    guest.phone_ends = "4567"
    guest.save()
    assert found(hotel, "4567") == ["Anna Smith"]


@pytest.mark.parametrize("typed", ["HB-2231", "hb2231", "HB-22", "2231", "231"])
def test_a_booking_is_known_by_either_end_of_its_number(hotel, typed):
    stay(hotel, "Anna Smith", reference="HB-2231")
    stay(hotel, "Bo Lee", reference="HC-3341")
    assert found(hotel, typed) == ["Anna Smith"]


def test_a_room_finds_who_is_there_now_and_a_name_beside_it_who_of_them(hotel):
    room = RoomFactory(property=hotel, name="204")
    stay(hotel, "Long Gone", arrives=-30, departed=True, room=room)
    stay(hotel, "Anna Smith", arrives=-1, in_house=True, room=room)
    stay(hotel, "Bo Next", arrives=1, room=room)
    stay(hotel, "Cy Later", arrives=9, room=room)
    assert found(hotel, "204") == ["Anna Smith", "Bo Next"]
    assert found(hotel, "bo 204") == ["Bo Next"]
    assert found(hotel, "204 smiht") == ["Anna Smith"]


def test_who_comes_along_is_found_too(hotel):
    CompanionFactory(stay=stay(hotel, "Anna Smith"), name="Zoé Brûlé")
    told = search.find([hotel], "brule", Wall(hotel, clock.now()))
    assert [(hit.stay["reservation__guest__name"], hit.beside) for hit in told.hits] == [
        ("Anna Smith", "Zoé Brûlé")
    ]


def test_exact_ones_come_first_then_who_is_here_then_who_comes_soon(hotel):
    stay(hotel, "Schmitt gone", arrives=-9, departed=True)
    stay(hotel, "Schmitt late", arrives=9)
    stay(hotel, "Schmitt soon", arrives=1)
    stay(hotel, "Schmidt here", in_house=True)
    stay(hotel, "Schmitt here", in_house=True)
    stay(hotel, "Schmitt off", state="cancelled")
    assert [name.split()[1] for name in found(hotel, "schmitt")] == [
        "here",
        "soon",
        "late",
        "gone",
        "off",
        "here",
    ]


def test_a_name_that_changes_is_found_by_the_new_one_whoever_writes_it(hotel):
    guest = stay(hotel, "Anna Smith").reservation.guest
    type(guest).objects.filter(pk=guest.pk).update(name="Anna Berg")
    assert (found(hotel, "smith"), found(hotel, "berg")) == ([], ["Anna Berg"])


def test_only_ones_own_properties_are_searched(client, hotel):
    other, stranger = PropertyFactory(slug="other", name="Other House"), PropertyFactory()
    user = MembershipFactory(property=hotel).user
    MembershipFactory(property=other, user=user)
    third = PropertyFactory()
    MembershipFactory(property=third, user=user, role="owner")
    for house in (hotel, other, stranger, third):
        stay(house, f"Anna {house.slug}")
    client.force_login(user)

    def names(**asked):
        page = client.get("/p/seeblick/search/", {"q": "anna", **asked})
        return {hit.stay["reservation__guest__name"] for hit in page.context["found"].hits}

    assert names() == {"Anna seeblick"}
    assert names(everywhere="1") == {"Anna seeblick", "Anna other"}
    assert b"Other House" in client.get("/p/seeblick/search/", {"q": "anna", "everywhere": "1"}).content
    assert client.get(f"/p/{third.slug}/search/").status_code == 403


def test_as_one_types_and_with_the_enter_key(client, hotel):
    client.force_login(MembershipFactory(property=hotel).user)
    anna = stay(hotel, "Anna Smith")
    part = client.get(
        "/p/seeblick/search/", {"q": "ann"}, headers={"HX-Request": "true", "HX-Target": "found"}
    )
    assert "<html" not in part.content.decode()
    assert "<form" not in part.content.decode()
    dialog = client.get("/p/seeblick/search/", headers={"HX-Request": "true", "HX-Target": "dialog"})
    assert "<form" in dialog.content.decode()
    first = client.get("/p/seeblick/search/", {"q": "ann", "go": "1"})
    assert first.url == f"/p/seeblick/stays/{anna.public_id}/"
    assert "Nobody is called" in client.get("/p/seeblick/search/", {"q": "xyz", "go": "1"}).content.decode()


def test_more_than_can_be_shown_are_not_passed_over_in_silence(client, hotel):
    client.force_login(MembershipFactory(property=hotel).user)
    for _ in range(search.MOST_SHOWN + 1):
        stay(hotel, "Anna Smith")
    assert "More guests fit" in client.get("/p/seeblick/search/", {"q": "smith"}).content.decode()


def test_it_takes_as_many_queries_for_many_as_for_one(hotel):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            found(hotel, "smith")
        return len(asked)

    stay(hotel, "Anna Smith")
    one = queries()
    for _ in range(30):
        stay(hotel, "Anna Smith")
    assert queries() == one <= 6
