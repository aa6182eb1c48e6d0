"""What holds for every page: the way in, the way out, errors with a remedy, and the policy of the browser."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template
from django.test import Client

from hospitality.models import Role
from hospitality.security import POLICY
from tests.factories import PASSWORD, MembershipFactory, PropertyFactory, StayFactory, UserFactory

HTMX = {"HX-Request": "true"}
TEMPLATES = [
    path.relative_to(folder)
    for folder in (settings.BASE_DIR / "templates",)
    for path in sorted(Path(folder).rglob("*.html"))
]


@pytest.fixture
def clerk(db, client):
    membership = MembershipFactory(property__slug="seeblick", property__name="Seeblick")
    client.force_login(membership.user)
    return membership


def test_signing_in_leads_to_the_board(client, db):
    membership = MembershipFactory(property__slug="seeblick")
    answer = client.post(
        "/sign-in/", {"username": membership.user.username, "password": PASSWORD}, follow=True
    )
    assert [to for to, _ in answer.redirect_chain] == ["/", "/p/seeblick/"]


def test_a_wrong_password_says_so_and_keeps_the_name(client, db):
    answer = client.post("/sign-in/", {"username": "ana", "password": "wrong"})
    body = answer.content.decode()
    assert "correct username and password" in body
    assert 'value="ana"' in body


def test_after_signing_in_nobody_is_sent_to_another_house(client, db):
    user = UserFactory()
    answer = client.post(
        "/sign-in/", {"username": user.username, "password": PASSWORD, "next": "https://elsewhere.example/"}
    )
    assert answer.headers["Location"] == "/"


def test_signing_out_needs_a_post_and_ends_the_session(client, clerk):
    assert client.get("/sign-out/").status_code == 405
    client.post("/sign-out/")
    assert client.get("/p/seeblick/").status_code == 302


def test_home_goes_straight_to_the_only_property(client, clerk):
    assert client.get("/").headers["Location"] == "/p/seeblick/"


def test_home_takes_an_owner_to_the_stock_of_all_locks(client, clerk):
    clerk.role = Role.OWNER
    clerk.save()
    assert client.get("/").headers["Location"] == "/owner/"


def test_home_lists_the_properties_if_there_are_several(client, clerk):
    MembershipFactory(user=clerk.user, property=PropertyFactory(name="Bergblick"), role=Role.OWNER)
    PropertyFactory(name="Not ours")
    body = client.get("/").content.decode()
    assert "Bergblick" in body
    assert "Seeblick" in body
    assert "Not ours" not in body
    assert 'href="/owner/"' in body


def test_home_without_a_property_says_whom_to_ask(client, db):
    client.force_login(UserFactory())
    assert "Ask a manager to invite you" in client.get("/").content.decode()


def test_a_page_that_is_not_there_says_what_to_do(client, clerk):
    answer = client.get("/p/seeblick/nowhere/")
    assert answer.status_code == 404
    assert "Check the address" in answer.content.decode()


def test_a_form_without_its_token_is_refused_with_the_remedy(clerk):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(clerk.user)
    answer = strict.post(f"/p/seeblick/stays/{StayFactory(property=clerk.property).public_id}/check-in/")
    assert answer.status_code == 403
    assert "load the page again" in answer.content.decode()


def test_the_error_page_needs_nothing_that_may_be_broken():
    page = get_template("500.html").render({})
    assert "try again" in page
    assert "Traceback" not in page


def test_an_error_shows_no_trace(client, clerk, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("a secret of the house")

    monkeypatch.setattr("reservations.desk.pages.boards.board", broken)
    client.raise_request_exception = False
    answer = client.get("/p/seeblick/")
    assert answer.status_code == 500
    assert "Something went wrong" in answer.content.decode()
    assert "secret" not in answer.content.decode()


def test_pages_are_kept_by_no_cache_and_vary_by_fragment(client, clerk):
    for path in ("/p/seeblick/", "/p/seeblick/locks/", "/p/seeblick/book/"):
        headers = client.get(path).headers
        assert "no-store" in headers["Cache-Control"]
        assert "HX-Request" in headers["Vary"]


def test_a_fragment_is_no_page_and_a_restored_history_is_one(client, clerk):
    fragment = client.get("/p/seeblick/", headers=HTMX).content.decode()
    assert fragment.startswith('<div id="lists"')
    assert "<html" not in fragment
    restored = client.get("/p/seeblick/", headers=HTMX | {"HX-History-Restore-Request": "true"})
    assert restored.content.decode().startswith("<!doctype html>")


def test_every_answer_carries_the_policy(client, clerk):
    for path in ("/p/seeblick/", "/sign-in/", "/nowhere", "/admin/login/", "/static/css/base.css"):
        assert client.get(path).headers["Content-Security-Policy"] == POLICY


@pytest.mark.parametrize("name", TEMPLATES, ids=str)
def test_no_template_breaks_the_policy(name):
    source = (settings.BASE_DIR / "templates" / name).read_text()
    assert not re.search(r"\sstyle=|\son\w+=|<style|hx-on|javascript:|\bjs:", source)
    assert not re.search(r"<script(?![^>]*\ssrc=)", source)
    assert not re.search(r"""(src|href|action)=["']?(https?:)?//""", source)


def test_guests_names_are_text_and_never_markup(client, clerk):
    StayFactory(property=clerk.property, guest_name="<script>alert(1)</script>")
    body = client.get("/p/seeblick/").content.decode()
    assert "<script>alert" not in body
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in body


def test_the_page_says_which_property_and_whose_session_it_is(client, clerk):
    body = client.get("/p/seeblick/").content.decode()
    assert '<span class="brand__name">Seeblick</span>' in body
    assert '<span class="who__name">Ana Clerk</span>' in body


def test_the_page_names_the_propertys_zone(client, clerk):
    assert "Times are Europe/Zurich" in client.get("/p/seeblick/").content.decode()
