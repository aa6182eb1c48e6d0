"""What the owner's pages show, in words: the stock of every lock, and the backup codes of one. Never a digit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from hospitality.models import Membership, Property
from hospitality.ordering import natural
from hospitality.wall import Wall
from locks import backups, holdings, lock_page, queries, remedies, simulated, words
from locks.holdings import Holding
from locks.known import Code, Door
from locks.models import FoundDevice, Lock
from locks.said import Said


@dataclass(frozen=True)
class StockLine:
    """One lock of the dashboard. `topic` rings when it has changed; `asked`: how many unissued codes are to be on it;
    `makes`: can any be put there?"""

    key: str
    topic: str
    url: str
    backups_url: str
    make_url: str
    name: str
    common: bool
    health: list[Said]
    since: str
    places: str
    strangers: int
    stock: Said
    cover: Said | None
    asked: int
    makes: bool


@dataclass(frozen=True)
class PastLine:
    """A backup code that may still open although its guest's time is over."""

    name: str
    door: str
    url: str
    said: Said


@dataclass(frozen=True)
class HouseLines:
    """One property of the dashboard. `new` devices wait for a place."""

    name: str
    is_training: bool
    zone_name: str
    past: list[PastLine]
    new: int
    new_url: str
    lines: list[StockLine]


def dashboard(memberships: Sequence[Membership], now: datetime) -> list[HouseLines]:
    """Every lock of these people's properties. Seven queries, however many locks and properties there are."""
    properties = [membership.property for membership in memberships]
    held = holdings.read(properties, now)
    past = holdings.past_their_guest(properties, now)
    waiting = FoundDevice.objects.filter(connection__property__in=properties, dismissed_at__isnull=True)
    new = list(waiting.values_list("connection__property_id", flat=True))
    training = simulated.training(properties)
    return [
        _house(one, held, past, new.count(one.pk), one.pk in training, Wall(one, now)) for one in properties
    ]


def _house(
    house: Property,
    held: Sequence[Holding],
    past: Sequence[Code],
    new: int,
    is_training: bool,
    wall: Wall,
) -> HouseLines:
    here = [holding for holding in held if holding.door.property_id == house.pk]
    here.sort(key=lambda holding: (not holding.door.common, natural(holding.door.name)))
    doors = {holding.door.id: holding.door for holding in here}
    return HouseLines(
        name=house.name,
        is_training=is_training,
        zone_name=wall.zone_name,
        past=[_past(code, doors[code.lock_id], house, wall) for code in past if code.lock_id in doors],
        new=new,
        new_url=reverse("new_locks", args=[house.slug]),
        lines=[_stock_line(holding, house, wall) for holding in here],
    )


def _past(code: Code, door: Door, house: Property, wall: Wall) -> PastLine:
    url = reverse("backups", args=[house.slug, door.public_id])
    return PastLine(code.name, door.name, url, _past_words(code, door, wall))


def _past_words(code: Code, door: Door, wall: Wall) -> Said:
    """In red, if its owner left it on: it is on its door as wanted, and its guest is not here."""
    said = words.code_words(code, door, wall)
    if not code.outlives_guest or code.over(wall.now):
        return said
    left_on = words.capital(remedies.of(remedies.LEFT_ON).what)
    return Said("bad", f"{left_on}. {said.text}")


def _stock_line(holding: Holding, house: Property, wall: Wall) -> StockLine:
    door, places = holding.door, holding.places
    address = [house.slug, door.public_id]
    answers = door.online and door.reachable and door.online_changed_at
    return StockLine(
        key=f"holding-{door.public_id}",
        topic=f"lock-{door.public_id}",
        url=reverse("lock", args=address),
        backups_url=reverse("backups", args=address),
        make_url=reverse("make_backups", args=address),
        name=door.name,
        common=door.common,
        health=words.health_words(door, wall),
        since=wall.time(door.online_changed_at) if answers else "",
        places=lock_page.places_words(places.present, places.waiting, door.slots)
        if door.programmable
        else "",
        strangers=places.strangers,
        stock=words.stock_words(holding.stock, holding.size),
        cover=holdings.cover_words(holding),
        asked=holding.stock.wanted if holding.stock else 0,
        makes=door.programmable,
    )


