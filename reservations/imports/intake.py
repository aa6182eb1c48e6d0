"""A file opened for one property: which source it is, what a person has said about such files, what it holds."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from hospitality import clock
from hospitality.models import Property
from hospitality.wall import Wall
from reservations.imports import columns, csv, rows
from reservations.imports.refusals import FileRefused, shown
from reservations.messages.house import settings_of
from reservations.models import ImportProfile

SOURCE = re.compile(r"[a-z0-9][a-z0-9 ._-]{0,59}")


@dataclass(frozen=True)
class Intake:
    """`profile` may be one that is not saved yet. `roomless`: nobody looks on, so that new bookings of unknown unit
    types come in without a room instead of being refused. `nameless`: the report goes to another program, which learns
    no other guest's name."""

    profile: ImportProfile
    reading: rows.Reading
    roomless: bool = False
    nameless: bool = False

    @property
    def source(self) -> str:
        return self.profile.source

    def older(self, property: Property) -> str:
        """Why this file looks older than the last one that was taken in; empty if it does not."""
        newest, seen = self.reading.newest, self.profile.newest_booking
        if not (newest and seen and newest < seen):
            return ""
        wall = Wall(property, clock.now())
        return _(
            "The newest booking in this file was made on %(newest)s; a file with one of %(seen)s was taken in before. "
            "This file looks older than the last one."
        ) % {"newest": wall.moment(newest), "seen": wall.moment(seen)}


def open_file(property: Property, data: bytes, source: str = "") -> Intake:
    """What `data` holds. Without `source` the header tells. Raises FileRefused, or ColumnsMissing when a person must
    say which column is which."""
    profiles = {profile.source: profile for profile in ImportProfile.objects.filter(property=property)}
    remembered = {name: profile.columns for name, profile in profiles.items()}
    table = csv.read(data, lambda header: columns.known(header, remembered.values()))
    source = clean_source(source) if source else columns.source_of(table.header, remembered)
    profile = profiles.get(source) or ImportProfile(property=property, source=source)
    found = columns.match(table.header, profile.columns)
    region = settings_of(property).region
    return Intake(profile, rows.read(table, found, property.date_order, property.zone, region))


def samples(property: Property, data: bytes) -> dict[str, str]:
    """The names of the file's columns, each with the first thing that stands in it. Raises FileRefused."""
    remembered = ImportProfile.objects.filter(property=property).values_list("columns", flat=True)
    known = list(remembered)
    table = csv.read(data, lambda names: columns.known(names, known))
    found = {}
    for index, name in enumerate(table.header):
        cells = (record.cells[index] for record in table.records if index < len(record.cells))
        found.setdefault(name, next(filter(None, cells), ""))
    return found


def clean_source(text: str) -> str:
    """The name of a source as it is kept. Raises FileRefused."""
    source = " ".join(text.casefold().split())
    if not SOURCE.fullmatch(source) or source == "desk":
        raise FileRefused(
            _(
                "%(text)s cannot name a source. Use letters, digits, dots and dashes, for example booking.com; "
                "'desk' is the desk's own."
            )
            % {"text": shown(text)}
        )
    return source


def remember_columns(property: Property, source: str, chosen: dict[str, str]) -> None:
    """Keep which column holds what in files of this source. Raises FileRefused."""
    ImportProfile.objects.update_or_create(
        property=property, source=clean_source(source), defaults={"columns": chosen}
    )


def remember_units(property: Property, source: str, chosen: dict[str, str]) -> None:
    """Add what a person has said about unit types: the file's words to a room's name, or to nothing."""
    profile = ImportProfile.objects.get_or_create(property=property, source=source)[0]
    profile.unit_types |= chosen
    profile.save(update_fields=["unit_types"])
