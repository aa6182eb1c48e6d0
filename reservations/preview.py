"""What a verb would do at the doors, in sentences, before anybody says yes to it.

The verb itself is tried and taken back: what is previewed is what will be wanted, by the rules that will hold, and
what would be refused is known before. The sentences for each door are `locks.change_words`'.
"""

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from hospitality import clock
from hospitality.models import Property
from hospitality.ordering import natural
from hospitality.wall import Wall
from locks import change_words, queries
from locks.change_words import Ahead
from locks.known import Code, Door, Doors
from locks.lock_plan import hold_until
from locks.said import Said
from reservations.models import Companion, Reservation, Stay
from reservations.verbs import NeedsConfirmation, Refused

SHARED = "shared"
"""The holder of one PIN for all rooms of a booking."""


@dataclass(frozen=True)
class Line:
    """What happens at one door; `guest` is empty where it is clear whose code is meant. `said` goes on after the door's
    name: `Room 12 loses its code at once`."""

    door: str
    said: Said
    guest: str = ""
    changes: bool = True


@dataclass(frozen=True)
class Preview:
    """All that is to be known before saying yes. `warnings` are those that the verb asks to confirm; `refused` is why
    it cannot be done at all."""

    lines: tuple[Line, ...] = ()
    warnings: tuple[str, ...] = ()
    refused: str = ""

    @property
    def moves(self) -> bool:
        """Is there anything to say yes to?"""
        return bool(self.warnings) or any(line.changes for line in self.lines)

    @property
    def key(self) -> str:
        """The same for the same sentences: what somebody has seen is still so."""
        return hashlib.sha256(repr((self.lines, self.warnings, self.refused)).encode()).hexdigest()[:16]


def of(verb: Callable, stay: Stay, *others: Stay, by, **wish) -> Preview:
    """What `verb(stay, *others, by=by, **wish)` would do now. Nothing is done: it runs in a transaction that is taken
    back, for a moment it holds the rows that the verb holds. The number of queries does not depend on rows."""
    involved = (stay, *others)
    call = partial(verb, *involved, by=by, **wish)
    try:
        return _tried(call, involved, ())
    except NeedsConfirmation as question:
        return _confirmed(partial(call, confirmed=True), involved, tuple(question.warnings))
    except Refused as refusal:
        return Preview(refused=str(refusal))


def _confirmed(call: Callable, involved: tuple[Stay, ...], warnings: tuple[str, ...]) -> Preview:
    try:
        return _tried(call, involved, warnings)
    except Refused as refusal:
        return Preview(refused=str(refusal))


def _tried(call: Callable, involved: tuple[Stay, ...], warnings: tuple[str, ...]) -> Preview:
    property = involved[0].property
    with transaction.atomic():
        begun = clock.now()
        before = _read(involved)
        call()
        after = _read(involved)
        ours = {one.grant_id for one in (*before.values(), *after.values()) if one.grant_id}
        others = queries.redrawn_since(property, begun, besides=ours)
        facts = _facts(property, after, ours)
        transaction.set_rollback(True)
    told = [
        line
        for key in before
        for line in _lines(before[key], after[key], facts)
        if line.changes or key[0] != SHARED  # most of its doors are other rooms'
    ]
    digits = [
        _new_digits(one.guest)
        for key, one in after.items()
        if _other_digits(before[key], one)
        and (key[0] != SHARED or before[key].pins(wanted=True))  # made again, it is another anyway
    ]
    near = _("%(guest)s gets another PIN, for this one comes near it: tell them the new one.")
    digits += [near % {"guest": name} for name in others]
    return Preview(_sorted(told), (*warnings, *digits))


@dataclass(frozen=True)
class _Reading:
    """The codes of one guest, of one who comes along, or of all rooms of a booking: by door the one that counts, and the
    backup code handed out in its place. `named`: it must be said whose they are."""

    guest: str
    named: bool
    grant_id: int | None
    codes: dict[int, Code]
    backups: dict[int, Code]

    def pins(self, *, wanted: bool) -> set[int]:
        """The digits of its codes (of those that are `wanted`), as the index that stands for them."""
        return {
            code.pin_index for code in self.codes.values() if code.pin_index and (code.wanted or not wanted)
        }


