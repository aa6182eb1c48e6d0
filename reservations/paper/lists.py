"""What is printed: lists of a day as the board has them, and the paper a shift falls back on. Never a digit."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from hospitality.models import Property
from hospitality.wall import Wall
from locks import queries, sealed
from reservations import board as boards
from reservations.board import RowList
from reservations.rows.row import Row

DOTS = "••••••"
LISTS = {
    "arrivals": (_("Arrivals"), ("arrivals",)),
    "in-house": (_("In house"), ("in_house",)),
    "departures": (_("Departures"), ("departures",)),
    "shift": (_("Paper for the shift"), ("arrivals", "in_house", "departures")),
}
"""What can be printed: its title, and the board's lists on it."""


@dataclass(frozen=True)
class Line:
    """One stay on paper. `code`: masked, where there is one; `envelopes`: labels of the sealed codes for its doors."""

    row: Row
    code: str
    envelopes: str


@dataclass(frozen=True)
class Sheet:
    title: str
    count: str
    lines: list[Line]
    empty: str


@dataclass(frozen=True)
class Paper:
    title: str
    day_words: str
    printed: str
    zone_name: str
    sheets: list[Sheet]
    has_envelopes: bool


def paper(property: Property, which: str, day: date, wall: Wall) -> Paper:
    """One of `LISTS` for that day. A fixed number of queries."""
    title, keys = LISTS[which]
    board = boards.board(property, day, wall)
    labels = _labels(property) if which == "shift" else {}
    shown = [one for one in board.lists if one.key in keys]
    return Paper(
        title=str(title),
        day_words=board.day_words,
        printed=wall.full(wall.now),
        zone_name=wall.zone_name,
        sheets=[
            Sheet(one.title, one.count, [_line(row, labels) for row in _rows(one, which)], one.empty)
            for one in shown
        ],
        has_envelopes=bool(labels),
    )


def _rows(listed: RowList, which: str) -> list[Row]:
    """For the shift only who is still to come, to stay or to leave."""
    return [row for row in listed.rows if row.remaining or which != "shift"]


def _line(row: Row, labels: dict[str, str]) -> Line:
    told = [said.text for said in (line.said for line in row.codes) if said.tone != "off"]
    return Line(row, DOTS if told and row.room else "", labels.get(row.room, ""))


def _labels(property: Property) -> dict[str, str]:
    """The envelopes for the doors of each room, by the room's name. Three queries."""
    doors = queries.doors(property).by_room
    waiting = defaultdict(list)
    for lock_id, key in sealed.waiting(property).values_list("lock_id", "public_id"):
        waiting[lock_id].append(sealed.label(key))
    return {
        room.name: ", ".join(label for door in doors.get(room.pk, []) for label in waiting[door.id])
        for room in property.rooms.all()
    }
