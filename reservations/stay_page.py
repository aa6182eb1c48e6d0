"""The stay page's reads: three truths for each door (asked, what the lock says, used at the door) and history."""

from dataclasses import dataclass
from datetime import date, datetime

from hospitality.models import AuditEntry
from hospitality.wall import Wall
from locks import queries, words
from locks.models import Event
from locks.queries import Code, Door
from locks.words import Said
from reservations.models import Stay, StayState


@dataclass(frozen=True)
class DoorTruth:
    """One door of the stay. `backup` is None until a backup code was handed out for it."""

    public_id: str
    name: str
    common: bool
    asked: str
    says: Said
    used: str
    health: list[Said]
    stock: Said
    backup: Said | None
    backup_used: str
    may_issue: bool


@dataclass(frozen=True)
class Line:
    """One line of the history."""

    at: datetime
    when: str
    who: str
    what: str


@dataclass(frozen=True)
class StayPage:
    doors: list[DoorTruth]
    no_doors: str
    history: list[Line]
    trigger: str
    zone_name: str
    begins: str
    ends: str
    nights: str
    may_check_in: bool
    may_check_out: bool
    may_call_off: bool
    may_change: bool


ACTIONS = {
    "stay.booked": "Booked",
    "stay.changed": "Stay changed",
    "stay.checked_in": "Checked in",
    "stay.checked_out": "Checked out",
    "stay.cancelled": "Cancelled",
    "stay.no_show": "Marked as no-show",
    "pin.revealed": "PIN shown",
    "backup.handed_out": "Backup code handed out",
    "backup.revealed": "Backup code shown again",
}

TOLD_BY_PEOPLE = {
    "access_code.created",
    "access_code.changed",
    "access_code.mutations_requested",
    "access_code.backup_access_code_pulled",
}
"""Events that only repeat what somebody did, which the record of people's acts tells better."""


def read(stay: Stay, wall: Wall) -> StayPage:
    """All that the page shows of one stay, in a fixed number of queries."""
    hotel, today, state = stay.property, wall.today, stay.state
    doors = queries.doors(hotel)
    codes = queries.codes_of([stay.grant_id] if stay.grant_id else [])[stay.grant_id]
    backups = queries.backups_of(codes)
    truths = _truths(stay, doors, codes, backups, wall)
    return StayPage(
        doors=truths,
        no_doors=_no_doors(stay, doors),
        history=_history(stay, [*codes, *backups.values()], wall),
        trigger=_trigger(
            stay, [door for door in doors.by_id.values() if str(door.public_id) in _ids(truths)]
        ),
        zone_name=wall.zone_name,
        begins=_moment(stay.checked_in_at or hotel.at(stay.arrival, hotel.check_in_time), wall),
        ends=_moment(stay.checked_out_at or hotel.at(stay.departure, hotel.check_out_time), wall),
        nights=_nights(stay),
        may_check_in=state == StayState.BOOKED and stay.arrival <= today < stay.departure,
        may_check_out=state == StayState.IN_HOUSE,
        may_call_off=state == StayState.BOOKED,
        may_change=state in (StayState.BOOKED, StayState.IN_HOUSE),
    )


def _ids(truths: list[DoorTruth]) -> set[str]:
    return {truth.public_id for truth in truths}


def _moment(moment: datetime, wall: Wall) -> str:
    local = moment.astimezone(wall.zone)
    return f"{local:%a} {wall.day(local.date())}, {local:%H:%M}"


def _nights(stay: Stay) -> str:
    count = (stay.departure - stay.arrival).days
    return "1 night" if count == 1 else f"{count} nights"


def _trigger(stay: Stay, doors: list[Door]) -> str:
    topics = [f"stay-{stay.public_id}", *(f"lock-{door.public_id}" for door in doors)]
    if stay.grant:
        topics.append(f"grant-{stay.grant.public_id}")
    return ", ".join(
        [*(f"sse:{topic}" for topic in topics), "sse:refresh", "stay:changed from:body", "every 60s"]
    )


def _no_doors(stay: Stay, doors: queries.Doors) -> str:
    """Why there is no door to show; empty if there are some."""
    if stay.room is None:
        return "No room yet, so no code. Assign a room and the code goes to its doors."
    if stay.room_id not in doors.by_room:
        return f"No lock on this room. Hand out a key for {stay.room}, or ask a manager to map its lock."
    return ""


