"""Whether a PIN opens the door, by the lock's own clock. Pure: no store, no wire."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from locks.providers import arithmetic
from locks.providers.arithmetic import Found
from locks.simulator.device import Code, Lock

LOCKOUT_AFTER = 5
LOCKOUT = timedelta(seconds=60)
SEARCHES = (timedelta(0), timedelta(hours=-26), timedelta(hours=27))
"""A lock knows only windows that start about now; the others give a better reason for staying shut."""


@dataclass(frozen=True)
class Offline:
    """A window that typed digits stand for by arithmetic; `used`: they have opened this door before."""

    window: Found
    used: bool = False


@dataclass(frozen=True)
class Entry:
    """What became of one PIN typed at the door, and the lock as it is afterwards."""

    opened: bool
    reason: str
    lock: Lock
    code_id: str | None = None
    offline: Offline | None = None
    """What it opened by, where that was no code on the lock."""


def dead(lock: Lock, now: datetime) -> str | None:
    """Why the keypad takes nothing at all, whatever is typed."""
    if lock.replaced_by:
        return "replaced"
    if lock.battery is not None and lock.battery <= 0:
        return "battery_dead"
    if lock.knobs.lockout and lock.locked_until and now < lock.locked_until:
        return "locked_out"
    return None


def search(key: bytes, pin: str, now: datetime) -> Found | None:
    """The window that `pin` stands for, up to a day ahead and two days back. Takes up to a second."""
    for shift in SEARCHES:
        found = arithmetic.match(key, pin, now + shift)
        if found:
            return found
    return None


def enter(
    lock: Lock, codes: Iterable[Code], pin: str, now: datetime, offline: Offline | None = None
) -> Entry:
    """Type `pin` at the keypad at `now` on the lock's own clock."""
    closed = dead(lock, now)
    if closed:
        return Entry(False, closed, lock)
    code = next((code for code in codes if code.pin == pin), None)
    offline = None if code else offline
    reason = _offline_verdict(offline, now) if offline else _verdict(code, now)
    code_id = code.id if code else None
    if reason == "opened":
        return Entry(True, reason, replace(lock, wrong_entries=0, locked_until=None), code_id, offline)
    return Entry(False, reason, _count_wrong(lock, now), code_id)


def _verdict(code: Code | None, now: datetime) -> str:
    if code is None:
        return "unknown_code"
    if not code.active:
        return "inactive"
    if code.starts_at and now < code.starts_at:
        return "not_yet_valid"
    if code.ends_at and now >= code.ends_at:
        return "expired"
    return "opened"


def _offline_verdict(offline: Offline, now: datetime) -> str:
    window = offline.window
    if offline.used and window.kind == arithmetic.ONE_TIME:
        return "used"
    if now < window.starts_at:
        return "not_yet_valid"
    if now >= window.ends_at:
        return "expired"
    if not offline.used and now >= window.starts_at + arithmetic.FIRST_USE:
        return "not_activated"
    return "opened"


def _count_wrong(lock: Lock, now: datetime) -> Lock:
    wrong = lock.wrong_entries + 1
    if wrong < LOCKOUT_AFTER or not lock.knobs.lockout:
        return replace(lock, wrong_entries=wrong, locked_until=None)
    return replace(lock, wrong_entries=0, locked_until=now + LOCKOUT)
