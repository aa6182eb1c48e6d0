"""Which rooms can be given to a guest from one day to another, and what keeps the others from it."""

from dataclasses import dataclass
from datetime import date

from django.contrib.postgres.fields import DateRangeField
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Func, Q, Value
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from hospitality.models import Condition, Property, Room
from hospitality.ordering import natural
from hospitality.wall import Wall
from reservations.housekeeping import standing
from reservations.housekeeping.models import Closure
from reservations.housekeeping.standing import Standing
from reservations.models import Stay, StayState


@dataclass(frozen=True)
class Offer:
    """One room. `taken`: what keeps it from being given then; `ready`: a guest could go up now; `now`: what a guest of
    today would wait for. Both in words, empty where there is nothing to say."""

    room_id: int
    name: str
    unit_type: str
    taken: str
    ready: bool
    now: str

    @property
    def label(self) -> str:
        """`204 (Double): dirty`."""
        named = f"{self.name} ({self.unit_type})" if self.unit_type else self.name
        said = self.taken or self.now
        return f"{named}: {said}" if said else named


def comes_now(arrival: date, departure: date, wall: Wall) -> bool:
    """Whether it matters how the room is now to who stays so long; who comes after midnight may leave today."""
    return arrival <= wall.today <= departure


def offers(property: Property, arrival: date, departure: date, wall: Wall) -> list[Offer]:
    """Every room, those first that are free and ready, then the other free ones, each in the order in which a person
    counts. Five queries."""
    taken = _taken(property, arrival, departure, wall)
    inside = _inside(property)
    states = standing.standings(property, wall.today)
    today = comes_now(arrival, departure, wall)
    found = []
    for room in Room.objects.filter(property=property):
        now = _now(states[room.pk], inside.get(room.pk))
        ready = states[room.pk].ready and room.pk not in inside
        said = now if today and not ready else ""
        found.append(Offer(room.pk, room.name, room.unit_type, taken.get(room.pk, ""), ready, said))
    return sorted(found, key=lambda one: (one.taken != "", today and not one.ready, natural(one.name)))


def _now(here: Standing, guest: str | None) -> str:
    if guest is not None:
        return _("still occupied by %(guest)s") % {"guest": guest}
    if here.closed or here.ready:
        return ""
    return pgettext("room", "dirty") if here.condition == Condition.DIRTY else _("clean, not inspected")


def _inside(property: Property) -> dict[int, str]:
    """Who is in which room now."""
    here = Stay.objects.filter(property=property, state=StayState.IN_HOUSE, room__isnull=False)
    return dict(here.values_list("room_id", "reservation__guest__name"))


def _taken(property: Property, arrival: date, departure: date, wall: Wall) -> dict[int, str]:
    """What keeps a room from being given on those nights, by the room's number. Two queries."""
    closed = Closure.objects.filter(room__property=property, begins__lt=departure)
    why = {
        one.room_id: _("out of order until %(day)s") % {"day": wall.day(one.ends)}
        if one.ends
        else _("out of order until further notice")
        for one in closed.filter(Q(ends__isnull=True) | Q(ends__gt=arrival))
    }
    span = Func("arrival", "departure", Value("[]"), function="daterange", output_field=DateRangeField())
    there = Stay.objects.annotate(span=span).filter(
        span__overlap=DateRange(arrival, departure),  # what the index knows; the nights are below
        property=property,
        room__isnull=False,
        state__in=[StayState.BOOKED, StayState.IN_HOUSE],
        arrival__lt=departure,
        departure__gt=arrival,
    )
    for room_id, guest, begins, ends in there.order_by("-arrival").values_list(
        "room_id", "reservation__guest__name", "arrival", "departure"
    ):
        nights = {"guest": guest, "begins": wall.day(begins), "ends": wall.day(ends)}
        why[room_id] = _("%(guest)s, %(begins)s to %(ends)s") % nights
    return why
