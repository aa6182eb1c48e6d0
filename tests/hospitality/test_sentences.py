"""Sentences that are kept: by their key and values, and said in the language of who looks."""

import pytest
from django.db import connection
from django.utils import translation

from hospitality import sentences
from hospitality.sentences import Sentence, Sentences
from reservations.messages.models import Message
from reservations.messages.why import Why
from reservations.models import InTheWay
from tests.factories import MessageFactory


def tables(of=Sentences) -> list[type[Sentences]]:
    return [table for one in of.__subclasses__() for table in (one, *tables(one))]


def test_every_sentence_of_every_table_has_a_key_of_its_own_and_no_prose_in_it():
    keys = [key for table in tables() for key in table.values]
    assert Why.ENDED in keys and len(keys) == len(set(keys))
    assert [key for key in keys if not key.replace("_", "").isalnum()] == []


@pytest.mark.parametrize("language", ["de", "fr"])
def test_every_sentence_is_said_in_the_language_of_who_looks(language):
    with translation.override(None):
        english = [str(one.label) for table in tables() for one in table]
    with translation.override(language):
        assert [one for one in english if translation.gettext(one) == one] == []


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


def test_a_key_is_found_in_whichever_table_has_it():
    found = sentences.of({"key": "too_early", "time": "15:00"}, Why, InTheWay)
    assert found == Sentence(InTheWay.TOO_EARLY, {"time": "15:00"})
