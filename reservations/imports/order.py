"""In which order a file's rows are carried out, so that each finds its room free."""

from django.utils.translation import gettext as _

from hospitality.models import Property
from reservations.imports.actions import CallOff, Change, Reach, RowPlan, Words
from reservations.imports.rooms_taken import Night, RoomsTaken
from reservations.imports.rows import Booking
from reservations.models import Stay, StayState

PASSES = 20


def nights_here(property: Property, bookings: list[Booking], words: Words) -> list[Night]:
    """Who has which room while the file's bookings are here."""
    if not bookings:
        return []
    stays = Stay.objects.filter(
        property=property,
        room__isnull=False,
        state__in=(StayState.BOOKED, StayState.IN_HOUSE),
        arrival__lt=max(booking.departure for booking in bookings),
        departure__gt=min(booking.arrival for booking in bookings),
    ).select_related("reservation__guest", "room")
    return [Night(stay.pk, stay.room, stay.arrival, stay.departure, _label(stay, words)) for stay in stays]


def in_order(plans: list[RowPlan], taken: RoomsTaken, words: Words) -> list[RowPlan]:
    """The plans so that each finds its room free: who leaves first, then whoever fits, again and again. Who never
    fits is refused, with the stay that stands in the way."""
    ready, waiting = [], []
    for row in plans:
        if any(isinstance(action, CallOff) for action in row.actions):
            taken.free(action.stay.pk for action in row.actions)
            ready.append(row)
        else:
            waiting.append(row)
    for _turn in range(PASSES):
        fitting = [row for row in waiting if taken.put(*_moves(row, words)) is None]
        if not fitting:
            break
        ready += fitting
        fitted = {id(row) for row in fitting}
        waiting = [row for row in waiting if id(row) not in fitted]
    for row in waiting:
        blocker = taken.put(*_moves(row, words))
        if blocker:
            row.refuse(
                # Translators: of the stay in the way: Anna Smith (R-1, 2 Nov to 4 Nov)
                _("%(room)s is taken by %(stay)s: choose another room, or correct that stay first")
                % {"room": blocker.room, "stay": blocker.label}
            )
        ready.append(row)
    return ready


def _moves(row: RowPlan, words: Words) -> tuple[list, list[Night]]:
    """The stays that a row moves and where to."""
    keys, nights = [], []
    booking = row.booking
    label = f"{booking.guest} ({booking.number}, {words.span(booking.arrival, booking.departure)})"
    for action in row.actions:
        if isinstance(action, Change):
            key, room = action.stay.pk, action.room
            arrival = action.wish.get("arrival", action.stay.arrival)
            departure = action.wish.get("departure", action.stay.departure)
        elif isinstance(action, Reach):
            continue
        else:
            key, room = (booking.number, action.part), action.unit.room
            arrival, departure = booking.arrival, booking.departure
        keys.append(key)
        nights += [Night(key, room, arrival, departure, label)] if room else []
    return keys, nights


def _label(stay: Stay, words: Words) -> str:
    booking = stay.reservation
    about = f"{booking.external_id}, {words.span(stay.arrival, stay.departure)}"
    if words.nameless:
        return _("another booking (%(about)s)") % {"about": about}
    return f"{booking.guest} ({about})"
