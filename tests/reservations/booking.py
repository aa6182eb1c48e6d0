"""A stay, booked as the desk books it."""

from datetime import timedelta

from reservations import bookings, stays
from reservations.models import Stay
from tests.factories import today
from tests.locks.conftest import Hotel

DAY = timedelta(days=1)


def book(hotel: Hotel, room="1", arrival=0, nights=2, name="Anna Smith", by=None, **fields) -> Stay:
    """`arrival` in days from today; `room` None: nobody has said which."""
    begins = today(hotel.property) + arrival * DAY
    return stays.book(
        hotel.property,
        by=by,
        guest_name=name,
        room=room and hotel.rooms[room],
        arrival=begins,
        departure=begins + nights * DAY,
        **fields,
    )


def book_two(hotel: Hotel, **wish) -> tuple[Stay, Stay]:
    """A booking of both rooms from today, for two nights."""
    begins = today(hotel.property)
    first = bookings.book(
        hotel.property,
        by=None,
        rooms=2,
        guest_name="Anna Smith",
        arrival=begins,
        departure=begins + 2 * DAY,
        room=hotel.rooms["1"],
        **wish,
    )
    second = first.reservation.stays.get(part=2)
    stays.change(second, by=None, room=hotel.rooms["2"])
    return fresh(first), fresh(second)


def fresh(stay: Stay) -> Stay:
    """The stay as it is now."""
    return Stay.objects.select_related("property", "reservation__guest", "room", "grant").get(pk=stay.pk)
