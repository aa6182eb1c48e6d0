"""The pages in other languages: every sentence can be translated, and is; nothing that a browser reads as a value is
written in a person's way."""

import gettext
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import pytest
from babel.messages.pofile import read_po
from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils import translation
from django.utils.dates import MONTHS_3, WEEKDAYS_ABBR

from hospitality.models import Role
from tests.hospitality.test_access import RULES, addresses, expected, house, path_of  # noqa: F401

BEGIN, END = "⟦", "⟧"
OTHERS = [code for code, _ in settings.LANGUAGES if code != "en"]
ROOT = Path(settings.BASE_DIR)
OTHER_FORMATS = {"live", "dashboard_live", "favicon", "healthz"}
PAGES = [
    (name, route)
    for name, route in addresses()
    if expected(RULES[name], Role.MANAGER, "get") == 200 and name not in OTHER_FORMATS
]


@pytest.fixture
def marked(monkeypatch):
    """Every sentence that goes through the catalogue stands in brackets; what the language calls a day stays."""

    def mark(message: str) -> str:
        return f"{BEGIN}{message}{END}" if message else message

    own = translation.trans_real
    names = {
        "gettext": mark,
        "pgettext": lambda context, message: message if "date" in context else mark(message),
    }
    names["ngettext"] = lambda one, many, number: mark(one if number == 1 else many)
    names["npgettext"] = lambda context, one, many, number: mark(one if number == 1 else many)
    for name, function in names.items():
        monkeypatch.setattr(translation._trans, name, function, raising=False)
        monkeypatch.setattr(own, name, function)


class Shown(HTMLParser):
    """What a person reads of a page, or hears: its text from begin to end (a sentence may have tags in it), and each of
    its titles and labels."""

    SPOKEN = {"title", "aria-label", "placeholder", "alt"}
    NO_LANGUAGE = {"script", "style", "code", "pre"}

    def __init__(self):
        super().__init__()
        self.text, self.labels, self._silent = "", [], []

    def handle_starttag(self, tag, attrs):
        if tag in self.NO_LANGUAGE:
            self._silent.append(tag)
        attrs = dict(attrs)
        self.labels += [attrs[name] for name in self.SPOKEN & attrs.keys() if attrs[name]]
        if tag == "input" and attrs.get("type") in ("submit", "button"):
            self.labels.append(attrs.get("value", ""))

    def handle_endtag(self, tag):
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()

    def handle_data(self, data):
        if not self._silent:
            self.text += f"\n{data}"


def unmarked(text: str, data: list[str]) -> str:
    """What stands outside of all brackets, and is neither data nor a day's or a zone's name."""
    depth, left = 0, []
    for sign in text:
        depth += (sign == BEGIN) - (sign == END)
        left.append(sign if not depth and sign != END else " ")
    rest = re.sub(r"{\w+}", " ", "".join(left))  # what can be put into a text for guests
    for one in data:
        if one in rest:
            rest = re.sub(rf"(?<!\w){re.escape(one)}(?!\w)", " ", rest)
    return " ".join(word for word in re.findall(r"\b[^\W\d_]{2,}\b", rest) if not word.isupper())


SAME = ["Latchkey", "CET", "CEST", "UTC", "PIN", "CSV", "JSON", "iCal", "Airbnb", "https", "Shift", "Enter"]
"""Words that are the same in all languages."""


def everything_stored() -> list[str]:
    """Every text in the tables and what else is not translated, the longest first."""
    found = {*SAME, *dict(settings.LANGUAGES).values()}
    found |= {str(name).title() for name in [*MONTHS_3.values(), *WEEKDAYS_ABBR.values()]}
    found |= set(re.findall(r"[^\W_]+", " ".join(available_timezones())))
    for model in apps.get_models():
        texts = [
            field.attname
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField | models.UUIDField)
        ]
        for row in model.objects.values_list(*texts) if texts else []:
            for one in filter(None, row):
                # A text for guests is stored with the names of what is put into it, and shown without.
                found |= {str(one), *(part.strip() for part in re.split(r"{(\w+)}", str(one)))}
                if str(one).startswith("https://"):
                    found.add(urlsplit(one).hostname)  # by which an address is named
    return sorted(found - {""}, key=len, reverse=True)


