"""The page of the rooms: by what is to be done first, without a guest's name, in a fixed number of queries."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime

from django.contrib.postgres.fields import DateRangeField
from django.db.models import Func, Q, QuerySet, Value
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from hospitality.models import AuditEntry, Condition, Property, Room
from hospitality.ordering import natural
from hospitality.wall import Wall
from locks.said import Said
from reservations import grants
from reservations.housekeeping import standing
from reservations.housekeeping.models import Closure
from reservations.housekeeping.standing import Standing
from reservations.models import Stay, StayState

FIRST, NEXT, LEAVING, INSPECT, STAYING, READY, CLOSED = range(7)
TITLES = {
    FIRST: gettext_lazy("First: a guest comes today"),
    NEXT: gettext_lazy("To be cleaned"),
    LEAVING: gettext_lazy("Leaving today, still occupied"),
    INSPECT: gettext_lazy("To be inspected"),
    STAYING: gettext_lazy("Staying on"),
    READY: pgettext_lazy("rooms", "Ready"),
    CLOSED: gettext_lazy("Out of order"),
}
"""The groups in the order in which they are to be done. A room to be inspected for a guest of today is among the
first."""
MARK = {
    Condition.CLEAN: gettext_lazy("Mark clean"),
    Condition.DIRTY: gettext_lazy("Mark dirty"),
    Condition.INSPECTED: gettext_lazy("Mark inspected"),
}


@dataclass
class Use:
    """Who is in a room today, and who comes: without names."""

    leaves: date | None = None
    comes: bool = False
    waiting_since: datetime | None = None


@dataclass(frozen=True)
class Step:
    """A state that a room can be put in next, with one button."""

    condition: str
    label: str


@dataclass(frozen=True)
class RoomLine:
    """One room in words. Equal lines look alike."""

    key: str
    url: str
    mark_url: str
    name: str
    unit_type: str
    said: Said
    was: str
    use: str
    comes: Said | None
    marked: str
    step: Step | None
    others: tuple[Step, ...]


@dataclass(frozen=True)
class Group:
    key: str
    title: str
    rooms: list[RoomLine]


@dataclass(frozen=True)
class Rooms:
    groups: list[Group]
    to_do: int
    total: int
    trigger: str
    zone_name: str


@dataclass(frozen=True)
class Line:
    """One line of a room's history."""

    when: str
    what: str
    who: str


@dataclass(frozen=True)
class RoomPage:
    """One room: how it is, when it is out of order, what was said of it."""

    line: RoomLine
    closures: list[tuple[Closure, Said]]
    history: list[Line] = field(default_factory=list)


def rooms(property: Property, wall: Wall) -> Rooms:
    """Every room of the house. Three queries."""
    sorted_in = defaultdict(list)
    uses = _uses(property, wall)
    closed = standing.closures(property, wall.today)
    found = Room.objects.filter(property=property).select_related("condition_by")
    for room in sorted(found, key=lambda room: natural(room.name)):
        here = standing.standing(
            property, room.condition, room.condition_at, closed.get(room.pk, ()), wall.today
        )
        use = uses.get(room.pk, Use())
        group = _group(here, use, wall.today)
        sorted_in[group].append(
            (use.waiting_since is None, use.waiting_since, _line(property, room, here, use, wall))
        )
    groups = [
        Group(f"rooms-{number}", str(title), _in_order(sorted_in[number]))
        for number, title in TITLES.items()
        if sorted_in[number]
    ]
    return Rooms(
        groups=groups,
        to_do=sum(len(sorted_in[number]) for number in (FIRST, NEXT, INSPECT)),
        total=sum(len(group.rooms) for group in groups),
        trigger="sse:rooms, sse:board, sse:refresh, every 60s",
        zone_name=wall.zone_name,
    )


def _in_order(found: list[tuple]) -> list[RoomLine]:
    """Where guests wait longest first, then as a person counts."""
    waiting = sorted((one for one in found if not one[0]), key=lambda one: one[1])
    return [one[2] for one in [*waiting, *(one for one in found if one[0])]]


def room(room: Room, wall: Wall) -> RoomPage:
    """One room. Five queries."""
    hotel = room.property
    closed = standing.closures(hotel, wall.today).get(room.pk, ())
    here = standing.standing(hotel, room.condition, room.condition_at, closed, wall.today)
    use = _uses(hotel, wall, room=room).get(room.pk, Use())
    coming = Closure.objects.filter(Q(ends__isnull=True) | Q(ends__gt=wall.today), room=room)
    entries = AuditEntry.objects.filter(property=hotel, subject_id=room.public_id).select_related("actor")
    return RoomPage(
        line=_line(hotel, room, here, use, wall),
        closures=[(one, _closure_words(one, wall)) for one in coming],
        history=[Line(wall.time(one.at), _deed(one, wall), _name(one.actor)) for one in entries[:50]],
    )


def _uses(property: Property, wall: Wall, **which) -> dict[int, Use]:
    """Who is in each room today and who comes, by the room's number. One query."""
    found = defaultdict(Use)
    touching = _touching(property, wall.today).filter(room__isnull=False, **which)
    for stay in touching.values("room_id", "state", "waiting_since", *grants.PLANNED):
        use = found[stay["room_id"]]
        if stay["state"] == StayState.IN_HOUSE:
            use.leaves = stay["departure"]
        elif grants.may_come_of(property, stay, wall.now):
            use.comes = True
            use.waiting_since = stay["waiting_since"]
    return found


