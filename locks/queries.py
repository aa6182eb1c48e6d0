"""What pages and the API read of doors and codes: dataclasses, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, fields
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, Q

from hospitality.models import Property
from locks.models import HEALTHY, IN_STOCK, SEEN_OFF, AccessCode, Event, Lock

OFFLINE = {"device_disconnected", "hub_disconnected", "account_disconnected", "device_removed"}
"""Errors of the last contact that mean: nothing can be written to the lock now."""


@dataclass(frozen=True)
class Door:
    """A lock as it was last found. `battery` is 0.0-1.0 or None, `online` None if it was never seen."""

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

    @property
    def common(self) -> bool:
        return self.kind == Lock.Kind.COMMON

    @property
    def reachable(self) -> bool:
        return self.online is not False and self.error_code not in OFFLINE


@dataclass(frozen=True)
class Doors:
    """The doors of a property by number, and by the room they serve (its own door first)."""

    by_id: dict[int, Door]
    by_room: dict[int, list[Door]]


@dataclass(frozen=True)
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
    refusal: str
    status: str
    is_scheduled_on_device: bool
    pending_mutations: list[dict] = field(repr=False)
    errors: list[str]
    warnings: list[str]
    live: bool

    def over(self, now: datetime) -> bool:
        """Must it be off the lock by now?"""
        return not self.wanted or (self.ends_at is not None and self.ends_at <= now)

    def on_the_door(self, now: datetime) -> bool:
        """Over, and not yet seen to be gone."""
        return self.live and self.over(now) and (self.observed != "absent" or self.unanswered)

    @property
    def refused(self) -> bool:
        return self.refused_generation == self.generation

    @property
    def unanswered(self) -> bool:
        """A write went out, and nothing was seen since."""
        sent = self.attempted_at
        return self.observed == "unknown" or (sent is not None and (self.observed_at or sent) <= sent)


@dataclass(frozen=True)
class Stock:
    """Backup codes of a lock that nobody has been given: `ready` of them confirmed on it."""

    ready: int
    wanted: int


_DOOR = [one.name for one in fields(Door)]
_CODE = [one.name for one in fields(Code)]


def doors(property: Property) -> Doors:
    """Every door of the property. Two queries."""
    by_id = {
        row["id"]: Door(**row)
        for row in Lock.objects.filter(property=property).order_by("name").values(*_DOOR)
    }
    served = Lock.rooms.through.objects.filter(lock__property=property).values_list("room_id", "lock_id")
    by_room = defaultdict(list)
    for room_id, lock_id in served:
        by_room[room_id].append(by_id[lock_id])
    for room_doors in by_room.values():
        room_doors.sort(key=lambda door: (door.common, door.name))
    return Doors(by_id, dict(by_room))


def codes_of(grant_ids: Collection[int]) -> dict[int, list[Code]]:
    """The codes of these grants, one per door. One query."""
    found = defaultdict(list)
    for row in AccessCode.objects.filter(grant_id__in=grant_ids).values(*_CODE):
        found[row["grant_id"]].append(Code(**row))
    return found


def backups_of(codes: Iterable[Code]) -> dict[int, Code]:
    """The backup codes handed out in place of `codes`, by their number. One query."""
    ids = [code.pulled_backup_id for code in codes if code.pulled_backup_id]
    return {row["id"]: Code(**row) for row in AccessCode.objects.filter(pk__in=ids).values(*_CODE)}


def old_codes(property: Property, now: datetime) -> list[Code]:
    """Codes that people know and that are not confirmed off their door although their time is over."""
    over = Q(wanted=False) | Q(ends_at__lte=now)
    known = Q(is_backup=False) | Q(handed_out_at__isnull=False)
    rows = AccessCode.objects.filter(over, known, lock__property=property, live=True, is_managed=True)
    rows = rows.exclude(SEEN_OFF).order_by("lock__name", "id")
    return [Code(**row) for row in rows.values(*_CODE)]


def last_uses(code_ids: Collection[int]) -> dict[int, datetime]:
    """When each of these codes last opened its door, where the lock tells. One query."""
    used = Event.objects.filter(access_code_id__in=code_ids, event_type="lock.unlocked")
    return dict(used.order_by().values_list("access_code_id").annotate(Max("occurred_at")))


def stocks(property: Property) -> dict[int, Stock]:
    """The stock of backup codes by lock's number; a lock without any is not in it. One query."""
    waiting = AccessCode.objects.filter(IN_STOCK, lock__property=property).order_by()
    counted = waiting.values("lock_id").annotate(wanted=Count("id"), ready=Count("id", filter=HEALTHY))
    return {row["lock_id"]: Stock(row["ready"], row["wanted"]) for row in counted}


def codes_on(lock: Lock) -> list[Code]:
    """Every code that is, or will be, on one lock: guests' and staff's first, then found ones, then backups."""
    rows = AccessCode.objects.filter(lock=lock, live=True)
    rows = rows.order_by("is_backup", "-is_managed", "starts_at", "id")
    return [Code(**row) for row in rows.values(*_CODE)]


def code_counts(property: Property) -> dict[int, int]:
    """How many codes are seen on each lock. One query."""
    present = AccessCode.objects.filter(lock__property=property, live=True, observed="present")
    return dict(present.order_by().values_list("lock_id").annotate(Count("id")))


def events_of(*, lock: Lock | None = None, code_ids: Collection[int] = (), limit: int = 100) -> list[Event]:
    """The newest events of one lock, or of these codes, newest first. One query."""
    about = Q(lock=lock) if lock else Q(access_code_id__in=code_ids)
    events = Event.objects.filter(about).select_related("lock", "access_code", "actor")
    return list(events.defer("access_code__pin_sealed")[:limit])
