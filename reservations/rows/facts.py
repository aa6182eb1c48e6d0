"""What the board's rows of one reading share: read once, for one row or some hundred, in the same nine queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.urls import reverse

from hospitality.models import Property
from hospitality.wall import Wall
from locks import queries
from locks.known import Code, Doors
from locks.said import Said
from reservations import party
from reservations.housekeeping import standing
from reservations.housekeeping.models import Closure
from reservations.models import Stay, StayState
from reservations.party import Along
from reservations.rows import signs
from reservations.rows.signs import Signs

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
    """What the rows of one reading share. `told`: where each code stands, by its number, once it was put into words."""

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
    told: dict[int, Said] = field(default_factory=dict)


def facts_of(
    property: Property, stays: Sequence[dict], day: date, wall: Wall, *, alone: bool = False
) -> Facts:
    """What the rows of `stays` need, in nine queries. `alone`: of the house only what the row of one stay tells of."""
    along = party.of_stays([stay["id"] for stay in stays])
    grants = [stay["grant_id"] for stay in stays if stay["grant_id"]]
    codes = queries.codes_of([*grants, *(one.grant_id for some in along.values() for one in some)])
    doors = _doors_near(stays[0], codes) if alone else queries.doors(property)
    coming = any(stay["state"] == StayState.BOOKED for stay in stays)
    return Facts(
        property=property,
        day=day,
        wall=wall,
        doors=doors,
        codes=codes,
        along=along,
        backups=queries.backups_of(code for some in codes.values() for code in some),
        old=queries.old_codes(property, wall.now) if coming or not alone else [],
        occupants=_occupants(property) if coming else {},
        signs=signs.signs(property, stays, wall),
        closures=standing.closures(property, wall.today),
        addresses={name: reverse(name, args=[property.slug, NOBODY]) for name in ADDRESSES},
    )


def _doors_near(stay: dict, codes: dict[int, list[Code]]) -> Doors:
    """The doors of one stay's room, and those that a code of the stay is for: what its row tells of."""
    lock_ids = {code.lock_id for some in codes.values() for code in some}
    return queries.doors_near(stay["room_id"], lock_ids)


def _occupants(property: Property) -> dict[int, str]:
    in_house = Stay.objects.filter(property=property, state=StayState.IN_HOUSE, room__isnull=False)
    return dict(in_house.values_list("room_id", "reservation__guest__name"))


def address(name: str, stay: dict, facts: Facts) -> str:
    """What `reverse` would say, which is too slow to ask for each of some hundred rows."""
    return facts.addresses[name].replace(str(NOBODY), str(stay["public_id"]))