def _truths(
    stay: Stay, doors: queries.Doors, codes: list[Code], backups: dict[int, Code], wall: Wall
) -> list[DoorTruth]:
    """The doors of the room, and any other door the stay's code is still on."""
    room_doors = doors.by_room.get(stay.room_id, [])
    by_lock = {code.lock_id: code for code in codes}
    elsewhere = [
        doors.by_id[code.lock_id]
        for code in codes
        if doors.by_id[code.lock_id] not in room_doors and code.on_the_door(wall.now)
    ]
    uses = queries.last_uses([code.id for code in codes] + list(backups))
    stocks = queries.stocks(stay.property)
    return [
        _truth(stay, door, by_lock.get(door.id), backups, uses, stocks.get(door.id), wall)
        for door in [*room_doors, *elsewhere]
    ]


def _truth(
    stay: Stay,
    door: Door,
    code: Code | None,
    backups: dict[int, Code],
    uses: dict[int, datetime],
    stock: queries.Stock | None,
    wall: Wall,
) -> DoorTruth:
    backup = backups.get(code.pulled_backup_id) if code else None
    in_house = stay.state == StayState.IN_HOUSE
    return DoorTruth(
        public_id=str(door.public_id),
        name=door.name,
        common=door.common,
        asked=_asked(code, wall) if code else "",
        says=words.code_words(code, door, wall) if code else _no_code(stay),
        used=_used(code, uses, wall),
        health=words.health_words(door, wall),
        stock=words.stock_words(stock, stay.property.backup_pool_size),
        backup=words.code_words(backup, door, wall) if backup else None,
        backup_used=_used(backup, uses, wall),
        may_issue=in_house and code is not None and code.wanted and (backup is None or backup.over(wall.now)),
    )


def _no_code(stay: Stay) -> Said:
    if stay.state == StayState.BOOKED and stay.property.codes_from_check_in:
        return Said("wait", "The code is made at check-in")
    return Said("off", "No code")


def _asked(code: Code, wall: Wall) -> str:
    if code.over(wall.now):
        since = code.asked_at if not code.wanted else code.ends_at
        return f"Off the door since {wall.time(since)}"
    begins = f"from {wall.time(code.starts_at)} " if code.starts_at else ""
    ends = f"until {wall.time(code.ends_at)}" if code.ends_at else "with no end"
    return f"Open {begins}{ends}"


def _used(code: Code | None, uses: dict[int, datetime], wall: Wall) -> str:
    if code is None:
        return ""
    return (
        f"Opened {wall.time(uses[code.id])}" if code.id in uses else "Not used yet, as far as the lock tells"
    )


def _history(stay: Stay, codes: list[Code], wall: Wall) -> list[Line]:
    """What people did and what the doors did, newest first; of a backup code only from its handing out."""
    entries = AuditEntry.objects.filter(subject_id=stay.public_id).select_related("actor")[:100]
    handed_out = {code.id: code.handed_out_at for code in codes if code.is_backup}
    events = [
        event
        for event in queries.events_of(code_ids=[code.id for code in codes])
        if event.event_type not in TOLD_BY_PEOPLE
        and event.occurred_at >= handed_out.get(event.access_code_id, event.occurred_at)
    ]
    lines = [Line(e.at, wall.time(e.at), _name(e.actor), _deed(e, wall)) for e in entries]
    lines += [Line(e.occurred_at, wall.time(e.occurred_at), _name(e.actor), _happening(e)) for e in events]
    return sorted(lines, key=lambda line: line.at, reverse=True)[:100]


def _name(user) -> str:
    return (user.get_full_name() or user.get_username()) if user else ""


def _happening(event: Event) -> str:
    backup = "Backup: " if event.access_code and event.access_code.is_backup else ""
    door = f" ({event.lock.name})" if event.lock else ""
    return f"{backup}{words.event_words(event)}{door}"


def _deed(entry: AuditEntry, wall: Wall) -> str:
    what = ACTIONS.get(entry.action, entry.action.replace("_", " ").replace(".", ": ").capitalize())
    detail = [f"{name} {_shown(old, wall)} to {_shown(new, wall)}" for name, old, new in _changes(entry)]
    if entry.detail.get("renamed"):
        detail.append("guest's name")
    if lock := entry.detail.get("lock"):
        detail.append(str(lock))
    return f"{what}: {', '.join(detail)}" if detail else what


def _changes(entry: AuditEntry) -> list[tuple]:
    changed = ("room", "arrival", "departure") if entry.action == "stay.changed" else ()
    return [(name, *entry.detail[name]) for name in changed if name in entry.detail]


def _shown(value, wall: Wall) -> str:
    if value is None:
        return "none"
    try:
        return wall.day(date.fromisoformat(str(value)))
    except ValueError:
        return str(value)
