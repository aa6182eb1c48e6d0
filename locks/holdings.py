"""What an owner has: every lock of some properties, with its stock of backup codes and how long that lasts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.db.models.functions import Coalesce

from hospitality.models import Property
from locks import queries
from locks.known import Code, Door, Places, Stock
from locks.models import SEEN_OFF, AccessCode, Lock
from locks.said import Said

LOOKED_BACK = timedelta(days=28)
"""Over which it is counted how fast backup codes are used."""


@dataclass(frozen=True)
class Holding:
    """One lock: `used` backup codes were handed out in `LOOKED_BACK`, `size` are to be kept ready."""

    door: Door
    stock: Stock | None
    places: Places
    used: int
    size: int

    @property
    def cover(self) -> int | None:
        """For how many whole days the ready codes last at that rate; None where none was used."""
        ready = self.stock.ready if self.stock else 0
        return ready * LOOKED_BACK.days // self.used if self.used else None


def read(properties: Sequence[Property], now: datetime) -> list[Holding]:
    """Every lock of these properties, by name. Four queries."""
    usual = {one.pk: one.backup_pool_size for one in properties}
    locks = Lock.objects.filter(property__in=properties, replaced_by__isnull=True).order_by("name")
    stocks, places = queries.stocks(*properties), queries.code_counts(*properties)
    used = used_lately(properties, now)
    return [
        Holding(
            door=door,
            stock=stocks.get(door.id),
            places=places.get(door.id, Places()),
            used=used.get(door.id, 0),
            size=door.pool(usual[door.property_id]),
        )
        for door in queries.read_doors(locks)
    ]


def used_lately(properties: Sequence[Property], now: datetime) -> dict[int, int]:
    """How many backup codes were handed out at each door in `LOOKED_BACK`, also on a lock that hung there before. One
    query."""
    given = AccessCode.objects.filter(
        lock__property__in=properties, is_backup=True, handed_out_at__gt=now - LOOKED_BACK
    )
    counted = given.order_by().values(here=Coalesce("lock__replaced_by", "lock")).annotate(used=Count("id"))
    return {row["here"]: row["used"] for row in counted}


def past_their_guest(properties: Sequence[Property], now: datetime) -> list[Code]:
    """Backup codes that were given to guests and may still open though their guest's time is over: left on by an owner,
    or not confirmed off. One query."""
    over = Q(wanted=False) | Q(ends_at__lte=now)
    rows = AccessCode.objects.filter(
        queries.left_on(now) | (over & ~SEEN_OFF),
        lock__property__in=properties,
        lock__replaced_by__isnull=True,
        is_backup=True,
        live=True,
        handed_out_at__isnull=False,
    )
    return [Code(**row) for row in rows.order_by("lock__name", "id").values(*queries.CODE_COLUMNS)]


def cover_words(holding: Holding) -> Said | None:
    """How long the stock lasts; None where there is none to last."""
    if not holding.size and not holding.stock:
        return None
    if holding.cover is None:
        return Said("off", "None used in 4 weeks")
    given = f"{holding.used} used in 4 weeks"
    if holding.cover < 1:
        return Said("bad", f"Less than a day's cover: {given}")
    days = "1 day" if holding.cover == 1 else f"{holding.cover} days"
    return Said("warn" if holding.cover < 7 else "good", f"{days} of cover: {given}")
