"""The board's reads: who arrives, who is in house, who leaves on one day, and whether their doors are ready.

Everything is fetched in a fixed number of queries and put into words here, so that a row costs the template
little.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.contrib.postgres.fields import DateRangeField
from django.db.models import Func, Q, QuerySet, Value
from django.urls import reverse

from hospitality.models import Property
from hospitality.ordering import natural
from hospitality.wall import Wall
from locks import queries, words
from locks.queries import Code, Door
from locks.words import Said
from reservations.models import Stay, StayState

BOOKED, IN_HOUSE = StayState.BOOKED, StayState.IN_HOUSE
DEPARTED, NO_SHOW = StayState.DEPARTED, StayState.NO_SHOW


@dataclass(frozen=True)
class Action:
    """The one thing to do next: a button that posts to `url`, or a link to it."""

    label: str
    url: str
    posts: bool = False
    button_id: str = ""
    quiet: bool = False


@dataclass(frozen=True)
class DoorLine:
    """One or more doors of which the same is true."""

    doors: str
    said: Said


@dataclass(frozen=True)
class Row:
    """A stay as the board shows it, all in words."""

    key: str
    url: str
    row_url: str
    room: str
    guest: str
    reference: str
    begins: str
    ends: str
    state: str
    state_words: str
    notes: list[Said]
    codes: list[DoorLine]
    locks: list[DoorLine]
    action: Action
    trigger: str
    remaining: bool = field(default=False)


@dataclass(frozen=True)
class RowList:
    """One of the board's three lists. `count` says how many of how many are still to do."""

    key: str
    title: str
    count: str
    rows: list[Row]
    empty: str


@dataclass(frozen=True)
class OldCode:
    """A code whose time is over and that is not confirmed off its door."""

    name: str
    door: str
    said: Said
    url: str


@dataclass(frozen=True)
class Board:
    day: date
    day_words: str
    is_today: bool
    zone_name: str
    lists: list[RowList]
    old_codes: list[OldCode]
    trigger: str


@dataclass(frozen=True)
class _Facts:
    """What the rows of one reading share."""

    property: Property
    day: date
    wall: Wall
    doors: queries.Doors
    codes: dict[int, list[Code]]
    backups: dict[int, Code]
    old: list[Code]
    occupants: dict[int, tuple[int, str]]


_COLUMNS = (
    "id",
    "public_id",
    "state",
    "arrival",
    "departure",
    "room_id",
    "room__name",
    "unit_type",
    "grant_id",
    "grant__public_id",
    "checked_in_at",
    "checked_out_at",
    "reservation__external_id",
    "reservation__guest__name",
)


def board(property: Property, day: date, wall: Wall) -> Board:
    """Everything the board shows of `day`. Seven queries, however many rooms."""
    stays = list(_touching(property, day, wall.today).values(*_COLUMNS))
    facts = _facts(property, stays, day, wall)
    sorted_in = defaultdict(list)
    for stay in stays:
        sorted_in[_list_of(stay, day, wall)].append(stay)
    common = (f"sse:lock-{door.public_id}" for door in facts.doors.by_id.values() if door.common)
    return Board(
        day=day,
        day_words=wall.long_day(day),
        is_today=day == wall.today,
        zone_name=wall.zone_name,
        lists=_lists(sorted_in, facts),
        old_codes=[_old_code(code, facts) for code in facts.old],
        trigger=", ".join(["sse:board", "sse:refresh", *common, "board:changed from:body", "every 60s"]),
    )


def row(stay: Stay, day: date, wall: Wall) -> Row:
    """One stay's row on the board of `day`, read afresh."""
    [values] = Stay.objects.filter(pk=stay.pk).values(*_COLUMNS)
    return _row(values, _facts(stay.property, [values], day, wall))


def _touching(property: Property, day: date, today: date) -> QuerySet[Stay]:
    span = Func("arrival", "departure", Value("[]"), function="daterange", output_field=DateRangeField())
    shown = Q(span__contains=day) & ~Q(state=StayState.CANCELLED)
    if day == today:
        shown |= Q(state=IN_HOUSE, departure__lt=today)
    return Stay.objects.annotate(span=span).filter(shown, property=property)


def _facts(property: Property, stays: Iterable[dict], day: date, wall: Wall) -> _Facts:
    codes = queries.codes_of([stay["grant_id"] for stay in stays if stay["grant_id"]])
    in_house = Stay.objects.filter(property=property, state=IN_HOUSE, room__isnull=False)
    return _Facts(
        property=property,
        day=day,
        wall=wall,
        doors=queries.doors(property),
        codes=codes,
        backups=queries.backups_of(code for some in codes.values() for code in some),
        old=queries.old_codes(property, wall.now),
        occupants={
            room_id: (pk, name)
            for room_id, pk, name in in_house.values_list("room_id", "id", "reservation__guest__name")
        },
    )


