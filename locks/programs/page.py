"""What the page of the programs says of a house's keys. One query."""

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hospitality.models import Property
from hospitality.wall import Wall
from locks.models import ApiKey

Scope = ApiKey.Scope
MOST_OVER = 20
"""So many keys that open nothing any more are shown, the latest."""

MAY = {
    Scope.READ: gettext_lazy("Sees locks, codes without their digits, and what happened"),
    Scope.CODES: gettext_lazy("Makes, changes and ends codes, and knows their digits"),
    Scope.MANAGE: gettext_lazy(
        "Opens doors from afar, changes locks and the codes found on them, and sets up webhooks"
    ),
}
"""What a key of this scope may do."""


@dataclass(frozen=True)
class KeyLine:
    """One key in words. `over`: since when it opens nothing, and why; empty while it does."""

    id: UUID
    name: str
    begins: str
    may: list[tuple[str, str]]
    made: str
    used: str
    ends: str
    over: str


@dataclass(frozen=True)
class Keys:
    live: list[KeyLine]
    over: list[KeyLine]


def read(property: Property, wall: Wall) -> Keys:
    """The house's keys: those that open something by name, of the others the latest."""
    rows = list(property.api_keys.select_related("created_by"))
    ended = {row: at for row in rows if (at := _over_at(row)) and at <= wall.now}
    latest = sorted(ended, key=ended.get, reverse=True)[:MOST_OVER]
    return Keys(
        live=[_line(row, wall) for row in rows if row not in ended],
        over=[_line(row, wall, over=True) for row in latest],
    )


def _over_at(row: ApiKey):
    return min(filter(None, (row.revoked_at, row.expires_at)), default=None)


def _line(row: ApiKey, wall: Wall, *, over: bool = False) -> KeyLine:
    return KeyLine(
        id=row.public_id,
        name=row.name,
        begins=row.begins,
        may=[(scope, MAY[Scope(scope)]) for scope in row.scopes],
        made=_made(row, wall),
        used=_("Last used %(time)s") % {"time": wall.time(row.last_used_at)}
        if row.last_used_at
        else _("Never used yet"),
        ends=_("Until %(time)s") % {"time": wall.time(row.expires_at)} if row.expires_at else _("Has no end"),
        over=_over(row, wall) if over else "",
    )


def _made(row: ApiKey, wall: Wall) -> str:
    when = wall.time(row.created_at)
    if row.created_by is None:
        return _("Made %(time)s at the server") % {"time": when}
    who = row.created_by.get_full_name() or row.created_by.get_username()
    return _("Made %(time)s by %(who)s") % {"time": when, "who": who}


def _over(row: ApiKey, wall: Wall) -> str:
    at = _over_at(row)
    said = _("Revoked %(time)s") if at == row.revoked_at else _("Ended %(time)s")
    return said % {"time": wall.time(at)}
