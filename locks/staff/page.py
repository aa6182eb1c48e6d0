"""What the page of the staff's codes shows, in words. Never a digit."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from hospitality.models import Property
from hospitality.wall import Wall
from locks import queries, words
from locks.known import Code, Doors
from locks.models import StaffCode
from locks.said import Said
from locks.staff import times

SHOWN_AFTER = timedelta(days=7)
"""So long a code that has ended is listed, and longer while it is not off every door."""


@dataclass(frozen=True)
class DoorLine:
    """One or more doors of which the same is true."""

    doors: str
    said: Said


@dataclass(frozen=True)
class StaffLine:
    """One code. `now` is its window at the doors, `doors` where it stands on each."""

    key: str
    name: str
    when: str
    where: str
    now: str
    problem: str
    doors: list[DoorLine]
    running: bool


@dataclass(frozen=True)
class StaffPage:
    running: list[StaffLine]
    ended: list[StaffLine]
    zone_name: str
    trigger: str


def read(property: Property, wall: Wall) -> StaffPage:
    """Every code that is wanted, and those that ended lately. Four queries."""
    lately = Q(ended_at__isnull=True) | Q(ended_at__gt=wall.now - SHOWN_AFTER)
    still_on = Q(grant__codes__live=True)
    found = StaffCode.objects.filter(lately | still_on, property=property).distinct()
    staff = list(found.select_related("grant", "property").defer("grant__pin_sealed"))
    doors = queries.doors(property)
    codes = queries.codes_of([one.grant_id for one in staff])
    lines = [_line(one, codes.get(one.grant_id, []), doors, wall) for one in staff]
    topics = ["sse:staff", *(f"sse:grant-{one.grant.public_id}" for one in staff), "sse:refresh", "every 60s"]
    return StaffPage(
        running=[line for line in lines if line.running],
        ended=[line for line in lines if not line.running],
        zone_name=wall.zone_name,
        trigger=", ".join(topics),
    )


def _line(one: StaffCode, codes: Sequence[Code], doors: Doors, wall: Wall) -> StaffLine:
    return StaffLine(
        key=str(one.public_id),
        name=one.name,
        when=times.words(one),
        where=capfirst(one.get_where_display()),
        now=_now(one, wall),
        problem=one.problem,
        doors=_doors(codes, doors, wall),
        running=one.ended_at is None,
    )


def _now(one: StaffCode, wall: Wall) -> str:
    starts_at, ends_at = one.grant.starts_at, one.grant.ends_at
    if one.ended_at:
        return _("Ended %(time)s") % {"time": wall.time(one.ended_at)}
    if ends_at is None:
        return _("Since %(time)s") % {"time": wall.time(starts_at)}
    if ends_at <= wall.now:
        return _("Ended %(time)s") % {"time": wall.time(ends_at)}
    window = {"start": wall.time(starts_at), "end": wall.time(ends_at)}
    if starts_at <= wall.now:
        return _("Now: %(start)s to %(end)s") % window
    return _("Next: %(start)s to %(end)s") % window


def _doors(codes: Sequence[Code], doors: Doors, wall: Wall) -> list[DoorLine]:
    """On how many doors it is confirmed, or confirmed off; then, door by door, what is otherwise."""
    last = {code.lock_id: code for code in codes if code.lock_id in doors.by_id}
    done: dict[str, list[str]] = defaultdict(list)
    told: dict[Said, list[str]] = defaultdict(list)
    for code in last.values():
        door = doors.by_id[code.lock_id]
        said = words.code_words(code, door, wall)
        if said.tone in ("good", "off"):
            done[said.tone].append(door.name)
        else:
            told[said].append(door.name)
    if len(last) == 1 and done:
        [code] = last.values()
        return [
            DoorLine(doors.by_id[code.lock_id].name, words.code_words(code, doors.by_id[code.lock_id], wall))
        ]
    counted = {"good": _("On the lock, confirmed"), "off": _("Off the lock")}
    lines = [
        DoorLine(_names(done[tone], len(last)), Said(tone, text))
        for tone, text in counted.items()
        if done[tone]
    ]
    return lines + [DoorLine(", ".join(names), said) for said, names in told.items()]


def _names(names: list[str], of: int) -> str:
    if len(names) > 4:
        return _("%(count)s of %(all)s doors") % {"count": len(names), "all": of}
    return ", ".join(names)
