"""From nobody to a house with a manager: the terminal's link, the house, its clock."""

import logging
import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from hospitality.log import WithoutLinks
from hospitality.models import Property, Role
from hospitality.setup import first_manager
from tests.factories import PropertyFactory, UserFactory
from tests.reservations.behind import behind

PERSON = {
    "name": "Mara von Nägeli",
    "username": "mara",
    "password1": "lake-side-42",
    "password2": "lake-side-42",
}
HOUSE = {
    "name": "Hotel Seeblick",
    "time_zone": "Europe/Zurich",
    "check_in_time": "15:00",
    "check_out_time": "11:00",
}


def link() -> str:
    return first_manager.link("http://testserver/").removeprefix("http://testserver")


def test_where_nobody_can_sign_in_the_page_says_where_the_link_is(client, db):
    body = client.get("/", follow=True).content.decode()
    assert "manage.py setup_link" in body
    assert "<form" not in body
    UserFactory()
    assert "<form" in client.get("/sign-in/").content.decode()


def test_the_link_makes_the_first_person_and_leads_to_their_house(client, db):
    answer = client.post(link(), PERSON, follow=True)
    [person] = get_user_model().objects.all()
    assert (person.first_name, person.last_name) == ("Mara von", "Nägeli")
    assert person.is_superuser and person.check_password("lake-side-42")
    assert answer.redirect_chain[-1][0] == "/new-house/"
    client.post("/new-house/", HOUSE)
    [hotel] = Property.objects.all()
    assert (hotel.slug, hotel.time_zone, hotel.memberships.get().role) == (
        "hotel-seeblick",
        "Europe/Zurich",
        Role.MANAGER,
    )


def test_it_works_once(client, db):
    address = link()
    client.post(address, PERSON)
    client.logout()
    for answer in (client.get(address), client.post(address, PERSON | {"username": "second"})):
        assert answer.status_code == 410
        assert "was used" in answer.content.decode()
    assert get_user_model().objects.count() == 1


def test_it_is_good_for_a_day_and_only_whole(client, db, monkeypatch):
    address = link()
    assert "not whole" in client.get(address[:-3] + "/").content.decode()
    monkeypatch.setattr(first_manager, "LASTS", timedelta(seconds=-1))
    answer = client.post(address, PERSON)
    assert answer.status_code == 410
    assert "more than a day old" in answer.content.decode()
    assert not get_user_model().objects.exists()


def test_another_link_is_printed_until_somebody_can_sign_in(client, db, capsys):
    call_command("setup_link")
    [address] = re.findall(r"http://[^/]+(/first/\S+)", capsys.readouterr().out)
    assert client.get(address).status_code == 200
    UserFactory()
    with pytest.raises(CommandError, match="changepassword"):
        call_command("setup_link")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_follow_it_at_once_one_is_the_first():
    token = link().split("/")[2]
    users = get_user_model()

    def become(name):
        return lambda: first_manager.make(token, users(username=name))

    with pytest.raises(first_manager.Refused, match="was used"):
        behind(become("one"), become("two"))
    assert [user.username for user in users.objects.all()] == ["one"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"password1": "", "password2": ""}, "required"),
        ({"password1": "latchkey", "password2": "latchkey1"}, "match"),
        ({"password1": "12345678", "password2": "12345678"}, "common"),
        ({"password1": "maravonn", "password2": "maravonn", "username": "maravonn"}, "similar"),
        ({"username": "mara nägeli"}, "valid username"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_typed_is_lost(client, db, change, why):
    answer = client.post(link(), PERSON | change)
    body = answer.content.decode()
    assert answer.status_code == 422
    assert why in body
    assert 'value="Mara von Nägeli"' in body
    assert not get_user_model().objects.exists()


def test_such_links_are_cut_short_in_the_log():
    record = logging.LogRecord("x", logging.WARNING, "", 0, "Gone: %s", (link(),), None)
    WithoutLinks().filter(record)
    assert record.getMessage() == "Gone: /first/…/"


@pytest.fixture
def admin(client, db):
    user = UserFactory(is_superuser=True)
    client.force_login(user)
    return user


@pytest.mark.parametrize(
    ("language", "chosen", "first"),
    [
        ("de-CH,de;q=0.9", "Europe/Zurich", "Europe/Zurich"),
        ("pt-BR", "", "America/Noronha"),
        ("en", "", None),
        ("zh-Hant-TW;q=1", "Asia/Taipei", "Asia/Taipei"),
        ("*, ;;;q", "", None),
    ],
)
def test_the_browsers_country_suggests_its_zone_where_it_has_one(client, admin, language, chosen, first):
    client.cookies["django_language"] = "en"  # whose words are compared; the country is still the browser's
    form = client.get("/new-house/", headers={"Accept-Language": language}).context["form"]
    assert form["time_zone"].initial == chosen
    groups = dict(form.fields["time_zone"].choices[1:])
    assert (groups["Likely"][0][0] if "Likely" in groups else None) == first
    assert ("Europe/Zurich", "Zurich") in groups["Europe"]


def test_a_house_needs_a_zone_and_gets_a_short_name_that_is_free(client, admin):
    PropertyFactory(slug="hotel-seeblick")
    answer = client.post("/new-house/", HOUSE | {"time_zone": ""})
    assert answer.status_code == 422
    assert "Choose the time zone" in answer.content.decode()
    for name, slug in (("Hotel Seeblick", "hotel-seeblick-2"), ("旅館", "house")):
        client.post("/new-house/", HOUSE | {"name": name})
        assert Property.objects.filter(name=name, slug=slug).exists()


def test_only_whoever_looks_after_the_installation_adds_a_house(client, db):
    client.force_login(UserFactory())
    assert client.get("/new-house/").status_code == 403
    assert "new-house" not in client.get("/").content.decode()
