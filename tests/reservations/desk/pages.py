"""What the tests of the desk's pages do again and again."""

from datetime import timedelta

from locks.models import Lock
from reservations import stays
from reservations.models import Stay
from tests.factories import AccessCodeFactory, today

DAY = timedelta(days=1)
HTMX = {"HX-Request": "true"}


def book(hotel, guest="Anna Smith", room="101", arrives=0, leaves=2) -> Stay:
    begin = today(hotel)
    return stays.book(
        hotel,
        by=None,
        guest_name=guest,
        arrival=begin + arrives * DAY,
        departure=begin + leaves * DAY,
        room=hotel.rooms.get(name=room) if room else None,
    )


def page(stay: Stay, verb: str = "") -> str:
    return f"/p/{stay.property.slug}/stays/{stay.public_id}/{verb}"


def on_board(stay: Stay, **more) -> dict:
    return {"back": "board", "day": today(stay.property).isoformat(), **more}


def state(stay: Stay) -> str:
    return Stay.objects.values_list("state", flat=True).get(pk=stay.pk)


def stock(stay: Stay) -> Lock:
    """Give the stay's own door a backup code that is ready, and return the lock."""
    lock = stay.room.locks.get()
    AccessCodeFactory(lock=lock, backup=True, pin="907531")
    return lock


def change(stay: Stay, **fields) -> dict:
    """What the change form sends: what it showed, hidden, and what the clerk made of it."""
    shown = {
        "guest_name": stay.reservation.guest.name,
        "arrival": stay.arrival.isoformat(),
        "departure": stay.departure.isoformat(),
        "room": str(stay.room_id or ""),
    }
    return {f"initial-{name}": value for name, value in shown.items()} | shown | fields
