"""What the next shift must know, composed from what is open now and from what was done at doors since the last handover.
Exceptions only: what is in order is not mentioned."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from hospitality.models import AuditEntry, Property, Room
from hospitality.ordering import natural
from hospitality.wall import Wall
from locks import alarms, queries, words
from locks.alarms import Alarm
from locks.known import Doors
from locks.thresholds import EMPTY_BATTERY, LOW_BATTERY
from reservations import board as boards
from reservations import stay_page
from reservations.feeds import page as feeds
from reservations.handover.models import Handover
from reservations.housekeeping import standing
from reservations.messages.card import troubles
from reservations.models import GuestCall, Stay, StayState
from reservations.notes import book as notes
from reservations.paper import envelope_page
from reservations.rows.row import Row
from reservations.rows.states import LATE_IN, OVERDUE_OUT

AT_DOORS = (
    "guest.cannot_get_in",
    "backup.handed_out",
    "backup.asked_of_maker",
    "offline_code.issued",
    "door.opened_from_afar",
    "pin.renewed",
    "guest.helped",
)
"""What is done for guests who cannot get in."""
FIRST_LOOKS_BACK = timedelta(hours=24)
LOOKS_BACK = timedelta(days=7)
"""A handover tells of at most so long, also where the last one is older."""
MOST = 30
"""So many lines of one section are written out: it is to be read in three minutes."""


@dataclass(frozen=True)
class Point:
    """One thing: whom or what it is about, what is so, and where to look."""

    about: str
    text: str
    url: str = ""


@dataclass(frozen=True)
class Section:
    title: str
    points: list[Point]
    more: int = 0


@dataclass(frozen=True)
class Draft:
    """`since`: from when what was done at doors is told; `last`: who signed the last handover, and when."""

    since: datetime
    sections: list[Section]
    zone_name: str
    since_words: str
    last: str

    @property
    def kept(self) -> list[dict]:
        """As it is kept once signed: words only."""
        return [
            {
                "title": one.title,
                "points": [{"about": point.about, "text": point.text} for point in one.points],
                "more": one.more,
            }
            for one in self.sections
        ]

    @property
    def digest(self) -> str:
        """The same for the same words: by it a signature is for what was read."""
        return hashlib.sha256(json.dumps(self.kept).encode()).hexdigest()

    @property
    def count(self) -> int:
        return sum(len(one.points) + one.more for one in self.sections)


def compose(property: Property, wall: Wall) -> Draft:
    """All that is open at the wall's moment. A fixed number of queries."""
    last = Handover.objects.filter(property=property).first()
    since = max(last.signed_at, wall.now - LOOKS_BACK) if last else wall.now - FIRST_LOOKS_BACK
    doors = queries.doors(property)
    rows = [row for one in boards.board(property, wall.today, wall).lists for row in one.rows]
    found = (
        (_("Guests who could not get in"), _at_doors(property, since, wall)),
        (_("Locks and codes"), _alarms(property, doors, wall)),
        (_("Batteries to change soon"), _batteries(property, doors, wall)),
        (_("Messages that did not go out"), _unsent(property, wall)),
        (_("Late arrivals"), _late(rows, LATE_IN)),
        (_("Overdue departures"), _late(rows, OVERDUE_OUT)),
        (_("Rooms"), _rooms(property, rows, wall)),
        (_("Sealed backup codes"), _envelopes(property, wall)),
        (_("Calendars and other programs"), _feeds(property, wall)),
        (_("Open notes"), _notes(property, wall)),
    )
    return Draft(
        since=since,
        sections=[_section(title, points) for title, points in found if points],
        zone_name=wall.zone_name,
        since_words=wall.full(since),
        last=f"{last.signed_name}, {wall.full(last.signed_at)}" if last else "",
    )


def _section(title: str, points: list[Point]) -> Section:
    return Section(title, points[:MOST], max(len(points) - MOST, 0))


def _at_doors(property: Property, since: datetime, wall: Wall) -> list[Point]:
    """By stay: what was done for its guest at the doors, in the order it happened; who rings still comes first."""
    ringing = set(
        GuestCall.objects.filter(stay__property=property, closed_at__isnull=True).values_list(
            "stay__public_id", flat=True
        )
    )
    acts = AuditEntry.objects.filter(property=property, at__gte=since, action__in=AT_DOORS)
    told = defaultdict(list)
    for act in acts.select_related("actor").order_by("at", "pk"):
        told[act.subject_id].append(f"{wall.time(act.at)} {stay_page.told(act, wall)}")
    stays = Stay.objects.filter(property=property, public_id__in={*told, *ringing})
    points = []
    for stay in stays.select_related("reservation__guest", "room"):
        rings = [_("rings still")] if stay.public_id in ringing else []
        text = "; ".join([*told[stay.public_id], *rings])
        url = reverse("stay", args=[property.slug, stay.public_id])
        points.append((not rings, Point(_of(stay), text, url)))
    return [one[1] for one in sorted(points, key=lambda one: (one[0], one[1].about))]


