"""Sentences that are kept now and read later, by somebody else and perhaps in another language: the database holds a key
with its values, and no words. They are worded when somebody looks.

A table of them is an enumeration, its labels the sentences; a member that is called with its values is one of them:

    class Why(Sentences):
        ANSWERED = "answered", gettext_lazy("The mail server answered %(status)s: %(said)s")

    message.problem = Why.ANSWERED(status=550, said="no such mailbox")

What comes from outside (a server's own answer, a door's name) is a value and shown as it is.
"""

from dataclasses import dataclass

from django.db import models

from hospitality.ordering import listed


class Sentences(models.TextChoices):
    """A table of sentences, each with its key."""

    def __call__(self, **values) -> "Sentence":
        """`values` are JSON and hold no PIN; a list is said as `101, 102 and 103`."""
        return Sentence(self, values)


@dataclass(frozen=True)
class Sentence:
    """As text it is in the language of who looks."""

    key: Sentences
    values: dict

    def __str__(self) -> str:
        shown = {name: listed(one) if isinstance(one, list) else one for name, one in self.values.items()}
        return self.key.label % shown

    def kept(self) -> dict:
        """As JSON."""
        return {"key": self.key.value, **self.values}


def of(kept: dict | str | None, *tables: type[Sentences]) -> Sentence | str | None:
    """The sentence that was kept, by its key in one of the tables. Words that were kept before there were keys are a
    string, and stay as they are; so does a key that no table knows."""
    if not isinstance(kept, dict):
        return kept
    values = dict(kept)
    key = values.pop("key")
    return next((table(key)(**values) for table in tables if key in table.values), key)


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
        return of(super().from_db_value(value, expression, connection), *self.tables)

    def get_prep_value(self, value):
        return super().get_prep_value(value.kept() if isinstance(value, Sentence) else value)
