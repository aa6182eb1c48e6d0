"""What the board's rows of one reading share: read once for some hundred rows, or for one as little as it takes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse

from hospitality.models import Property
from hospitality.wall import Wall
from locks import queries
from locks.known import Code, Doors
from locks.said import Said
from reservations import party
from reservations.housekeeping import standing
from reservations.housekeeping.models import Closure
from reservations.models import Companion, Stay, StayState
from reservations.notes import book
from reservations.notes.models import Note
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
_HERE = Q(stay=OuterRef("pk")) | Q(room=OuterRef("room"))
ALONE = {
    "lock_ids": queries.lock_ids_at(OuterRef("room")),
    "shared_grant_id": F("reservation__grant"),
    "has_company": Exists(Companion.objects.filter(stay=OuterRef("pk"), grant__isnull=False)),
    "has_notes": Exists(Note.objects.filter(_HERE, done_at__isnull=True)),
    "has_closures": Exists(Closure.objects.filter(room=OuterRef("room"))),
}
"""Asked with a stay that is read alone: which locks serve its room, whether its booking has a code of its own, and has
the stay what few have? What is not there need not be read."""
NOBODY = str(UUID(int=0))
ADDRESSES = ("stay", "stay_row", "check_in", "check_out")


@dataclass(frozen=True)
class Facts:
    """What the rows of one reading share. `told`: where each code stands, and `health`: how each lock is, by its
    number, once it was put into words."""

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
    health: dict[int, list[Said]] = field(default_factory=dict)

    @cached_property
    def old_on(self) -> dict[int, list[Code]]:
        """The old codes, by the lock's number."""
        found = defaultdict(list)
        for code in self.old:
            found[code.lock_id].append(code)
        return found


def facts_of(property: Property, stays: Sequence[dict], day: date, wall: Wall) -> Facts:
    """What the rows of `stays` (mappings of COLUMNS) need, in nine queries."""
    along = party.of_stays([stay["id"] for stay in stays])
    codes = queries.codes_of(_grants(stays, along))
    coming = any(stay["state"] == StayState.BOOKED for stay in stays)
    return Facts(
        property=property,
        day=day,
        wall=wall,
        doors=queries.doors(property),
        codes=codes,
        along=along,
        backups=_backups(codes),
        old=queries.old_codes(property, wall.now),
        occupants=_occupants(Stay.objects.filter(property=property)) if coming else {},
        signs=signs.signs(property, stays, book.open_on(stays), wall),
        closures=standing.closures(property, wall.today),
        addresses=_addresses(property.slug),
    )


def facts_of_one(property: Property, stay: dict, day: date, wall: Wall) -> Facts:
    """What the row of one stay (a mapping of COLUMNS and ALONE) needs: of the house only what it tells of. One query for
    most stays, at most eight."""
    along = party.of_stays([stay["id"]]) if stay["has_company"] or stay["shared_grant_id"] else {}
    codes, doors = queries.codes_and_doors(
        property, _grants([stay], along), stay["room_id"], stay["lock_ids"]
    )
    coming = stay["state"] == StayState.BOOKED and stay["room_id"]
    return Facts(
        property=property,
        day=day,
        wall=wall,
        doors=doors,
        codes=codes,
        along=along,
        backups=_backups(codes),
        old=queries.old_codes(property, wall.now, lock_ids=doors.by_id) if coming else [],
        occupants=_occupants(Stay.objects.filter(room=stay["room_id"])) if coming else {},
        signs=signs.signs(property, [stay], book.open_on([stay] if stay["has_notes"] else []), wall),
        closures=standing.closures(property, wall.today) if stay["has_closures"] else {},
        addresses=_addresses(property.slug),
    )


def _grants(stays: Sequence[dict], along: Mapping[int, list[Along]]) -> list[int]:
    grants = [stay["grant_id"] for stay in stays if stay["grant_id"]]
    return [*grants, *(one.grant_id for some in along.values() for one in some)]


def _backups(codes: dict[int, list[Code]]) -> dict[int, Code]:
    return queries.backups_of(code for some in codes.values() for code in some)


def _occupants(stays: QuerySet[Stay]) -> dict[int, str]:
    in_house = stays.filter(state=StayState.IN_HOUSE, room__isnull=False)
    return dict(in_house.values_list("room_id", "reservation__guest__name"))


@lru_cache(maxsize=256)
def _addresses(slug: str) -> dict[str, str]:
    return {name: reverse(name, args=[slug, NOBODY]) for name in ADDRESSES}


def address(name: str, public_id: str, facts: Facts) -> str:
    """What `reverse` would say of the stay with this public id, which is too slow to ask for each of some hundred
    rows."""
    return facts.addresses[name].replace(NOBODY, public_id)