def _of(stay: Stay) -> str:
    return f"{stay.reservation.guest}, {stay.room}" if stay.room else str(stay.reservation.guest)


def _alarms(property: Property, doors: Doors, wall: Wall) -> list[Point]:
    found = alarms.alarms(property, wall.now, doors=doors)
    return [
        Point(one.about, f"{one.text}. {one.remedy.clerk}", _where(one, property, doors)) for one in found
    ]


def _where(alarm: Alarm, property: Property, doors: Doors) -> str:
    if len(alarm.lock_ids) == 1:
        return reverse("lock", args=[property.slug, doors.by_id[alarm.lock_ids[0]].public_id])
    return reverse("locks", args=[property.slug])


def _batteries(property: Property, doors: Doors, wall: Wall) -> list[Point]:
    """Those that are low; nearly empty ones are among the alarms."""
    low = [
        door
        for door in doors.by_id.values()
        if door.battery is not None and EMPTY_BATTERY < door.battery <= LOW_BATTERY
    ]
    return [
        Point(
            door.name,
            words.battery_words(door, wall).text,
            reverse("lock", args=[property.slug, door.public_id]),
        )
        for door in sorted(low, key=lambda door: door.battery)
    ]


def _unsent(property: Property, wall: Wall) -> list[Point]:
    return [Point(one.about, one.said.text, one.url) for one in troubles(property, wall)]


def _late(rows: Iterable[Row], late: str) -> list[Point]:
    """As the board says it."""
    return [
        Point(
            f"{row.guest}, {row.room}" if row.room else row.guest,
            _("%(begins)s to %(ends)s") % {"begins": row.begins, "ends": row.ends},
            row.url,
        )
        for row in rows
        if row.late == late
    ]


def _rooms(property: Property, rows: Iterable[Row], wall: Wall) -> list[Point]:
    """Those out of order, and those that are not ready for a guest who is still to come today."""
    awaited = {row.room for row in rows if row.remaining and row.state == StayState.BOOKED}
    standings = standing.standings(property, wall.today)
    points = []
    for room in sorted(property.rooms.all(), key=lambda room: natural(room.name)):
        here = standings[room.pk]
        if here.closed or (room.name in awaited and not here.ready):
            said = standing.said(here, wall).text
            due = _("%(state)s, and a guest comes today") % {"state": said}
            url = reverse("room", args=[property.slug, room.public_id])
            points.append(Point(_of_room(room), f"{said}: {here.why}" if here.closed else due, url))
    return points


def _of_room(room: Room | str) -> str:
    return _("Room %(room)s") % {"room": room}


def _envelopes(property: Property, wall: Wall) -> list[Point]:
    """What the next shift must find in the drawer."""
    return [
        Point(
            _("Envelope %(label)s") % {"label": one.label},
            _("%(door)s, sealed %(since)s") % {"door": one.door, "since": one.since},
            reverse("envelope", args=[property.slug, one.key]),
        )
        for one in envelope_page.waiting(property, wall)
    ]


def _feeds(property: Property, wall: Wall) -> list[Point]:
    """What waits for a person, calendars that are ill, and what may be a booking that is missing here."""
    found, url = feeds.read(property, wall), reverse("feeds", args=[property.slug])
    asked = [
        Point(
            ", ".join(filter(None, (one.guest or one.number, one.room))),
            f"{one.said.text}. {one.remedy}".strip(),
            one.url or url,
        )
        for one in found.questions
    ]
    ill = [Point(_of_calendar(one), one.why, url) for one in found.calendars if one.why]
    missing = [
        Point(_of_room(one.room), f"{one.span}, {one.portal}. {one.said.text}", url)
        for one in found.closures
        if one.may_be_sold
    ]
    return asked + ill + missing


def _of_calendar(one: feeds.Calendar) -> str:
    return _("%(portal)s, room %(room)s") % {"portal": one.portal, "room": one.room}


def _notes(property: Property, wall: Wall) -> list[Point]:
    lines = [notes.house_line(note, wall) for note in notes.open_notes(property)]
    return [Point(line.about, f"{line.text} ({line.written})", line.url) for line in lines]
