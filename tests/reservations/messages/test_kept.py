"""What is kept with a message in English, said in the language of who reads it."""

import pytest
from django.utils import translation
from django.utils.translation import trans_real

from reservations.messages import kept

VALUES = {
    kept.FOR_DOORS: {"doors": "Room 1 and Front door"},
    kept.NO_EMAIL: {"typed": "anna(at)example.org"},
    kept.NO_COUNTRY: {"typed": "079 123 45 67"},
    kept.MAIL_ANSWERED: {"status": "550", "said": "5.1.1 100% full: %(no) such\nmailbox"},
    kept.MAIL_REFUSED: {"status": "503"},
    kept.WRONG_KEY[kept.MAIL_REFUSED]: {"status": "401"},
    kept.UNCLEAR[kept.TEXT_REFUSED]: {"status": "302"},
    kept.ENDED: None,
    kept.FOR_CODE: None,
}


@pytest.fixture
def german(monkeypatch):
    """A catalogue in which each of these sentences is itself, marked."""
    catalog = {sentence: f"de: {sentence}" for sentence in VALUES}
    monkeypatch.setattr(trans_real.translation("de"), "_catalog", catalog)
    with translation.override("de"):
        yield


@pytest.mark.parametrize("sentence", VALUES)
def test_a_kept_sentence_is_said_in_the_readers_language_with_its_values(german, sentence):
    values = VALUES[sentence]
    stored = sentence % values if values else sentence
    assert kept.said(stored) == f"de: {stored}"


def test_what_is_none_of_the_kept_sentences_is_said_as_it_is(german):
    assert kept.said("") == ""
    assert kept.said("The dog ate it: 100%.") == "The dog ate it: 100%."
