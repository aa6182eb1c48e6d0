"""Codes made by arithmetic in the desk's words. The lock was not asked, so nothing of them was ever seen."""

from hospitality.wall import Wall
from locks.known import Code
from locks.said import Said
from locks.thresholds import FIRST_USE_WITHIN


def stands(code: Code, wall: Wall) -> Said:
    """Where a code made by arithmetic stands: only its times are known."""
    if code.issued_ends_at is None:
        if code.over(wall.now):
            return Said("off", "Never issued")
        due = code.starts_at is None or code.starts_at <= wall.now
        return Said("warn" if due else "wait", "Not issued yet; this lock takes codes made by arithmetic")
    begins, ends = wall.time(code.issued_starts_at), wall.time(code.issued_ends_at)
    if code.issued_ends_at <= wall.now:
        if code.over(wall.now):
            return Said("off", f"Its time ended {ends}; the lock was not asked")
        return Said("warn", f"Its time ended {ends}; issue another one")
    if code.over(wall.now):
        return Said("warn", f"Cannot be revoked, opens until {ends}")
    once = " once" if code.is_one_time_use else ""
    text = f"Made by arithmetic, opens{once} from {begins} until {ends}; the lock was not asked"
    if _uncovered(code):
        return Said("warn", f"Does not cover the stay. {text}")
    return Said("wait", f"{text}{_first_use(code, wall)}")


def _uncovered(code: Code) -> bool:
    """Is there a part of the wanted time, from the issue on, in which it does not open?"""
    from_then = max(filter(None, (code.starts_at, code.issued_at)))
    return from_then < code.issued_starts_at or code.ends_at is None or code.issued_ends_at < code.ends_at


def _first_use(code: Code, wall: Wall) -> str:
    if code.first_used_at or code.issued_ends_at - code.issued_starts_at <= FIRST_USE_WITHIN:
        return ""
    latest = code.issued_starts_at + FIRST_USE_WITHIN
    if wall.now < latest:
        return f"; must be used for the first time before {wall.time(latest)}"
    return f"; only if it was used before {wall.time(latest)}"
