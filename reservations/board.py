"""The board's reads: who arrives, who is in house, who leaves on one day, and what is still on a door.

Everything is fetched in a fixed number of queries and put into words before the template, to which a row then
costs little.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date

from django.contrib.postgres.fields import DateRangeField
from django.db.models import Func, Q, QuerySet, Value
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hospitality.models import Property
from hospitality.ordering import natural
from hospitality.wall import Wall
from locks import alarms, queries, words
from locks.alarms import Alarm
from locks.known import Code, Doors
from locks.said import Said
from reservations import grants, tonight
from reservations.messages.card import Trouble, troubles
from reservations.models import Companion, GuestCall, Stay, StayState
from reservations.rows.choice import ALL, SHOWN, Choice
from reservations.rows.facts import COLUMNS, Facts, facts_of
from reservations.rows.row import Row, row_of
from reservations.rows.states import LATE_IN, OVERDUE_OUT

BOOKED, IN_HOUSE = StayState.BOOKED, StayState.IN_HOUSE
DEPARTED, NO_SHOW = StayState.DEPARTED, StayState.NO_SHOW
MOST_ALARMS = 8
"""So many are shown on the board; all of them are on the locks' page."""
MOST_LINES = 20
"""So many lines stand one below the other on a screen of 1280 x 800."""
WATCH_TRIGGERS = ("board:changed from:body", "row:changed from:body", "every 60s")


@dataclass(frozen=True)
class RowList:
    """One of the board's three lists. `count` says how many of how many are still to do, `pressing` what of that needs
    a person now; both speak of the whole list, also where only some of its rows are shown."""

    key: str
    title: str
    count: str
    pressing: list[Said]
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
class AlarmLine:
    """One alarm in words: whose or where, what is so, and what the desk can do about it."""

    about: str
    said: Said
    remedy: str
    url: str


@dataclass(frozen=True)
class Watch:
    """What needs a person now, guests at a door first. `count` alarms there are, `more` of them only on the locks' page;
    `unsent` are messages to guests; `old_codes` are too young for an alarm."""

    count: int
    alarms: list[AlarmLine]
    unsent: list[Trouble]
    more: int
    old_codes: list[OldCode]
    trigger: str

    @property
    def total(self) -> int:
        return self.count + len(self.unsent)


@dataclass(frozen=True)
class Chip:
    """One of the choices that stand above the lists: how many rows it shows, and the address's query for it."""

    key: str
    label: str
    count: int
    query: str


@dataclass(frozen=True)
class Board:
    day: date
    day_words: str
    is_today: bool
    zone_name: str
    chips: list[Chip]
    lists: list[RowList]
    watch: Watch
    tonight: list[Said]
    trigger: str

    @property
    def flows(self) -> bool:
        """Is one list longer than a screen, so that one line each they share the width better one after another?"""
        return max(len(one.rows) for one in self.lists) > MOST_LINES


def board(property: Property, day: date, wall: Wall, chosen: Choice = ALL) -> Board:
    """Everything the board shows of `day`, of the rows that were `chosen`. Sixteen queries, however many rooms."""
    stays = list(_touching(property, day, wall.today).values(*COLUMNS))
    facts = facts_of(property, stays, day, wall)
    sorted_in = defaultdict(list)
    for stay in stays:
        sorted_in[_list_of(stay, day, wall)].append(stay)
    common = _common_doors(facts.doors)
    rows = {
        key: sorted((row_of(stay, facts) for stay in sorted_in[key]), key=_order)
        for key in ("arrivals", "in_house", "departures")
    }
    return Board(
        day=day,
        day_words=wall.long_day(day),
        is_today=day == wall.today,
        zone_name=wall.zone_name,
        chips=_chips([row for some in rows.values() for row in some], chosen),
        lists=_lists(rows, _came(sorted_in, day), facts, chosen),
        tonight=_tonight(sorted_in["arrivals"], facts),
        watch=_watch(property, facts.doors, facts.old, wall),
        trigger=", ".join(["sse:board", "sse:refresh", *common, "board:changed from:body", "every 60s"]),
    )