def _touching(property: Property, today: date) -> QuerySet[Stay]:
    span = Func("arrival", "departure", Value("[]"), function="daterange", output_field=DateRangeField())
    here = Q(state=StayState.IN_HOUSE) | Q(state=StayState.BOOKED, span__contains=today)
    return Stay.objects.annotate(span=span).filter(here, property=property)


def _group(here: Standing, use: Use, today: date) -> int:
    if here.closed:
        return CLOSED
    if use.leaves is not None:
        return LEAVING if use.comes or use.leaves <= today else STAYING
    if here.condition != Condition.DIRTY and here.ready:
        return READY
    if use.comes:
        return FIRST
    return NEXT if here.condition == Condition.DIRTY else INSPECT


def _line(property: Property, room: Room, here: Standing, use: Use, wall: Wall) -> RoomLine:
    steps = _steps(property, here)
    to_do = use.leaves is None and not here.closed and not (here.ready and here.condition != Condition.DIRTY)
    return RoomLine(
        key=f"room-{room.public_id}",
        url=reverse("room", args=[property.slug, room.public_id]),
        mark_url=reverse("mark_room", args=[property.slug, room.public_id]),
        name=room.name,
        unit_type=room.unit_type,
        said=standing.said(here, wall, wanted=use.leaves is None),
        was=here.condition.value,
        use=_use_words(use, wall),
        comes=_coming_words(use, wall),
        marked=_marked_words(room, here, wall),
        step=steps[0] if to_do else None,
        others=tuple(steps[1:] if to_do else steps),
    )


def _steps(property: Property, here: Standing) -> list[Step]:
    """What the room can be next, the usual first."""
    clean, dirty, inspected = (Step(one.value, str(MARK[one])) for one in Condition)
    looked_at = [inspected] if property.rooms_ready == Property.RoomsReady.INSPECTED else []
    return {
        Condition.DIRTY: [clean, *looked_at],
        Condition.CLEAN: [*looked_at, dirty],
        Condition.INSPECTED: [dirty],
    }[here.condition]


def _use_words(use: Use, wall: Wall) -> str:
    if use.leaves is None:
        return pgettext("room", "Vacant")
    if use.leaves < wall.today:
        return _("Occupied, should have left %(day)s") % {"day": wall.day(use.leaves)}
    if use.leaves == wall.today:
        return _("Occupied, leaves today")
    return _("Occupied until %(day)s") % {"day": wall.day(use.leaves)}


def _coming_words(use: Use, wall: Wall) -> Said | None:
    if use.waiting_since:
        since = _("A guest waits for it since %(time)s") % {"time": wall.time(use.waiting_since)}
        return Said("bad", since)
    return Said("wait", _("A guest comes today")) if use.comes else None


def _marked_words(room: Room, here: Standing, wall: Wall) -> str:
    if here.closed:
        return here.why
    if room.condition_at is None or here.condition != room.condition:
        return ""
    said = {"time": wall.time(room.condition_at), "person": _name(room.condition_by)}
    return _("since %(time)s, %(person)s") % said if room.condition_by else _("since %(time)s") % said


def _closure_words(closure: Closure, wall: Wall) -> Said:
    said = {"begins": wall.day(closure.begins), "why": closure.why}
    if closure.ends:
        said["ends"] = wall.day(closure.ends)
        later, now = _("From %(begins)s until %(ends)s: %(why)s"), _("Out of order until %(ends)s: %(why)s")
    else:
        later = _("From %(begins)s until further notice: %(why)s")
        now = _("Out of order until further notice: %(why)s")
    return Said("wait", later % said) if closure.begins > wall.today else Said("bad", now % said)


def _deed(entry: AuditEntry, wall: Wall) -> str:
    detail = entry.detail
    if entry.action == "room.marked":
        now, was = Condition(detail["now"]), Condition(detail["was"])
        return _("%(now)s (was %(was)s)") % {"now": standing.STATES[now], "was": was.label}
    if entry.action == "room.changed":
        return _renamed(detail)
    said = {"why": detail["why"]}
    if entry.action == "room.closed":
        said["begins"] = wall.day(date.fromisoformat(detail["begins"]))
        if not detail["until"]:
            return _("Out of order from %(begins)s until further notice: %(why)s") % said
        said["ends"] = wall.day(date.fromisoformat(detail["until"]))
        return _("Out of order from %(begins)s until %(ends)s: %(why)s") % said
    return _("Back in order: %(why)s") % said


def _renamed(detail: dict) -> str:
    said = []
    if "name" in detail:
        was, now = detail["name"]
        said.append(_("Called %(now)s (was %(was)s)") % {"now": now, "was": was})
    if "unit_type" in detail:
        was, now = (one or "–" for one in detail["unit_type"])
        said.append(_("Unit type %(now)s (was %(was)s)") % {"now": now, "was": was})
    return "; ".join(said)


def _name(user) -> str:
    return (user.get_full_name() or user.get_username()) if user else ""