def _read(involved: tuple[Stay, ...]) -> dict[tuple, _Reading]:
    """Whoever has codes through these stays, as it is in the database now. Five queries."""
    ids = [stay.pk for stay in involved]
    guests = Stay.objects.filter(pk__in=ids).order_by("pk")
    guests = guests.values_list("pk", "grant_id", "reservation__guest__name")
    along = Companion.objects.filter(stay__in=ids).order_by("pk").values_list("pk", "grant_id", "name")
    shared = Reservation.objects.filter(stays__in=ids).order_by("pk").distinct()
    shared = shared.values_list("pk", "grant_id", "guest__name")
    holders = [("guest", len(ids) > 1, *row) for row in guests] + [("companion", True, *row) for row in along]
    holders += [
        (SHARED, True, pk, grant_id, _("%(guest)s, all rooms") % {"guest": name})
        for pk, grant_id, name in shared
    ]
    codes = queries.codes_of([grant_id for *who, grant_id, name in holders if grant_id])
    backups = queries.backups_of(code for some in codes.values() for code in some)
    return {
        (kind, pk): _reading(name, named, grant_id, codes.get(grant_id, []), backups)
        for kind, named, pk, grant_id, name in holders
    }


def _reading(
    name: str, named: bool, grant_id: int | None, codes: list[Code], backups: dict[int, Code]
) -> _Reading:
    counting = {code.lock_id: code for code in codes}  # the wanted one comes last
    given = {
        lock_id: backups[code.pulled_backup_id]
        for lock_id, code in counting.items()
        if code.pulled_backup_id in backups
    }
    return _Reading(name, named, grant_id, counting, given)


@dataclass(frozen=True)
class _Facts:
    doors: Doors
    wall: Wall
    lead: timedelta
    ends: dict[int, list]


def _facts(property: Property, after: dict[tuple, _Reading], ours: Collection[int]) -> _Facts:
    own = {lock_id for one in after.values() for lock_id in one.codes}
    return _Facts(
        doors=queries.doors(property),
        wall=Wall(property, clock.now()),
        lead=timedelta(minutes=property.just_in_time_minutes),
        ends=queries.others_end(own, besides=ours),
    )


def _lines(before: _Reading, after: _Reading, facts: _Facts) -> list[Line]:
    guest = after.guest if after.named else ""
    lines = []
    for lock_id in {**before.codes, **after.codes}:
        door = facts.doors.by_id.get(lock_id)
        if door is None:
            continue
        was, will = before.codes.get(lock_id), after.codes.get(lock_id)
        lines += _line(was, will, door, facts, guest)
        was, will = before.backups.get(lock_id), after.backups.get(lock_id)
        if was is not None and change_words.changes(was, will, facts.wall):
            lines += [
                replace(line, door=_("%(door)s, backup code,") % {"door": line.door})
                for line in _line(was, will, door, facts, guest)
            ]
    return lines


def _line(was: Code | None, will: Code | None, door: Door, facts: _Facts, guest: str) -> list[Line]:
    held = None
    if will is not None and not door.common:
        held = hold_until(will.starts_at, facts.ends.get(door.id, []), facts.lead)
    said = change_words.change_words(was, will, door, Ahead(facts.lead, held), facts.wall)
    if said is None:
        return []
    return [Line(door.name, said, guest, change_words.changes(was, will, facts.wall))]


def _sorted(lines: list[Line]) -> tuple[Line, ...]:
    """What changes first, by door as a person counts."""
    return tuple(sorted(lines, key=lambda line: (not line.changes, natural(line.door), line.guest)))


def _other_digits(before: _Reading, after: _Reading) -> bool:
    """Are there digits that the guest did not have?"""
    had = before.pins(wanted=False)
    return bool(had) and not after.pins(wanted=True) <= had


def _new_digits(guest: str) -> str:
    words = _("%(guest)s gets another PIN: a door does not take the present one. Tell the guest the new one.")
    return words % {"guest": guest}
