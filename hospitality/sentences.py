"""Sentences that are kept now and read later, by somebody else and perhaps in another language: the database holds a key
with its values, and no words. They are worded when somebody looks.

A table of them is an enumeration, its labels the sentences; a member that is called with its values is one of them:

    class Why(Sentences):
        ANSWERED = "answered", gettext_lazy("The mail server answered %(status)s: %(said)s")

    message.problem = Why.ANSWERED(status=550, said="no such mailbox")

What comes from outside (a server's own answer, a door's name) is a value and shown as it is.
"""

from dataclasses import dataclass
from datetime import date

from django.db import models
from django.utils import timezone

from hospitality.ordering import listed
from hospitality.wall import day_of_year, day_words


class Sentences(models.TextChoices):
    """A table of sentences, each with its key."""

    def __call__(self, **values) -> "Sentence":
        """`values` hold no PIN; they are JSON, days, sentences of their own, or lists of these: said as `101, 102 and
        103`."""
        return Sentence(self, values)


@dataclass(frozen=True)
class Sentence:
    """As text it is in the language of who looks."""

    key: Sentences
    values: dict

    def __str__(self) -> str:
        return self.key.label % {name: _shown(one) for name, one in self.values.items()}


def _shown(value):
    if isinstance(value, list):
        return listed([str(_shown(one)) for one in value])
    if isinstance(value, date):
        return day_words(value) if value.year == timezone.now().year else day_of_year(value)
    return value


def kept(value):
    """A sentence, or a list of them, as JSON."""
    if isinstance(value, Sentence):
        return {"key": value.key.value} | {name: kept(one) for name, one in value.values.items()}
    if isinstance(value, list | tuple):
        return [kept(one) for one in value]
    return {"day": value.isoformat()} if isinstance(value, date) else value


def of(kept, *tables: type[Sentences]):
    """What was kept, its keys looked up in these tables, the first before the next. Words that were kept before there
    were keys are a string, and stay as they are; so does a key that no table knows."""
    match kept:
        case list():
            return [of(one, *tables) for one in kept]
        case {"key": key, **values}:
            values = {name: of(one, *tables) for name, one in values.items()}
            return next((table(key)(**values) for table in tables if key in table.values), key)
        case {"day": day}:
            return date.fromisoformat(day)
    return kept


class SentenceField(models.JSONField):
    """A sentence of one of the tables, or None."""

    def __init__(self, *tables: type[Sentences], **kwargs):
        super().__init__(**kwargs | {"null": True})
        self.tables = tables

    def deconstruct(self):
        """To migrations it is JSON: the tables change more often than the database."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs

    def from_db_value(self, value, expression, connection) -> Sentence | str | None:
        if value is None:
            return None
        return of(super().from_db_value(value, expression, connection), *self.tables)

    def get_prep_value(self, value):
        return super().get_prep_value(kept(value))
