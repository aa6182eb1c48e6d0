"""What a row says of the doors of its stay: where the code stands at each, and how the locks are."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import gettext as _

from hospitality.wall import Wall
from locks import words
from locks.known import Code, Door
from locks.words import Said
from reservations import party
from reservations.models import StayState
from reservations.rows.facts import Facts


class DoorLine(NamedTuple):
    """One or more doors of which the same is true. `missing`: there is no code where one could be."""

    doors: str
    said: Said
    missing: bool = False


def codes_at(doors: list[Door], stay: dict, facts: Facts) -> dict[int, tuple[Code, Said]]:
    """The stay's code at each of these doors, by the door's number, and where it stands."""
    here = {door.id: door for door in doors}
    codes = facts.codes.get(stay["grant_id"], [])
    counting = {
        code.lock_id: code for code in codes if code.lock_id in here
    }  # the last of several is the wanted one
    return {lock_id: (code, _stands(code, here[lock_id], facts)) for lock_id, code in counting.items()}


def _stands(code: Code, door: Door, facts: Facts) -> Said:
    if code.id not in facts.told:
        facts.told[code.id] = words.code_words(code, door, facts.wall)
    return facts.told[code.id]


def code_told(
    own: dict[int, tuple[Code, Said]], doors: list[Door], stay: dict, facts: Facts
) -> list[DoorLine]:
    """The code's state door by door, then old codes that may still open one."""
    if not stay["room_id"]:
        return [DoorLine("", Said("warn", _("No room yet, so no code")))]
    if not doors:
        return [_no_code("")]
    told = []
    for door in doors:
        if door.id in own:
            told += _door_told(*own[door.id], door, facts)
        else:
            told.append(_missing(door.name, stay, facts))
    counting = {code.id for code, said in own.values()}
    for code in facts.codes.get(stay["grant_id"], []):
        # Of a room that the guest has moved out of, or one that another was given out for.
        door = facts.doors.by_id.get(code.lock_id)
        if door and code.id not in counting and code.on_the_door(facts.wall.now):
            name = _("%(door)s, old code") % {"door": door.name} if door.id in own else door.name
            told.append(DoorLine(name, words.code_words(code, door, facts.wall)))
    for one in facts.along.get(stay["id"], ()):
        codes = facts.codes.get(one.grant_id, ())
        told += [DoorLine(*trouble) for trouble in party.troubles(one, codes, doors, facts.doors, facts.wall)]
    return told


def _door_told(code: Code, sentence: Said, door: Door, facts: Facts) -> list[DoorLine]:
    """The code at one door of the room, and the backup code handed out in its place."""
    backup = facts.backups.get(code.pulled_backup_id)
    if backup is None:
        return [DoorLine(door.name, sentence)]
    spare = words.code_words(backup, door, facts.wall)
    if spare == sentence:
        return [DoorLine(_("%(door)s with backup") % {"door": door.name}, sentence)]
    return [DoorLine(door.name, sentence), DoorLine(_("%(door)s, backup") % {"door": door.name}, spare)]


def together(told: Iterable[DoorLine]) -> tuple[DoorLine, ...]:
    """Doors of which the same is true share a line."""
    said = defaultdict(list)
    for line in told:
        said[line.said].append(line.doors)
    return tuple(DoorLine(" · ".join(filter(None, names)), sentence) for sentence, names in said.items())


def doors_words(own: dict[int, tuple[Code, Said]], doors: list[Door], wall: Wall) -> str:
    """On how many of the stay's doors its code is confirmed, or confirmed off; empty where one sentence says it all."""
    if len(doors) < 2 or not own:
        return ""
    leaving = all(code.over(wall.now) for code, said in own.values())
    done = sum(said.tone == ("off" if leaving else "good") for code, said in own.values())
    if not done and len({said for code, said in own.values()}) == 1:
        return ""
    count = {"done": done, "all": len(doors)}
    if leaving:
        return wall.gettext("Off %(done)s of %(all)s doors") % count
    return wall.gettext("%(done)s of %(all)s doors confirmed") % count


def _missing(door: str, stay: dict, facts: Facts) -> DoorLine:
    if stay["state"] == StayState.BOOKED and facts.property.codes_from_check_in:
        return DoorLine(door, Said("wait", _("The code is made at check-in")))
    return _no_code(door)


def _no_code(door: str) -> DoorLine:
    return DoorLine(door, Said("off", _("No code")), missing=True)


def _no_lock() -> DoorLine:
    return DoorLine("", Said("off", _("No lock on this room")))


def lock_lines(stay: dict, doors: list[Door], facts: Facts) -> tuple[DoorLine, ...]:
    """How the room's own lock is; common doors only where something is wrong with them."""
    if not stay["room_id"]:
        return ()
    lines = [] if any(not door.common for door in doors) else [_no_lock()]
    for door in doors:
        for said in _health(door, facts):
            if not door.common or said.tone in ("warn", "bad"):
                lines.append(DoorLine(door.name if door.common else "", said))
    return tuple(lines)


def _health(door: Door, facts: Facts) -> list[Said]:
    if door.id not in facts.health:
        facts.health[door.id] = words.health_words(door, facts.wall)
    return facts.health[door.id]
