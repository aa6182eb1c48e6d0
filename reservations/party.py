"""Who comes along with a guest, and where their codes stand: on the stay's page, and on the board where one is in
trouble."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from hospitality.wall import Wall
from locks import queries, words
from locks.known import Code, Doors
from locks.said import Said
from reservations.models import Companion, Stay, StayState


@dataclass(frozen=True)
class Door:
    """Doors of which the same is true."""

    names: str
    said: Said


@dataclass(frozen=True)
class Member:
    """Somebody who comes along. `about`: what is so where no door has more to say."""

    public_id: str
    name: str
    about: str
    doors: list[Door]
    may_show: bool
    may_give: bool
    may_take_off: bool


@dataclass(frozen=True)
class Party:
    """`codes` are the codes of the members by number, each with its holder's name; `topics` ring when one changes."""

    members: list[Member]
    codes: dict[int, str]
    topics: list[str]


def read(stay: Stay, doors: Doors, wall: Wall) -> Party:
    """The stay's. Two queries."""
    companions = list(stay.companions.select_related("grant"))
    grants = {one.grant_id: one for one in companions if one.grant_id}
    codes = queries.codes_of(grants)
    return Party(
        members=[_member(stay, one, codes.get(one.grant_id, []), doors, wall) for one in companions],
        codes={code.id: grants[grant_id].name for grant_id, some in codes.items() for code in some},
        topics=[f"grant-{one.grant.public_id}" for one in companions if one.grant],
    )


def _member(stay: Stay, one: Companion, codes: list[Code], doors: Doors, wall: Wall) -> Member:
    running = stay.state in (StayState.BOOKED, StayState.IN_HOUSE) and one.left_at is None
    told = _told(codes, doors, wall)
    opens = bool(one.grant and not one.grant.revoked_at and any(code.pin_index for code in codes))
    return Member(
        public_id=str(one.public_id),
        name=one.name,
        about=_about(stay, one, wall),
        doors=[Door(", ".join(names), said) for said, names in told.items()],
        may_show=running and opens,
        may_give=running and not one.has_own_code,
        may_take_off=running,
    )


def _about(stay: Stay, one: Companion, wall: Wall) -> str:
    if one.left_at:
        return _("Left %(time)s") % {"time": wall.time(one.left_at)}
    if not one.has_own_code:
        return _("Shares the code of %(guest)s") % {"guest": stay.reservation.guest}
    if one.grant is None:
        return _("Gets a code with the room") if stay.room is None else _("The code is made at check-in")
    return ""


def _told(codes: Iterable[Code], doors: Doors, wall: Wall) -> dict[Said, list[str]]:
    """Where the codes stand, those together of which the same is true. Of several at a door the last one counts; one
    that is over is told of while it may still open."""
    told = defaultdict(list)
    last = {code.lock_id: code for code in codes}
    for code in codes:
        door = doors.by_id.get(code.lock_id)
        if door is None or (last[door.id] is not code and not code.on_the_door(wall.now)):
            continue
        if code.is_offline_access_code and code.issued_at is None:
            said = Said("off", _("No PIN: its codes are made by arithmetic"))
        else:
            said = words.code_words(code, door, wall)
        told[said].append(door.name)
    return told


@dataclass(frozen=True)
class Along:
    """Somebody who has, or had, a code of their own."""

    name: str
    grant_id: int
    grant_public_id: UUID


def of_stays(stay_ids: Collection[int]) -> dict[int, list[Along]]:
    """Who has, or had, a code of their own, by the stay's number. One query."""
    found = defaultdict(list)
    rows = Companion.objects.filter(stay__in=stay_ids, grant__isnull=False)
    for stay_id, *told in rows.values_list("stay_id", "name", "grant_id", "grant__public_id"):
        found[stay_id].append(Along(*told))
    return found


def troubles(name: str, codes: Iterable[Code], doors: Doors, wall: Wall) -> list[tuple[str, Said]]:
    """Of the codes of one who comes along, what needs somebody: door and sentence."""
    told = _told(codes, doors, wall)
    return [
        (f"{name}: {door}", said)
        for said, names in told.items()
        for door in names
        if said.tone in ("warn", "bad")
    ]
