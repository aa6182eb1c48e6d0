"""Can a lock keep the window that is meant at it?"""

from django.utils.translation import gettext as _

from locks import capabilities, pins, windows
from locks.digits import programmable
from locks.models import AccessCode, AccessGrant, Lock


class WindowNotPossible(Exception):
    """One of the locks cannot keep this window; the message names it and the times that it takes."""


def unfit(lock: Lock, window: windows.Window) -> str:
    """Why no PIN can be kept on a lock in this window, as a sentence that names it; empty if one can."""
    if not programmable([lock]):
        return _("%(door)s takes no PIN: its codes are made by arithmetic.") % {"door": lock}
    try:
        _fitted(lock, window)
    except WindowNotPossible as error:
        return str(error)
    return ""


def check_windows(grant: AccessGrant | None, spans: pins.Windows) -> None:
    """Can every lock that keeps schedules keep its window, and without meeting another guest's? Raises
    WindowNotPossible."""
    for lock in programmable(list(spans)):
        fitted = _fitted(lock, spans[lock])
        if lock.kind == Lock.Kind.OWN and _meets_another(grant, lock, spans[lock], fitted):
            raise WindowNotPossible(_meeting(lock, fitted))


def _meeting(lock: Lock, fitted: windows.Window) -> str:
    start, end = (capabilities.local(lock, moment) if moment else "" for moment in fitted)
    if end:
        why = _(
            "%(lock)s would open from %(start)s to %(end)s, and that meets another guest's time. "
            "Choose other times, or another room."
        )
    else:
        why = _(
            "%(lock)s would open from %(start)s on, and that meets another guest's time. "
            "Choose other times, or another room."
        )
    return why % {"lock": lock, "start": start, "end": end}


def _fitted(lock: Lock, window: windows.Window) -> windows.Window:
    """The window as the lock keeps it; a lock without schedules opens when it is told to. Raises WindowNotPossible."""
    can = capabilities.of(lock)
    if not can.native_scheduling:
        return window
    try:
        return windows.fit(*window, can, capabilities.zone(lock))
    except windows.NotPossible as error:
        raise WindowNotPossible(f"{lock}: {error}") from error


def _meets_another(
    grant: AccessGrant | None, lock: Lock, asked: windows.Window, fitted: windows.Window
) -> bool:
    """Would the window as the lock keeps it open inside another guest's, which the one asked for does not?"""
    if fitted[0] >= asked[0] and (asked[1] is None or fitted[1] <= asked[1]):
        return False
    guests = {"grant__isnull": False, "grant__staff__isnull": True}  # the staff come while guests are there
    others = AccessCode.objects.filter(lock=lock, wanted=True, live=True, **guests)
    meeting = others.exclude(grant=grant).filter(pins.around(*fitted, pins.NO_MARGIN))
    return meeting.exclude(pins.around(*asked, pins.NO_MARGIN)).exists()
