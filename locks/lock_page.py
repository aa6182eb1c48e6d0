"""What one lock's page shows: how it is, what is on it, who waits for a place, and what to do about what is wrong."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from uuid import UUID

from hospitality.models import Role
from hospitality.wall import Wall
from locks import event_words, queries, remedies, words
from locks.known import Code, Door
from locks.models import Event, Lock
from locks.said import Said
from locks.thresholds import EMPTY_BATTERY, LOW_BATTERY

BAD_FOR_CODES = {"device_disconnected", "hub_disconnected", "account_disconnected", "device_removed"}
"""Errors of the lock that every code on it has as well: they are told once."""
ADOPTED = "adopted"


@dataclass(frozen=True)
class Trouble:
    """An error or a warning, since when (empty: not known), and what its reader can do about it."""

    said: Said
    since: str
    remedy: str


@dataclass(frozen=True)
class CodeLine:
    """One code on a lock: whose, what kind, when, and where it stands. `facts` are further sentences about it; a
    `removable` one can be taken off the lock by itself."""

    key: UUID | None
    name: str
    kind: str
    window: str
    said: Said
    facts: tuple[str, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    removable: bool = False


@dataclass(frozen=True)
class EventLine:
    when: str
    what: str
    about: str
    who: str


@dataclass(frozen=True)
class LockPage:
    """`places` is how full the lock is; `waiting` who has no place on it, in order of arrival; `strangers` are codes
    that were not made here."""

    health: list[Said]
    troubles: list[Trouble]
    trouble: str
    stock: Said
    places: str
    waiting: list[str]
    codes: list[CodeLine]
    strangers: list[CodeLine]
    seen: str
    events: list[EventLine]


def read(lock: Lock, role: Role, wall: Wall) -> LockPage:
    """All that the page of `lock` shows to a reader in that role, in a fixed number of queries."""
    door = queries.doors(lock.property, replaced=True).by_id[lock.pk]
    codes = queries.codes_on(lock)
    ours = [code for code in codes if code.is_managed]
    strangers = [code for code in codes if not code.is_managed]
    size = door.pool(lock.property.backup_pool_size)
    waiting = [code for code in ours if code.waits_for_place and not code.over(wall.now)]
    return LockPage(
        health=words.health_words(door, wall),
        troubles=_troubles_of(door, role, wall),
        trouble=door.error,
        stock=words.stock_words(queries.stocks(lock.property).get(lock.pk), size),
        places=""
        if not door.programmable
        else places_words(sum(code.observed == "present" for code in codes), len(waiting), door.slots),
        waiting=[
            _arrival(code, wall) for code in sorted(waiting, key=lambda one: one.starts_at or one.asked_at)
        ],
        codes=_code_lines(ours, door, role, wall),
        strangers=[stranger(code, wall) for code in strangers],
        seen=wall.time(door.seen_at) if door.seen_at else "",
        events=_event_lines(lock, wall),
    )


def places_words(present: int, waiting: int, slots: int | None) -> str:
    """`8 of 10 taken, 2 codes wait`; where no limit is known only `8 taken`."""
    text = f"{present} of {slots} taken" if slots else f"{present} taken"
    if not waiting:
        return text
    return f"{text}, {waiting} code{'s wait' if waiting > 1 else ' waits'}"


def _arrival(code: Code, wall: Wall) -> str:
    return f"{code.name}, from {wall.time(code.starts_at)}" if code.starts_at else code.name


def _troubles_of(door: Door, role: Role, wall: Wall) -> list[Trouble]:
    """What is wrong with the lock; of one that another has replaced, nothing is."""
    if door.gone:
        return []
    told = [(one["error_code"], "bad") for one in door.errors]
    told += [(one["warning_code"], "warn") for one in door.warnings]
    if door.battery is not None and door.battery <= LOW_BATTERY:
        low = door.battery > EMPTY_BATTERY
        told.append((remedies.LOW, "warn") if low else (remedies.EMPTY, "bad"))
    return [_trouble(name, tone, door.since(name), role, wall) for name, tone in told]


def _trouble(name: str, tone: str, since: datetime | None, role: Role, wall: Wall) -> Trouble:
    remedy = remedies.of(name)
    when = f"since {wall.time(since)}" if since else ""
    return Trouble(Said(tone, words.capital(remedy.what)), when, remedy.for_role(role))


def _code_lines(codes: Iterable[Code], door: Door, role: Role, wall: Wall) -> list[CodeLine]:
    """The lock's codes; of the stock of backup codes only how many stand where, for they are all alike."""
    lines, stock = [], Counter()
    for code in codes:
        said = words.code_words(code, door, wall)
        if code.is_backup and not code.handed_out_at:
            stock[said, _window(code, wall)] += 1
        else:
            lines.append(code_line(code, door, role, wall))
    return lines + [
        CodeLine(
            None,
            f"{count} backup code{'s' if count > 1 else ''}",
            "in stock, nobody knows them",
            window,
            said,
        )
        for (said, window), count in stock.items()
    ]


