"""What is to be done for one row of a file: the vocabulary of the plan."""

from dataclasses import dataclass, field

from hospitality.models import Room
from hospitality.sentences import Sentence
from reservations.imports.report import Kind
from reservations.imports.rows import Booking, Status
from reservations.imports.units import Part
from reservations.models import Stay


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
    changes: list[Sentence | str] = field(default_factory=list)
    notes: list[Sentence | str] = field(default_factory=list)
    unknown_units: list[str] = field(default_factory=list)
    unmapped: tuple[str, ...] = ()
    """Refused for nothing but these unit types: it goes in once they are mapped."""

    def say(self, kind: Kind, note: Sentence | None = None, change: Sentence | str = "") -> None:
        """Add a kind once, and a note and a change if there are any."""
        self.kinds += [kind] if kind not in self.kinds else []
        self.notes += [note] if note else []
        self.changes += [change] if change else []

    def refuse(self, *why: Sentence) -> None:
        """Nothing of the row is done."""
        self.actions, self.kinds, self.changes, self.notes = [], [Kind.REFUSED], [], [*why]
