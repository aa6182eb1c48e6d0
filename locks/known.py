"""What is known of doors and codes, as pages and messages read it: plain values, never a digit. How they are read is
`locks.queries`'.

Nobody changes them. They are not frozen, for a board reads some hundred of so many fields, and making a frozen one takes
ten times as long.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from hospitality.sentences import Sentence
from locks.models import Lock
from locks.thresholds import NO_PLACE, REMOVALS_COUNT_FOR

OFFLINE = {"device_disconnected", "hub_disconnected", "account_disconnected", "device_removed"}
"""Errors of the last contact that mean: nothing can be written to the lock now."""


@dataclass(slots=True)
class Door:
    """A lock as it was last found. `battery` is 0.0-1.0 or None, `online` None if it was never seen; `slots` None
    where no limit is known; `programmable` False where its codes are made by arithmetic alone; `opens_from_afar`: it can be
    opened once without anybody typing; `keeps_schedules`: it lets a code in and out at its times by itself;
    `maker_keeps_pool`: its maker keeps backup codes of its own there."""

    id: int
    public_id: UUID
    name: str
    kind: str
    online: bool | None
    online_changed_at: datetime | None
    seen_at: datetime | None
    battery: float | None
    error_code: str
    error: str
    errors: list[dict] = field(default_factory=list, repr=False)
    warnings: list[dict] = field(default_factory=list, repr=False)
    connection_id: int | None = None
    backup_pool_enabled: bool = True
    backup_pool_size: int | None = None
    suspect_refs: list[str] = field(default_factory=list, repr=False)
    due_at: datetime | None = None
    lease_until: datetime | None = None
    replaced_by_id: int | None = None
    slots: int | None = None
    programmable: bool = True
    opens_from_afar: bool = False
    keeps_schedules: bool = False
    maker_keeps_pool: bool = False
    property_id: int | None = None

    @property
    def common(self) -> bool:
        return self.kind == Lock.Kind.COMMON

    @property
    def reachable(self) -> bool:
        return self.online is not False and self.error_code not in OFFLINE

    @property
    def keeps_pool(self) -> bool:
        """Are backup codes to be kept ready on it?"""
        return self.backup_pool_enabled and self.programmable and not self.gone

    def pool(self, usual: int) -> int:
        """How many backup codes are to be kept ready on it, where the property keeps `usual`."""
        size = usual if self.backup_pool_size is None else self.backup_pool_size
        return size if self.keeps_pool else 0

    @property
    def gone(self) -> bool:
        """Has another lock taken its place? Nothing is asked of it any more."""
        return self.replaced_by_id is not None

    def since(self, code: str) -> datetime | None:
        """Since when the lock has had this error or warning; None if it has not."""
        told = [
            (one.get("error_code") or one.get("warning_code"), one) for one in self.errors + self.warnings
        ]
        return next((datetime.fromisoformat(one["created_at"]) for name, one in told if name == code), None)


@dataclass(frozen=True)
class Doors:
    """The doors of a property by number, and by the room they serve (its own door first)."""

    by_id: dict[int, Door]
    by_room: dict[int, list[Door]]


@dataclass(slots=True)
class Code:
    """One code on one lock: wanted, observed and derived, never its digits."""

    id: int
    public_id: UUID
    lock_id: int
    grant_id: int | None
    name: str
    is_managed: bool
    is_backup: bool
    pulled_backup_id: int | None
    handed_out_at: datetime | None
    wanted: bool
    starts_at: datetime | None
    ends_at: datetime | None
    asked_at: datetime
    generation: int
    observed: str
    observed_at: datetime | None
    attempted_at: datetime | None
    refused_generation: int | None
    refusal: Sentence | str | None
    status: str
    is_scheduled_on_device: bool
    pending_mutations: list[dict] = field(repr=False)
    errors: list[dict] = field(repr=False)
    warnings: list[dict] = field(repr=False)
    live: bool
    is_offline_access_code: bool
    issued_at: datetime | None
    issued_starts_at: datetime | None
    issued_ends_at: datetime | None
    operation: str
    has_own_pin: bool
    is_external_modification_allowed: bool
    external_change: dict | None
    first_used_at: datetime | None
    is_one_time_use: bool = False
    sealed_at: datetime | None = None
    by_hand: bool = False
    outlives_guest: bool = False
    in_place_of_id: int | None = None
    created_at: datetime | None = None
    settled_generation: int | None = None
    external_removals: list[str] = field(default_factory=list, repr=False)
    appearance: dict | None = None
    observed_ref: str = ""
    observed_active: bool = True
    observed_starts_at: datetime | None = None
    observed_ends_at: datetime | None = None
    pin_index: int | None = field(default=None, repr=False)
    observed_pin_index: int | None = field(default=None, repr=False)

    def over(self, now: datetime) -> bool:
        """Must it be off the lock by now?"""
        return not self.wanted or (self.ends_at is not None and self.ends_at <= now)

    def over_since(self, now: datetime) -> datetime | None:
        """Since when it must be off the lock; None if it need not."""
        ended = [self.ends_at] if self.ends_at and self.ends_at <= now else []
        return min(ended + ([] if self.wanted else [self.asked_at]), default=None)

    def on_the_door(self, now: datetime) -> bool:
        """Over, and not yet seen to be gone; or made by arithmetic and given out, so that it opens until its end."""
        if self.is_offline_access_code:
            return self.over(now) and self.issued_ends_at is not None and now < self.issued_ends_at
        return self.live and self.over(now) and (self.observed != "absent" or self.unanswered)

    @property
    def in_envelope(self) -> bool:
        """Is it on paper, and nobody has been given it?"""
        return self.sealed_at is not None and self.ends_at is None

    @property
    def error_codes(self) -> list[str]:
        return [error["error_code"] for error in self.errors]

    @property
    def warning_codes(self) -> list[str]:
        return [warning["warning_code"] for warning in self.warnings]

    def since(self, code: str) -> datetime | None:
        """Since when it has had this error or warning; None if it has not."""
        return _since(code, self)

    @property
    def refused(self) -> bool:
        return self.refused_generation == self.generation

    @property
    def unanswered(self) -> bool:
        """A write went out, and nothing was seen since."""
        sent = self.attempted_at
        if self.operation:
            return True
        return self.observed == "unknown" or (sent is not None and (self.observed_at or sent) <= sent)

    @property
    def has_old_digits(self) -> bool:
        """Does its lock still hold the digits that it had before, as far as was seen?"""
        other = self.observed_pin_index not in (None, self.pin_index)
        return other and self.observed != "absent" and self.changed_outside is None

    @property
    def waits_for_place(self) -> bool:
        """Is it kept off the lock because others need its slots sooner?"""
        put_off = any("scheduled_at" in one and not one["scheduled_at"] for one in self.pending_mutations)
        return put_off or NO_PLACE in self.error_codes

    @property
    def changed_outside(self) -> dict | None:
        """What somebody else did to it since it was last wanted otherwise (`change_type`, `modified_fields`, `at`)."""
        change = self.external_change
        return change if change and change.get("generation") == self.generation else None

    @property
    def left_to_owner(self) -> bool:
        """Does what its owner made of it at the lock stand?"""
        return "external_modification_in_effect" in self.warning_codes

    def removals(self, now: datetime) -> list[datetime]:
        """When it was taken off its lock from outside lately, oldest first; the last `REMOVALS_FAIL` at most."""
        told = [datetime.fromisoformat(at) for at in self.external_removals]
        return [at for at in told if now < at + REMOVALS_COUNT_FOR]

    def confirmed_on(self, door: Door) -> bool:
        """Were these very digits seen on the lock, where they open now or will from their start on?"""
        seen = self.observed == "present" and self.observed_active and not self.unanswered
        right = self.observed_pin_index == self.pin_index and not self.missing_on(door)
        return seen and right and (self.status == "set" or self.is_scheduled_on_device)

    def missing_on(self, door: Door) -> bool:
        """Was it on the lock, and not in its last list, which is not believed yet?"""
        return self.observed == "present" and self.observed_ref in door.suspect_refs


@dataclass(frozen=True)
class Stock:
    """Backup codes of a lock that nobody has been given: `ready` of them can be handed out now; the first of them was
    asked for at `asked_at`."""

    ready: int
    wanted: int
    asked_at: datetime | None = None


@dataclass(frozen=True)
class Places:
    """A lock's codes: `present` were seen on it, `waiting` have no place there; `strangers` were not made here."""

    present: int = 0
    waiting: int = 0
    strangers: int = 0


def _since(code: str, told: Door | Code) -> datetime | None:
    entries = [(one["error_code"], one) for one in told.errors]
    entries += [(one["warning_code"], one) for one in told.warnings]
    return next((datetime.fromisoformat(one["created_at"]) for name, one in entries if name == code), None)
