"""How rooms are: what housekeeping says of them, whether they are out of order, and whether a guest can go up."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from hospitality.models import Condition, Property, Room
from hospitality.wall import Wall
from locks.said import Said
from reservations.housekeeping.models import Closure

ENOUGH = {
    Property.RoomsReady.CLEAN: {Condition.CLEAN, Condition.INSPECTED},
    Property.RoomsReady.INSPECTED: {Condition.INSPECTED},
    Property.RoomsReady.ANYHOW: set(Condition),
}
"""What a room may be like for a guest to go up, by what the property wants."""
STATES = {
    Condition.CLEAN: pgettext_lazy("room", "Clean"),
    Condition.DIRTY: pgettext_lazy("room", "Dirty"),
    Condition.INSPECTED: pgettext_lazy("room", "Inspected"),
}
"""What housekeeping says of a room, where it begins a line."""


@dataclass(frozen=True)
class Standing:
    """How one room is now. `closed`: it is out of order, for that reason until that day."""

    condition: Condition
    since: datetime | None
    closed: bool
    why: str
    until: date | None
    ready: bool


def closures(property: Property, today: date) -> defaultdict[int, list[Closure]]:
    """The closures that count for how rooms are today, by the room's number: those that are not over, and those that
    began after housekeeping last said anything. One query."""
    lasts = Q(ends__isnull=True) | Q(ends__gt=today)
    unseen = Q(room__condition_at__isnull=True) | Q(room__condition_at__lt=F("begins"))
    found = defaultdict(list)
    for one in Closure.objects.filter(lasts | unseen, room__property=property, begins__lte=today):
        found[one.room_id].append(one)
    return found


def standing(
    property: Property, condition: str, since: datetime | None, closed: Iterable[Closure], today: date
) -> Standing:
    """How a room of the property is, `closed` being what `closures` found of it. After it was out of order it is dirty
    until somebody says otherwise."""
    closed = list(closed)
    now = [one for one in closed if one.ends is None or one.ends > today]
    began = max((one.begins for one in closed), default=None)
    if began and (since is None or property.local(since).date() < began):
        condition, since = Condition.DIRTY, property.at(began, time.min)
    return Standing(
        condition=Condition(condition),
        since=since,
        closed=bool(now),
        why=now[0].why if now else "",
        until=_last(now),
        ready=not now and condition in ENOUGH[Property.RoomsReady(property.rooms_ready)],
    )


def _last(now: list[Closure]) -> date | None:
    ends = [one.ends for one in now]
    return None if None in ends else max(ends, default=None)


def standings(property: Property, today: date) -> dict[int, Standing]:
    """How each room of the property is, by its number. Two queries."""
    closed = closures(property, today)
    rooms = Room.objects.filter(property=property).values_list("pk", "condition", "condition_at")
    return {pk: standing(property, condition, since, closed[pk], today) for pk, condition, since in rooms}


def of_room(room: Room, today: date) -> Standing:
    """How one room is, read afresh. Two queries."""
    condition, since = Room.objects.values_list("condition", "condition_at").get(pk=room.pk)
    return standing(room.property, condition, since, closures(room.property, today)[room.pk], today)


def said(here: Standing, wall: Wall, *, wanted: bool = True) -> Said:
    """The room's state, in two words and a shape. `wanted`: somebody is to go up today, so what is missing matters."""
    if here.closed:
        return Said("bad", _closed_words(here, wall))
    if here.condition == Condition.DIRTY:
        return Said("warn" if wanted and not here.ready else "off", str(STATES[Condition.DIRTY]))
    if not here.ready:
        return Said("wait" if wanted else "off", _("Clean, not inspected"))
    return Said("good" if wanted else "off", str(STATES[here.condition]))


def _closed_words(here: Standing, wall: Wall) -> str:
    if here.until:
        return _("Out of order until %(day)s") % {"day": wall.day(here.until)}
    return _("Out of order until further notice")
