"""Sentences that are kept: by their key and values, and said in the language of who looks."""

import re
from collections import defaultdict
from datetime import date

import pytest
from django.db import connection
from django.utils import translation

from hospitality import sentences
from hospitality.sentences import Sentences
from reservations.feeds.words import There
from reservations.imports.notes import Note
from reservations.messages.models import Message
from reservations.messages.why import Why
from reservations.models import InTheWay
from tests.factories import MessageFactory


def tables(of=Sentences) -> list[type[Sentences]]:
    return [table for one in of.__subclasses__() for table in (one, *tables(one))]


def test_no_key_is_prose():
    keys = [key for table in tables() for key in table.values]
    assert Why.ENDED in keys
    assert [key for key in keys if not re.fullmatch("[a-z_]+", key)] == []


@pytest.mark.parametrize("language", ["de", "fr"])
def test_every_sentence_is_said_in_the_language_of_who_looks(language):
    """But those that are nothing but values and signs."""
    with translation.override(None):
        english = {one: worded(one) for table in tables() for one in table}
    with translation.override(language):
        assert [
            one for one, said in english.items() if worded(one) == said and re.search("[a-z]", said)
        ] == []


def worded(one: Sentences) -> str:
    """With each of its values a sign."""
    return one.label % defaultdict(lambda: 2)


def test_values_are_shown_as_they_are_and_lists_as_a_person_lists():
    assert str(Why.MAIL_ANSWERED(status=550, said="100% full: %(no) such")) == (
        "The mail server answered 550: 100% full: %(no) such"
    )
    three = InTheWay.FAILING(doors=["Room 1", "Front door", "Garden"])
    assert str(three) == "The code has an error at Room 1, Front door and Garden."
    with translation.override("de"):
        assert str(three) == "Der Code hat an Room 1, Front door und Garden einen Fehler."


def test_the_database_keeps_the_key_and_the_values(db):
    message = MessageFactory(problem=Why.MAIL_ANSWERED(status=550, said="no such mailbox"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT problem::text, waits FROM reservations_message")
        assert cursor.fetchall() == [
            ('{"key": "mail_answered", "said": "no such mailbox", "status": 550}', None)
        ]
    message.refresh_from_db()
    assert message.problem == Why.MAIL_ANSWERED(status=550, said="no such mailbox")
    assert message.waits is None
    Message.objects.update(problem=Why.ENDED(), waits=Why.FOR_DOORS(doors=["Room 1"]))
    assert list(Message.objects.values_list("problem", "waits")) == [
        (Why.ENDED(), Why.FOR_DOORS(doors=["Room 1"]))
    ]


def test_words_from_before_there_were_keys_and_unknown_keys_stay_as_they_are(db):
    message = MessageFactory(problem="“12” is no telephone number.")
    message.refresh_from_db()
    assert message.problem == "“12” is no telephone number."
    assert sentences.of({"key": "from_tomorrow", "status": 1}, Why) == "from_tomorrow"
    assert sentences.of(None, Why) is None


def test_a_key_is_found_in_the_first_table_that_has_it():
    says = Note.SAYS(who=Note.GUEST_IN_HOUSE(guest="Anna"), changes=["204", Note.NO_ROOM()])
    told = sentences.of(sentences.kept([says]), There, Note)
    assert [str(one) for one in told] == ["Anna is in house; there it says 204 and no room yet"]
    assert str(says) == "Anna is in house; the file says 204 and no room yet"


def test_the_notes_that_are_said_otherwise_of_a_portal_are_those_that_speak_of_a_file():
    assert {one.value for one in Note if "the file" in worded(one)} == set(There.values) & set(Note.values)


def test_days_are_kept_as_days_and_said_as_a_person_says_them():
    span = Note.SPAN(begins=date(2036, 11, 24), ends=date(2036, 11, 26))
    assert sentences.kept(span) == {
        "key": "span",
        "begins": {"day": "2036-11-24"},
        "ends": {"day": "2036-11-26"},
    }
    found = sentences.of(sentences.kept(span), Note)
    assert (found, str(found)) == (span, "24 Nov 2036 to 26 Nov 2036")
    with translation.override("de"):
        assert str(found) == "24. Nov 2036 bis 26. Nov 2036"
