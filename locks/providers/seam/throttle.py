"""How often one device may be asked to change, as Seam documents it."""

import threading
import time
from collections import defaultdict, deque

from locks.providers.base import LockBusy

MINUTE = 60.0
MOST = {"create": 10, "update": 10, "delete": 20, "unlock": 15}
"""Calls on one device within a minute; what is more is answered 429."""


class Throttle:
    """Counts the calls of this process; several that ask at once may still be answered 429 by Seam, which is a LockBusy
    too. May be used by many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sent: dict[tuple[str, str], deque[float]] = defaultdict(deque)

    def take(self, ref: str, kind: str) -> None:
        """Count one call, before it is sent. Raises LockBusy with the seconds to wait, and counts nothing."""
        now = time.monotonic()
        with self._lock:
            sent = self._sent[ref, kind]
            while sent and sent[0] <= now - MINUTE:
                sent.popleft()
            if len(sent) >= MOST[kind]:
                raise LockBusy("The lock was changed as often as Seam allows.", sent[0] + MINUTE - now)
            sent.append(now)
