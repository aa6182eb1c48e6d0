"""The list of keys and the templates say the same."""

import re
from collections import Counter
from pathlib import Path

import pytest

from hospitality.keyboard import KEYS, NO_VERBS
from reservations.rows.row import Action
from tests.factories import MembershipFactory

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
ROWS = Path(__file__).resolve().parents[2] / "reservations" / "rows" / "row.py"
LISTED = [one.key for keys in KEYS.values() for one in keys]


def test_every_key_that_a_template_or_a_row_has_is_listed_and_every_listed_key_is_somewhere():
    used = set(re.findall(r'key="([^"]+)"', ROWS.read_text()))
    for template in TEMPLATES.rglob("*.html"):
        text = template.read_text()
        used |= set(re.findall(r'data-key="([^"{]+)"', text)) | set(
            re.findall(r'{% go [^%]*key="([^"]+)"', text)
        )
    assert used == set(LISTED) - NO_VERBS
    assert Action("", "").key == ""


def test_one_key_means_one_thing():
    assert [key for key, count in Counter(LISTED).items() if count > 1] == []


@pytest.mark.django_db
def test_the_keys_are_a_page_and_a_dialog(client):
    assert client.get("/keys/").status_code == 302
    client.force_login(MembershipFactory().user)
    page = client.get("/keys/").content.decode()
    assert "<html" in page
    assert page.count("<kbd>") == len(LISTED)
    assert "<html" not in client.get("/keys/", headers={"HX-Request": "true"}).content.decode()
