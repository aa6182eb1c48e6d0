"""The small signs beside a guest's name: open notes, and a change of the clocks within the stay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from django.utils.translation import gettext as _

from hospitality import clock_changes
from hospitality.clock_changes import ClockChange
from hospitality.models import Property
from hospitality.wall import Wall, clock
from locks.said import Said
from reservations import grants
from reservations.models import Stay, StayState
from reservations.notes.book import Open

HERE = (StayState.BOOKED, StayState.IN_HOUSE)
SHOWN = 70
"""So many letters of a note stand on the board's row."""


@dataclass(frozen=True)
class Signs:
    """What the rows of one reading share: the open notes, and the changes of the clocks that any of the stays meets."""

    property: Property
    wall: Wall
    notes: Open
    changes: Sequence[ClockChange]

    def of(self, stay: dict) -> tuple[Said, ...]:
        """The signs of one stay: a mapping with the columns of a row."""
        if stay["state"] not in HERE:
            return ()
        clocks = ()
        if self.changes:
            span = grants.planned_of(self.property, stay)
            clocks = _clocks(self.property, *span, self.wall, bool(stay["grant_id"]))
        return tuple(_note(text) for text in self.notes.of(stay)) + clocks


def signs(property: Property, stays: Sequence[dict], notes: Open, wall: Wall) -> Signs:
    """For the rows of `stays`. The changes of the clocks are worked out once for all."""
    changes = []
    if stays:
        begins = property.at(min(stay["arrival"] for stay in stays), time.min)
        ends = property.at(max(stay["departure"] for stay in stays), time.max)
        changes = clock_changes.between(property.time_zone, begins, ends)
    return Signs(property, wall, notes, changes)


def of_clocks(stay: Stay, wall: Wall) -> tuple[Said, ...]:
    """The sign that the clocks change within the stay, if they do."""
    if stay.state not in HERE:
        return ()
    return _clocks(stay.property, *grants.planned(stay), wall, bool(stay.grant_id))


def _clocks(
    property: Property, begins: datetime, ends: datetime, wall: Wall, has_code: bool
) -> tuple[Said, ...]:
    changes = clock_changes.between(property.time_zone, begins, ends)
    if not changes:
        return ()
    told = {
        "clocks": clock_changes.words(changes, wall.zone, wall.now),
        "new": wall.moment(ends),
        "old": clock(clock_changes.in_old_time(ends, changes, wall.zone)),
    }
    if has_code:
        text = _("%(clocks)s: the code opens until %(new)s new time (%(old)s old time)") % told
    else:
        text = _("%(clocks)s: the stay lasts until %(new)s new time (%(old)s old time)") % told
    return (Said("wait", text),)


def _note(text: str) -> Said:
    return Said("note", text if len(text) <= SHOWN else f"{text[: SHOWN - 1].rstrip()}…")
