"""Who comes along with a guest, and where their codes stand, as does the one PIN for all rooms of a booking: on the
stay's page, and on the board where one is in trouble."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Value
from django.utils.translation import gettext as _

from hospitality.wall import Wall
from locks import known, queries, words
from locks.known import Code, Doors
from locks.said import Said
from reservations import grants
from reservations.models import Companion, Reservation, Stay, StayState


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
class Shared:
    """The one PIN for all rooms of a booking. `about`: what is so where no door has more to say; `left_out`: why it does
    not open a door."""

    about: str
    doors: list[Door]
    left_out: list[str]
    may_show: bool
    may_take_off: bool


@dataclass(frozen=True)
class Party:
    """`shared` is None where the booking has no such PIN, and none is still on a door. `codes` are the codes of the
    members by number, and those for all rooms at the doors of this one, each with its holder's name; `topics` ring when
    one changes."""

    members: list[Member]
    shared: Shared | None
    codes: dict[int, str]
    topics: list[str]


def read(stay: Stay, doors: Doors, wall: Wall) -> Party:
    """The stay's. Two queries, two more where one PIN is for all rooms."""
    companions = list(stay.companions.select_related("grant"))
    holders = {one.grant_id: one for one in companions if one.grant_id}
    booking = stay.reservation
    codes = queries.codes_of([*holders, booking.grant_id] if booking.grant_id else [*holders])
    here = {door.id for door in doors.by_room.get(stay.room_id, ())}
    named = {code.id: one.name for grant_id, one in holders.items() for code in codes.get(grant_id, ())}
    everywhere = codes.get(booking.grant_id, [])
    return Party(
        members=[_member(stay, one, codes.get(one.grant_id, []), doors, wall) for one in companions],
        shared=_shared(booking, everywhere, doors, wall),
        codes=named | {code.id: all_rooms() for code in everywhere if code.lock_id in here},
        topics=[f"grant-{one.grant.public_id}" for one in (*companions, booking) if one.grant],
    )


def all_rooms() -> str:
    """What the one PIN for all rooms of a booking is called."""
    return _("PIN for all rooms")


def _shared(booking: Reservation, codes: list[Code], doors: Doors, wall: Wall) -> Shared | None:
    if not booking.has_shared_code and not any(code.on_the_door(wall.now) for code in codes):
        return None
    told = _told(codes, doors, wall)
    about = ""
    if not booking.has_shared_code:
        about = _("Taken off")
    elif not any(code.wanted for code in codes):
        about = _("It is made once a room is chosen, or checked in where codes start then")
    runs = bool(booking.grant and not booking.grant.revoked_at)
    return Shared(
        about=about,
        doors=[Door(", ".join(names), said) for said, names in told.items()],
        left_out=grants.left_out(grants.sharing_stays(booking.pk)) if booking.has_shared_code else [],
        may_show=runs and any(code.wanted for code in codes),
        may_take_off=booking.has_shared_code,
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
    """Somebody who has, or had, a code of their own, or (without a name) the one PIN for all rooms of the booking."""

    name: str
    grant_id: int
    grant_public_id: UUID


def of_stays(stay_ids: Collection[int]) -> dict[int, list[Along]]:
    """Who has, or had, a code beside the guest's, by the stay's number. One query."""
    found = defaultdict(list)
    own = Companion.objects.filter(stay__in=stay_ids, grant__isnull=False).order_by()
    shared = Stay.objects.filter(pk__in=stay_ids, reservation__grant__isnull=False).order_by()
    rows = own.values_list("stay_id", "name", "grant_id", "grant__public_id").union(
        shared.values_list("pk", Value(""), "reservation__grant_id", "reservation__grant__public_id"),
        all=True,
    )
    for stay_id, *told in rows:
        found[stay_id].append(Along(*told))
    return found


def troubles(
    one: Along, codes: Collection[Code], of_room: Iterable[known.Door], doors: Doors, wall: Wall
) -> list[tuple[str, Said]]:
    """What needs somebody, of the codes of one who comes along, and of those for all rooms at the doors of the stay's own:
    door and sentence."""
    if not one.name:
        here = {door.id for door in of_room}
        codes = [code for code in codes if code.lock_id in here]
    return [
        (f"{one.name or all_rooms()}: {door}", said)
        for said, names in _told(codes, doors, wall).items()
        for door in names
        if said.tone in ("warn", "bad")
    ]
