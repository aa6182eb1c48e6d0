"""Every act that is recorded and every event that is written has a sentence of its own: a new one without fails here."""

import ast
import re
from pathlib import Path

import pytest

from locks import event_words
from reservations import stay_page

ROOT = Path(__file__).resolve().parents[2]
SHAPE = re.compile(r"(?!.+\.(?:html|json|js|css|com|ics|csv)$)[a-z_]+\.[a-z_.]*[a-z]")
NOT_ACTS = re.compile(r"(reservations|locks|hospitality|latchkey)\..*")
TOLD = {**event_words.EVENTS, **event_words.ACTS, **stay_page.ACTIONS, **stay_page.HOUSE_ACTIONS}
COMPOSED = {
    "backup_pool.{act}": ["on", "off", "size"],
    "stay.{state}": ["cancelled", "no_show"],
    "access_code.{kind}": ["modified_external_to_seam", "deleted_external_to_seam"],
}
"""Names put together where they are used, and what can stand in them."""


def written() -> set[str]:
    """Every text of the shape of an act's or event's name in the two apps; what is composed, with its gaps."""
    found = set()
    for app in ("locks", "reservations"):
        for file in sorted((ROOT / app).rglob("*.py")):
            if {"migrations", "simulator", "management"} & set(file.parts):
                continue
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(node.value)
                if isinstance(node, ast.JoinedStr):
                    found.add(ast.unparse(node)[2:-1])
    return found


def names() -> list[str]:
    found = written()
    plain = {text for text in found if SHAPE.fullmatch(text) and not NOT_ACTS.fullmatch(text)}
    composed = {text for text in found if re.fullmatch(r"[a-z_]+\.\{\w+\}", text)}
    assert composed == set(COMPOSED), "name here what can stand in it"
    return sorted(plain | {text.split("{")[0] + end for text, ends in COMPOSED.items() for end in ends})


@pytest.mark.parametrize("name", names())
def test_it_has_a_sentence(name):
    assert TOLD.get(name), f"give {name!r} its words in event_words or stay_page"


def test_the_acts_are_really_looked_for():
    assert {"stay.booked", "note.done", "code.adopted", "device.low_battery"} <= set(names())
