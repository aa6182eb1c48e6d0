"""One code on one lock: how it stands, what was tried last, and its history in words, for owners and support."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from hospitality.models import AuditEntry, Role
from hospitality.wall import Wall
from locks import event_words, lock_page, queries
from locks.known import Code, Door
from locks.lock_page import CodeLine
from locks.models import AccessCode, Lock

MOST = 200


@dataclass(frozen=True)
class Happening:
    """One line of the history: a full time with its seconds, what happened, and who did it."""

    when: str
    what: str
    who: str


@dataclass(frozen=True)
class CodePage:
    """`attempts`: what was last sent to the lock and last seen on it, each with its time."""

    line: CodeLine
    attempts: list[tuple[str, str]]
    history: list[Happening]


def read(code: AccessCode, lock: Lock, role: Role, wall: Wall) -> CodePage:
    """All that the page of a code shows, never a digit, in a fixed number of queries."""
    door = queries.doors(lock.property, replaced=True).by_id[lock.pk]
    [known] = queries.read_codes(queries.CODES.filter(pk=code.pk))
    if known.is_managed:
        line = lock_page.code_line(known, queries.holders([known]), door, role, wall)
    else:
        line = lock_page.stranger(known, door, role, wall)
    return CodePage(line, _attempts(known, door, wall), _history(code, wall))


def trigger(code: AccessCode, lock: Lock) -> str:
    """What the page listens to."""
    topics = [f"sse:lock-{lock.public_id}"] + ([f"sse:grant-{code.grant.public_id}"] if code.grant else [])
    return ", ".join([*topics, "sse:refresh", "every 60s"])


def _attempts(code: Code, door: Door, wall: Wall) -> list[tuple[str, str]]:
    # Translators: how often what is wanted of this code was changed
    asked = _("%(when)s, wish number %(number)s")
    asked %= {"when": wall.full(code.asked_at), "number": code.generation}
    told = [(_("Asked"), asked)]
    if code.is_offline_access_code:
        return told
    sent = wall.full(code.attempted_at) if code.attempted_at else _("nothing yet")
    if code.attempted_at and code.unanswered:
        sent = _("%(when)s, not yet answered") % {"when": sent}
    told += [(_("Last sent"), sent), (_("Last seen"), _seen(code, wall))]
    if code.refusal:
        told.append((_("Refused"), _(str(code.refusal))))
    if door.due_at:
        told.append((_("Next look"), wall.full(door.due_at)))
    return told


def _seen(code: Code, wall: Wall) -> str:
    what = AccessCode.Observed(code.observed).label
    return f"{what}, {wall.full(code.observed_at)}" if code.observed_at else _("never")


def _history(code: AccessCode, wall: Wall) -> list[Happening]:
    """What people did and what the lock told, newest first."""
    events = queries.events_of(code_ids=[code.pk], limit=MOST)
    acts = AuditEntry.objects.filter(subject_id=code.public_id).select_related("actor")[:MOST]
    lines = [(event.occurred_at, event_words.in_full(event, wall), event.actor) for event in events]
    lines += [(act.at, str(event_words.ACTS.get(act.action, act.action)), act.actor) for act in acts]
    lines.sort(key=lambda line: line[0], reverse=True)
    return [Happening(_moment(at, wall), what, _name(who)) for at, what, who in lines[:MOST]]


def _moment(at: datetime, wall: Wall) -> str:
    return f"{wall.day(at.astimezone(wall.zone).date())}, {at.astimezone(wall.zone):%H:%M:%S}"


def _name(user) -> str:
    return (user.get_full_name() or user.get_username()) if user else ""
