"""The verbs on whole bookings: several rooms under one name, all of them checked in or out at once, and a stay that is
divided because the guest changes rooms on the way."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from hospitality import clock
from hospitality.models import Property, Room
from hospitality.ordering import listed
from hospitality.wall import joined, weekday_words
from locks.models import Lock
from reservations import grants, occupancy, shared_code, stays
from reservations.models import Companion, Stay, StayState
from reservations.verbs import NeedsConfirmation, Refused, held, hold_booking, tell, verb


@verb
def book(
    property: Property, *, by, rooms: int = 1, room: Room | None = None, one_pin: bool = False, **wish
) -> Stay:
    """A booking of so many rooms, of which the first is `room`; the others are given rooms later, and each has a PIN of
    its own; with `one_pin` another opens all of them. `wish` is what `stays.book` takes. Returns the first stay. Raises
    Refused."""
    first = stays.book(property, by=by, room=room, **wish)
    alike = wish | {"external_id": first.reservation.external_id}
    for part in range(2, rooms + 1):
        stays.book(property, by=by, part=part, **alike)
    return shared_code.share(first, by=by) if one_pin and rooms > 1 else first


@dataclass(frozen=True)
class Outcome:
    """What became of one room of a booking; `refused` says why nothing did, empty: it was done."""

    stay: Stay
    refused: str = ""


def check_in_all(stay: Stay, *, by) -> list[Outcome]:
    """Check in every room of the booking that is due, each by itself: one that is refused, or wants somebody to say
    yes first, keeps no other back."""
    return _each(arriving(stay), stays.check_in, by)


def check_out_all(stay: Stay, *, by) -> list[Outcome]:
    """Check out every room of the booking, each by itself."""
    return _each(leaving(stay), stays.check_out, by)


def _each(parts: list[Stay], do: Callable, by) -> list[Outcome]:
    done = []
    for part in parts:
        try:
            done.append(Outcome(do(part, by=by)))
        except Refused as refusal:
            done.append(Outcome(part, str(refusal)))
    return done


def arriving(stay: Stay) -> list[Stay]:
    """The rooms of the booking that can be checked in now."""
    now = clock.now()
    return [part for part in _parts(stay).filter(room__isnull=False) if grants.may_come(part, now)]


def leaving(stay: Stay) -> list[Stay]:
    """The rooms of the booking in which guests are."""
    return list(_parts(stay).filter(state=StayState.IN_HOUSE))


def _parts(stay: Stay):
    related = ("property", "reservation__guest", "room", "grant")
    return Stay.objects.filter(reservation=stay.reservation_id).select_related(*related).order_by("part")


@verb
def split(stay: Stay, *, by, day: date, room: Room | None, confirmed: bool = False) -> Stay:
    """From `day` on the guest has another room: the stay ends there, and the rest is one of its own with a PIN of its
    own, which opens from the moment the first one ends. Who comes along goes along. Returns the second stay. Raises
    NeedsConfirmation with what opens what, Refused."""
    hold_booking(stay)
    stay = held(stay)
    if stay.state not in (StayState.BOOKED, StayState.IN_HOUSE):
        raise Refused(_("This stay is %(state)s; book a new one.") % {"state": stay.get_state_display()})
    if not stay.arrival < day < stay.departure:
        raise Refused(_("Choose a day between the arrival and the departure."))
    if stay.room is None or room == stay.room:
        raise Refused(_("Choose another room than the one that the guest has until then."))
    if not confirmed:
        raise NeedsConfirmation(_split_words(stay, day, room))
    occupancy.hold(stay.room, room)
    until, late = stay.departure, stay.check_out_time
    stay = stays.change(stay, by=by, departure=day, check_out_time=None, confirmed=True)
    rest = stays.book(
        stay.property,
        by=by,
        guest_name=stay.reservation.guest.name,
        arrival=day,
        departure=until,
        check_in_time=_handover(stay),
        check_out_time=late,
        room=room,
        source=stay.reservation.source,
        external_id=stay.reservation.external_id,
        part=_parts(stay).last().part + 1,
        unit_type=stay.unit_type,
    )
    for one in stay.companions.filter(left_at__isnull=True):
        Companion.objects.create(stay=rest, name=one.name, has_own_code=one.has_own_code)
    grants.fit(rest, by=by)
    tell(stay, by=by, action="stay.split", day=day, room=room)
    return rest


def _handover(stay: Stay):
    """When the first part ends and the second begins, on the wall; None: the house's own time is no later."""
    hotel = stay.property
    return hotel.check_out_time if hotel.check_out_time < hotel.check_in_time else None


def _split_words(stay: Stay, day: date, room: Room | None) -> list[str]:
    guest, hotel = stay.reservation.guest, stay.property
    first = {
        "time": joined(weekday_words(day), hotel.check_out_time),
        "guest": guest,
        "room": stay.room,
        "doors": _doors(stay.room),
    }
    second = {"guest": guest, "room": room, "doors": _doors(room)}
    until = _("Until %(time)s %(guest)s has %(room)s: the PIN opens %(doors)s as now, and comes off then.")
    if room is None:
        then = _("From then on no room is chosen yet: the second PIN is made once there is one.")
    elif hotel.codes_from_check_in:
        then = _("From then on %(guest)s has %(room)s: the second PIN is made when that part is checked in.")
    else:
        then = _("From then on %(guest)s has %(room)s: a second PIN opens %(doors)s, from that moment on.")
    both = _("%(guest)s must be told both PINs.")
    return [until % first, then % second, both % second, *grants.lasting_words(stay)]


def _doors(room: Room | None) -> str:
    names = (
        Lock.objects.filter(rooms=room).order_by("-kind", "name").values_list("name", flat=True)
        if room
        else []
    )
    return listed(list(names)) or _("no door")
