"""A stay, booked as the desk books it."""

from datetime import timedelta

from hospitality import clock
from reservations import stays
from reservations.models import Stay
from tests.locks.conftest import Hotel

DAY = timedelta(days=1)


def book(hotel: Hotel, room="1", arrival=0, nights=2, name="Anna Smith", by=None, **fields) -> Stay:
    """`arrival` in days from today; `room` None: nobody has said which."""
    begins = hotel.property.local(clock.now()).date() + arrival * DAY
    return stays.book(
        hotel.property,
        by=by,
        guest_name=name,
        room=room and hotel.rooms[room],
        arrival=begins,
        departure=begins + nights * DAY,
        **fields,
    )


def fresh(stay: Stay) -> Stay:
    """The stay as it is now."""
    return Stay.objects.select_related("property", "reservation__guest", "room", "grant").get(pk=stay.pk)
