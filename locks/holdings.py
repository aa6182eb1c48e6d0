"""What an owner has: every lock of some properties, with its stock of backup codes and how long that lasts."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hospitality.models import Property
from locks import queries
from locks.known import Code, Door, Places, Stock
from locks.models import IN_ENVELOPE, SEEN_OFF, AccessCode
from locks.said import Said

LOOKED_BACK = timedelta(days=28)
"""Over which it is counted how fast backup codes are used, at a door that has had any for so long."""


@dataclass(frozen=True)
class Use:
    """How many backup codes were handed out at a door within so many days."""

    count: int = 0
    days: int = LOOKED_BACK.days


@dataclass(frozen=True)
class Holding:
    """One lock, and how fast its backup codes are used; `size` are to be kept ready."""

    door: Door
    stock: Stock | None
    places: Places
    used: Use
    size: int

    @property
    def cover(self) -> int | None:
        """For how many whole days the ready codes last at that rate; None where none was used."""
        ready = self.stock.ready if self.stock else 0
        return ready * self.used.days // self.used.count if self.used.count else None


def read(properties: Sequence[Property], now: datetime) -> list[Holding]:
    """Every lock of these properties, by name. Four queries."""
    usual = {one.pk: one.backup_pool_size for one in properties}
    locks = queries.DOORS.filter(property__in=properties, replaced_by__isnull=True).order_by("name")
    stocks, places = queries.stocks(*properties), queries.code_counts(*properties)
    used = used_lately(properties, now)
    return [
        Holding(
            door=door,
            stock=stocks.get(door.id),
            places=places.get(door.id, Places()),
            used=used.get(door.id, Use()),
            size=door.pool(usual[door.property_id]),
        )
        for door in queries.read_doors(locks)
    ]


def used_lately(properties: Sequence[Property], now: datetime) -> dict[int, Use]:
    """What was handed out at each door in `LOOKED_BACK`, or since it had its first backup code; also on a lock that hung
    there before. One query."""
    codes = AccessCode.objects.filter(lock__property__in=properties, is_backup=True)
    counted = codes.order_by().values(here=Coalesce("lock__replaced_by", "lock"))
    counted = counted.annotate(
        count=Count("id", filter=Q(handed_out_at__gt=now - LOOKED_BACK) & ~IN_ENVELOPE),
        since=Min("created_at"),
    )
    return {row["here"]: Use(row["count"], _days(now - row["since"])) for row in counted}


def _days(span: timedelta) -> int:
    """Begun ones, 28 at most."""
    return max(min(math.ceil(span / timedelta(days=1)), LOOKED_BACK.days), 1)


def past_their_guest(properties: Sequence[Property], now: datetime) -> list[Code]:
    """Backup codes that were given to guests and may still open though their guest's time is over: left on by an owner,
    or not confirmed off. One query."""
    over = Q(wanted=False) | Q(ends_at__lte=now)
    rows = queries.CODES.filter(
        queries.left_on(now) | (over & ~SEEN_OFF),
        lock__property__in=properties,
        lock__replaced_by__isnull=True,
        is_backup=True,
        live=True,
        handed_out_at__isnull=False,
    )
    return queries.read_codes(rows.order_by("lock__name", "id"))


def cover_words(holding: Holding) -> Said | None:
    """How long the stock lasts; None where there is none to last."""
    if not holding.size and not holding.stock:
        return None
    if holding.cover is None:
        text = ngettext("None used in %(days)s day", "None used in %(days)s days", holding.used.days)
        return Said("off", text % {"days": holding.used.days})
    given = ngettext("%(count)s used in %(days)s day", "%(count)s used in %(days)s days", holding.used.days)
    given %= {"count": holding.used.count, "days": holding.used.days}
    if holding.cover < 1:
        # Translators: `given`: "12 used in 28 days"
        return Said("bad", _("Less than a day's cover: %(given)s") % {"given": given})
    # Translators: so long the backup codes last; `given`: "12 used in 28 days"
    text = ngettext("%(days)s day of cover: %(given)s", "%(days)s days of cover: %(given)s", holding.cover)
    return Said("warn" if holding.cover < 7 else "good", text % {"days": holding.cover, "given": given})
