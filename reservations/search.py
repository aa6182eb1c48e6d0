"""Finding a guest by what somebody says: a name, a room, a confirmation number, the last digits of a telephone number.

The database folds names into `search` columns when they are written, and folds what was typed by the same functions
(migration `search`): accents and one mistyped letter in a name of four or more are forgiven, and whoever writes a name
need not know of it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.postgres.fields import DateRangeField
from django.contrib.postgres.search import SearchQuery
from django.db.models import Case, Func, IntegerField, Model, Q, QuerySet, Value, When

from hospitality.models import Property, Room
from hospitality.wall import Wall
from reservations.models import Companion, Guest, Reservation, Stay, StayState

MOST_SHOWN = 12
MOST_READ = 100
"""So many guests of one name are looked at, those who were booked last first."""
LONGEST = 80
NEAR = timedelta(days=1)
"""Rooms are looked for among the stays of yesterday, today and tomorrow."""
COLUMNS = (
    "public_id",
    "state",
    "arrival",
    "departure",
    "checked_out_at",
    "room__name",
    "property_id",
    "reservation__external_id",
    "reservation__guest__name",
)


class Typed(SearchQuery):
    """What was typed, as a `search` column is asked for it: every word begins a name or, if that is to be forgiven, is
    one letter off it; or all of it begins a number or ends one."""

    def __init__(self, text: str, *, forgiving: bool = True):
        super().__init__(text)
        self.function = "search_query"
        self.set_source_expressions([*self.get_source_expressions(), Value(forgiving)])


@dataclass(frozen=True)
class Hit:
    """A stay that fits. `beside`: who comes along, where that is the name that fits."""

    stay: dict
    beside: str


@dataclass(frozen=True)
class Found:
    """The best first; `more` fit than are shown."""

    hits: list[Hit]
    more: bool


def cleaned(text: str) -> str:
    """What was typed, as the database takes it."""
    return text.replace("\x00", "").strip()[:LONGEST]


def fits(text: str) -> Q:
    """The stays of which each word of `text` fits the guest, one who comes along, the room or the booking. For few
    stays: it reads them all."""
    wanted = Q()
    for word in cleaned(text).split():
        wanted &= (
            Q(reservation__guest__search=Typed(word))
            | Q(reservation__search=Typed(word))
            | Q(pk__in=Companion.objects.filter(search=Typed(word)).values("stay"))
            | Q(room__name__istartswith=word)
        )
    return wanted


def find(properties: Collection[Property], text: str, wall: Wall) -> Found:
    """The stays of these properties that fit `text`: exact ones before those a letter off, guests in house before those
    to come, and those before who has left. At most six queries, whoever is found."""
    text = cleaned(text)
    if not text:
        return Found([], False)
    stays = Stay.objects.filter(property__in=properties)
    exactly = Case(When(reservation__guest__search=Typed(text, forgiving=False), then=True), default=False)
    rows = _read(stays.filter(reservation__guest__in=_newest(Guest, properties, text)), exactly, wall)
    if any(letter.isdigit() for letter in text):
        by_number = stays.filter(reservation__in=_newest(Reservation, properties, text))
        rows += _read(by_number, Value(True), wall)
    along = Companion.objects.filter(stay__property__in=properties, search=Typed(text))
    beside = dict(along.order_by("-pk").values_list("stay_id", "name")[:MOST_READ])
    if beside:
        rows += _read(stays.filter(pk__in=beside), Value(True), wall)
    if _says_a_room(properties, text):
        rows += _read(_near(stays, wall).filter(fits(text)), Value(True), wall)
    best = sorted({row["pk"]: row for row in reversed(rows)}.values(), key=_rank)
    hits = [Hit(row, beside.get(row["pk"], "")) for row in best[:MOST_SHOWN]]
    return Found(hits, len(best) > MOST_SHOWN)


def _newest(model: type[Model], properties: Collection[Property], text: str) -> QuerySet:
    """The guests or bookings that fit, those exactly first, as a subquery."""
    fitting = model.objects.filter(property__in=properties, search=Typed(text))
    exactly = Case(When(search=Typed(text, forgiving=False), then=0), default=1)
    return fitting.order_by(exactly, "-pk").values("pk")[:MOST_READ]


def _near(stays: QuerySet[Stay], wall: Wall) -> QuerySet[Stay]:
    span = Func("arrival", "departure", Value("[]"), function="daterange", output_field=DateRangeField())
    days = (wall.today - NEAR, wall.today + 2 * NEAR)
    return stays.annotate(span=span).filter(span__overlap=days, state__in=ORDER[:2])


def _says_a_room(properties: Collection[Property], text: str) -> bool:
    called = Q()
    for word in text.split():
        called |= Q(name__istartswith=word)
    return Room.objects.filter(called, property__in=properties).exists()


def _read(stays: QuerySet[Stay], exactly, wall: Wall) -> list[dict]:
    """The best of these stays, and one more than can be shown."""
    place = Case(*(When(state=state, then=at) for at, state in enumerate(ORDER)), default=len(ORDER))
    far = Func("arrival", Value(wall.today), function="abs", arg_joiner=" - ", output_field=IntegerField())
    rows = stays.annotate(exactly=exactly, place=place, far=far).order_by("-exactly", "place", "far", "pk")
    return list(rows.values("pk", "exactly", "place", "far", *COLUMNS)[: MOST_SHOWN + 1])


def _rank(row: dict) -> tuple:
    return not row["exactly"], row["place"], row["far"], row["pk"]


ORDER = (StayState.IN_HOUSE, StayState.BOOKED, StayState.DEPARTED)
