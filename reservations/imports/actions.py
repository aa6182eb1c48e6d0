"""What is to be done for one row of a file: the vocabulary of the plan."""

from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from hospitality.models import Room
from hospitality.wall import Wall
from reservations.imports.report import Kind
from reservations.imports.rows import Booking, Status
from reservations.imports.units import Part
from reservations.models import Stay, StayState


@dataclass(frozen=True)
class Book:
    """A stay to make."""

    part: int
    unit: Part


@dataclass(frozen=True)
class Change:
    """A stay to change. `wish` is what `stays.change` takes; `room` is the room it ends up in."""

    stay: Stay
    wish: dict
    room: Room | None


@dataclass(frozen=True)
class Reach:
    """A booking whose guest is reached otherwise. `wish` is what `reaching.reach` takes; `stay` is one of its stays."""

    stay: Stay
    wish: dict


@dataclass(frozen=True)
class CallOff:
    """A stay that will not be."""

    stay: Stay
    status: Status


@dataclass
class RowPlan:
    """What becomes of one row."""

    booking: Booking
    actions: list[Book | Change | Reach | CallOff] = field(default_factory=list)
    kinds: list[Kind] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unknown_units: list[str] = field(default_factory=list)
    unmapped: tuple[str, ...] = ()
    """Refused for nothing but these unit types: it goes in once they are mapped."""

    def say(self, kind: Kind, note: str = "", change: str = "") -> None:
        """Add a kind once, and a note and a change if there are any."""
        self.kinds += [kind] if kind not in self.kinds else []
        self.notes += [note] if note else []
        self.changes += [change] if change else []

    def refuse(self, why: str) -> None:
        """Nothing of the row is done."""
        self.actions, self.kinds, self.changes, self.notes = [], [Kind.REFUSED], [], [why]


class Words:
    """Dates, rooms and changes as the desk reads them."""

    def __init__(self, wall: Wall):
        self.day, self.today = wall.day, wall.today
        self.nameless = False

    def span(self, arrival: date, departure: date) -> str:
        return _("%(begins)s to %(ends)s") % {"begins": self.day(arrival), "ends": self.day(departure)}

    def room(self, room: Room | None) -> str:
        return room.name if room else _("no room yet")

    def who(self, stay: Stay) -> str:
        told = {"guest": stay.reservation.guest, "room": stay.room}
        if stay.state == StayState.IN_HOUSE:
            return _("%(guest)s is in house in %(room)s") % told
        return _("%(guest)s is booked in %(room)s") % told

    def becomes(self, before: object, after: object) -> str:
        # Translators: of dates, rooms and names
        return _("%(before)s becomes %(after)s") % {"before": before, "after": after}

    def file_says(self, who: str, changes: str) -> str:
        # Translators: Anna Smith is in house in 204; the file says 204 becomes 205
        return _("%(who)s; the file says %(changes)s") % {"who": who, "changes": changes}
