"""Settings, Programs: a manager makes keys, which are shown once, and revokes them."""

import html
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from hospitality import clock
from hospitality.models import AuditEntry, Role
from locks.models import ApiKey
from locks.programs import keys, page
from tests.factories import ApiKeyFactory, MembershipFactory, PropertyFactory

DAY = timedelta(days=1)
HTMX = {"HX-Request": "true"}
TEXT = re.compile(r"seam_lk_[\w-]{43}")


@pytest.fixture
def hotel(db):
    return PropertyFactory(slug="seeblick", name="Seeblick")


@pytest.fixture
def manager(hotel, client):
    member = MembershipFactory(property=hotel, role=Role.MANAGER, user__first_name="Mara")
    client.force_login(member.user)
    return member.user


@pytest.fixture
def look(client, manager):
    return lambda: words(client.get("/p/seeblick/settings/programs/"))


@pytest.fixture
def make(client, manager):
    def send(*, htmx=False, **fields):
        sent = {"name": "Booking engine", "ends": "never"} | fields
        return client.post("/p/seeblick/settings/programs/keys/make/", sent, headers=HTMX if htmx else {})

    return send


@pytest.fixture
def revoke(client, manager):
    def send(key, *, htmx=False):
        address = reverse("revoke_api_key", args=["seeblick", key.public_id])
        return client.post(address, headers=HTMX if htmx else {})

    return send


def words(answer) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.content.decode())))


def test_a_house_without_programs_says_so(look):
    assert "No program works here." in look()


def test_the_calls_of_the_api_are_one_click_away(client, manager):
    shown = client.get("/p/seeblick/settings/programs/").content.decode()
    [docs] = re.findall(r'<a href="([^"]+)">the API</a>', shown)
    assert client.get(docs).status_code == 200


def test_the_pages_of_the_settings_lead_here(client, manager):
    for name in ("settings", "people", "accounts", "rooms_settings", "set_up"):
        page = client.get(reverse(name, args=["seeblick"])).content.decode()
        assert 'href="/p/seeblick/settings/programs/"' in page


@pytest.mark.parametrize("htmx", [False, True])
def test_a_new_key_is_shown_this_once_with_what_the_sdks_ask_for(make, look, settings, htmx):
    settings.URL = "https://keys.example"
    answer = make(scopes=["codes"], htmx=htmx)
    assert answer.status_code == 200
    shown = set(TEXT.findall(answer.content.decode()))
    assert len(shown) == 1
    [text] = shown
    assert keys.find(text) == ApiKey.objects.get()
    assert f"export SEAM_API_KEY={text}" in words(answer)
    assert "export SEAM_ENDPOINT=https://keys.example/api" in words(answer)
    assert "no-store" in answer.headers["Cache-Control"]
    again = look()
    assert text not in again
    assert f"{text[:12]}…" in again


def test_an_answer_for_htmx_is_the_section_alone(make):
    answer = make(htmx=True).content.decode()
    assert answer.lstrip().startswith('<div id="api-keys"')
    assert "<html" not in answer


def test_who_comes_back_to_where_a_key_was_made_gets_the_page(client, manager):
    answer = client.get("/p/seeblick/settings/programs/keys/make/")
    assert answer.headers["Location"] == "/p/seeblick/settings/programs/"


def test_a_key_says_what_it_may_who_made_it_and_that_it_was_not_used(make, look):
    make(scopes=["codes"])
    shown = look()
    assert "read Sees locks, codes without their digits, and what happened" in shown
    listed = shown.partition("New key")[0]
    assert "codes Makes, changes and ends codes, and knows their digits" in listed
    assert "manage Opens doors" not in listed
    assert re.search(r"Made \d\d:\d\d by Mara Clerk", listed)
    assert "Never used yet · Has no end" in listed


def test_it_says_when_it_was_last_used(hotel, look):
    ApiKeyFactory(property=hotel, last_used_at=clock.now() - 2 * DAY)
    assert re.search(r"Last used \d\d? \w+, \d\d:\d\d", look())


@pytest.mark.parametrize(
    ("ends", "days"),
    [("never", None), ("30", 30), ("365", 365)],
)
def test_it_ends_as_chosen(make, ends, days):
    before = clock.now()
    assert make(ends=ends).status_code == 200
    kept = ApiKey.objects.get().expires_at
    if days is None:
        assert kept is None
    else:
        assert before + days * DAY <= kept <= clock.now() + days * DAY


def test_a_day_is_over_when_the_next_begins_on_the_houses_wall(make, hotel):
    today = hotel.local(clock.now()).date()
    make(ends="day", day=today.isoformat())
    end = hotel.local(ApiKey.objects.get().expires_at)
    assert (end.date(), end.hour, end.minute) == (today + DAY, 0, 0)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"name": ""}, "required"),
        ({"name": "x" * 61}, "at most 60"),
        ({"name": "a\u202eb"}, "Write a plain name."),
        ({"scopes": ["everything"]}, "not one of the available choices"),
        ({"ends": "some time"}, "not one of the available choices"),
        ({"ends": "day"}, "Choose a day from today on"),
        ({"ends": "day", "day": "2020-01-01"}, "Choose a day from today on"),
        ({"ends": "day", "day": "9999-12-31"}, "Choose a day from today on"),
        ({"ends": "day", "day": "tomorrow"}, "Enter a valid date"),
    ],
)
def test_what_cannot_be_is_asked_again_and_what_was_typed_stays(make, wrong, why):
    answer = make(**{"name": "Booking engine", "scopes": ["manage"]} | wrong)
    assert answer.status_code == 422
    assert why in words(answer)
    assert re.search(r'value="manage"[^>]* checked', answer.content.decode()) or "scopes" in wrong
    assert not ApiKey.objects.exists()
    assert not TEXT.search(answer.content.decode())


