"""django-q2 entry points of the feeds. They take nothing and are harmless when run twice."""

from datetime import timedelta

from hospitality import clock
from reservations.feeds import sync
from reservations.feeds.models import ReceivedReservations

KEPT = timedelta(days=30)


def read_calendars() -> int:
    """Read the portals' calendars that are due; returns how many."""
    return sync.run()


def forget_calls() -> int:
    """Delete what the webhook was told long ago; returns how many calls. The stays and the record stay."""
    old = ReceivedReservations.objects.filter(received_at__lt=clock.now() - KEPT)
    return old.delete()[0]
