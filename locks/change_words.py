"""What a change will do at one door, in words and before it is made: pure, from the code as it is wanted now and as it
would be wanted then, and from what is known of the lock. Nothing is promised: an offline lock is said to be so.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from hospitality.wall import Wall
from locks.facts import Door as DoorFacts
from locks.facts import Wanted
from locks.known import Code, Door
from locks.plan import load_at
from locks.said import Said
from locks.words import at, offline_words

AT_ONCE = timedelta(minutes=1)
"""A code that belongs on its lock within this time is written now."""


@dataclass(frozen=True)
class Ahead:
    """How the door is loaded: `lead` before the start where it keeps no schedules, and not before `not_before`, when
    the guest before has gone."""

    lead: timedelta
    not_before: datetime | None = None


def change_words(
    before: Code | None, after: Code | None, door: Door, ahead: Ahead, wall: Wall
) -> Said | None:
    """Half a sentence that goes on after the door's name; None where the door has nothing to do with it. `before` and
    `after`: the code at this door that counts, as it is wanted now and then (None: none)."""
    has, gets = _wanted(before, wall), _wanted(after, wall)
    if has and gets:
        return _follows(before, after, door, ahead, wall)
    if has:
        return _loses(before, door, wall)
    if gets:
        return _gets(before, after, door, ahead, wall)
    return None


def changes(before: Code | None, after: Code | None, wall: Wall) -> bool:
    """Does anything that is wanted of the code at this door change?"""
    has, gets = _wanted(before, wall), _wanted(after, wall)
    return has != gets or (has and _wish(before) != _wish(after))


def _wanted(code: Code | None, wall: Wall) -> bool:
    return code is not None and not code.over(wall.now)


def _wish(code: Code) -> tuple:
    return code.starts_at, code.ends_at, code.pin_index


def _loses(code: Code, door: Door, wall: Wall) -> Said:
    if code.is_offline_access_code:
        if code.issued_ends_at is None or code.issued_ends_at <= wall.now:
            return Said("off", _("has no offline code of the stay out"))
        text = _("goes on opening with its offline code, which cannot be taken back, until %(when)s")
        return Said("bad", text % {"when": wall.time(code.issued_ends_at)})
    if code.observed == "absent" and not code.unanswered:
        return Said("off", _("does not have the code yet, and does not get it"))
    if not door.reachable:
        own_end = code.observed_ends_at if code.observed == "present" else None
        if not _later(own_end, wall):
            return Said("bad", _offline(_("keeps the code until the lock answers again"), door, wall))
        keeps = _("keeps the code until the lock answers again, at the latest until %(when)s")
        return Said("bad", _offline(keeps % {"when": wall.time(own_end)}, door, wall))
    return Said("wait", _("loses the code at once; it is gone when the lock confirms it"))


def _offline(text: str, door: Door, wall: Wall) -> str:
    """The text, and why the lock cannot be written to."""
    # Translators: `text`: "keeps the code until the lock answers again"; `why`: "lock offline since 14:02"
    return _("%(text)s: %(why)s") % {"text": text, "why": offline_words(door, wall)}


def _gets(before: Code | None, after: Code, door: Door, ahead: Ahead, wall: Wall) -> Said:
    if after.is_offline_access_code:
        return Said("warn", _("takes an offline code only: issue it afterwards"))
    if before is not None and before.observed == "present" and before.pin_index == after.pin_index:
        text = _("has the code still, and keeps it until %(when)s")
        return Said("wait", text % {"when": wall.time(after.ends_at)})
    loads = _loads(after, door, ahead)
    if loads > wall.now + AT_ONCE:
        said = _gets_later(loads, door, ahead, wall)
        if door.keeps_schedules:
            said += _opens(after, wall)
        if door.reachable:
            return Said("wait", said)
        # Translators: `why`: "lock offline since 14:02"
        now = _("now %(why)s") % {"why": offline_words(door, wall)}
        return Said("warn", f"{said}; {now}")
    if not door.reachable:
        return Said("bad", _offline(_("does not open before the lock answers again"), door, wall))
    if _full(door):
        return Said("warn", _("gets the code when a place on the lock is free: it is full"))
    text = _("gets the code in about a minute, sure when the lock confirms it")
    return Said("wait", f"{text}{_opens(after, wall)}")


def _gets_later(loads: datetime, door: Door, ahead: Ahead, wall: Wall) -> str:
    # Translators: `at`: "at 14:02", or "on 21 Nov, 14:02"
    text = _("gets the code %(at)s (just in time)")
    if ahead.not_before == loads:
        # Translators: `at`: "at 14:02", or "on 21 Nov, 14:02"
        text = _("gets the code %(at)s (when the guest before has gone)")
    elif door.keeps_schedules:
        # Translators: `at`: "at 14:02", or "on 21 Nov, 14:02"
        text = _("gets the code %(at)s (72 hours ahead)")
    return text % {"at": at(loads, wall)}


def _opens(code: Code, wall: Wall) -> str:
    """From when on it opens, if not at once; to be joined to what the door gets."""
    if not _later(code.starts_at, wall):
        return ""
    text = _("it opens from %(when)s") % {"when": wall.time(code.starts_at)}
    return f"; {text}"


def _follows(before: Code, after: Code, door: Door, ahead: Ahead, wall: Wall) -> Said:
    if not changes(before, after, wall):
        return Said("good", _("unchanged"))
    if after.is_offline_access_code:
        if before.issued_ends_at is None or before.issued_ends_at <= wall.now:
            return Said("wait", _("takes an offline code, which is issued for the new times"))
        text = _("has an offline code that does not change: it opens until %(when)s")
        return Said("warn", text % {"when": wall.time(before.issued_ends_at)})
    if before.observed == "absent" and not before.unanswered:
        return _gets(before, after, door, ahead, wall)
    words = _window(before, after, wall)
    if before.pin_index != after.pin_index:
        words = ", ".join(filter(None, [_("opens with the old digits until it has the new ones"), words]))
    if not _written(before, after, door, ahead, wall):
        if door.reachable:
            return Said("good", words)
        # Translators: `words`: "opens until 21 Nov, 11:00 with the same digits"
        comes_off = _("%(words)s; it comes off then only if the lock answers") % {"words": words}
        return Said("warn", _offline(comes_off, door, wall))
    if door.reachable:
        # Translators: `words`: "opens until 21 Nov, 11:00 with the same digits"
        return Said("wait", _("%(words)s, once the lock confirms it") % {"words": words})
    if door.keeps_schedules and before.ends_at:
        # Translators: `words`: "opens until 21 Nov, 11:00 with the same digits"
        text = _("%(words)s, only when the lock answers again; before that until %(when)s, as now")
        text %= {"words": words, "when": wall.time(before.ends_at)}
    else:
        # Translators: `words`: "opens until 21 Nov, 11:00 with the same digits"
        text = _("%(words)s, only when the lock answers again; before that as now") % {"words": words}
    return Said("bad", _offline(text, door, wall))


def _window(before: Code, after: Code, wall: Wall) -> str:
    """The new bounds, those that differ; empty if none does."""
    begins = wall.time(after.starts_at) if _later(after.starts_at, wall) else ""
    ends = wall.time(after.ends_at) if after.ends_at != before.ends_at else ""
    if after.starts_at != before.starts_at:
        if begins and ends:
            text = _("opens from %(begins)s, until %(ends)s")
        elif ends:
            text = _("opens from now on, until %(ends)s")
        else:
            text = _("opens from %(begins)s") if begins else _("opens from now on")
    elif not ends:
        text = ""
    elif before.pin_index != after.pin_index:
        text = _("opens until %(ends)s")
    else:
        text = _("opens until %(ends)s with the same digits")
    return text % {"begins": begins, "ends": ends}


def _written(before: Code, after: Code, door: Door, ahead: Ahead, wall: Wall) -> bool:
    """Must the lock itself be told now? One that keeps no schedules only learns of digits, and is written at the ends."""
    if before.pin_index != after.pin_index or door.keeps_schedules:
        return True
    return _loads(after, door, ahead) > wall.now


def _loads(code: Code, door: Door, ahead: Ahead) -> datetime:
    facts = DoorFacts(native_scheduling=door.keeps_schedules, lead=ahead.lead)
    wanted = Wanted(
        present=True,
        pin=None,
        name="",
        asked_at=code.asked_at,
        starts_at=code.starts_at,
        ends_at=code.ends_at,
        not_before=ahead.not_before,
    )
    return load_at(wanted, facts)


def _later(moment: datetime | None, wall: Wall) -> bool:
    return moment is not None and moment > wall.now


def _full(door: Door) -> bool:
    return any(one["warning_code"] == "max_access_codes_reached" for one in door.warnings)
