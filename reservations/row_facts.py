"""What the board's rows of one reading share: read once, for one row or some hundred, in the same nine queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.urls import reverse

from hospitality.models import Property
from hospitality.wall import Wall
from locks import queries
from locks.known import Code, Doors
from reservations import party, signs
from reservations.housekeeping import standing
from reservations.housekeeping.models import Closure
from reservations.models import Stay, StayState
from reservations.party import Along
from reservations.signs import Signs

COLUMNS = (
    "id",
    "public_id",
    "state",
    "arrival",
    "departure",
    "check_in_time",
    "check_out_time",
    "room_id",
    "room__name",
    "room__unit_type",
    "room__public_id",
    "room__condition",
    "room__condition_at",
    "waiting_since",
    "unit_type",
    "grant_id",
    "grant__public_id",
    "checked_in_at",
    "checked_out_at",
    "reservation__external_id",
    "reservation__guest__name",
)
"""What is read of a stay."""
NOBODY = UUID(int=0)
ADDRESSES = ("stay", "stay_row", "check_in", "check_out")


@dataclass(frozen=True)
class Facts:
    """What the rows of one reading share."""

    property: Property
    day: date
    wall: Wall
    doors: Doors
    codes: dict[int, list[Code]]
    along: dict[int, list[Along]]
    backups: dict[int, Code]
    old: list[Code]
    occupants: dict[int, str]
    signs: Signs
    closures: Mapping[int, list[Closure]]
    addresses: dict[str, str]


def facts_of(property: Property, stays: Sequence[dict], day: date, wall: Wall) -> Facts:
    """What the rows of `stays` need, in nine queries."""
    along = party.of_stays([stay["id"] for stay in stays])
    grants = [stay["grant_id"] for stay in stays if stay["grant_id"]]
    codes = queries.codes_of([*grants, *(one.grant_id for some in along.values() for one in some)])
    in_house = Stay.objects.filter(property=property, state=StayState.IN_HOUSE, room__isnull=False)
    return Facts(
        property=property,
        day=day,
        wall=wall,
        doors=queries.doors(property),
        codes=codes,
        along=along,
        backups=queries.backups_of(code for some in codes.values() for code in some),
        old=queries.old_codes(property, wall.now),
        occupants=dict(in_house.values_list("room_id", "reservation__guest__name")),
        signs=signs.signs(property, stays, wall),
        closures=standing.closures(property, wall.today),
        addresses={name: reverse(name, args=[property.slug, NOBODY]) for name in ADDRESSES},
    )


def address(name: str, stay: dict, facts: Facts) -> str:
    """What `reverse` would say, which is too slow to ask for each of some hundred rows."""
    return facts.addresses[name].replace(str(NOBODY), str(stay["public_id"]))
