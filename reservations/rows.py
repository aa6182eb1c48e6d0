"""One row of the board: where a stay's codes and doors stand and what to do next, all in words.

A reading of many rows takes the same eight queries as of one (`facts_of`).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.urls import reverse

from hospitality.models import Property
from hospitality.wall import Wall
from locks import queries, words
from locks.known import Code, Door, Doors
from locks.words import Said
from reservations import party, signs
from reservations.models import Stay, StayState
from reservations.party import Along
from reservations.signs import Signs

BOOKED, IN_HOUSE, DEPARTED = StayState.BOOKED, StayState.IN_HOUSE, StayState.DEPARTED


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
    """A stay as the board shows it, all in words. Equal rows look alike, so one that did not change need not be
    rendered again."""

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
    notes: tuple[Said, ...]
    doors: str
    codes: tuple[DoorLine, ...]
    locks: tuple[DoorLine, ...]
    action: Action
    trigger: str
    remaining: bool


@dataclass(frozen=True)
class Facts:
    """What the rows of one reading share."""

    property: Property
    day: date
    wall: Wall
    doors: Doors
    codes: dict[int, list[Code]]
    along: dict[int, list[Along]]
    backups: dict[int, Code]
    old: list[Code]
    occupants: dict[int, str]
    signs: Signs
    addresses: dict[str, str]


COLUMNS = (
    "id",
    "public_id",
    "state",
    "arrival",
    "departure",
    "check_in_time",
    "check_out_time",
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


NO_LOCK = Said("off", "No lock on this room")
NOBODY = UUID(int=0)
ADDRESSES = ("stay", "stay_row", "check_in", "check_out")


def row(stay: Stay, day: date, wall: Wall) -> Row:
    """One stay's row on the board of `day`, read afresh."""
    [values] = Stay.objects.filter(pk=stay.pk).values(*COLUMNS)
    return row_of(values, facts_of(stay.property, [values], day, wall))


def facts_of(property: Property, stays: Sequence[dict], day: date, wall: Wall) -> Facts:
    """What the rows of `stays` need, in eight queries."""
    along = party.of_stays([stay["id"] for stay in stays])
    grants = [stay["grant_id"] for stay in stays if stay["grant_id"]]
    codes = queries.codes_of([*grants, *(one.grant_id for some in along.values() for one in some)])
    in_house = Stay.objects.filter(property=property, state=IN_HOUSE, room__isnull=False)
    return Facts(
        property=property,
        day=day,
        wall=wall,
        doors=queries.doors(property),
        codes=codes,
        along=along,
        backups=queries.backups_of(code for some in codes.values() for code in some),
        old=queries.old_codes(property, wall.now),
        occupants=dict(in_house.values_list("room_id", "reservation__guest__name")),
        signs=signs.signs(property, stays, wall),
        addresses={name: reverse(name, args=[property.slug, NOBODY]) for name in ADDRESSES},
    )


def _address(name: str, stay: dict, facts: Facts) -> str:
    """What `reverse` would say, which is too slow to ask for each of some hundred rows."""
    return facts.addresses[name].replace(str(NOBODY), str(stay["public_id"]))


def row_of(stay: dict, facts: Facts) -> Row:
    """Put one stay (a mapping of COLUMNS) into words."""
    doors = facts.doors.by_room.get(stay["room_id"], [])
    own = _codes_at(doors, stay, facts)
    codes = _together(_code_told(own, doors, stay, facts))
    return Row(
        key=f"stay-{stay['public_id']}",
        url=_address("stay", stay, facts),
        row_url=_address("stay_row", stay, facts),
        room=stay["room__name"] or "",
        guest=stay["reservation__guest__name"],
        reference=stay["reservation__external_id"],
        begins=_begins(stay, facts),
        ends=_ends(stay, facts),
        state=stay["state"],
        state_words=_state_words(stay, facts),
        notes=_notes(stay, doors, facts) + facts.signs.of(stay),
        doors=_doors_words(own, doors, facts.wall),
        codes=codes,
        locks=_lock_lines(stay, doors, facts.wall),
        action=_action(stay, codes, facts),
        trigger=_trigger(stay, doors, facts),
        remaining=stay["state"] in (BOOKED, IN_HOUSE),
    )


def _begins(stay: dict, facts: Facts) -> str:
    if stay["checked_in_at"]:
        return _moment(stay["checked_in_at"], facts.wall)
    return f"{facts.wall.day(stay['arrival'])}, {stay['check_in_time'] or facts.property.check_in_time:%H:%M}"


def _ends(stay: dict, facts: Facts) -> str:
    if stay["checked_out_at"]:
        return _moment(stay["checked_out_at"], facts.wall)
    ends = stay["check_out_time"] or facts.property.check_out_time
    return f"{facts.wall.day(stay['departure'])}, {ends:%H:%M}"


def _moment(moment, wall: Wall) -> str:
    local = moment.astimezone(wall.zone)
    return f"{wall.day(local.date())}, {local:%H:%M}"


def _state_words(stay: dict, facts: Facts) -> str:
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


def _notes(stay: dict, doors: list[Door], facts: Facts) -> tuple[Said, ...]:
    """What stands in the way of giving the guest the room."""
    if stay["state"] != BOOKED or stay["arrival"] > facts.wall.today or not stay["room_id"]:
        return ()
    notes = []
    if stay["room_id"] in facts.occupants:
        notes.append(Said("warn", f"Room still occupied by {facts.occupants[stay['room_id']]}"))
    own = {door.id for door in doors if not door.common}
    if any(code.lock_id in own and code.grant_id != stay["grant_id"] for code in facts.old):
        notes.append(Said("warn", "Old code still on the door"))
    return tuple(notes)


