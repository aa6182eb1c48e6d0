"""The tape chart's reads: every room over some weeks, its stays and when it is out of order, in a fixed number of
queries.

A day has two halves: a stay goes from the second half of the day it begins to the first of the day it ends, so that
two guests share a day without meeting.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from uuid import UUID

from django.contrib.postgres.fields import DateRangeField
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Func, Q, Value
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from hospitality.models import Property, Room
from hospitality.ordering import natural
from hospitality.wall import Wall, short_weekday
from reservations.housekeeping.models import Closure
from reservations.models import Stay, StayState

BOOKED, IN_HOUSE, DEPARTED = StayState.BOOKED, StayState.IN_HOUSE, StayState.DEPARTED
DAY = timedelta(days=1)
NOBODY = UUID(int=0)
STATE_ORDER = {IN_HOUSE: 0, BOOKED: 1, DEPARTED: 2}
COLUMNS = (
    "public_id",
    "state",
    "arrival",
    "departure",
    "checked_out_at",
    "room_id",
    "reservation__guest__name",
)


@dataclass(frozen=True)
class DayHead:
    """One day above the chart."""

    iso: str
    weekday: str
    day: str
    is_today: bool
    is_weekend: bool


@dataclass(frozen=True)
class Bar:
    """One stay on the chart. `here`: the guest is in house, so the arrival is past. `before`, `after`: it goes on
    beyond the edge. `may_move`: it can still be changed."""

    key: str
    url: str
    may_move: bool
    guest: str
    state: str
    here: bool
    state_words: str
    told: str
    arrival: str
    departure: str
    before: bool
    after: bool


@dataclass(frozen=True)
class Cell:
    """Some halves of days in one room: a stay, `closed` and why, closed `elsewhere` in words, or nothing."""

    halves: int
    bar: Bar | None = None
    closed: str = ""
    elsewhere: str = ""


@dataclass(frozen=True)
class ClosedElsewhere:
    """Nights on which a portal lets the room to nobody, in its words."""

    room_id: int
    arrival: date
    departure: date
    words: str


@dataclass(frozen=True)
class RoomLine:
    """One room; `room_id` is 0 for a line of stays that have none yet."""

    room_id: int
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Group:
    unit_type: str
    rooms: list[RoomLine]


@dataclass(frozen=True)
class Tape:
    days: list[DayHead]
    groups: list[Group]
    halves: int
    first: str
    last_words: str
    first_words: str
    zone_name: str
    trigger: str


@dataclass(frozen=True)
class Window:
    """The days that are shown, from `first`, `days` of them. `address` is a stay's page, with NOBODY for its id: asking
    `reverse` for each of some hundred bars is too slow."""

    property: Property
    wall: Wall
    first: date
    days: int
    address: str

    @property
    def end(self) -> date:
        return self.first + self.days * DAY

    def half(self, day: date, second: bool) -> int:
        """Where that half of the day is, counted from the first, within the edges."""
        return min(max(2 * (day - self.first).days + second, 0), 2 * self.days)


def tape(
    property: Property, first: date, days: int, wall: Wall, elsewhere: Iterable[ClosedElsewhere] = ()
) -> Tape:
    """The chart of `days` days from `first`; `elsewhere` is what portals have closed. Three queries, however many
    rooms."""
    window = Window(property, wall, first, days, reverse("stay", args=[property.slug, NOBODY]))
    stays = _stays(window)
    closed = _closures(window)
    blocks = defaultdict(list)
    for one in elsewhere:
        blocks[one.room_id].append(one)
    rooms = sorted(Room.objects.filter(property=property), key=_order)
    groups = [
        Group(
            unit_type,
            [_line(room, stays[room.pk], closed[room.pk], blocks[room.pk], window) for room in some],
        )
        for unit_type, some in groupby(rooms, key=lambda room: room.unit_type)
    ]
    roomless = _lanes(stays[None], window)
    return Tape(
        days=[_head(first + number * DAY, wall) for number in range(days)],
        groups=[Group(_("No room yet"), roomless), *groups] if roomless else groups,
        halves=2 * days,
        first=first.isoformat(),
        first_words=wall.day(first),
        last_words=wall.day(window.end - DAY),
        zone_name=wall.zone_name,
        trigger="sse:board, sse:rooms, sse:refresh, board:changed from:body, every 60s",
    )


def _order(room: Room) -> tuple:
    return room.unit_type == "", natural(room.unit_type), room.unit_type, natural(room.name)


def _head(day: date, wall: Wall) -> DayHead:
    return DayHead(day.isoformat(), short_weekday(day), wall.day(day), day == wall.today, day.weekday() > 4)


def _stays(window: Window) -> defaultdict[int | None, list[dict]]:
    """The stays of the window by their room's number; those who should have left are there still. One query."""
    span = Func("arrival", "departure", Value("[]"), function="daterange", output_field=DateRangeField())
    shown = Q(span__overlap=DateRange(window.first, window.end), state__in=list(STATE_ORDER))
    if window.first <= window.wall.today < window.end:
        shown |= Q(state=IN_HOUSE, departure__lt=window.wall.today)
    found = defaultdict(list)
    for stay in Stay.objects.annotate(span=span).filter(shown, property=window.property).values(*COLUMNS):
        found[stay["room_id"]].append(stay)
    return found


