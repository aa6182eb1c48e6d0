"""The other rooms of a stay's booking, and what can be done with all of them at once."""

from dataclasses import dataclass

from hospitality.wall import Wall
from reservations import bookings
from reservations.models import Stay, StayState
from reservations.rows.facts import COLUMNS, facts_of
from reservations.rows.row import Row, row_of


@dataclass(frozen=True)
class Parts:
    """`others` are the other rooms of the booking, of which `running` are to come or in house; `arriving` and `leaving`: how many of all can be checked in or out at
    once, 0 where it is not more than one; `topics` ring when one changes."""

    others: list[Row]
    running: int
    arriving: int
    leaving: int
    topics: list[str]


def read(stay: Stay, wall: Wall) -> Parts:
    """One query for a booking of one room."""
    others = Stay.objects.filter(reservation=stay.reservation_id).exclude(pk=stay.pk).order_by("part")
    values = list(others.values(*COLUMNS))
    if not values:
        return Parts([], 0, 0, 0, [])
    facts = facts_of(stay.property, values, wall.today, wall)
    arriving, leaving = len(bookings.arriving(stay)), len(bookings.leaving(stay))
    return Parts(
        others=[row_of(one, facts) for one in values],
        running=sum(one["state"] in (StayState.BOOKED, StayState.IN_HOUSE) for one in values),
        arriving=arriving if arriving > 1 else 0,
        leaving=leaving if leaving > 1 else 0,
        topics=[
            *(f"stay-{one['public_id']}" for one in values),
            *(f"grant-{one['grant__public_id']}" for one in values if one["grant__public_id"]),
        ],
    )