@dataclass(frozen=True)
class UnissuedLine:
    """A backup code that nobody was given. `coming`: what becomes of it, where another is to replace it."""

    key: UUID
    kind: str
    made: str
    said: Said
    coming: str
    ready: bool
    may_change: bool


@dataclass(frozen=True)
class GivenLine:
    """A backup code that a guest was given. `may_keep`, `may_end`: what can be said of its end."""

    key: UUID
    name: str
    kind: str
    window: str
    said: Said
    used: str
    wanted: bool
    may_keep: bool
    may_end: bool


@dataclass(frozen=True)
class BackupsPage:
    """The backup codes of one lock. `ends_at` is when one that is made until a day ends on it."""

    health: list[Said]
    stock: Said
    cover: Said | None
    places: str
    unissued: list[UnissuedLine]
    given: list[GivenLine]
    ends_at: str
    zone_name: str


def backups_page(lock: Lock, wall: Wall) -> BackupsPage:
    """All that the page of a lock's backup codes shows, in a fixed number of queries."""
    [holding] = [one for one in holdings.read([lock.property], wall.now) if one.door.id == lock.pk]
    door = holding.door
    rows = queries.CODES.filter(lock=lock, is_backup=True, live=True)
    codes = queries.read_codes(rows.order_by("by_hand", "id"))
    unissued = [code for code in codes if code.handed_out_at is None]
    past = {code.id for code in holdings.past_their_guest([lock.property], wall.now)}
    replaced = {code.in_place_of_id for code in unissued if code.wanted}
    ready = set(backups.ready_at(lock, wall.now).values_list("pk", flat=True))
    return BackupsPage(
        health=words.health_words(door, wall),
        stock=words.stock_words(holding.stock, holding.size),
        cover=holdings.cover_words(holding),
        places=lock_page.places_words(holding.places.present, holding.places.waiting, door.slots),
        unissued=[_unissued(code, door, code.id in replaced, code.id in ready, wall) for code in unissued],
        given=[
            _given(code, door, code.id in past, wall)
            for code in sorted(codes, key=lambda code: code.handed_out_at or wall.now, reverse=True)
            if code.handed_out_at
        ],
        ends_at=f"{lock.property.check_out_time:%H:%M}",
        zone_name=wall.zone_name,
    )


def _kind(code: Code, wall: Wall) -> str:
    if not code.by_hand:
        return _("Pool")
    if code.handed_out_at:
        return _("Permanent, spent")
    return _("Until %(time)s") % {"time": wall.time(code.ends_at)} if code.ends_at else _("Permanent")


def _unissued(code: Code, door: Door, replaced: bool, ready: bool, wall: Wall) -> UnissuedLine:
    coming = ""
    if replaced and code.wanted:
        coming = _("A new code is on its way; this one comes off once that is confirmed.")
    return UnissuedLine(
        key=code.public_id,
        kind=_kind(code, wall),
        made=wall.time(code.created_at),
        said=words.code_words(code, door, wall),
        coming=coming,
        ready=ready,
        may_change=not code.over(wall.now),
    )


def _given(code: Code, door: Door, past: bool, wall: Wall) -> GivenLine:
    running = not code.over(wall.now)
    return GivenLine(
        key=code.public_id,
        name=code.name,
        kind=_kind(code, wall),
        window=_until(code, wall),
        said=_past_words(code, door, wall) if past else words.code_words(code, door, wall),
        used=_used(code, wall),
        wanted=running,
        may_keep=running and code.by_hand and not code.outlives_guest,
        may_end=running and code.outlives_guest and not past,
    )


def _until(code: Code, wall: Wall) -> str:
    given = {"given": wall.time(code.handed_out_at)}
    if code.outlives_guest and code.wanted:
        return _("given %(given)s, no end: kept on the lock after its guest") % given
    if code.ends_at:
        return _("given %(given)s, until %(end)s") % (given | {"end": wall.time(code.ends_at)})
    return _("given %(given)s") % given


def _used(code: Code, wall: Wall) -> str:
    if not code.first_used_at:
        return ""
    return _("First opened the door %(time)s") % {"time": wall.time(code.first_used_at)}