def _touching(property: Property, day: date, today: date) -> QuerySet[Stay]:
    span = Func("arrival", "departure", Value("[]"), function="daterange", output_field=DateRangeField())
    shown = Q(span__contains=day) & ~Q(state=StayState.CANCELLED)
    if day == today:
        shown |= Q(state=IN_HOUSE, departure__lt=today)
    return Stay.objects.annotate(span=span).filter(shown, property=property)


def _list_of(stay: dict, day: date, wall: Wall) -> str:
    """Which list a stay that touches `day` stands in; empty for none."""
    state = stay["state"]
    if state == BOOKED and (stay["arrival"] == day or day <= wall.today):
        return "arrivals"
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


def _tonight(arrivals: list[dict], facts: Facts) -> list[Said]:
    """How many of today's arrivals can go up and get in, where today is shown. Two queries."""
    due = [stay for stay in arrivals if grants.may_come_of(facts.property, stay, facts.wall.now)]
    return tonight.counts(due, facts) if facts.day == facts.wall.today else []


def _came(sorted_in: dict[str, list[dict]], day: date) -> int:
    """How many arrivals of `day` are in house, or were."""
    there = [*sorted_in["in_house"], *sorted_in["departures"]]
    return sum(stay["arrival"] == day and stay["state"] != BOOKED for stay in there)


def _chips(rows: list[Row], chosen: Choice) -> list[Chip]:
    chips = []
    for key, label in SHOWN.items():
        choice = replace(chosen, show=key)
        chips.append(Chip(key, str(label), sum(choice.fits(row) for row in rows), choice.query))
    return chips


def _lists(rows: dict[str, list[Row]], came: int, facts: Facts, chosen: Choice) -> list[RowList]:
    to_come = sum(row.remaining for row in rows["arrivals"])
    to_go = sum(row.remaining for row in rows["departures"])
    staying = len(rows["in_house"])
    today = facts.day == facts.wall.today
    coming = ngettext("%(count)s to come of %(all)s", "%(count)s to come of %(all)s", to_come)
    here = ngettext("%(count)s staying on of %(all)s", "%(count)s staying on of %(all)s", staying)
    going = ngettext("%(count)s to leave of %(all)s", "%(count)s to leave of %(all)s", to_go)
    told = {
        "arrivals": (
            _("Arrivals"),
            coming % {"count": to_come, "all": len(rows["arrivals"]) + came},
            _nobody_to_come(today, bool(came)),
        ),
        "in_house": (
            _("In house"),
            here % {"count": staying, "all": staying + to_go},
            _("Nobody stays on today.") if today else _("Nobody stays on that day."),
        ),
        "departures": (
            _("Departures"),
            going % {"count": to_go, "all": len(rows["departures"])},
            _("Nobody leaves today.") if today else _("Nobody leaves that day."),
        ),
    }
    return [
        RowList(
            key,
            title,
            count,
            _pressing(rows[key]),
            [row for row in rows[key] if chosen.fits(row)],
            _("Nobody here fits what was chosen.") if rows[key] else empty,
        )
        for key, (title, count, empty) in told.items()
    ]


def _nobody_to_come(today: bool, came: bool) -> str:
    if came:
        return (
            _("Everybody has arrived who was due today.")
            if today
            else _("Everybody has arrived who was due that day.")
        )
    return _("Nobody arrives today.") if today else _("Nobody arrives that day.")


def _pressing(rows: list[Row]) -> list[Said]:
    waiting = sum(row.remaining and bool(row.waiting) for row in rows)
    roomless = sum(row.remaining and not row.room for row in rows)
    late = sum(row.late == LATE_IN for row in rows)
    overdue = sum(row.late == OVERDUE_OUT for row in rows)
    counted = [
        (waiting, ngettext("%(count)s waiting", "%(count)s waiting", waiting)),
        (roomless, ngettext("%(count)s without a room", "%(count)s without a room", roomless)),
        (late, ngettext("%(count)s late in", "%(count)s late in", late)),
        (overdue, ngettext("%(count)s overdue out", "%(count)s overdue out", overdue)),
    ]
    return [Said("warn", words % {"count": count}) for count, words in counted if count]


def _order(row: Row) -> tuple:
    """What is done comes last; first who waits for a room, the longest first, and who has none, then what needs a person,
    then in the rooms' order. It follows from what changes slowly, so that a row does not jump while somebody reaches
    for it."""
    return (
        not row.remaining,
        not row.waiting,
        row.waiting,
        row.room != "",
        not row.needs_action,
        natural(row.room),
        row.guest,
        row.key,
    )