def _closures(window: Window) -> defaultdict[int, list[Closure]]:
    found = defaultdict(list)
    there = Closure.objects.filter(room__property=window.property, begins__lt=window.end)
    for one in there.exclude(ends__lte=window.first):
        found[one.room_id].append(one)
    return found


def _line(
    room: Room,
    stays: list[dict],
    closed: Iterable[Closure],
    blocks: Iterable[ClosedElsewhere],
    window: Window,
) -> RoomLine:
    halves: list[Cell | None] = [None] * (2 * window.days)
    for stay in sorted(stays, key=lambda one: (STATE_ORDER[one["state"]], one["arrival"])):
        _put(halves, *_reach(stay, window), Cell(0, _bar(stay, window, room.name)))
    for one in closed:
        begin = window.half(one.begins, False)
        end = window.half(one.ends, False) if one.ends else 2 * window.days
        _fill(halves, begin, end, Cell(0, closed=one.why))
    for one in blocks:
        begin, end = window.half(one.arrival, True), window.half(one.departure, True)
        _fill(halves, begin, end, Cell(0, elsewhere=one.words))
    return RoomLine(room.pk, room.name, _cells(halves))


def _lanes(stays: list[dict], window: Window) -> list[RoomLine]:
    """The stays without a room, in as few lines as they need."""
    lanes: list[list[Cell | None]] = []
    for stay in sorted(stays, key=lambda one: one["arrival"]):
        begin, end = _reach(stay, window)
        free = next((lane for lane in lanes if not any(lane[begin:end])), None)
        if free is None:
            lanes.append(free := [None] * (2 * window.days))
        _put(free, begin, end, Cell(0, _bar(stay, window, _("no room yet"))))
    return [RoomLine(0, "–", _cells(lane)) for lane in lanes]


def _reach(stay: dict, window: Window) -> tuple[int, int]:
    """From which half to before which the stay lies: a guest who has left until the day they left, one who should have
    left until now."""
    ends = stay["departure"]
    if stay["state"] == DEPARTED and stay["checked_out_at"]:
        ends = max(min(ends, window.property.local(stay["checked_out_at"]).date()), stay["arrival"])
    if stay["state"] == IN_HOUSE:
        ends = max(ends, window.wall.today)
    if ends < window.first:
        return 0, 0
    begin = window.half(stay["arrival"], True)
    return begin, max(window.half(ends, False) + (ends < window.end), begin + 1)


def _put(halves: list[Cell | None], begin: int, end: int, cell: Cell) -> None:
    """Lay it where nothing lies yet, up to the next that does."""
    while begin < end and halves[begin] is not None:
        begin += 1
    for at in range(begin, end):
        if halves[at] is not None:
            return
        halves[at] = cell


def _fill(halves: list[Cell | None], begin: int, end: int, cell: Cell) -> None:
    """Lay it wherever nothing lies yet."""
    for at in range(begin, end):
        halves[at] = halves[at] or cell


def _cells(halves: list[Cell | None]) -> tuple[Cell, ...]:
    """What lies there, together where it is the same."""
    runs = [list(run) for one, run in groupby(halves, key=id)]
    return tuple(replace(run[0] or Cell(0), halves=len(run)) for run in runs)


def _bar(stay: dict, window: Window, room: str) -> Bar:
    wall, guest = window.wall, stay["reservation__guest__name"]
    words, overdue = _state_words(stay, wall), _should_have_left(stay, wall)
    told = {
        "guest": guest,
        "state": words,
        "room": room,
        "begins": wall.day(stay["arrival"]),
        "ends": wall.day(stay["departure"]),
    }
    return Bar(
        key=f"bar-{stay['public_id']}",
        url=window.address.replace(str(NOBODY), str(stay["public_id"])),
        may_move=stay["state"] != DEPARTED,
        guest=guest,
        state="late" if overdue else stay["state"],
        here=stay["state"] == IN_HOUSE,
        state_words=words,
        told=_("%(guest)s, %(state)s, %(room)s, %(begins)s to %(ends)s") % told,
        arrival=stay["arrival"].isoformat(),
        departure=stay["departure"].isoformat(),
        before=stay["arrival"] < window.first,
        after=stay["departure"] >= window.end,
    )


def _should_have_left(stay: dict, wall: Wall) -> bool:
    return stay["state"] == IN_HOUSE and stay["departure"] < wall.today


def _state_words(stay: dict, wall: Wall) -> str:
    if stay["state"] == BOOKED:
        return _("was due") if stay["arrival"] < wall.today else _("booked")
    if stay["state"] == IN_HOUSE:
        return _("should have left") if _should_have_left(stay, wall) else _("in house")
    return pgettext("of a guest", "left")
