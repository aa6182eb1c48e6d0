"""What pages and the API read of doors and codes: dataclasses, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, fields
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet

from hospitality.models import Property
from locks.models import IN_STOCK, READY, SEEN_OFF, AccessCode, Event, Lock
from locks.thresholds import NO_PLACE, REMOVALS_COUNT_FOR

OFFLINE = {"device_disconnected", "hub_disconnected", "account_disconnected", "device_removed"}
"""Errors of the last contact that mean: nothing can be written to the lock now."""


@dataclass(frozen=True)
class Door:
    """A lock as it was last found. `battery` is 0.0-1.0 or None, `online` None if it was never seen; `slots` None
    where no limit is known; `programmable` False where its codes are made by arithmetic alone; `opens_from_afar`: it can be
    opened once without anybody typing."""

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


_TOLD = {
    "slots": F("capabilities__slots"),
    "takes": F("capabilities__can_program_online_access_codes"),
    "turns": F("capabilities__can_remotely_unlock"),
}
_DOOR = [one.name for one in fields(Door) if one.name not in ("slots", "programmable", "opens_from_afar")]
CODE_COLUMNS = [one.name for one in fields(Code)]


def doors(property: Property, *, replaced: bool = False) -> Doors:
    """Every door of the property. Locks that another has replaced are no doors any more; they are only among them
    if asked for, and serve no room. Two queries."""
    locks = Lock.objects.filter(property=property)
    rows = locks if replaced else locks.filter(replaced_by__isnull=True)
    by_id = {door.id: door for door in read_doors(rows.order_by("name"))}
    served = Lock.rooms.through.objects.filter(lock__property=property).values_list("room_id", "lock_id")
    by_room = defaultdict(list)
    for room_id, lock_id in served:
        if lock_id in by_id and not by_id[lock_id].gone:
            by_room[room_id].append(by_id[lock_id])
    for room_doors in by_room.values():
        room_doors.sort(key=lambda door: (door.common, door.name))
    return Doors(by_id, dict(by_room))


def read_doors(locks: QuerySet[Lock]) -> list[Door]:
    """These locks. One query."""
    return [_door(row) for row in locks.values(*_DOOR, **_TOLD)]


def _door(row: dict) -> Door:
    takes, turns = row.pop("takes"), row.pop("turns")
    return Door(**row, programmable=takes is not False, opens_from_afar=turns is True)


def codes_of(grant_ids: Collection[int]) -> dict[int, list[Code]]:
    """The codes of these grants, without those on locks that were replaced. Of several on one door the one that counts
    comes last: it is wanted, the others were given out and open until they end. One query."""
    found = defaultdict(list)
    rows = AccessCode.objects.filter(grant_id__in=grant_ids, lock__replaced_by__isnull=True)
    for row in rows.order_by("wanted", "id").values(*CODE_COLUMNS):
        found[row["grant_id"]].append(Code(**row))
    return found


def backups_of(codes: Iterable[Code]) -> dict[int, Code]:
    """The backup codes handed out in place of `codes`, by their number. One query."""
    ids = [code.pulled_backup_id for code in codes if code.pulled_backup_id]
    return {row["id"]: Code(**row) for row in AccessCode.objects.filter(pk__in=ids).values(*CODE_COLUMNS)}


def old_codes(property: Property, now: datetime) -> list[Code]:
    """Codes that people know and that are not confirmed off their door although their time is over."""
    over = Q(wanted=False) | Q(ends_at__lte=now)
    known = Q(is_backup=False) | Q(handed_out_at__isnull=False)
    rows = AccessCode.objects.filter(
        over, known, lock__property=property, lock__replaced_by__isnull=True, live=True, is_managed=True
    )
    arithmetic = Q(is_offline_access_code=True)
    still_opens = Q(issued_ends_at__gt=now)
    rows = rows.exclude(~arithmetic & SEEN_OFF).exclude(arithmetic & ~still_opens)
    rows = rows.order_by("lock__name", "id")
    return [Code(**row) for row in rows.values(*CODE_COLUMNS)]


def left_on(now: datetime) -> Q:
    """Backup codes that an owner left on their lock, and whose guest's time there is over."""
    running = Q(ends_at__isnull=True) | Q(ends_at__gt=now)
    holders = AccessCode.objects.filter(running, pulled_backup=OuterRef("pk"), wanted=True)
    return Q(outlives_guest=True, wanted=True, live=True) & ~Exists(holders)


def left_on_codes(property: Property, now: datetime) -> list[Code]:
    """Those of the property. One query."""
    rows = AccessCode.objects.filter(left_on(now), lock__property=property, lock__replaced_by__isnull=True)
    return [Code(**row) for row in rows.order_by("lock__name", "id").values(*CODE_COLUMNS)]


def last_uses(code_ids: Collection[int]) -> dict[int, datetime]:
    """When each of these codes last opened its door, where the lock tells. One query."""
    used = Event.objects.filter(access_code_id__in=code_ids, event_type="lock.unlocked")
    return dict(used.order_by().values_list("access_code_id").annotate(Max("occurred_at")))


def stocks(*properties: Property) -> dict[int, Stock]:
    """The stock of backup codes by lock's number; a lock without any is not in it. One query."""
    kept = AccessCode.objects.filter(IN_STOCK, lock__property__in=properties, lock__replaced_by__isnull=True)
    counted = kept.order_by().values("lock_id")
    counted = counted.annotate(size=Count("id"), ready=Count("id", filter=READY), first=Min("asked_at"))
    return {row["lock_id"]: Stock(row["ready"], row["size"], row["first"]) for row in counted}


def codes_on(lock: Lock) -> list[Code]:
    """Every code that is, or will be, on one lock: guests' and staff's first, then found ones, then backups."""
    rows = AccessCode.objects.filter(lock=lock, live=True)
    rows = rows.order_by("is_backup", "-is_managed", "starts_at", "id")
    return [Code(**row) for row in rows.values(*CODE_COLUMNS)]


def code_counts(*properties: Property) -> dict[int, Places]:
    """How many codes are seen on each lock, how many wait for a place on it, and how many of those seen were not made
    here. One query."""
    put_off = Q(pending_mutations__contains=[{"mutation_code": "deferring_creation", "scheduled_at": None}])
    waits = (put_off | Q(errors__contains=[{"error_code": NO_PLACE}])) & Q(wanted=True)
    counted = AccessCode.objects.filter(lock__property__in=properties, live=True).order_by().values("lock_id")
    counted = counted.annotate(
        present=Count("id", filter=Q(observed="present")),
        waiting=Count("id", filter=waits),
        strangers=Count("id", filter=Q(is_managed=False)),
    )
    return {row.pop("lock_id"): Places(**row) for row in counted}


def events_of(*, lock: Lock | None = None, code_ids: Collection[int] = (), limit: int = 100) -> list[Event]:
    """The newest events of one lock, or of these codes, newest first. One query."""
    about = Q(lock=lock) if lock else Q(access_code_id__in=code_ids)
    events = Event.objects.filter(about).select_related("lock", "access_code", "actor")
    return list(events.defer("access_code__pin_sealed")[:limit])
