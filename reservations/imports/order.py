"""In which order a file's rows are carried out, so that each finds its room free."""

from datetime import date

from hospitality.models import Property, Room
from hospitality.sentences import Sentence
from reservations.housekeeping import rooms
from reservations.housekeeping.models import Closure
from reservations.imports.actions import Book, CallOff, Change, Reach, RowPlan
from reservations.imports.notes import Note, span
from reservations.imports.rooms_taken import Night, RoomsTaken
from reservations.imports.rows import Booking
from reservations.models import Stay, StayState

PASSES = 20


def nights_here(property: Property, bookings: list[Booking], *, nameless: bool) -> list[Night]:
    """Who has which room while the file's bookings are here; `nameless`: without their names."""
    if not bookings:
        return []
    stays = Stay.objects.filter(
        property=property,
        room__isnull=False,
        state__in=(StayState.BOOKED, StayState.IN_HOUSE),
        arrival__lt=max(booking.departure for booking in bookings),
        departure__gt=min(booking.arrival for booking in bookings),
    ).select_related("reservation__guest", "room")
    return [Night(stay.pk, stay.room, stay.arrival, stay.departure, _label(stay, nameless)) for stay in stays]


def closures_here(property: Property, bookings: list[Booking]) -> list[Closure]:
    """When rooms are out of order while the file's bookings are here."""
    if not bookings:
        return []
    begins, ends = min(one.arrival for one in bookings), max(one.departure for one in bookings)
    return list(rooms.closures_between(property, begins, ends).select_related("room__property"))


def refuse_closed(plans: list[RowPlan], closures: list[Closure]) -> None:
    """Whoever would be given a room that is out of order then is refused, as the verbs would."""
    for row in plans:
        meeting = (one for wish in _assigned(row) for one in closures if _meets(one, *wish))
        if closure := next(meeting, None):
            row.refuse(rooms.refusal(closure))


def _meets(closure: Closure, room: Room, arrival: date, departure: date) -> bool:
    ended = closure.ends is not None and closure.ends <= arrival
    return closure.room_id == room.pk and closure.begins < departure and not ended


def _assigned(row: RowPlan) -> list[tuple[Room, date, date]]:
    """The rooms that the row gives to somebody who has another one or none, and when."""
    found = []
    for action in row.actions:
        if isinstance(action, Book) and action.unit.room:
            found.append((action.unit.room, row.booking.arrival, row.booking.departure))
        elif isinstance(action, Change) and action.wish.get("room"):
            arrival = action.wish.get("arrival", action.stay.arrival)
            departure = action.wish.get("departure", action.stay.departure)
            found.append((action.wish["room"], arrival, departure))
    return found


def in_order(plans: list[RowPlan], taken: RoomsTaken) -> list[RowPlan]:
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
        fitting = [row for row in waiting if taken.put(*_moves(row)) is None]
        if not fitting:
            break
        ready += fitting
        fitted = {id(row) for row in fitting}
        waiting = [row for row in waiting if id(row) not in fitted]
    for row in waiting:
        blocker = taken.put(*_moves(row))
        if blocker:
            row.refuse(Note.TAKEN(room=blocker.room.name, stay=blocker.label))
        ready.append(row)
    return ready


def _moves(row: RowPlan) -> tuple[list, list[Night]]:
    """The stays that a row moves and where to."""
    keys, nights = [], []
    booking = row.booking
    nights_of_it = span(booking.arrival, booking.departure)
    label = Note.STAY(guest=booking.guest, number=booking.number, span=nights_of_it)
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


def _label(stay: Stay, nameless: bool) -> Sentence:
    booking = stay.reservation
    about = {"number": booking.external_id, "span": span(stay.arrival, stay.departure)}
    return Note.ANOTHER_STAY(**about) if nameless else Note.STAY(guest=booking.guest.name, **about)