def _codes_at(doors: list[Door], stay: dict, facts: Facts) -> dict[int, tuple[Code, Said]]:
    """The stay's code at each of these doors, by the door's number, and where it stands."""
    here = {door.id: door for door in doors}
    codes = facts.codes.get(stay["grant_id"], [])
    counting = {
        code.lock_id: code for code in codes if code.lock_id in here
    }  # the last of several is the wanted one
    return {
        lock_id: (code, words.code_words(code, here[lock_id], facts.wall))
        for lock_id, code in counting.items()
    }


def _code_told(
    own: dict[int, tuple[Code, Said]], doors: list[Door], stay: dict, facts: Facts
) -> list[DoorLine]:
    """The code's state door by door, then old codes that may still open one."""
    if not stay["room_id"]:
        return [DoorLine("", Said("warn", "No room yet, so no code"))]
    if not doors:
        return [DoorLine("", Said("off", "No code"))]
    waits = Said("wait", "The code is made at check-in")
    missing = waits if _at_check_in(stay, facts) else Said("off", "No code")
    told = []
    for door in doors:
        if door.id in own:
            told += _door_told(*own[door.id], door, facts)
        else:
            told.append(DoorLine(door.name, missing))
    counting = {code.id for code, _ in own.values()}
    for code in facts.codes.get(stay["grant_id"], []):
        # Of a room that the guest has moved out of, or one that another was given out for.
        door = facts.doors.by_id.get(code.lock_id)
        if door and code.id not in counting and code.on_the_door(facts.wall.now):
            name = f"{door.name}, old code" if door.id in own else door.name
            told.append(DoorLine(name, words.code_words(code, door, facts.wall)))
    for one in facts.along.get(stay["id"], ()):
        codes = facts.codes.get(one.grant_id, ())
        told += [DoorLine(*trouble) for trouble in party.troubles(one.name, codes, facts.doors, facts.wall)]
    return told


def _door_told(code: Code, sentence: Said, door: Door, facts: Facts) -> list[DoorLine]:
    """The code at one door of the room, and the backup code handed out in its place."""
    backup = facts.backups.get(code.pulled_backup_id)
    if backup is None:
        return [DoorLine(door.name, sentence)]
    spare = words.code_words(backup, door, facts.wall)
    if spare == sentence:
        return [DoorLine(f"{door.name} with backup", sentence)]
    return [DoorLine(door.name, sentence), DoorLine(f"{door.name}, backup", spare)]


def _together(told: Iterable[DoorLine]) -> tuple[DoorLine, ...]:
    """Doors of which the same is true share a line."""
    said = defaultdict(list)
    for line in told:
        said[line.said].append(line.doors)
    return tuple(DoorLine(" · ".join(filter(None, names)), sentence) for sentence, names in said.items())


def _doors_words(own: dict[int, tuple[Code, Said]], doors: list[Door], wall: Wall) -> str:
    """On how many of the stay's doors its code is confirmed, or confirmed off; empty where one sentence says it all."""
    told = {said for _, said in own.values()}
    leaving = all(code.over(wall.now) for code, _ in own.values())
    done = sum(said.tone == ("off" if leaving else "good") for _, said in own.values())
    if len(doors) < 2 or not own or (not done and len(told) == 1):
        return ""
    return f"{'Off ' if leaving else ''}{done} of {len(doors)} doors{'' if leaving else ' confirmed'}"


def _at_check_in(stay: dict, facts: Facts) -> bool:
    return stay["state"] == BOOKED and facts.property.codes_from_check_in


def _lock_lines(stay: dict, doors: list[Door], wall: Wall) -> tuple[DoorLine, ...]:
    """How the room's own lock is; common doors only where something is wrong with them."""
    if not stay["room_id"]:
        return ()
    lines = [] if any(not door.common for door in doors) else [DoorLine("", NO_LOCK)]
    for door in doors:
        for said in words.health_words(door, wall):
            if not door.common or said.tone in ("warn", "bad"):
                lines.append(DoorLine(door.name if door.common else "", said))
    return tuple(lines)


def _action(stay: dict, codes: tuple[DoorLine, ...], facts: Facts) -> Action:
    today, page = facts.wall.today, _address("stay", stay, facts)
    if stay["state"] == BOOKED and not stay["room_id"]:
        return Action("Assign a room", f"{page}#change")
    if stay["state"] == BOOKED and stay["arrival"] <= today < stay["departure"]:
        return Action("Check in", _address("check_in", stay, facts), True, f"in-{stay['public_id']}")
    if stay["state"] == IN_HOUSE and stay["departure"] <= today:
        return Action("Check out", _address("check_out", stay, facts), True, f"out-{stay['public_id']}")
    if stay["state"] == IN_HOUSE and any(line.said.tone in ("warn", "bad") for line in codes):
        return Action("Backup code", f"{page}#doors")
    return Action("Open", page, quiet=True)


def _trigger(stay: dict, doors: list[Door], facts: Facts) -> str:
    topics = [f"stay-{stay['public_id']}"]
    if stay["grant__public_id"]:
        topics.append(f"grant-{stay['grant__public_id']}")
    topics += [f"grant-{one.grant_public_id}" for one in facts.along.get(stay["id"], ())]
    topics += [f"lock-{door.public_id}" for door in doors if not door.common]
    return ", ".join(f"sse:{topic}" for topic in topics)
