"""The states that a stay's row derives from its dates and the time: due, late in, in house, overdue out."""

from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from django.utils.text import capfirst
from django.utils.translation import gettext_noop

from locks.said import Said
from reservations.models import StayState
from reservations.rows.doors import DoorLine
from reservations.rows.facts import Facts

LATE_IN_AFTER = timedelta(hours=3)
"""So long after check-in time a guest who has not come is late: with check-in at 15:00 that is 18:00, the hour until
which hotels hold a room by custom."""
LATE_IN, OVERDUE_OUT = "late_in", "overdue_out"
TONES = ("bad", "warn", "wait", "off", "good")
CODE = {
    "good": gettext_noop("Code set"),
    "wait": gettext_noop("Code to come"),
    "warn": gettext_noop("Code in doubt"),
    "bad": gettext_noop("Code failed"),
    "off": gettext_noop("No code"),
}
"""What the worst of a stay's doors says of the code, in two words, by its tone."""


class Note(NamedTuple):
    """Something a clerk must know of a stay, in two words and in a sentence. `first`: also before a code that failed."""

    brief: str
    said: Said
    first: bool = False


def late_note(late: str, facts: Facts) -> Note:
    """That the guest is LATE_IN or OVERDUE_OUT."""
    _ = facts.wall.gettext
    words = _("Late in") if late == LATE_IN else _("Overdue out")
    return Note(words, Said("warn", words), first=True)


def late(stay: dict, facts: Facts) -> str:
    """LATE_IN for a guest who should have come by now, OVERDUE_OUT for one who should have left; else empty."""
    wall, hotel = facts.wall, facts.property
    if stay["state"] == StayState.BOOKED and stay["arrival"] <= wall.today:
        due = hotel.at(stay["arrival"], stay["check_in_time"] or hotel.check_in_time)
        return LATE_IN if wall.now >= due + LATE_IN_AFTER else ""
    if stay["state"] == StayState.IN_HOUSE and stay["departure"] <= wall.today:
        due = hotel.at(stay["departure"], stay["check_out_time"] or hotel.check_out_time)
        return OVERDUE_OUT if wall.now >= due else ""
    return ""


def state_words(stay: dict, facts: Facts) -> str:
    """`Due today`, `Leaves today`, `Left 10:12`, ..."""
    wall, _ = facts.wall, facts.wall.gettext
    if stay["state"] == StayState.BOOKED:
        if stay["arrival"] == wall.today:
            return _("Due today")
        due = {"day": wall.day(stay["arrival"])}
        return _("Was due %(day)s") % due if stay["arrival"] < wall.today else _("Due %(day)s") % due
    if stay["state"] == StayState.IN_HOUSE:
        if stay["departure"] < wall.today:
            return _("Should have left %(day)s") % {"day": wall.day(stay["departure"])}
        return _("Leaves today") if stay["departure"] == wall.today else _("In house")
    if stay["state"] == StayState.DEPARTED:
        at = stay["checked_out_at"]
        return _("Left %(time)s") % {"time": wall.time(at)} if at else _("Left")
    return capfirst(str(StayState(stay["state"]).label))


def brief(stay: dict, notes: tuple[Note, ...], codes: Iterable[DoorLine], facts: Facts) -> Said:
    """The one thing to know of the stay, in a word or two: what a person must see to before what is well."""
    _ = facts.wall.gettext
    tone = min((line.said.tone for line in codes), key=TONES.index, default="off")
    if stay["state"] == StayState.DEPARTED:
        return Said("off", _("Left")) if tone in ("off", "good") else Said(tone, _("Old code on door"))
    if stay["state"] not in (StayState.BOOKED, StayState.IN_HOUSE):
        return Said("off", capfirst(str(StayState(stay["state"]).label)))
    if not stay["room_id"]:
        return Said("warn", _("No room"))
    if notes and (tone != "bad" or notes[0].first):
        return Said(notes[0].said.tone, notes[0].brief)
    return Said(tone, _(CODE[tone]))