def watch(property: Property, wall: Wall) -> Watch:
    """What needs a person now, read by itself. Ten queries."""
    return _watch(property, queries.doors(property), queries.old_codes(property, wall.now), wall)


def _watch(property: Property, doors: Doors, old: list[Code], wall: Wall) -> Watch:
    found = alarms.alarms(property, wall.now, doors=doors, old=old)
    unsent = troubles(property, wall)
    shown = found[:MOST_ALARMS]
    grants = {alarm.grant_id for alarm in found} | {code.grant_id for code in old}
    keys = _stays_of(property, grants - {None})
    young = [code for code in old if code.lock_id in doors.by_id and not alarms.overdue(code, wall.now)]
    locks = {lock_id for alarm in shown for lock_id in alarm.lock_ids} | {code.lock_id for code in young}
    topics = [f"grant-{key['grant__public_id']}" for key in keys.values()]
    topics += [f"lock-{door.public_id}" for door in doors.by_id.values() if door.common or door.id in locks]
    ringing = _ringing(property, wall)
    return Watch(
        count=len(found) + len(ringing),
        alarms=[*ringing, *(_alarm_line(alarm, property, doors, keys) for alarm in shown)],
        unsent=unsent,
        more=len(found) - len(shown),
        old_codes=[_old_code(code, property, doors, wall) for code in young],
        trigger=", ".join(
            ["sse:board", "sse:refresh", *(f"sse:{topic}" for topic in topics), *WATCH_TRIGGERS]
        ),
    )


def _stays_of(property: Property, grants: set[int]) -> dict[int, dict]:
    """The stays whose guest, somebody who comes along, or booking has one of these grants, by the grant's number. One
    query."""
    own = Stay.objects.filter(property=property, grant__in=grants)
    along = Companion.objects.filter(stay__property=property, grant__in=grants)
    rows = own.order_by().values("grant_id", "public_id", "grant__public_id")
    shared = Stay.objects.filter(property=property, reservation__grant__in=grants).order_by()
    rows = rows.union(
        along.order_by().values("grant_id", "stay__public_id", "grant__public_id"),
        shared.values("reservation__grant_id", "public_id", "reservation__grant__public_id"),
    )
    return {row.pop("grant_id"): row for row in rows}


def _ringing(property: Property, wall: Wall) -> list[AlarmLine]:
    """The guests who stand at a door, above all else."""
    rings = _("cannot get in, rings since %(time)s. %(why)s")
    calls = GuestCall.objects.filter(stay__property=property, closed_at__isnull=True)
    return [
        AlarmLine(
            f"{call.stay.reservation.guest}, {call.stay.room}",
            Said("bad", rings % {"time": wall.time(call.opened_at), "why": call.why or ""}),
            _("Open it, see what is in the way, and help; the ringing stops with that."),
            reverse("rescue", args=[property.slug, call.stay.public_id]),
        )
        for call in calls.select_related("stay__reservation__guest", "stay__room")
    ]


def _alarm_line(alarm: Alarm, property: Property, doors: Doors, keys: dict[int, dict]) -> AlarmLine:
    """It leads to the stay whose code it is, else to the lock, else to the list of locks."""
    if alarm.grant_id in keys:
        url = reverse("stay", args=[property.slug, keys[alarm.grant_id]["public_id"]])
    elif len(alarm.lock_ids) == 1:
        url = reverse("lock", args=[property.slug, doors.by_id[alarm.lock_ids[0]].public_id])
    else:
        url = reverse("locks", args=[property.slug])
    return AlarmLine(alarm.about, Said(alarm.tone, alarm.text), alarm.remedy.clerk, url)


def _old_code(code: Code, property: Property, doors: Doors, wall: Wall) -> OldCode:
    door = doors.by_id[code.lock_id]
    return OldCode(
        name=code.name,
        door=door.name,
        said=words.code_words(code, door, wall),
        url=reverse("lock", args=[property.slug, door.public_id]),
    )


def _common_doors(doors: Doors) -> list[str]:
    return [f"sse:lock-{door.public_id}" for door in doors.by_id.values() if door.common]
