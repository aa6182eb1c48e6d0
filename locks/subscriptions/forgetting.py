"""What was delivered, and what was given up, is not kept for ever."""

from datetime import timedelta

from django.db.models import Q

from hospitality import clock
from locks.models import Delivery

DELIVERED_KEPT, DEAD_KEPT = timedelta(days=30), timedelta(days=90)
"""Far longer than events are looked through (`locks.subscriptions.gathering`): nothing is delivered anew for it."""
BATCH = 1000
"""So many are deleted at a time."""

State = Delivery.State


def forget() -> int:
    """Delete old deliveries with their attempts, and those to webhooks that are long removed; returns how many."""
    now = clock.now()
    old = Q(state=State.DELIVERED, ended_at__lt=now - DELIVERED_KEPT)
    old |= Q(state=State.DEAD, ended_at__lt=now - DEAD_KEPT)
    old |= Q(webhook__removed_at__lt=now - DELIVERED_KEPT)
    forgotten = 0
    while batch := list(Delivery.objects.filter(old).values_list("pk", flat=True)[:BATCH]):
        Delivery.objects.filter(pk__in=batch).delete()
        forgotten += len(batch)
    return forgotten