def page_of(house, name, route, **headers) -> str:  # noqa: F811
    answer = house("manager").get(
        path_of(name, route, house.ids | house.of_address.get(name, {})), headers=headers
    )
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(("name", "route"), PAGES, ids=[name for name, _ in PAGES])
def test_every_sentence_of_a_page_goes_through_the_catalogue(house, marked, name, route):  # noqa: F811
    page = page_of(house, name, route)
    shown = Shown()
    shown.feed(page)
    stored = everything_stored()
    assert BEGIN in page
    left = [words for text in (shown.text, *shown.labels) if (words := unmarked(text, stored))]
    assert " | ".join(left) == ""


PLAIN = {"date": r"\d{4}-\d\d-\d\d", "time": r"\d\d:\d\d(:\d\d)?", "number": r"-?\d+(\.\d+)?"}
"""What a browser reads in an input of that type, whatever the language."""


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize(("name", "route"), PAGES, ids=[name for name, _ in PAGES])
def test_a_page_says_its_language_and_leaves_values_as_browsers_read_them(house, name, route, language):  # noqa: F811
    page = page_of(house, name, route, accept_language=language)
    assert f'<html lang="{language}"' in page
    for tag in re.findall(r"<input [^>]+>", page):
        kind, value = (re.search(rf'{what}="([^"]*)"', tag) for what in ("type", "value"))
        if value and value[1] and kind and kind[1] in PLAIN:
            assert re.fullmatch(PLAIN[kind[1]], value[1]), tag


def catalogue(language: str, root: Path = ROOT):
    folder = root / "hospitality" / "locale" / language / "LC_MESSAGES"
    return folder / "django.po", folder / "django.mo"


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_translated_with_its_placeholders(language):
    with catalogue(language)[0].open("rb") as file:
        messages = [one for one in read_po(file) if one.id]
    assert messages
    assert [one.id for one in messages if one.fuzzy or not all(_texts(one.string))] == []
    assert [(one.id, error) for one in messages for error in one.check()] == []
    assert [one.id for one in messages if _blanks(one.string) != _blanks(one.id)] == []


def _texts(said) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said)


def _blanks(said) -> set[str]:
    return {blank for text in _texts(said) for blank in re.findall(r"%\((\w+)\)s", text)}


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_read_at_run_time_is_what_was_translated(language):
    text, binary = catalogue(language)
    with text.open("rb") as file, binary.open("rb") as compiled:
        messages, read = [one for one in read_po(file) if one.id], gettext.GNUTranslations(compiled)
    assert [one.id for one in messages if _read(read, one) != _texts(one.string)] == [], "compilemessages"


def _read(compiled: gettext.GNUTranslations, one) -> tuple[str, ...]:
    """What is found for a message of the catalogue, of a plural for one and for several."""
    where = (one.context,) if one.context else ()
    if not one.pluralizable:
        return ((compiled.pgettext if where else compiled.gettext)(*where, one.id),)
    find = compiled.npgettext if where else compiled.ngettext
    return tuple(find(*where, *one.id, number) for number in (1, 2))


def test_the_catalogues_hold_every_sentence_of_the_source(tmp_path):
    """As README says that they are made."""
    if not shutil.which("xgettext"):
        assert not os.environ.get("CI"), "CI installs gettext."
        pytest.skip("GNU gettext is not installed.")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in listed.stdout.splitlines():
        if name.partition("/")[0] not in ("tests", "static", ".readme"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tmp_path / name)
    make = [sys.executable, "manage.py", "makemessages", "--all", "--no-obsolete", "--add-location=file"]
    subprocess.run(
        make,
        cwd=tmp_path,
        check=True,
        capture_output=True,
        env=os.environ
        | {"DJANGO_SETTINGS_MODULE": "hospitality.settings", "LATCHKEY_VAR_DIR": str(tmp_path / "var")},
    )
    for language in OTHERS:
        assert _ids(language, tmp_path) == _ids(language), (
            "makemessages as in README, and translate what is new"
        )


def _ids(language: str, root: Path = ROOT) -> set:
    with catalogue(language, root)[0].open("rb") as file:
        return {(one.context, one.id) for one in read_po(file) if one.id}
