"""What the pages of the envelopes show: no digits."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count

from hospitality.models import Property
from hospitality.ordering import natural
from hospitality.wall import Wall
from locks import queries, sealed, words
from locks.known import Code, Stock
from locks.said import Said


@dataclass(frozen=True)
class EnvelopeLine:
    """One envelope that lies somewhere: for which door, since when, and where its code stands."""

    key: UUID
    label: str
    door: str
    since: str
    said: Said


@dataclass(frozen=True)
class DoorOffer:
    """A door that can have a sealed code drawn, with its stock; `sealed` it has already."""

    key: UUID
    name: str
    stock: Said
    sealed: int
    may_draw: bool


def waiting(property: Property, wall: Wall) -> list[EnvelopeLine]:
    """Every envelope that was neither given nor destroyed. Three queries."""
    doors = queries.doors(property, replaced=True).by_id
    found = queries.read_codes(sealed.waiting(property).values_list(*queries.CODE_COLUMNS))
    codes = sorted(found, key=lambda code: natural(doors[code.lock_id].name))
    return [_line(code, doors[code.lock_id], wall) for code in codes]


def one(code, wall: Wall) -> EnvelopeLine:
    """One of them."""
    doors = queries.doors(code.lock.property, replaced=True).by_id
    [known] = queries.read_codes(queries.CODES.filter(pk=code.pk))
    return _line(known, doors[code.lock_id], wall)


def _line(code: Code, door, wall: Wall) -> EnvelopeLine:
    return EnvelopeLine(
        key=code.public_id,
        label=sealed.label(code.public_id),
        door=door.name,
        since=wall.time(code.sealed_at),
        said=words.code_words(code, door, wall),
    )


def offers(property: Property) -> list[DoorOffer]:
    """The doors that keep backup codes, common ones first. Four queries."""
    stocks = queries.stocks(property)
    counts = dict(sealed.waiting(property).order_by().values_list("lock_id").annotate(count=Count("pk")))
    found = [door for door in queries.doors(property).by_id.values() if door.keeps_pool]
    found.sort(key=lambda door: (not door.common, natural(door.name)))
    return [
        DoorOffer(
            key=door.public_id,
            name=door.name,
            stock=words.stock_words(stocks.get(door.id), door.pool(property.backup_pool_size)),
            sealed=counts.get(door.id, 0),
            may_draw=counts.get(door.id, 0) < sealed.MOST and stocks.get(door.id, Stock(0, 0)).ready > 1,
        )
        for door in found
    ]
