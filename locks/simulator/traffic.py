"""The count of the API's calls, in memory: how many, how long they took, and how many there were at once."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic

from locks.simulator import wire


class Traffic:
    """Counts from the start of this process. A call is under way from its request until its answer is sent."""

    def __init__(self) -> None:
        self._kinds: Counter[str] = Counter()
        self._under_way: Counter[str] = Counter()
        self._seconds = 0.0
        self._at_once = self._most = self._most_on_one = 0
        self._first_at: datetime | None = None
        self._last_at: datetime | None = None

    @contextmanager
    def call(self, method: str, path: str) -> Iterator[None]:
        """One call, from begin to end. `path` begins with /api/."""
        kind, lock_id = _kind(method, path)
        self._kinds[kind] += 1
        self._first_at = self._first_at or datetime.now(UTC)
        self._at_once += 1
        self._most = max(self._most, self._at_once)
        if lock_id:
            self._under_way[lock_id] += 1
            self._most_on_one = max(self._most_on_one, self._under_way[lock_id])
        began = monotonic()
        try:
            yield
        finally:
            self._seconds += monotonic() - began
            self._last_at = datetime.now(UTC)
            self._at_once -= 1
            if lock_id:
                self._under_way[lock_id] -= 1
                if not self._under_way[lock_id]:
                    del self._under_way[lock_id]

    def told(self) -> dict:
        """CALLS, as the package's docstring describes it."""
        return {
            "calls": self._kinds.total() - self._at_once,
            "under_way": self._at_once,
            "seconds": self._seconds,
            "first_at": wire.iso(self._first_at),
            "last_at": wire.iso(self._last_at),
            "most_at_once": self._most,
            "most_at_once_on_one_lock": self._most_on_one,
            "kinds": dict(self._kinds),
        }


def _kind(method: str, path: str) -> tuple[str, str | None]:
    """`GET /locks/ID/codes`, and the lock's id where there is one."""
    parts = path.split("/")[2:]
    shape = "/".join("ID" if number % 2 else part for number, part in enumerate(parts))
    return f"{method} /{shape}", parts[1] if len(parts) > 1 and parts[0] == "locks" else None
