"""Codes made by arithmetic in the desk's words. The lock was not asked, so nothing of them was ever seen."""

from django.utils.translation import gettext as _

from hospitality.wall import Wall
from locks.known import Code
from locks.said import Said
from locks.thresholds import FIRST_USE_WITHIN


def stands(code: Code, wall: Wall) -> Said:
    """Where a code made by arithmetic stands: only its times are known."""
    if code.issued_ends_at is None:
        if code.over(wall.now):
            return Said("off", _("Never issued"))
        due = code.starts_at is None or code.starts_at <= wall.now
        return Said("warn" if due else "wait", _("Not issued yet; this lock takes codes made by arithmetic"))
    times = {"begins": wall.time(code.issued_starts_at), "ends": wall.time(code.issued_ends_at)}
    if code.issued_ends_at <= wall.now:
        if code.over(wall.now):
            return Said("off", _("Its time ended %(ends)s; the lock was not asked") % times)
        return Said("warn", _("Its time ended %(ends)s; issue another one") % times)
    if code.over(wall.now):
        return Said("warn", _("Cannot be revoked, opens until %(ends)s") % times)
    text = _("Made by arithmetic, opens from %(begins)s until %(ends)s; the lock was not asked")
    if code.is_one_time_use:
        text = _("Made by arithmetic, opens once from %(begins)s until %(ends)s; the lock was not asked")
    text %= times
    if _uncovered(code):
        # Translators: `stands`: "Made by arithmetic, opens from 14:00 until 18:00; the lock was not asked"
        return Said("warn", _("Does not cover the stay. %(stands)s") % {"stands": text})
    return Said("wait", f"{text}{_first_use(code, wall)}")


def _uncovered(code: Code) -> bool:
    """Is there a part of the wanted time, from the issue on, in which it does not open?"""
    from_then = max(filter(None, (code.starts_at, code.issued_at)))
    return from_then < code.issued_starts_at or code.ends_at is None or code.issued_ends_at < code.ends_at


def _first_use(code: Code, wall: Wall) -> str:
    if code.first_used_at or code.issued_ends_at - code.issued_starts_at <= FIRST_USE_WITHIN:
        return ""
    latest = code.issued_starts_at + FIRST_USE_WITHIN
    text = _("only if it was used before %(when)s")
    if wall.now < latest:
        text = _("must be used for the first time before %(when)s")
    return f"; {text % {'when': wall.time(latest)}}"
