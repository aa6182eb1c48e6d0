"""Which column of a file holds what: Booking.com's names, or what a person has said for this kind of file.

Pure. `guess` only prefills the form in which a person decides; nothing is read by a guess.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reservations.imports.refusals import FileRefused

BOOKING_COM = "booking.com"


@dataclass(frozen=True)
class Field:
    """Something we want to know. `name` is Booking.com's column (empty: it has none); `guesses` are others' words for
    it."""

    key: str
    label: str
    name: str
    guesses: str = ""


FIELDS = (
    Field("number", "booking number", "Book number", "bookingnumber reservationnumber confirmationnumber bookingid "
          "reservationid confirmationcode bookingreference reservation confirmation reference"),
    Field("arrival", "check-in", "Check-in", "arrival arrivaldate checkindate startdate from anreise"),
    Field("departure", "check-out", "Check-out", "departure departuredate checkoutdate enddate to until abreise"),
    Field("guest", "guest name, or last name", "Guest name(s)", "guest guestname name fullname gast gastname lastname "
          "guestlastname surname familyname nachname"),
    Field("given", "first name, in a column of its own", "", "firstname guestfirstname givenname forename vorname"),
    Field("booker", "booked by", "Booked by", "booker bookername contact contactname"),
    Field("status", "status", "Status", "reservationstatus bookingstatus state"),
    Field("booked_on", "booked on", "Booked on", "bookingdate bookedat created createdat reservationdate"),
    Field("unit_type", "room or unit type", "Unit type", "roomtype room roomname unit accommodation zimmer listing"),
    Field("rooms", "number of rooms", "Rooms", "numberofrooms roomcount"),
    Field("part", "which room of the booking (1, 2, ...)", "Part", "roomnumberinbooking"),
    Field("nights", "nights", "Duration (nights)", "nights duration numberofnights"),
    Field("email", "email", "Email", "emailaddress guestemail mail"),
    Field("phone", "phone", "Phone number", "phone telephone mobile guestphone telefon"),
    Field("notes", "remarks", "Remarks", "notes comments comment specialrequests"),
)  # fmt: skip
BY_KEY = {field.key: field for field in FIELDS}
NEEDED = ("number", "arrival", "departure")
NAMES = ("guest", "booker")


class ColumnsMissing(FileRefused):
    """The file's columns are not known: a person can say which they are."""

    def __init__(self, header: tuple[str, ...], missing: list[str]):
        has = ", ".join(name for name in header if name)
        super().__init__(
            f"The file has no column known as {' and '.join(missing)}. It has: {has[:400]}. "
            "Say on the import page which column is which; it is remembered."
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
    missing = [BY_KEY[key].label for key in NEEDED if key not in found]
    if not any(key in found for key in NAMES):
        missing.append("guest name or booked by")
    if missing:
        raise ColumnsMissing(header, missing)
    for index in found.values():
        if names.count(names[index]) > 1:
            raise FileRefused(f"Two columns of the file are called '{header[index]}'. Remove one of them.")
    return found


def source_of(header: tuple[str, ...], remembered: Mapping[str, Mapping[str, str]]) -> str:
    """The source whose kind of file this is: Booking.com's own names first, then the one remembered mapping
    (source to columns) that fits. Raises ColumnsMissing, or FileRefused when several fit."""
    if _fits(header, {}):
        return BOOKING_COM
    fitting = sorted(source for source, columns in remembered.items() if columns and _fits(header, columns))
    if len(fitting) > 1:
        raise FileRefused(f"This may be a file of {' or '.join(fitting)}. Say which one it is.")
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
