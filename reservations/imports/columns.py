"""Which column of a file holds what: Booking.com's names, or what a person has said for this kind of file.

Pure. `guess` only prefills the form in which a person decides; nothing is read by a guess.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reservations.imports.refusals import FileRefused

BOOKING_COM = "booking.com"


@dataclass(frozen=True)
class Field:
    """Something we want to know. `name` is Booking.com's column (empty: it has none); `guesses` are others' words for
    it."""

    key: str
    label: Promise
    name: str
    guesses: str = ""


FIELDS = (
    Field("number", gettext_lazy("booking number"), "Book number", "bookingnumber reservationnumber confirmationnumber bookingid "
          "reservationid confirmationcode bookingreference reservation confirmation reference"),
    Field("arrival", gettext_lazy("check-in"), "Check-in", "arrival arrivaldate checkindate startdate from anreise"),
    Field("departure", gettext_lazy("check-out"), "Check-out", "departure departuredate checkoutdate enddate to until abreise"),
    Field("guest", gettext_lazy("guest name, or last name"), "Guest name(s)", "guest guestname name fullname gast gastname lastname "
          "guestlastname surname familyname nachname"),
    Field("given", gettext_lazy("first name, in a column of its own"), "", "firstname guestfirstname givenname forename vorname"),
    Field("booker", gettext_lazy("booked by"), "Booked by", "booker bookername contact contactname"),
    Field("status", gettext_lazy("status"), "Status", "reservationstatus bookingstatus state"),
    Field("booked_on", gettext_lazy("booked on"), "Booked on", "bookingdate bookedat created createdat reservationdate"),
    Field("unit_type", gettext_lazy("room or unit type"), "Unit type", "roomtype room roomname unit accommodation zimmer listing"),
    Field("rooms", gettext_lazy("number of rooms"), "Rooms", "numberofrooms roomcount"),
    Field("part", gettext_lazy("which room of the booking (1, 2, ...)"), "Part", "roomnumberinbooking"),
    Field("nights", gettext_lazy("nights"), "Duration (nights)", "nights duration numberofnights"),
    Field("email", gettext_lazy("email"), "Email", "emailaddress guestemail mail"),
    Field("phone", gettext_lazy("phone"), "Phone number", "phone telephone mobile guestphone telefon"),
    Field("notes", gettext_lazy("remarks"), "Remarks", "notes comments comment specialrequests"),
)  # fmt: skip
BY_KEY = {field.key: field for field in FIELDS}
NEEDED = ("number", "arrival", "departure")
NAMES = ("guest", "booker")


class ColumnsMissing(FileRefused):
    """The file's columns are not known: a person can say which they are."""

    def __init__(self, header: tuple[str, ...], missing: list[str]):
        has = ", ".join(name for name in header if name)
        super().__init__(
            _(
                "The file has no column known as %(missing)s. It has: %(columns)s. Say on the import page which "
                "column is which; it is remembered."
            )
            % {"missing": get_text_list(missing, _("and")), "columns": has[:400]}
        )
        self.header = header


def normal(name: str) -> str:
    """A column's name without case, blanks and punctuation."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


KNOWN = {normal(field.name): field.key for field in FIELDS if field.name}
LAST_NAME = re.compile("(last|sur|family|nach)name$")


def known(header: Iterable[str], remembered: Iterable[Mapping[str, str]] = ()) -> int:
    """How many of the header's names mean something here."""
    names = {normal(name) for columns in remembered for name in columns.values()} | KNOWN.keys()
    return sum(normal(name) in names for name in header)


def match(header: tuple[str, ...], columns: Mapping[str, str]) -> dict[str, int]:
    """Our field's key to the index of its column, by `columns` (key to the file's name) or, when that is
    empty, by Booking.com's names. Raises ColumnsMissing, and FileRefused for a name that stands there twice."""
    wanted = columns or {field.key: field.name for field in FIELDS}
    names = [normal(name) for name in header]
    found = {key: names.index(normal(name)) for key, name in wanted.items() if name and normal(name) in names}
    missing = [str(BY_KEY[key].label) for key in NEEDED if key not in found]
    if not any(key in found for key in NAMES):
        missing.append(_("guest name or booked by"))
    if missing:
        raise ColumnsMissing(header, missing)
    for index in found.values():
        if names.count(names[index]) > 1:
            raise FileRefused(
                _("Two columns of the file are called '%(name)s'. Remove one of them.")
                % {"name": header[index]}
            )
    return found


def source_of(header: tuple[str, ...], remembered: Mapping[str, Mapping[str, str]]) -> str:
    """The source whose kind of file this is: Booking.com's own names first, then the one remembered mapping
    (source to columns) that fits. Raises ColumnsMissing, or FileRefused when several fit."""
    if _fits(header, {}):
        return BOOKING_COM
    fitting = sorted(source for source, columns in remembered.items() if columns and _fits(header, columns))
    if len(fitting) > 1:
        raise FileRefused(
            _("This may be a file of %(sources)s. Say which one it is.")
            % {"sources": get_text_list(fitting, _("or"))}
        )
    if not fitting:
        match(header, {})
    return fitting[0]


def guess(header: tuple[str, ...]) -> dict[str, str]:
    """Our field's key to the column that it might be, each column once."""
    free = {normal(name): name for name in reversed(header) if name}
    found = {}
    for field in FIELDS:
        for name in (normal(field.name), *field.guesses.split()):
            if name and name in free:
                found[field.key] = free.pop(name)
                break
    if "given" in found and not LAST_NAME.search(normal(found.get("guest", ""))):
        del found["given"]  # the name is whole already
    return found


def _fits(header: tuple[str, ...], columns: Mapping[str, str]) -> bool:
    try:
        match(header, columns)
    except ColumnsMissing:
        return False
    return True
