"""A guest who cannot get in rings the desk's screens, until somebody has helped. Steps of the verbs on stays: the
caller holds the stay's row."""

from datetime import datetime, timedelta

from hospitality import clock
from hospitality.sentences import Sentence, kept
from reservations.models import GuestCall, Stay
from reservations.verbs import tell

PRESSED_AGAIN_AFTER = timedelta(seconds=10)
"""Presses that follow sooner are one."""


def ring(stay: Stay, *, by, why: Sentence) -> GuestCall:
    """Open the stay's call, or press it again; `why` is what is known to be in the way."""
    now = clock.now()
    call = GuestCall.objects.filter(stay=stay, closed_at__isnull=True).first()
    if call is None:
        call = GuestCall.objects.create(stay=stay, opened_at=now, opened_by=by, pressed_at=now, why=why)
        tell(stay, by=by, action="guest.cannot_get_in", why=kept(why))
    elif _counts(call, now):
        call.presses += 1
        call.pressed_at, call.why = now, why
        call.save(update_fields=["presses", "pressed_at", "why"])
        tell(stay, by=by, action="guest.cannot_get_in", why=kept(why))
    return call


def _counts(call: GuestCall, now: datetime) -> bool:
    return now >= call.pressed_at + PRESSED_AGAIN_AFTER


def close(stay: Stay, *, by) -> bool:
    """Somebody has helped, or the stay is over. Was a call open?"""
    open_calls = GuestCall.objects.filter(stay=stay, closed_at__isnull=True)
    return bool(open_calls.update(closed_at=clock.now(), closed_by=by))
