"""How pages and messages read doors and codes (`locks.known`): in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import fields
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet

from hospitality.models import Property
from locks.known import Code, Door, Doors, Places, Stock
from locks.models import IN_STOCK, READY, SEEN_OFF, AccessCode, AccessGrant, Event, Lock
from locks.thresholds import NO_PLACE

_TOLD = ("slots", "programmable", "opens_from_afar", "keeps_schedules", "maker_keeps_pool")
"""What a lock told of what it can."""
_DOOR = [one.name for one in fields(Door) if one.name not in _TOLD]
CODE_COLUMNS = [one.name for one in fields(Code)]
CODES = AccessCode.objects.values_list(*CODE_COLUMNS)
"""All codes, for `read_codes`; to be narrowed, never read itself, for a queryset remembers what it read. So many columns
are looked up once here: that takes longer than most questions."""
DOORS = Lock.objects.values(*_DOOR, "capabilities")
"""All locks, for `read_doors`, likewise."""
_OF_GRANTS = CODES.filter(lock__replaced_by__isnull=True).order_by("wanted", "id")
_ON_DOORS = _OF_GRANTS.values_list(*CODE_COLUMNS, *(f"lock__{name}" for name in (*_DOOR, "capabilities")))
_IN_USE = DOORS.filter(replaced_by__isnull=True).order_by("name")


def doors(property: Property, *, replaced: bool = False) -> Doors:
    """Every door of the property. Locks that another has replaced are no doors any more; they are only among them
    if asked for, and serve no room. Two queries."""
    rows = (DOORS.order_by("name") if replaced else _IN_USE).filter(property=property)
    served = Lock.rooms.through.objects.filter(lock__property=property)
    return _placed(read_doors(rows), served.values_list("room_id", "lock_id"))


def codes_and_doors(
    property: Property, grant_ids: Collection[int], room_id: int | None, serving: Collection[int]
) -> tuple[dict[int, list[Code]], Doors]:
    """`codes_of`, with the doors that they are on and those of one room of the property (`serving`: `lock_ids_at`). One
    query where every lock of the room has one of these codes, else two."""
    codes, doors = defaultdict(list), {}
    for row in _ON_DOORS.filter(grant_id__in=grant_ids):
        code = Code(*row[: len(CODE_COLUMNS)])
        codes[code.grant_id].append(code)
        if code.lock_id not in doors:
            doors[code.lock_id] = _door(
                dict(zip((*_DOOR, "capabilities"), row[len(CODE_COLUMNS) :], strict=True))
            )
    without = set(serving) - set(doors)
    more = read_doors(_IN_USE.filter(property=property, pk__in=without)) if without else []
    return codes, _placed([*doors.values(), *more], [(room_id, lock_id) for lock_id in serving])


def lock_ids_at(room: OuterRef) -> ArraySubquery:
    """The numbers of the locks that serve a room, to be asked with whatever has the room."""
    return ArraySubquery(Lock.rooms.through.objects.filter(room=room).values("lock_id"))


def _placed(found: list[Door], served: Iterable[tuple[int, int]]) -> Doors:
    """`served`: pairs of a room's and a lock's number."""
    by_id = {door.id: door for door in found}
    by_room = defaultdict(list)
    for room_id, lock_id in served:
        if lock_id in by_id and not by_id[lock_id].gone:
            by_room[room_id].append(by_id[lock_id])
    for room_doors in by_room.values():
        room_doors.sort(key=lambda door: (door.common, door.name))
    return Doors(by_id, dict(by_room))


def read_doors(rows: QuerySet) -> list[Door]:
    """Those of `DOORS`. One query."""
    return [_door(row) for row in rows]


def read_codes(rows: QuerySet) -> list[Code]:
    """Those of `CODES`, or whatever gives its columns. One query."""
    return [Code(*row) for row in rows]


def _door(row: dict) -> Door:
    told = row.pop("capabilities") or {}
    return Door(
        **row,
        slots=told.get("slots"),
        programmable=told.get("can_program_online_access_codes") is not False,
        opens_from_afar=told.get("can_remotely_unlock") is True,
        keeps_schedules=told.get("native_scheduling") is True,
        maker_keeps_pool=told.get("own_backup_pool") is True,
    )


def codes_of(grant_ids: Collection[int]) -> dict[int, list[Code]]:
    """The codes of these grants, without those on locks that were replaced. Of several on one door the one that counts
    comes last: it is wanted, the others were given out and open until they end. One query."""
    found = defaultdict(list)
    for code in read_codes(_OF_GRANTS.filter(grant_id__in=grant_ids)):
        found[code.grant_id].append(code)
    return found


def backups_of(codes: Iterable[Code]) -> dict[int, Code]:
    """The backup codes handed out in place of `codes`, by their number. One query, or none where none was."""
    ids = [code.pulled_backup_id for code in codes if code.pulled_backup_id]
    if not ids:
        return {}
    return {code.id: code for code in read_codes(CODES.filter(pk__in=ids))}


def old_codes(property: Property, now: datetime, *, lock_ids: Collection[int] | None = None) -> list[Code]:
    """Codes that people know and that are not confirmed off their door although their time is over; of these locks, or
    of all. One query."""
    over = Q(wanted=False) | Q(ends_at__lte=now)
    known = Q(is_backup=False) | Q(handed_out_at__isnull=False)
    rows = CODES.filter(
        over, known, lock__property=property, lock__replaced_by__isnull=True, live=True, is_managed=True
    )
    arithmetic = Q(is_offline_access_code=True)
    still_opens = Q(issued_ends_at__gt=now)
    if lock_ids is not None:
        rows = rows.filter(lock__in=lock_ids)
    rows = rows.exclude(~arithmetic & SEEN_OFF).exclude(arithmetic & ~still_opens)
    return read_codes(rows.order_by("lock__name", "id"))


def left_on(now: datetime) -> Q:
    """Backup codes that an owner left on their lock, and whose guest's time there is over."""
    running = Q(ends_at__isnull=True) | Q(ends_at__gt=now)
    holders = AccessCode.objects.filter(running, pulled_backup=OuterRef("pk"), wanted=True)
    return Q(outlives_guest=True, wanted=True, live=True) & ~Exists(holders)


