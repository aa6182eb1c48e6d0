"""What goes wrong between the maker's cloud and a lock, as its knobs say, and what the log says of it."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from locks.simulator.device import Lock
from locks.simulator.refusal import Refusal
from locks.simulator.store import Store

BUSY_SECONDS = 2


def device_offline() -> Refusal:
    return Refusal(503, "device_offline", "The lock does not answer.")


def offline_only() -> Refusal:
    return Refusal(409, "offline_only", "This lock is never connected: its codes are made by arithmetic.")


def refuse_unreachable(lock: Lock) -> None:
    """Raise Refusal where the cloud cannot talk to the lock."""
    if not lock.can.can_program_online_access_codes:
        raise offline_only()
    if lock.hub_online is False:
        raise Refusal(503, "hub_offline", "The hub in front of the lock does not answer.")
    if not lock.online:
        raise device_offline()


class Faults:
    """The knobs that count down, answers that are held back, and who is asking a lock just now."""

    def __init__(self, store: Store):
        self._store = store
        self._held: dict[str, asyncio.Event] = {}
        self._under_way: Counter[str] = Counter()

    def refuse(self, lock: Lock, operation: str) -> None:
        """Raise Refusal where a request for the lock's codes is not done. `operation`: list, create, ..."""
        refuse_unreachable(lock)
        knobs, write = lock.knobs, operation != "list"
        if knobs.provider_error:
            raise Refusal(500, knobs.provider_error, "Something went wrong.")
        if self.spend(lock.id, "busy_next_answers"):
            raise Refusal(
                429, "busy", f"The lock is busy: ask again in {BUSY_SECONDS} seconds.", BUSY_SECONDS
            )
        refused = operation == "delete" and knobs.refuse_deletes
        if refused or write and self.spend(lock.id, "fail_next_writes"):
            raise Refusal(500, "internal_error", "Something went wrong.")

    def spend(self, lock_id: str, knob: str) -> bool:
        """Use up one of a counting knob; False where none is left."""
        lock = self._store.lock(lock_id)
        left = getattr(lock.knobs, knob)
        if left <= 0:
            return False
        with self._store.transaction():
            self._store.save_lock(replace(lock, knobs=replace(lock.knobs, **{knob: left - 1})))
        return True

    def refused(self, lock_id: str | None, operation: str, refusal: Refusal, pin: str | None) -> None:
        """Write a refused request of the maker's API down."""
        details = {"operation": operation, "status": refusal.status, "code": refusal.code, "pin": pin}
        self.note(lock_id, "request.refused", details)

    def note(self, lock_id: str | None, kind: str, details: dict) -> None:
        """One more line in the log."""
        with self._store.transaction():
            self._store.append(lock_id, kind, details)

    @contextmanager
    def one_more(self, lock_id: str, operation: str) -> Iterator[None]:
        """A request for the codes of a lock is under way; that another one was already goes into the log."""
        if self._under_way[lock_id]:
            self.note(lock_id, "request.overlap", {"operation": operation})
        self._under_way[lock_id] += 1
        try:
            yield
        finally:
            self._under_way[lock_id] -= 1
            if not self._under_way[lock_id]:
                del self._under_way[lock_id]

    def hold(self, lock_id: str) -> asyncio.Event:
        """What a held answer waits for."""
        return self._held.setdefault(lock_id, asyncio.Event())

    def release(self, lock_id: str) -> None:
        """Let the held answers of a lock go."""
        held = self._held.pop(lock_id, None)
        if held:
            held.set()