def _list_of(stay: dict, day: date, wall: Wall) -> str:
    """Which list a stay that touches `day` stands in; empty for none."""
    state = stay["state"]
    if state == BOOKED:
        late = stay["arrival"] < day
        return "in_house" if late and day > wall.today else "arrivals"
    if state == NO_SHOW:
        return "arrivals" if stay["arrival"] == day else ""
    if state == DEPARTED:
        left = (
            stay["checked_out_at"].astimezone(wall.zone).date()
            if stay["checked_out_at"]
            else stay["departure"]
        )
        if day in (left, stay["departure"]):
            return "departures"
        return "in_house" if day < left else ""
    return "departures" if stay["departure"] <= day else "in_house"


def _lists(sorted_in: dict[str, list[dict]], facts: _Facts) -> list[RowList]:
    rows = {
        key: sorted((_row(stay, facts) for stay in sorted_in[key]), key=_order)
        for key in ("arrivals", "in_house", "departures")
    }
    to_come = sum(row.remaining for row in rows["arrivals"])
    to_go = sum(row.remaining for row in rows["departures"])
    came = [
        stay
        for key in ("in_house", "departures")
        for stay in sorted_in[key]
        if stay["arrival"] == facts.day and stay["state"] != BOOKED
    ]
    staying = len(rows["in_house"])
    when = "today" if facts.day == facts.wall.today else "that day"
    return [
        RowList(
            "arrivals",
            "Arrivals",
            f"{to_come} to come of {len(rows['arrivals']) + len(came)}",
            rows["arrivals"],
            f"Everybody has arrived who was due {when}." if came else f"Nobody arrives {when}.",
        ),
        RowList(
            "in_house",
            "In house",
            f"{staying} staying on of {staying + to_go}",
            rows["in_house"],
            f"Nobody stays on {when}.",
        ),
        RowList(
            "departures",
            "Departures",
            f"{to_go} to leave of {len(rows['departures'])}",
            rows["departures"],
            f"Nobody leaves {when}.",
        ),
    ]


def _order(row: Row) -> tuple:
    return not row.remaining, row.room != "", natural(row.room), row.guest


def _row(stay: dict, facts: _Facts) -> Row:
    slug, public_id = facts.property.slug, stay["public_id"]
    codes = _code_lines(stay, facts)
    doors = facts.doors.by_room.get(stay["room_id"], [])
    return Row(
        key=f"stay-{public_id}",
        url=reverse("stay", args=[slug, public_id]),
        row_url=reverse("stay_row", args=[slug, public_id]),
        room=stay["room__name"] or "",
        guest=stay["reservation__guest__name"],
        reference=stay["reservation__external_id"],
        begins=_begins(stay, facts),
        ends=_ends(stay, facts),
        state=stay["state"],
        state_words=_state_words(stay, facts),
        notes=_notes(stay, doors, facts),
        codes=codes,
        locks=_lock_lines(stay, doors, facts.wall),
        action=_action(stay, codes, facts),
        trigger=_trigger(stay, doors),
        remaining=stay["state"] in (BOOKED, IN_HOUSE),
    )


def _begins(stay: dict, facts: _Facts) -> str:
    if stay["checked_in_at"]:
        return _moment(stay["checked_in_at"], facts.wall)
    return f"{facts.wall.day(stay['arrival'])}, {facts.property.check_in_time:%H:%M}"


def _ends(stay: dict, facts: _Facts) -> str:
    if stay["checked_out_at"]:
        return _moment(stay["checked_out_at"], facts.wall)
    return f"{facts.wall.day(stay['departure'])}, {facts.property.check_out_time:%H:%M}"


def _moment(moment, wall: Wall) -> str:
    local = moment.astimezone(wall.zone)
    return f"{wall.day(local.date())}, {local:%H:%M}"


def _state_words(stay: dict, facts: _Facts) -> str:
    wall = facts.wall
    if stay["state"] == BOOKED:
        if stay["arrival"] < wall.today:
            return f"Was due {wall.day(stay['arrival'])}"
        return "Due today" if stay["arrival"] == wall.today else f"Due {wall.day(stay['arrival'])}"
    if stay["state"] == IN_HOUSE:
        if stay["departure"] < wall.today:
            return f"Should have left {wall.day(stay['departure'])}"
        return "Leaves today" if stay["departure"] == wall.today else "In house"
    if stay["state"] == DEPARTED:
        return f"Left {wall.time(stay['checked_out_at'])}" if stay["checked_out_at"] else "Left"
    return StayState(stay["state"]).label.capitalize()


