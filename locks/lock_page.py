"""What one lock's page shows: how it is, what is on it, who waits for a place, and what to do about what is wrong."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hospitality.models import Role
from hospitality.wall import Wall
from locks import event_words, queries, remedies, words
from locks.known import Code, Door
from locks.models import Event, Lock
from locks.said import Said
from locks.thresholds import EMPTY_BATTERY, LOW_BATTERY

BAD_FOR_CODES = {"device_disconnected", "hub_disconnected", "account_disconnected", "device_removed"}
"""Errors of the lock that every code on it has as well: they are told once."""


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
        trouble=_(door.error),
        stock=words.stock_words(queries.stocks(lock.property).get(lock.pk), size),
        places=""
        if not door.programmable
        else places_words(sum(code.observed == "present" for code in codes), len(waiting), door.slots),
        waiting=[
            _arrival(code, wall) for code in sorted(waiting, key=lambda one: one.starts_at or one.asked_at)
        ],
        codes=_code_lines(ours, queries.holders(ours), door, role, wall),
        strangers=[stranger(code, door, role, wall) for code in strangers],
        seen=wall.time(door.seen_at) if door.seen_at else "",
        events=_event_lines(lock, wall),
    )


def places_words(present: int, waiting: int, slots: int | None) -> str:
    """`8 of 10 taken, 2 codes wait`; where no limit is known only `8 taken`."""
    text = _("%(count)s of %(most)s taken") if slots else _("%(count)s taken")
    text %= {"count": present, "most": slots}
    if not waiting:
        return text
    wait = ngettext("%(count)s code waits", "%(count)s codes wait", waiting) % {"count": waiting}
    return f"{text}, {wait}"


def _arrival(code: Code, wall: Wall) -> str:
    if not code.starts_at:
        return code.name
    # Translators: who waits for a place on a lock, and from when on
    return _("%(guest)s, from %(when)s") % {"guest": code.name, "when": wall.time(code.starts_at)}


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
    when = _("since %(when)s") % {"when": wall.time(since)} if since else ""
    return Trouble(Said(tone, words.capital(remedy.what)), when, remedy.for_role(role))


def _code_lines(
    codes: Iterable[Code], holders: Mapping[int, str], door: Door, role: Role, wall: Wall
) -> list[CodeLine]:
    """The lock's codes (`holders`: `queries.holders`); of the stock of backup codes only how many stand where, for they are all alike."""
    lines, stock = [], Counter()
    for code in codes:
        said = words.code_words(code, door, wall)
        if code.is_backup and not code.handed_out_at:
            stock[said, _window(code, wall)] += 1
        else:
            lines.append(code_line(code, holders, door, role, wall))
    return lines + [
        CodeLine(
            None,
            ngettext("%(count)s backup code", "%(count)s backup codes", count) % {"count": count},
            _("in stock, nobody knows them"),
            window,
            said,
        )
        for (said, window), count in stock.items()
    ]


def code_line(code: Code, holders: Mapping[int, str], door: Door, role: Role, wall: Wall) -> CodeLine:
    """One code that was made here, or adopted."""
    return CodeLine(
        code.public_id,
        code.name or _("without a name"),
        _kind(code, holders.get(code.grant_id)),
        _window(code, wall),
        words.code_words(code, door, wall),
        facts=tuple(_facts(code, wall)),
        troubles=tuple(_troubles_of_code(code, door, role, wall)),
        removable=_adopted(code) and not code.over(wall.now),
    )


def stranger(code: Code, door: Door, role: Role, wall: Wall) -> CodeLine:
    """One code that was not made here."""
    return CodeLine(
        code.public_id,
        code.name or _("without a name"),
        _("not made here"),
        _window(code, wall),
        Said("off", _strange(code, wall)),
        tuple(_used(code, wall)),
        tuple(_troubles_of_code(code, door, role, wall)),
    )


def _strange(code: Code, wall: Wall) -> str:
    if not code.observed_at:
        return _("On the lock") if code.observed_active else _("Switched off at the lock")
    text = _("On the lock, confirmed %(when)s")
    if not code.observed_active:
        text = _("Switched off at the lock, confirmed %(when)s")
    return text % {"when": wall.time(code.observed_at)}


