"""django-q2 entry points of stays. They take nothing, load everything themselves and are harmless when run twice."""

import logging
import time

from django_q.tasks import async_task

from reservations import grants, stays
from reservations.models import Stay

log = logging.getLogger(__name__)

LASTS = 60.0
"""Seconds after which the rest is left to another task, well under the queue's time-out."""


def fit_doors() -> int:
    """Give every stay the doors that its room has now, in the window that its dates say now; returns how many were
    fitted."""
    ends, fitted = time.monotonic() + LASTS, 0
    for stay in grants.misfits():
        if time.monotonic() > ends:
            if fitted:  # else none of them can be: the next run in some minutes is soon enough
                async_task("reservations.tasks.fit_doors")
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
