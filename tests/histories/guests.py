"""Who may open which door, and when: what the people of a history were promised, kept apart from the product's rows
and worked out by rules of its own."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from reservations.models import Stay

LEAD = timedelta(minutes=30)
"""How early a lock without schedules is programmed."""
PRELOAD = timedelta(hours=72)
"""How early one with schedules is."""


@dataclass(frozen=True)
class Walls:
    """The hotel's times, on its wall clock."""

    zone: ZoneInfo
    check_in: time
    check_out: time

    def at(self, day: date, clock: time) -> datetime:
        """In a gap as the clock went before it, in a fold the first of the two."""
        return datetime.combine(day, clock, tzinfo=self.zone).astimezone(UTC)

    def day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()


@dataclass(eq=False)
class Holder:
    """Somebody with a code, as the desk was told. `doors`: the names of the hotel's doors."""

    name: str
    doors: set[str]
    grants: set[int] = field(default_factory=set)
    over: bool = False
    """Checked out, cancelled, revoked: nothing opens any more."""
    prefers_native: bool = True
    owner_may_change: bool = False
    told: bool = False

    @property
    def window(self) -> tuple[datetime, datetime | None]:
        raise NotImplementedError

    def may(self, door: str, at: datetime) -> bool:
        """Has this one the right to open the door now?"""
        starts_at, ends_at = self.window
        return not self.over and door in self.doors and starts_at <= at and (ends_at is None or at < ends_at)

    def moments(self) -> list[datetime]:
        """When something begins or ends for this one."""
        starts_at, ends_at = self.window
        if self.over:
            return []
        return [at for at in (starts_at - PRELOAD, starts_at - LEAD, starts_at, ends_at) if at]


@dataclass(eq=False)
class Guest(Holder):
    """A guest and the stay."""

    stay: Stay = None
    walls: Walls = None
    room: str = ""
    arrival: date = None
    departure: date = None
    checked_in_at: datetime | None = None
    backups: dict[str, str] = field(default_factory=dict)
    """By door, the public id of the backup code that was handed out."""

    @property
    def window(self) -> tuple[datetime, datetime]:
        starts_at = self.walls.at(self.arrival, self.walls.check_in)
        if self.checked_in_at:
            starts_at = min(starts_at, self.checked_in_at)
        return starts_at, self.walls.at(self.departure, self.walls.check_out)

    def live_in(self, room: str) -> None:
        self.room, self.doors = room, {room, "front"}


@dataclass(eq=False)
class Outsider(Holder):
    """Somebody who has a code without a stay. `ends_at` None: for ever."""

    starts_at: datetime = None
    ends_at: datetime | None = None

    @property
    def window(self) -> tuple[datetime, datetime | None]:
        return self.starts_at, self.ends_at


class Staff(Outsider):
    """Of the house."""


class Program(Outsider):
    """Whoever has a code that a program made."""