def _adopted(code: Code) -> bool:
    """Was it not made here, and taken over from whoever had made it?"""
    return not (code.is_backup or code.in_envelope or code.is_offline_access_code or code.grant_id)


def _kind(code: Code, holder: str | None) -> str:
    if code.in_envelope:
        return _("backup, sealed in an envelope")
    if code.is_backup:
        return _("backup, handed out") if code.handed_out_at else _("backup, nobody knows it")
    if code.is_offline_access_code:
        return _("offline code")
    if _adopted(code):
        # Translators: a code that was not made here, and taken over from whoever had made it
        return _("adopted")
    if holder == "program":
        # Translators: a code that another program asked for
        return _("of a program") if code.wanted else _("of a program, ended")
    if holder == "staff":
        return _("staff") if code.wanted else _("staff, ended")
    return _("guest") if code.wanted else _("guest, ended")


def _facts(code: Code, wall: Wall) -> list[str]:
    """How the maker's app shows it, what somebody else did to it, and its first use."""
    facts = [_appearance(code.appearance)] if code.appearance else []
    change = code.changed_outside
    if change:
        did = {"when": wall.time(datetime.fromisoformat(change["at"])), "fields": words.changed_words(code)}
        if change["change_type"] == "removed":
            text = _("Taken off by somebody else, seen %(when)s")
        else:
            # Translators: `fields` is empty, or what was changed, in brackets: " (digits, name)"
            text = _("Changed%(fields)s by somebody else, seen %(when)s")
        facts.append(text % did)
    return facts + _used(code, wall)


def _used(code: Code, wall: Wall) -> list[str]:
    if not code.first_used_at:
        return []
    return [_("First opened the door %(when)s") % {"when": wall.time(code.first_used_at)}]


def _appearance(told: dict) -> str:
    """The name exactly as the maker's app shows it, with its parts where it has parts."""
    texts = (("first_name", _("first name “%(name)s”")), ("last_name", _("last name “%(name)s”")))
    parts = [text % {"name": told[name]} for name, text in texts if told.get(name)]
    shown = _("In the maker's app: “%(name)s”") % {"name": told["name"]}
    return f"{shown} ({', '.join(parts)})" if parts else shown


def _troubles_of_code(code: Code, door: Door, role: Role, wall: Wall) -> list[Trouble]:
    """Its errors and warnings without those that are the lock's own."""
    shared = {one["error_code"] for one in door.errors} | {one["warning_code"] for one in door.warnings}
    told = [(name, "bad") for name in code.error_codes if name not in shared | BAD_FOR_CODES]
    told += [(name, "warn") for name in code.warning_codes if name not in shared]
    return [_trouble(name, tone, code.since(name), role, wall) for name, tone in told]


def _window(code: Code, wall: Wall) -> str:
    begins = code.starts_at and wall.time(code.starts_at)
    ends = code.ends_at and wall.time(code.ends_at)
    if begins and ends:
        return _("%(begins)s to %(ends)s") % {"begins": begins, "ends": ends}
    if ends:
        return _("until %(when)s") % {"when": ends}
    return _("from %(when)s") % {"when": begins} if begins else _("always")


def _event_lines(lock: Lock, wall: Wall) -> list[EventLine]:
    """What happened, newest first; the same several times in a row is one line with its count."""
    lines = []
    for line, same in groupby(_event_line(event, wall) for event in queries.events_of(lock=lock)):
        count = len(list(same))
        if count > 1:
            # Translators: `what` happened so often: "Door opened, 3 times"
            text = ngettext("%(what)s, %(count)s time", "%(what)s, %(count)s times", count)
            line = replace(line, what=text % {"what": line.what, "count": count})
        lines.append(line)
    return lines


def _event_line(event: Event, wall: Wall) -> EventLine:
    about = event.access_code.name if event.access_code else ""
    who = (event.actor.get_full_name() or event.actor.get_username()) if event.actor else ""
    return EventLine(wall.time(event.occurred_at), event_words.of(event), about, who)
