"""Serving all due locks side by side, from one task: provider calls wait on the network, not on each other.

Visits run on many threads that hold no database connection; what they have to read and write is gathered and done for
many at once (`locks.gathering`). So a call to a slow lock costs a thread that sleeps, and nothing else.
"""

import logging
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait

from hospitality import alone
from locks import budget, leases, reconcile, recording
from locks.gathering import Gathering

log = logging.getLogger(__name__)

VISITS_AT_ONCE = 500
"""Those at a slow call not counted; more than there may be calls at once, as others wait for the database."""
LASTS = 60.0
"""Seconds after which a sweep claims nothing more, well under the queue's time-out."""
DRAINS = 5.0
"""Seconds for which the next sweep waits for this one's visits, so that they do not add up; slow ones it overtakes."""
LISTEN = 0.2
"""Seconds between two looks for newly due locks while visits are under way."""


def run() -> int:
    """Serve due locks until none is left, or `LASTS` is over; returns the number of visits. A no-op while
    another sweep of this node is at it."""
    # Slow visits are waited for outside: the next sweep need not wait for them.
    with (
        Gathering() as gathering,
        ThreadPoolExecutor(VISITS_AT_ONCE + budget.MOST_SLOW, thread_name_prefix="visit") as visits,
        alone.on_this_node("sweep") as mine,
    ):
        return _serve_all(visits, gathering) if mine else 0


def _serve_all(visits: ThreadPoolExecutor, gathering: Gathering) -> int:
    served, ends = 0, time.monotonic() + LASTS
    running: set[Future] = set()
    while time.monotonic() < ends:
        claimed = leases.claim(max(VISITS_AT_ONCE - _quick(running), 0))
        running |= {visits.submit(_visit, start, gathering) for start in recording.begin(claimed)}
        served += len(claimed)
        if not running:
            break
        running = wait(running, timeout=LISTEN).not_done
    drained = time.monotonic() + DRAINS
    while _quick(running) > 0 and time.monotonic() < drained:
        running = wait(running, timeout=LISTEN).not_done
    return served


def _quick(running: set[Future]) -> int:
    return len(running) - budget.calls.slow()


def _visit(start: recording.Start, gathering: Gathering) -> None:
    """One lock's trouble stays its own: whatever goes wrong, it is left alone for a while and tried again."""
    try:
        with gathering.taking_part():
            reconcile.visit(start, gathering.run)
    except Exception:
        number = start.lease.lock_id
        log.exception("the visit to lock %s failed; it is tried again later", number)
        try:
            gathering.run(recording.give_up, recording.Renewal(start.lease))
        except Exception:
            log.exception("lock %s could not be put off either; its lease runs out in seconds", number)
