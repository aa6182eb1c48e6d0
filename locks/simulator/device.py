"""What a lock and a code are. Pure: no clock, no store, no wire."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from locks.simulator.features import Features

NATIVE = "native"
JUST_IN_TIME = "just_in_time"
OFFLINE = "offline"
MODELS = (NATIVE, JUST_IN_TIME, OFFLINE)


@dataclass(frozen=True)
class Knobs:
    """The faults of one lock; see the package's docstring for what each does."""

    offline: bool = False
    hub_offline: bool = False
    slow_seconds: float = 0
    fail_next_writes: int = 0
    busy_next_answers: int = 0
    lose_next_answers: int = 0
    hold_next_answers: int = 0
    garbage_next_answers: int = 0
    forget_next_writes: int = 0
    empty_next_listings: int = 0
    partial_next_listings: int = 0
    contradict_next_listings: int = 0
    hide_pin_lengths: bool = False
    reject_next_pins: int = 0
    reject_pins: tuple[str, ...] = ()
    refuse_deletes: bool = False
    provider_error: str | None = None
    truncate_names: int | None = None
    operation_seconds: float = 0.05
    hold_operations: bool = False
    fail_next_operations: int = 0
    forget_operations: bool = False
    clock_offset_seconds: float = 0
    lockout: bool = True
    removed: bool = False


@dataclass(frozen=True)
class Code:
    """A code as the lock holds it. Times are aware UTC or None."""

    name: str
    pin: str = field(repr=False)
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    id: str = ""
    active: bool = True
    first_name: str = ""
    last_name: str = ""


@dataclass(frozen=True)
class Lock:
    """A lock without its codes. `battery` is 0.0-1.0 or None, `key` what its arithmetic is made with."""

    id: str
    name: str
    model: str
    key: bytes = field(repr=False)
    can: Features = Features()
    battery: float | None = 1.0
    knobs: Knobs = Knobs()
    wrong_entries: int = 0
    locked_until: datetime | None = None
    replaced_by: str | None = None

    @property
    def native(self) -> bool:
        """Does it keep time windows itself?"""
        return self.model != JUST_IN_TIME

    @property
    def online(self) -> bool | None:
        """None for a lock that is never connected: nobody can know."""
        if not self.can.can_program_online_access_codes:
            return None
        return not self.knobs.offline and self.replaced_by is None

    @property
    def hub_online(self) -> bool | None:
        return False if self.knobs.hub_offline else self.can.hub_online

    @property
    def reachable(self) -> bool:
        """Can the maker's cloud talk to it, and it to the cloud?"""
        return bool(self.online) and self.hub_online is not False

    def clock(self, real: datetime) -> datetime:
        """The lock's own time at the moment `real`."""
        return real.astimezone(UTC) + timedelta(seconds=self.knobs.clock_offset_seconds)
