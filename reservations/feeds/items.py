"""From the JSON of a webhook to bookings: read by the same reader as the rows of a file, but stricter. Whoever writes a
program can write 2026-12-31."""

import json
import re

from hospitality.models import Property
from reservations.imports import rows
from reservations.imports.csv import MAX_CELL, Record, Table
from reservations.imports.dates import DAY_FIRST
from reservations.imports.intake import Intake, clean_source
from reservations.imports.refusals import FileRefused, shown
from reservations.messages.house import settings_of
from reservations.models import ImportProfile

SOURCE = "webhook"
MOST = 500
FIELDS = {
    "number": "number",
    "arrival": "arrival",
    "departure": "departure",
    "guest": "guest",
    "status": "status",
    "room": "unit_type",
    "rooms": "rooms",
    "part": "part",
    "email": "email",
    "phone": "phone",
    "notes": "notes",
    "booked_on": "booked_on",
}
"""The sender's words, and the reader's."""
NEEDED = ("number", "arrival", "departure", "guest")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}$")
SHAPE = '{"source": "my program", "reservations": [{"number": "R1", "arrival": "2026-12-01", "departure": "2026-12-03", "guest": "Anna Smith", "room": "204"}]}'


def read(property: Property, body: bytes) -> Intake:
    """What a call holds; what of it cannot be read is refused item by item. Raises FileRefused for the whole of it."""
    sent = _parsed(body)
    source = sent.get("source", SOURCE)
    if not isinstance(source, str):
        raise FileRefused("'source' must be text: the name of your program.")
    source = clean_source(source)
    found = sent["reservations"]
    if any("part" in item for item in found if isinstance(item, dict)) and not all(
        isinstance(item, dict) and "part" in item for item in found
    ):
        raise FileRefused("Give 'part' with every reservation of a call or with none.")
    names = [name for name in FIELDS if any(isinstance(item, dict) and name in item for item in found)]
    names += [name for name in NEEDED if name not in names]
    records, wrong = [], []
    for line, item in enumerate(found, 1):
        if why := _wrong(item):
            wrong.append((line, why))
        else:
            cells = tuple("" if item.get(name) is None else str(item[name]).strip() for name in names)
            records.append(Record(line, cells))
    table = Table(tuple(names), tuple(records), tuple(wrong))
    columns = {FIELDS[name]: index for index, name in enumerate(names)}
    region = settings_of(property).region
    reading = rows.read(table, columns, DAY_FIRST, property.zone, region)
    profile = ImportProfile.objects.filter(property=property, source=source).first()
    profile = profile or ImportProfile(property=property, source=source)
    return Intake(profile, reading, roomless=True, nameless=True)


def spoken(note: str) -> str:
    """An English sentence of the reader or of the plan in words that speak of a call and not of a file."""
    return note.replace("the file", "the call").replace("lines ", "items ").replace("line ", "item ")


def _parsed(body: bytes) -> dict:
    """The call, of the right shape on the outside. Raises FileRefused."""
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        raise FileRefused(f"The body is no JSON. Send something like {SHAPE}") from None
    if not isinstance(sent, dict) or not isinstance(sent.get("reservations"), list):
        raise FileRefused(f"'reservations' must be a list. Send something like {SHAPE}")
    if unknown := sorted(set(sent) - {"source", "reservations"}):
        raise FileRefused(f"{shown(unknown[0])} is not known here; known are source and reservations.")
    if not 1 <= len(sent["reservations"]) <= MOST:
        raise FileRefused(f"Send 1 to {MOST} reservations in one call.")
    return sent


def _wrong(item: object) -> str:
    """Why one reservation cannot be read at all; empty if it can be tried."""
    if not isinstance(item, dict):
        return "it is no JSON object"
    if unknown := sorted(set(item) - set(FIELDS)):
        return f"{shown(unknown[0])} is not known here; known are {', '.join(FIELDS)}"
    for name, value in item.items():
        whole = isinstance(value, int) and not isinstance(value, bool)
        if value is not None and not isinstance(value, str) and not (whole and abs(value) < 10**18):
            return f"'{name}' must be text or a whole number"
        if isinstance(value, str) and (len(value) > MAX_CELL or "\0" in value or not _is_text(value)):
            return f"'{name}' holds what is no text, or too much of it"
    for name in ("arrival", "departure"):
        if not DAY.match(str(item.get(name) or "")):
            return f"'{name}' must be a day like 2026-12-31"
    return ""


def _is_text(value: str) -> bool:
    """Not half of a letter, which JSON can hold and a database cannot."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
