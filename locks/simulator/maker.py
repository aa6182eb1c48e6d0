"""What is done with locks: each verb changes the store and its log in one transaction, then reports.

`api.py` is the maker's cloud in front of it, `door.py` the door and the owner's app.
"""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from locks.simulator import wire
from locks.simulator.device import Code, Entry, Knobs, Lock, Refusal, check, enter
from locks.simulator.store import Store

Report = Callable[[str, str, dict], None]
"""Takes an event's type, its lock's id and its data."""


class Maker:
    """The verbs. `report` is called after the transaction, for what the maker's cloud would learn of."""

    def __init__(self, store: Store, report: Report):
        self.store = store
        self._report = report
        self._held: dict[str, asyncio.Event] = {}

    # Locks

    def lock(self, lock_id: str) -> Lock:
        """Raises Refusal 404."""
        lock = self.store.lock(lock_id)
        if lock is None:
            raise Refusal(404, "lock_not_found", f"There is no lock {lock_id!r}.")
        return lock

    def listed_lock(self, lock_id: str) -> Lock:
        """A lock of the account. Raises Refusal 404, also where it was removed from the account."""
        lock = self.lock(lock_id)
        if lock.knobs.removed:
            raise Refusal(404, "lock_not_found", f"There is no lock {lock_id!r}.")
        return lock

    def add_locks(self, locks: list[Lock]) -> None:
        """All or none. Raises Refusal 409 where an id is taken."""
        with self.store.transaction():
            for lock in locks:
                if self.store.lock(lock.id):
                    raise Refusal(409, "lock_exists", f"There is a lock {lock.id!r} already.")
                self.store.add_lock(lock)
                self.store.append(lock.id, "lock.created", wire.lock_json(lock))

    def factory_reset(self, lock_id: str, new_identity: bool) -> Lock:
        """Every code is gone. Returns the lock as it is from now on, with a new id or the old one."""
        lock = self._present_lock(lock_id)
        fresh = replace(lock, wrong_entries=0, locked_until=None)
        if new_identity:
            fresh = replace(fresh, id=new_lock_id(), knobs=Knobs())
        with self.store.transaction():
            self.store.delete_codes(lock_id)
            if new_identity:
                self.store.add_lock(fresh)
                self.store.append(fresh.id, "lock.created", wire.lock_json(fresh))
                self.store.save_lock(replace(lock, replaced_by=fresh.id))
            else:
                self.store.save_lock(fresh)
            self.store.append(lock_id, "lock.reset", {"now": fresh.id})
        if new_identity:
            self._report("device.disconnected", lock_id, {})
            self._report("device.connected", fresh.id, {})
        return fresh

    # Codes

    def create_code(self, lock_id: str, wanted: Code, *, by: str) -> Code:
        """Raises Refusal. `by`: "api" or "app"."""
        lock = self._present_lock(lock_id)
        check(lock, self.store.codes(lock_id), wanted)
        self._refuse_new_pin(lock, by)
        code = replace(wanted, id=f"code_{secrets.token_hex(8)}")
        with self.store.transaction():
            self.store.add_code(lock_id, code)
            self.store.append(lock_id, "code.created", {"by": by, "code": wire.code_json(code)})
        self._report_app(lock, "code.created", code.id, by)
        return code

    def update_code(self, lock_id: str, wanted: Code, *, by: str) -> Code:
        """Make the code with `wanted.id` equal to `wanted`. Raises Refusal."""
        lock = self._present_lock(lock_id)
        before = self.code(lock_id, wanted.id)
        check(lock, self.store.codes(lock_id), wanted)
        if wanted.pin != before.pin:
            self._refuse_new_pin(lock, by)
        details = {"by": by, "code": wire.code_json(wanted), "before": wire.code_json(before)}
        with self.store.transaction():
            self.store.save_code(wanted)
            self.store.append(lock_id, "code.updated", details)
        self._report_app(lock, "code.changed", wanted.id, by)
        return wanted

    def delete_code(self, lock_id: str, code_id: str, *, by: str) -> None:
        """Raises Refusal 404."""
        lock = self._present_lock(lock_id)
        code = self.code(lock_id, code_id)
        with self.store.transaction():
            self.store.delete_code(code_id)
            self.store.append(lock_id, "code.deleted", {"by": by, "code": wire.code_json(code)})
        self._report_app(lock, "code.deleted", code_id, by)

    def code(self, lock_id: str, code_id: str) -> Code:
        """Raises Refusal 404."""
        found = next((code for code in self.store.codes(lock_id) if code.id == code_id), None)
        if found is None:
            raise Refusal(404, "code_not_found", f"There is no code {code_id!r} on this lock.")
        return found

    # The door

    def press(self, lock_id: str, pin: str) -> Entry:
        """Type a PIN at the door, now. Always possible: the keypad needs no cloud."""
        lock = self.lock(lock_id)
        now = lock.clock(datetime.now(UTC))
        entry = enter(lock, self.store.codes(lock_id), pin, now)
        details = {"pin": pin, "opened": entry.opened, "reason": entry.reason, "code_id": entry.code_id}
        with self.store.transaction():
            self.store.save_lock(entry.lock)
            self.store.append(lock_id, "keypad", {**details, "clock": wire.iso(now)})
        if lock.online and entry.opened:
            self._report("lock.unlocked", lock_id, {"code_id": entry.code_id})
        elif lock.online:
            self._report("lock.access_denied", lock_id, {"reason": entry.reason, "code_id": entry.code_id})
        return entry

    # Faults

    def turn(self, before: Lock, after: Lock, turned: dict) -> None:
        """Set a lock's knobs; `turned` is what was asked, for the log."""
        with self.store.transaction():
            self.store.save_lock(after)
            self.store.append(after.id, "knobs", turned)
        if before.online != after.online:
            self._report("device.connected" if after.online else "device.disconnected", after.id, {})
        if before.battery != after.battery and after.online:
            self._report("device.battery_changed", after.id, {"battery": after.battery})

    def spend(self, lock_id: str, knob: str) -> bool:
        """Use up one of a counting knob; False where none is left."""
        lock = self.lock(lock_id)
        left = getattr(lock.knobs, knob)
        if left <= 0:
            return False
        with self.store.transaction():
            self.store.save_lock(replace(lock, knobs=replace(lock.knobs, **{knob: left - 1})))
        return True

    def refused(self, lock_id: str, operation: str, refusal: Refusal, pin: str | None) -> None:
        """Write a refused request of the maker's API down."""
        details = {"operation": operation, "status": refusal.status, "code": refusal.code, "pin": pin}
        self.append(lock_id, "request.refused", details)

    def append(self, lock_id: str | None, kind: str, details: dict) -> None:
        """One more line in the log."""
        with self.store.transaction():
            self.store.append(lock_id, kind, details)

    def turn_account(self, turned: dict) -> None:
        """Set the account's knobs `down` and `auth`."""
        with self.store.transaction():
            for name, value in turned.items():
                self.store.set_setting(name, value)
            self.store.append(None, "account.knobs", turned)

    def hold(self, lock_id: str) -> asyncio.Event:
        """What a held answer waits for."""
        return self._held.setdefault(lock_id, asyncio.Event())

    def release(self, lock_id: str) -> None:
        """Let the held answers of a lock go."""
        held = self._held.pop(lock_id, None)
        if held:
            held.set()

    def _present_lock(self, lock_id: str) -> Lock:
        lock = self.lock(lock_id)
        if lock.replaced_by:
            raise Refusal(409, "lock_replaced", f"After a factory reset this lock is {lock.replaced_by!r}.")
        return lock

    def _refuse_new_pin(self, lock: Lock, by: str) -> None:
        if by == "api" and self.spend(lock.id, "reject_next_pins"):
            raise Refusal(422, "invalid_pin", "This lock does not accept these digits: use others.")

    def _report_app(self, lock: Lock, kind: str, code_id: str, by: str) -> None:
        if by == "app" and lock.online:
            self._report(kind, lock.id, {"code_id": code_id})


def new_lock_id() -> str:
    return f"lock_{secrets.token_hex(6)}"