def _notes(stay: dict, doors: list[Door], facts: _Facts) -> list[Said]:
    """What stands in the way of giving the guest the room."""
    if stay["state"] != BOOKED or stay["arrival"] > facts.wall.today or not stay["room_id"]:
        return []
    notes = []
    if stay["room_id"] in facts.occupants:
        notes.append(Said("warn", f"Room still occupied by {facts.occupants[stay['room_id']][1]}"))
    own = {door.id for door in doors if not door.common}
    if any(code.lock_id in own and code.grant_id != stay["grant_id"] for code in facts.old):
        notes.append(Said("warn", "Old code still on the door"))
    return notes


def _code_lines(stay: dict, facts: _Facts) -> list[DoorLine]:
    """The code's state door by door, doors of which the same is true together."""
    if not stay["room_id"]:
        return [DoorLine("", Said("warn", "No room yet, so no code"))]
    doors = facts.doors.by_room.get(stay["room_id"], [])
    if not doors:
        return [DoorLine("", Said("off", "No code"))]
    missing = (
        Said("wait", "The code is made at check-in") if _at_check_in(stay, facts) else Said("off", "No code")
    )
    said = defaultdict(list)
    codes = {code.lock_id: code for code in facts.codes.get(stay["grant_id"], [])}
    for door in doors:
        code = codes.pop(door.id, None)
        sentence = words.code_words(code, door, facts.wall) if code else missing
        backup = facts.backups.get(code.pulled_backup_id) if code else None
        spare = words.code_words(backup, door, facts.wall) if backup else None
        said[sentence].append(f"{door.name} with backup" if spare == sentence else door.name)
        if spare and spare != sentence:
            said[spare].append(f"{door.name}, backup")
    for lock_id, code in codes.items():  # doors of a room the guest has moved out of
        if code.on_the_door(facts.wall.now):
            door = facts.doors.by_id[lock_id]
            said[words.code_words(code, door, facts.wall)].append(door.name)
    return [DoorLine(" · ".join(names), sentence) for sentence, names in said.items()]


def _at_check_in(stay: dict, facts: _Facts) -> bool:
    return stay["state"] == BOOKED and facts.property.codes_from_check_in


def _lock_lines(stay: dict, doors: list[Door], wall: Wall) -> list[DoorLine]:
    """How the room's own lock is; common doors only where something is wrong with them."""
    if not stay["room_id"]:
        return []
    lines = (
        [] if any(not door.common for door in doors) else [DoorLine("", Said("off", "No lock on this room"))]
    )
    for door in doors:
        for said in words.health_words(door, wall):
            if not door.common or said.tone in ("warn", "bad"):
                lines.append(DoorLine(door.name if door.common else "", said))
    return lines


def _action(stay: dict, codes: list[DoorLine], facts: _Facts) -> Action:
    slug, public_id, today = facts.property.slug, stay["public_id"], facts.wall.today
    page = reverse("stay", args=[slug, public_id])
    if stay["state"] == BOOKED and not stay["room_id"]:
        return Action("Assign a room", f"{page}#change")
    if stay["state"] == BOOKED and stay["arrival"] <= today < stay["departure"]:
        return Action("Check in", reverse("check_in", args=[slug, public_id]), True, f"in-{public_id}")
    if stay["state"] == IN_HOUSE and stay["departure"] <= today:
        return Action("Check out", reverse("check_out", args=[slug, public_id]), True, f"out-{public_id}")
    if stay["state"] == IN_HOUSE and any(line.said.tone in ("warn", "bad") for line in codes):
        return Action("Backup code", f"{page}#doors")
    return Action("Open", page, quiet=True)


def _trigger(stay: dict, doors: list[Door]) -> str:
    topics = [f"stay-{stay['public_id']}"]
    if stay["grant__public_id"]:
        topics.append(f"grant-{stay['grant__public_id']}")
    topics += [f"lock-{door.public_id}" for door in doors if not door.common]
    return ", ".join(f"sse:{topic}" for topic in topics)


def _old_code(code: Code, facts: _Facts) -> OldCode:
    door = facts.doors.by_id[code.lock_id]
    return OldCode(
        name=code.name,
        door=door.name,
        said=words.code_words(code, door, facts.wall),
        url=reverse("lock", args=[facts.property.slug, door.public_id]),
    )
