"""The table of keys, the pages and the addresses of the desk say the same."""

import re
from collections import Counter
from pathlib import Path

import pytest

from hospitality import keyboard
from hospitality.keyboard import BY_NAME, KEYS, NO_VERBS
from hospitality.models import Role
from tests.factories import MembershipFactory
from tests.hospitality.test_access import RULES

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ("reservations/rows/row.py", "reservations/forms.py")
"""Where a name among the keys is given in Python: what a row of the board does next, and the fields of forms."""
LISTED = [one.key for keys in KEYS.values() for one in keys]
WITHOUT = {
    "reads only: asked while somebody types": {"preview_change"},
    "one of several doors, chosen with Tab": {"door_pin", "offline_code"},
    "on the panel of `g`, after a look at ID and cause": {"unlock", "helped"},
    "the next step of a room is Enter in its row; the other steps and its closing are on its page": {
        "mark_room",
        "close_room",
        "reopen_room",
    },
    "one line of a list, chosen with Tab": {
        "note_done",
        "stay_note_done",
        "message_again",
        "envelope",
        "feed_cancel",
        "feed_keep",
        "feed_leave",
        "feed_follow",
    },
    "the steps of an import that `Shift+U` begins": {
        "import_columns",
        "import_units",
        "import_apply",
        "import_discard",
    },
    "by hand or by arrows on the chart": {"move_stay"},
}
"""The verbs of the desk that have no key of their own, and why."""


def verbs_of_the_desk() -> set[str]:
    """Every address at which the desk does something."""
    return {name for name, rule in RULES.items() if Role.DESK in rule.roles and rule.post != 405}


def test_every_verb_of_the_desk_has_a_key_or_a_reason_to_have_none():
    excused = set().union(*WITHOUT.values())
    assert verbs_of_the_desk() - set(BY_NAME) - {"change_stay"} == excused
    assert {"longer", "shorter", "late", "move", "put_back"} <= set(BY_NAME), "what a change is made of"


def test_what_is_in_the_table_is_on_a_page():
    used = set()
    for template in (ROOT / "templates").rglob("*.html"):
        text = template.read_text()
        used |= set(re.findall(r'{% key "(\w+)" %}', text)) | set(re.findall(r'{% go "(\w+)"', text))
        assert not re.search(r"data-key=|aria-keyshortcuts=", text), f"{template}: a key beside the table"
    for module in PYTHON:
        used |= set(re.findall(r'(?:does=|keyboard\.attributes\()"(\w+)"', (ROOT / module).read_text()))
    assert set(BY_NAME) <= used


def test_one_key_means_one_thing_and_one_thing_has_one_key():
    assert [key for key, count in Counter(map(str.lower, LISTED)).items() if count > 1] == []
    names = [name for keys in KEYS.values() for one in keys for name in one.does]
    assert [name for name, count in Counter(names).items() if count > 1] == []
    assert {one.key for keys in KEYS.values() for one in keys if not one.does} == NO_VERBS


def test_a_key_is_told_as_assistive_technology_reads_it():
    assert keyboard.attributes("longer") == {"data-key": "+", "aria-keyshortcuts": "Plus"}
    assert keyboard.attributes("handover") == {"data-key": "shift+h", "aria-keyshortcuts": "Shift+H"}
    with pytest.raises(KeyError):
        keyboard.attributes("nothing of the kind")


@pytest.mark.django_db
def test_the_keys_are_a_page_and_a_dialog(client):
    assert client.get("/keys/").status_code == 302
    client.force_login(MembershipFactory().user)
    page = client.get("/keys/").content.decode()
    assert "<html" in page
    assert page.count("<kbd>") == len(LISTED)
    assert "<html" not in client.get("/keys/", headers={"HX-Request": "true"}).content.decode()