def left_on_codes(property: Property, now: datetime) -> list[Code]:
    """Those of the property. One query."""
    rows = CODES.filter(left_on(now), lock__property=property, lock__replaced_by__isnull=True)
    return read_codes(rows.order_by("lock__name", "id"))


def others_end(lock_ids: Collection[int], *, besides: Collection[int]) -> dict[int, list[datetime]]:
    """By lock's number when the codes of other grants there end, of those that do. One query."""
    codes = AccessCode.objects.filter(lock__in=lock_ids, wanted=True, live=True, ends_at__isnull=False)
    found = defaultdict(list)
    for lock_id, ends_at in (
        codes.exclude(grant=None).exclude(grant__in=besides).values_list("lock_id", "ends_at")
    ):
        found[lock_id].append(ends_at)
    return found


def redrawn_since(property: Property, moment: datetime, *, besides: Collection[int]) -> list[str]:
    """The names of other grants' codes that got new digits since then. One query."""
    codes = AccessCode.objects.filter(lock__property=property, asked_at__gte=moment, grant__isnull=False)
    codes = codes.filter(former_digits__last_on_at__gte=moment).exclude(grant__in=besides)
    return sorted(set(codes.values_list("name", flat=True)))


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
    rows = CODES.filter(lock=lock, live=True)
    return read_codes(rows.order_by("is_backup", "-is_managed", "starts_at", "id"))


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


def holders(codes: Collection[Code]) -> dict[int, str]:
    """By grant's number who holds its codes, of those that are no guest's: `staff` or `program`. One query."""
    grants = AccessGrant.objects.filter(pk__in={code.grant_id for code in codes if code.grant_id})
    told = grants.filter(Q(made_by_program=True) | Q(staff__isnull=False)).values_list(
        "pk", "made_by_program"
    )
    return {number: "program" if programs else "staff" for number, programs in told}


def events_of(*, lock: Lock | None = None, code_ids: Collection[int] = (), limit: int = 100) -> list[Event]:
    """The newest events of one lock, or of these codes, newest first, for people: that a code was to come off and did is
    told by others, so `deleted` is for programs. One query."""
    about = Q(lock=lock) if lock else Q(access_code_id__in=code_ids)
    events = Event.objects.filter(about).exclude(event_type="access_code.deleted")
    events = events.select_related("lock", "access_code", "actor")
    return list(events.defer("access_code__pin_sealed")[:limit])
