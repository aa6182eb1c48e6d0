"""The words of the plan: what is wanted of a code, what was seen of it, what of its lock decides, and the verdict.

Pure values; all times are aware.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from locks.thresholds import LOST


class Step(StrEnum):
    """What to do about a code on its lock now."""

    NONE = "none"
    LOOK = "look"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class Presence(StrEnum):
    ABSENT = "absent"
    PRESENT = "present"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Door:
    """What of the lock decides: does it keep schedules, how early must it be loaded otherwise, does it answer.

    `trouble` is the error code of the last contact (empty: it answered)."""

    native_scheduling: bool
    lead: timedelta
    trouble: str = ""

    @property
    def lost(self) -> bool:
        return self.trouble in LOST


@dataclass(frozen=True)
class Outside:
    """What somebody else did to a code that had been on its lock as wanted. `change_type`: modified or removed;
    `removals`: when it was taken off from outside, within `REMOVALS_COUNT_FOR`, oldest first."""

    change_type: str = ""
    at: datetime | None = None
    removals: tuple[datetime, ...] = ()
    allowed: bool = False
    """The owner may do so: the lock's state stands."""


@dataclass(frozen=True)
class Wanted:
    """What the hotel wants of one code. `starts_at` None: from when it was asked; `ends_at` None: for ever.

    `pin` is any value that is equal for equal digits; `not_before` holds a just-in-time code back."""

    present: bool
    pin: int | None
    name: str
    asked_at: datetime
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    prefer_native: bool = True
    not_before: datetime | None = None
    on_device: tuple[datetime | None, datetime | None] | None = None
    """The window as this lock can keep it, where that is not exactly the wanted one."""
    has_place: bool = True
    """False: others need the lock's slots more (`without_place`)."""
    refusal: str = ""
    """The lock's final no to exactly this wish (an error code), or empty."""
    complaint: str = ""
    """Why the last try at this code failed, where trying again may help (an error code), or empty."""
    outside: Outside = Outside()


@dataclass(frozen=True)
class Seen:
    """What the provider was last found to hold. `pin` None: the lock shows no digits and has confirmed none;
    `pending_since`: when it accepted a write of which it has not said how it ended."""

    presence: Presence = Presence.ABSENT
    pin: int | None = None
    name: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    active: bool = True
    pending_since: datetime | None = None

    @property
    def pending(self) -> bool:
        return self.pending_since is not None


@dataclass(frozen=True)
class Verdict:
    """What follows. `due_at`: the next moment at which this verdict may change by itself (None: never);
    a step other than NONE is due at once. `live` False: off the lock for good, nothing left to watch."""

    step: Step
    status: str
    due_at: datetime | None
    is_scheduled_on_device: bool = False
    pending_mutations: list[dict] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    live: bool = True
    settled: bool = False
    """It was seen on the lock exactly as wanted."""
