"""Rooms as a person types them, or as a file lists them: read whole, and what cannot be read is named."""

import csv
import io
import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from hospitality.models import Room

MOST = 1000
"""So many rooms are read at once; more are a slip of the finger."""
LONGEST_NAME = Room._meta.get_field("name").max_length
LONGEST_TYPE = Room._meta.get_field("unit_type").max_length
RANGE = re.compile(r"^(?P<begin>.*?[0-9]+)\s*[-–]\s*(?P<end>.*?[0-9]+)$")
NUMBER = re.compile(r"^(.*?)([0-9]{1,9})$")
NAME_HEADS = {"name", "room", "room name", "room number", "number", "unit", "zimmer"}
TYPE_HEADS = {"unit type", "unittype", "type", "room type", "unit_type", "category", "zimmertyp"}


@dataclass(frozen=True)
class Wanted:
    """A room that is to be there."""

    name: str
    unit_type: str = ""


@dataclass(frozen=True)
class Reading:
    """The rooms of a list in its order, each once, and a sentence for each thing that could not be read."""

    rooms: list[Wanted]
    refused: list[str]


class FileRefused(Exception):
    """This is no list of rooms; the sentence says what to do."""


def from_text(text: str) -> Reading:
    """`101-112, 201-212` or one name after the other, with commas or line ends between them; after a colon stands what
    the rooms of that line are sold as: `101-104: Double`."""
    wanted, refused = [], []
    for line in text.splitlines():
        rooms, colon, unit_type = (part.strip() for part in line.partition(":"))
        for piece in filter(None, (" ".join(piece.split()) for piece in re.split(r"[,;]", rooms))):
            try:
                wanted += [Wanted(name, unit_type) for name in _names(piece)]
            except ValueError as problem:
                refused.append(_("“%(words)s”: %(problem)s") % {"words": piece, "problem": problem})
    return _once(wanted, refused)


def from_csv(data: bytes) -> Reading:
    """A file with a column for the room's name and, if there is one, for its unit type; without a head the first two
    are taken. Raises FileRefused."""
    rows = [row for row in _rows(data) if any(cell.strip() for cell in row)]
    if not rows:
        raise FileRefused(_("The file is empty. Export the list of rooms as CSV and choose that file."))
    heads = [cell.strip().lower() for cell in rows[0]]
    name_at = next((at for at, head in enumerate(heads) if head in NAME_HEADS), None)
    type_at = next((at for at, head in enumerate(heads) if head in TYPE_HEADS), None)
    if type_at is not None and name_at is None:
        raise FileRefused(_("No column is called Name or Room: call the one with the rooms' names so."))
    if name_at is None:
        name_at, type_at = 0, 1
    else:
        rows = rows[1:]
    wanted, refused = [], []
    for number, row in enumerate(rows, start=1):
        name = _cell(row, name_at)
        if name:
            wanted.append(Wanted(name, _cell(row, type_at)))
        else:
            refused.append(_("Row %(number)s of the rooms has no name.") % {"number": number})
    return _once(wanted, refused)


def join(first: Reading, second: Reading) -> Reading:
    """Both lists as one."""
    return _once([*first.rooms, *second.rooms], [*first.refused, *second.refused])


def as_csv(rooms: list[Wanted]) -> str:
    """The same rooms for `from_csv`."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["name", "unit type"])
    writer.writerows((room.name, room.unit_type) for room in rooms)
    return out.getvalue()


def _names(piece: str) -> list[str]:
    """`101-112` is twelve rooms, `A1-A9` nine, `Garden-Suite` one. Raises ValueError with what is wrong."""
    found = RANGE.match(piece)
    if not found:
        return [piece]
    (prefix, begin), (other, end) = (NUMBER.match(found[side]).groups() for side in ("begin", "end"))
    if other and other != prefix:
        raise ValueError(
            _("it begins with “%(begin)s” and ends with “%(end)s”; write both alike, as A1-A9.")
            % {"begin": prefix or begin, "end": other}
        )
    if int(end) < int(begin):
        raise ValueError(_("it runs backwards; write the lower number first."))
    if int(end) - int(begin) >= MOST:
        raise ValueError(_("these are more than %(most)s rooms; check the numbers.") % {"most": MOST})
    return [f"{prefix}{number:0{len(begin)}d}" for number in range(int(begin), int(end) + 1)]


def _once(wanted: list[Wanted], refused: list[str]) -> Reading:
    """Each room once, and each fitting its columns."""
    rooms: dict[str, Wanted] = {}
    for one in wanted:
        if len(one.name) > LONGEST_NAME:
            refused.append(
                _("“%(name)s…” is longer than %(most)s characters.")
                % {"name": one.name[:LONGEST_NAME], "most": LONGEST_NAME}
            )
        elif len(one.unit_type) > LONGEST_TYPE:
            refused.append(
                _("The unit type of %(room)s is longer than %(most)s characters.")
                % {"room": one.name, "most": LONGEST_TYPE}
            )
        elif one.name in rooms:
            refused.append(_("%(room)s stands there twice; it is made once.") % {"room": one.name})
        else:
            rooms[one.name] = one
    if len(rooms) > MOST:
        refused.append(
            _("These are %(count)s rooms; only the first %(most)s are taken at once.")
            % {"count": len(rooms), "most": MOST}
        )
    return Reading(list(rooms.values())[:MOST], refused)


def _rows(data: bytes) -> list[list[str]]:
    if b"\0" in data:
        raise FileRefused(_("This is no text file. Save the list as CSV and choose that file."))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise FileRefused(
            _("The file cannot be read as CSV (%(error)s). Save it as CSV once more.") % {"error": error}
        ) from error


def _cell(row: list[str], at: int | None) -> str:
    return " ".join(row[at].split()) if at is not None and at < len(row) else ""