def code_line(code: Code, door: Door, role: Role, wall: Wall) -> CodeLine:
    """One code that was made here, or adopted."""
    return CodeLine(
        code.public_id,
        code.name or "without a name",
        _kind(code),
        _window(code, wall),
        words.code_words(code, door, wall),
        facts=tuple(_facts(code, wall)),
        troubles=tuple(_troubles_of_code(code, door, role, wall)),
        removable=_kind(code) == ADOPTED and not code.over(wall.now),
    )


def stranger(code: Code, wall: Wall) -> CodeLine:
    when = f", confirmed {wall.time(code.observed_at)}" if code.observed_at else ""
    said = Said("off", f"On the lock{when}" if code.observed_active else f"Switched off at the lock{when}")
    return CodeLine(
        code.public_id,
        code.name or "without a name",
        "not made here",
        _window(code, wall),
        said,
        tuple(_used(code, wall)),
    )


def _kind(code: Code) -> str:
    if code.in_envelope:
        return "backup, sealed in an envelope"
    if code.is_backup:
        return "backup, handed out" if code.handed_out_at else "backup, nobody knows it"
    if code.is_offline_access_code:
        return "offline code"
    if code.grant_id is None:
        return ADOPTED
    return "guest" if code.wanted else "guest, ended"


def _facts(code: Code, wall: Wall) -> list[str]:
    """How the maker's app shows it, what somebody else did to it, and its first use."""
    facts = [_appearance(code.appearance)] if code.appearance else []
    change = code.changed_outside
    if change:
        at = wall.time(datetime.fromisoformat(change["at"]))
        did = "Taken off" if change["change_type"] == "removed" else f"Changed{words.changed_words(code)}"
        facts.append(f"{did} by somebody else, seen {at}")
    return facts + _used(code, wall)


def _used(code: Code, wall: Wall) -> list[str]:
    return [f"First opened the door {wall.time(code.first_used_at)}"] if code.first_used_at else []


def _appearance(told: dict) -> str:
    """The name exactly as the maker's app shows it, with its parts where it has parts."""
    parts = [
        f"{name.replace('_', ' ')} “{told[name]}”" for name in ("first_name", "last_name") if told.get(name)
    ]
    return f"In the maker's app: “{told['name']}”" + (f" ({', '.join(parts)})" if parts else "")


def _troubles_of_code(code: Code, door: Door, role: Role, wall: Wall) -> list[Trouble]:
    """Its errors and warnings without those that are the lock's own."""
    shared = {one["error_code"] for one in door.errors} | {one["warning_code"] for one in door.warnings}
    told = [(name, "bad") for name in code.error_codes if name not in shared | BAD_FOR_CODES]
    told += [(name, "warn") for name in code.warning_codes if name not in shared]
    return [_trouble(name, tone, code.since(name), role, wall) for name, tone in told]


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
    return EventLine(wall.time(event.occurred_at), event_words.of(event), about, who)
