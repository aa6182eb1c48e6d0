"""What is done with locks: each verb changes the store and its log in one transaction, then reports.

`api.py` is the maker's cloud in front of it, `door.py` the door and the owner's app.
"""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import replace

from locks.providers import arithmetic
from locks.providers.arithmetic import Found
from locks.simulator import keypad, wire
from locks.simulator.account import Account
from locks.simulator.device import Code, Knobs, Lock
from locks.simulator.faults import Faults, device_offline, offline_only, refuse_unreachable
from locks.simulator.keypad import Entry, Offline
from locks.simulator.operations import Operations
from locks.simulator.refusal import Refusal
from locks.simulator.rows import Operation
from locks.simulator.rules import accept
from locks.simulator.store import Store

Report = Callable[[str, str, dict], None]
"""Takes an event's type, its lock's id and its data."""


class Maker:
    """The verbs. `report` is called after the transaction, for what the maker's cloud would learn of."""

    def __init__(self, store: Store, account: Account, report: Report):
        self.store = store
        self.account = account
        self.faults = Faults(store)
        self.operations = Operations(store, self._carry_out)
        self._report = report

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
        """Every code is gone, and the key. Returns the lock as it is then, with a new id or the old one."""
        lock = self._present_lock(lock_id)
        fresh = replace(lock, key=arithmetic.new_key(), wrong_entries=0, locked_until=None)
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
            self._tell(lock, "device.disconnected", {})
            self._tell(fresh, "device.connected", {})
        return fresh

    # Codes

    def create_code(self, lock_id: str, wanted: Code, *, by: str) -> Code:
        """Raises Refusal. `by`: "api" or "app"."""
        lock = self._programmable_lock(lock_id)
        code = accept(lock, self.store.codes(lock_id), wanted)
        self._refuse_new_pin(lock, by)
        code = replace(code, id=f"code_{secrets.token_hex(8)}")
        if self._forgets(lock, by, "create", code):
            return code
        with self.store.transaction():
            self.store.add_code(lock_id, code)
            self.store.append(lock_id, "code.created", {"by": by, "code": wire.code_json(code)})
        self._report_app(lock, "code.created", code.id, by)
        return code

    def update_code(self, lock_id: str, wanted: Code, *, by: str) -> Code:
        """Make the code with `wanted.id` equal to `wanted`. Raises Refusal."""
        lock = self._programmable_lock(lock_id)
        before = self.code(lock_id, wanted.id)
        code = accept(lock, self.store.codes(lock_id), wanted)
        if code.pin != before.pin:
            self._refuse_new_pin(lock, by)
        if self._forgets(lock, by, "update", code):
            return code
        details = {"by": by, "code": wire.code_json(code), "before": wire.code_json(before)}
        with self.store.transaction():
            self.store.save_code(code)
            self.store.append(lock_id, "code.updated", details)
        self._report_app(lock, "code.changed", code.id, by)
        return code

    def delete_code(self, lock_id: str, code_id: str, *, by: str) -> None:
        """Raises Refusal 404."""
        lock = self._present_lock(lock_id)
        code = self.code(lock_id, code_id)
        if self._forgets(lock, by, "delete", code):
            return
        with self.store.transaction():
            self.store.delete_code(code_id)
            self.store.append(lock_id, "code.deleted", {"by": by, "code": wire.code_json(code)})
        self._report_app(lock, "code.deleted", code_id, by)

    def code(self, lock_id: str, code_id: str) -> Code:
        """Raises Refusal 404."""
        found = self.store.code(lock_id, code_id)
        if found is None:
            raise Refusal(404, "code_not_found", f"There is no code {code_id!r} on this lock.")
        return found

    def perform(self, lock_id: str, do: str, wanted: Code) -> Code | None:
        """Do what the API was asked: create, update or delete. Returns the code as it is now. Raises Refusal."""
        if do == "delete":
            return self.delete_code(lock_id, wanted.id, by="api")
        verb = self.create_code if do == "create" else self.update_code
        return verb(lock_id, wanted, by="api")

    def _carry_out(self, operation: Operation) -> Code | None:
        """Do an accepted write, now. Raises Refusal."""
        wanted = wire.read_code(operation.code, operation.code["id"])
        try:
            lock = self.listed_lock(operation.lock)
            refuse_unreachable(lock)
            if self.faults.spend(lock.id, "fail_next_operations"):
                raise device_offline()
            return self.perform(lock.id, operation.do, wanted)
        except Refusal as refusal:
            self.faults.refused(operation.lock, operation.do, refusal, wanted.pin or None)
            raise

    # The door

    async def search(self, lock_id: str, pin: str) -> Found | None:
        """What `pin` is to a lock that does arithmetic, if it is not known there otherwise.

        Takes up to a second, in which the loop goes on.
        """
        lock = self.lock(lock_id)
        now = lock.clock(self.account.now())
        known = any(code.pin == pin for code in self.store.codes(lock_id))
        if not lock.can.can_program_offline_access_codes or known or keypad.dead(lock, now):
            return None
        used = self.store.used_window(lock_id, pin)
        window = used or await asyncio.to_thread(keypad.search, lock.key, pin, now)
        return window if window and window.kind in lock.can.offline_kinds else None

    def press(self, lock_id: str, pin: str, window: Found | None = None) -> Entry:
        """Type a PIN at the door, now: the keypad needs no cloud. `window`: what `search` found."""
        lock = self.lock(lock_id)
        now = lock.clock(self.account.now())
        used = self.store.used_window(lock_id, pin) is not None
        entry = keypad.enter(lock, self.store.codes(lock_id), pin, now, window and Offline(window, used))
        details = {"pin": pin, "opened": entry.opened, "reason": entry.reason, "code_id": entry.code_id}
        with self.store.transaction():
            if entry.lock != lock:
                self.store.save_lock(entry.lock)
            if entry.offline:
                self.store.add_used_window(lock_id, pin, entry.offline.window)
            self.store.append(lock_id, "keypad", {**details, "clock": wire.iso(now)})
        code_id = entry.code_id if lock.can.names_the_code else None
        if lock.reachable and entry.opened:
            self._tell(lock, "lock.unlocked", {"code_id": code_id})
        elif lock.reachable:
            self._tell(lock, "lock.access_denied", {"reason": entry.reason, "code_id": code_id})
        return entry

    def unlock(self, lock_id: str) -> dict:
        """Turn the lock once, as the API was asked. Raises Refusal."""
        lock = self._present_lock(lock_id)
        if not lock.can.can_remotely_unlock:
            raise Refusal(422, "no_remote_unlock", "This lock cannot be opened from afar.")
        if self.faults.spend(lock_id, "forget_next_writes"):
            self.faults.note(lock_id, "write.forgotten", {"operation": "unlock"})
            return {"opened": True}
        with self.store.transaction():
            self.store.append(lock_id, "door.unlocked", {"by": "api"})
        self._tell(lock, "lock.unlocked", {"code_id": None, "method": "remote"})
        return {"opened": True}

    # Knobs

    def turn(self, before: Lock, after: Lock, turned: dict) -> None:
        """Set a lock's knobs; `turned` is what was asked, for the log."""
        with self.store.transaction():
            self.store.save_lock(after)
            self.store.append(after.id, "knobs", turned)
        if before.reachable != after.reachable:
            self._tell(after, "device.connected" if after.reachable else "device.disconnected", {})
        if before.battery != after.battery and after.reachable:
            self._tell(after, "device.battery_changed", {"battery": after.battery})
        if before.knobs.hold_operations and not after.knobs.hold_operations:
            self.operations.resume(after.id)

    def _present_lock(self, lock_id: str) -> Lock:
        lock = self.lock(lock_id)
        if lock.replaced_by:
            raise Refusal(409, "lock_replaced", f"After a factory reset this lock is {lock.replaced_by!r}.")
        return lock

    def _programmable_lock(self, lock_id: str) -> Lock:
        lock = self._present_lock(lock_id)
        if not lock.can.can_program_online_access_codes:
            raise offline_only()
        return lock

    def _refuse_new_pin(self, lock: Lock, by: str) -> None:
        if by == "api" and self.faults.spend(lock.id, "reject_next_pins"):
            raise Refusal(422, "invalid_pin", "This lock does not accept these digits: use others.")

    def _forgets(self, lock: Lock, by: str, operation: str, code: Code) -> bool:
        """Is this a write that is answered as done and not done?"""
        if by != "api" or not self.faults.spend(lock.id, "forget_next_writes"):
            return False
        self.faults.note(lock.id, "write.forgotten", {"operation": operation, "code": wire.code_json(code)})
        return True

    def _report_app(self, lock: Lock, kind: str, code_id: str, by: str) -> None:
        if by == "app" and lock.reachable:
            self._tell(lock, kind, {"code_id": code_id})

    def _tell(self, lock: Lock, kind: str, data: dict) -> None:
        if lock.can.pushes_events:
            self._report(kind, lock.id, data)


def new_lock_id() -> str:
    return f"lock_{secrets.token_hex(6)}"
