"""`manage.py api_key`: a key for scripts, printed once."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from hospitality import clock
from hospitality.models import AuditEntry
from locks.models import ApiKey
from locks.programs import keys
from tests.factories import PropertyFactory


@pytest.fixture
def hotel(db):
    return PropertyFactory(slug="seeblick")


def run(*words: str) -> str:
    out = StringIO()
    call_command("api_key", *words, stdout=out)
    return out.getvalue()


def test_it_prints_the_key_and_nothing_else(hotel):
    printed = run("seeblick", "A script")
    made = ApiKey.objects.get()
    assert printed == printed.strip() + "\n"
    assert keys.find(printed.strip()) == made
    assert (made.property, made.name, made.scopes, made.expires_at) == (hotel, "A script", ["read"], None)
    assert AuditEntry.objects.get().actor is None


def test_scopes_and_an_end_are_asked_for(hotel):
    run("seeblick", "A script", "--scopes", "codes,manage", "--expires", "7")
    made = ApiKey.objects.get()
    assert made.scopes == ["read", "codes", "manage"]
    assert abs(made.expires_at - clock.now() - timedelta(days=7)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (["elsewhere", "A script"], "There are: seeblick"),
        (["seeblick", ""], "cannot be blank"),
        (["seeblick", "x" * 61], "at most 60"),
        (["seeblick", "A script", "--scopes", "codes,all"], "no scope 'all': choose of read,codes,manage"),
        (["seeblick", "A script", "--expires", "0"], "1 to 3650 days"),
        (["seeblick", "A script", "--expires", "999999999"], "1 to 3650 days"),
    ],
)
def test_what_cannot_be_says_what_can(hotel, asked, why):
    with pytest.raises(CommandError, match=why):
        run(*asked)
    assert not ApiKey.objects.exists()
