"""django-q2 entry points of stays. They take nothing or numbers, load everything themselves and are harmless when run twice."""

import logging
import time

from django_q.tasks import async_task

from reservations import misfits, stays
from reservations.models import Stay, StayState

log = logging.getLogger(__name__)

LASTS = 60.0
"""Seconds after which the rest is left to another task, well under the queue's time-out."""


def fit_doors() -> int:
    """Give every stay the doors that its room has now, in the window that its dates say now; returns how many were
    fitted."""
    ends, fitted = time.monotonic() + LASTS, 0
    for stay in misfits.find():
        if time.monotonic() > ends:
            if fitted:  # else none of them can be: the next run in some minutes is soon enough
                async_task("reservations.tasks.fit_doors")
            break
        fitted += _fitted(stay)
    return fitted


def follow_house(property_id: int, after: int = 0) -> int:
    """Bring the codes and messages of a house's running and coming stays in line with what was just set for it, those
    with a number above `after`; returns how many were."""
    active = Stay.objects.filter(property=property_id, state__in=[StayState.BOOKED, StayState.IN_HOUSE])
    ends, fitted = time.monotonic() + LASTS, 0
    for stay in active.filter(pk__gt=after).select_related("property").order_by("pk").iterator(500):
        if time.monotonic() > ends:
            async_task("reservations.tasks.follow_house", property_id, stay.pk - 1)
            break
        fitted += _fitted(stay)
    return fitted


def _fitted(stay: Stay) -> bool:
    try:
        stays.fit_doors(stay, by=None)
    except stays.Refused as refusal:
        log.warning("stay %s does not fit its room's doors or its dates: %s", stay.public_id, refusal)
        return False
    return True
