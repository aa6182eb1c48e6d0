"""The locks' pages: which doors answer, what is on them, and what happened there. Never a PIN."""

from collections import Counter
from dataclasses import dataclass, replace
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from hospitality import access, clock
from hospitality.access import DESK, OWNER, signed_in
from hospitality.htmx import render_page
from hospitality.models import Property
from hospitality.ordering import natural
from hospitality.wall import Wall
from locks import queries, words
from locks.models import Connection, Event, Lock
from locks.queries import Code, Door
from locks.words import Said


@dataclass(frozen=True)
class LockLine:
    """One lock on the list, in words."""

    key: str
    url: str
    name: str
    rooms: str
    common: bool
    health: list[Said]
    stock: Said
    codes: str
    seen: str
    trouble: str


@dataclass(frozen=True)
class CodeLine:
    """One code on a lock: whose, what kind, when, and where it stands."""

    name: str
    kind: str
    window: str
    said: Said


@dataclass(frozen=True)
class EventLine:
    when: str
    what: str
    about: str
    who: str


@signed_in
@require_safe
def lock_list(request: HttpRequest, slug: str) -> HttpResponse:
    property = access.enter(request, slug, DESK, OWNER)
    wall = Wall(property, clock.now())
    lines = _lock_lines(property, wall)
    context = {
        "property": property,
        "lines": lines,
        "zone_name": wall.zone_name,
        "connections": Connection.objects.filter(property=property, state=Connection.State.DISCONNECTED),
        "trigger": ", ".join([*(f"sse:{line.key}" for line in lines), "sse:refresh", "every 60s"]),
    }
    return render_page(request, "locks.html", context, partial="list")


@signed_in
@require_safe
def lock(request: HttpRequest, slug: str, lock_id) -> HttpResponse:
    property = access.enter(request, slug, DESK, OWNER)
    found = get_object_or_404(Lock.objects.select_related("connection"), property=property, public_id=lock_id)
    wall = Wall(property, clock.now())
    door = queries.doors(property).by_id[found.pk]
    stock = queries.stocks(property).get(found.pk)
    context = {
        "property": property,
        "lock": found,
        "rooms": [room.name for room in found.rooms.all()],
        "health": words.health_words(door, wall),
        "stock": words.stock_words(stock, _pool(found)),
        "seen": wall.time(found.seen_at) if found.seen_at else "",
        "trouble": door.error,
        "codes": _code_lines(found, door, wall),
        "events": _event_lines(found, wall),
        "zone_name": wall.zone_name,
        "trigger": f"sse:lock-{found.public_id}, sse:board, sse:refresh, every 60s",
    }
    return render_page(request, "lock.html", context, partial="live")


def _pool(lock: Lock) -> int:
    return lock.property.backup_pool_size if lock.backup_pool_enabled else 0


def _lock_lines(property: Property, wall: Wall) -> list[LockLine]:
    doors, stocks, counts = queries.doors(property), queries.stocks(property), queries.code_counts(property)
    locks = Lock.objects.filter(property=property).prefetch_related("rooms")
    lines = []
    for one in locks:
        door = doors.by_id[one.pk]
        size = property.backup_pool_size if one.backup_pool_enabled else 0
        lines.append(
            LockLine(
                key=f"lock-{one.public_id}",
                url=reverse("lock", args=[property.slug, one.public_id]),
                name=one.name,
                rooms=", ".join(room.name for room in one.rooms.all()) or "no room",
                common=door.common,
                health=words.health_words(door, wall),
                stock=words.stock_words(stocks.get(one.pk), size),
                codes=_count_words(counts.get(one.pk, 0), one.slots),
                seen=wall.time(one.seen_at) if one.seen_at else "never",
                trouble=one.error,
            )
        )
    return sorted(lines, key=lambda line: (not line.common, natural(line.name)))


def _count_words(count: int, slots: int | None) -> str:
    return f"{count} of {slots}" if slots else str(count)


def _code_lines(lock: Lock, door: Door, wall: Wall) -> list[CodeLine]:
    """The lock's codes; of the stock of backup codes only how many stand where, for they are all alike."""
    lines, stock = [], Counter()
    for code in queries.codes_on(lock):
        said = words.code_words(code, door, wall)
        if code.is_backup and not code.handed_out_at:
            stock[said] += 1
        else:
            lines.append(CodeLine(code.name or "without a name", _kind(code), _window(code, wall), said))
    return lines + [
        CodeLine(
            f"{count} backup code{'s' if count > 1 else ''}", "in stock, nobody knows them", "always", said
        )
        for said, count in stock.items()
    ]


def _kind(code: Code) -> str:
    if not code.is_managed:
        return "found on the lock, not made here"
    return "backup, handed out" if code.is_backup else "guest"


def _window(code: Code, wall: Wall) -> str:
    begins = wall.time(code.starts_at) if code.starts_at else ""
    ends = wall.time(code.ends_at) if code.ends_at else ""
    if begins and ends:
        return f"{begins} to {ends}"
    return f"until {ends}" if ends else f"from {begins}" if begins else "always"


def _event_lines(lock: Lock, wall: Wall) -> list[EventLine]:
    """What happened, newest first; the same several times in a row is one line with its count."""
    lines = []
    for line, same in groupby(_event_line(event, wall) for event in queries.events_of(lock=lock)):
        count = len(list(same))
        lines.append(replace(line, what=f"{line.what}, {count} times") if count > 1 else line)
    return lines


def _event_line(event: Event, wall: Wall) -> EventLine:
    about = event.access_code.name if event.access_code else ""
    who = (event.actor.get_full_name() or event.actor.get_username()) if event.actor else ""
    return EventLine(wall.time(event.occurred_at), words.event_words(event), about, who)