def test_revoking_names_the_program_and_asks_first(client, hotel, manager):
    key = ApiKeyFactory(property=hotel)
    address = reverse("revoke_api_key", args=["seeblick", key.public_id])
    for headers in ({}, HTMX):
        asked = words(client.get(address, headers=headers))
        assert "The key of The booking program, seam_lk_0000…" in asked
        assert "Codes that it made stay on their doors." in asked
    key.refresh_from_db()
    assert key.revoked_at is None


@pytest.mark.parametrize("htmx", [False, True])
def test_a_revoked_key_opens_nothing_and_stands_below(make, look, revoke, htmx):
    [text] = set(TEXT.findall(make().content.decode()))
    answer = revoke(ApiKey.objects.get(), htmx=htmx)
    if htmx:
        assert answer.headers["HX-Trigger"] == "dialog:close"
        assert "1 key that opens nothing any more" in words(answer)
    else:
        assert answer.headers["Location"] == "/p/seeblick/settings/programs/"
    assert keys.find(text) is None
    shown = look()
    assert "No program works here." in shown
    assert re.search(r"1 key that opens nothing any more .* Revoked \d\d:\d\d", shown)


def test_a_second_manager_who_revokes_it_again_changes_nothing(hotel, revoke):
    key = ApiKeyFactory(property=hotel)
    assert [revoke(key).status_code for _ in range(2)] == [302, 302]
    assert AuditEntry.objects.filter(action="api_key.revoked").count() == 1


def test_one_at_its_end_stands_below_by_its_end(hotel, look):
    at = clock.now()
    ApiKeyFactory(property=hotel, name="Over", created_at=at - 9 * DAY, expires_at=at - DAY)
    ApiKeyFactory(property=hotel, name="Runs on", expires_at=at + 40 * DAY)
    live, _, over = look().partition("1 key that opens nothing any more")
    assert "Runs on" in live
    assert re.search(r"Until \d", live)
    assert re.search(r"Over seam_lk_0000… Ended \d", over)


def test_of_those_that_are_over_the_latest_are_shown(hotel, look):
    for days in range(1, page.MOST_OVER + 6):
        ApiKeyFactory(property=hotel, name=f"Of day {days:02}", revoked_at=clock.now() - days * DAY)
    shown = look()
    assert re.findall(r"Of day (\d\d)", shown) == [f"{days:02}" for days in range(1, page.MOST_OVER + 1)]


def test_what_a_program_calls_itself_is_no_markup(make, look, client, revoke):
    name = "<script>alert(1)</script>"
    assert name not in make(name=name).content.decode()
    key = ApiKey.objects.get()
    assert key.name == name
    assert name not in client.get("/p/seeblick/settings/programs/").content.decode()
    answer = revoke(key, htmx=True)
    assert name not in answer.content.decode()


def test_keys_of_another_house_are_neither_seen_nor_revoked(client, manager, look, revoke):
    elsewhere = ApiKeyFactory(name="Of another house")
    assert "Of another house" not in look()
    assert revoke(elsewhere).status_code == 404
    elsewhere.refresh_from_db()
    assert elsewhere.revoked_at is None


@pytest.mark.parametrize(
    ("role", "status"), [(Role.DESK, 403), (Role.OWNER, 403), (Role.HOUSEKEEPING, 403), (None, 404)]
)
def test_only_managers_of_the_house_see_and_make_keys(client, hotel, role, status):
    member = MembershipFactory(property=hotel, role=role) if role else MembershipFactory(role=Role.MANAGER)
    client.force_login(member.user)
    made = ApiKeyFactory(property=hotel)
    revoke = reverse("revoke_api_key", args=["seeblick", made.public_id])
    assert client.get("/p/seeblick/settings/programs/").status_code == status
    assert (
        client.post("/p/seeblick/settings/programs/keys/make/", {"name": "x", "ends": "never"}).status_code
        == status
    )
    assert client.post(revoke).status_code == status
    assert list(ApiKey.objects.values_list("pk", "revoked_at")) == [(made.pk, None)]


def test_programs_are_no_people_of_the_house(client, make):
    make(name="The booking engine")
    shown = words(client.get("/p/seeblick/settings/people/"))
    assert "1 person" in shown
    assert "The booking engine" not in shown
    assert "program-" not in shown


def test_many_keys_take_as_many_queries_as_one(client, hotel, manager, django_assert_max_num_queries):
    ApiKeyFactory(property=hotel, created_by=manager)
    client.get("/p/seeblick/settings/programs/")
    for _ in range(30):
        ApiKeyFactory(property=hotel, created_by=MembershipFactory().user)
    with django_assert_max_num_queries(7):
        client.get("/p/seeblick/settings/programs/")
