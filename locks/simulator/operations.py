"""Writes that are accepted first and carried out later.

A pending one survives kill -9: it is taken up again at the next start, and its effect and its end are one
transaction.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable
from dataclasses import replace

from locks.simulator.device import Code, Lock
from locks.simulator.refusal import Refusal
from locks.simulator.rows import Operation
from locks.simulator.store import Store
from locks.simulator.wire import code_json

CarryOut = Callable[[Operation], Code | None]
"""Does what the operation says; returns the code as it is now, None after a removal. Raises Refusal."""

logger = logging.getLogger(__name__)


class Operations:
    """Between `start` and `stop` operations are carried out."""

    def __init__(self, store: Store, carry_out: CarryOut):
        self._store = store
        self._carry_out = carry_out
        self._timers: set[asyncio.TimerHandle] = set()

    def start(self) -> None:
        for operation_id in self._store.pending():
            self._later(operation_id, 0)

    def stop(self) -> None:
        for timer in self._timers:
            timer.cancel()

    def accept(self, lock: Lock, do: str, wanted: Code) -> str:
        """Keep the change for later; returns the operation's id."""
        operation = Operation(f"op_{secrets.token_hex(8)}", lock.id, do, code_json(wanted))
        with self._store.transaction():
            self._store.add_operation(operation)
        self._later(operation.id, lock.knobs.operation_seconds)
        return operation.id

    def resume(self, lock_id: str) -> None:
        """Carry out what was held back."""
        for operation_id in self._store.pending(lock_id):
            self._later(operation_id, 0)

    def _later(self, operation_id: str, seconds: float) -> None:
        def carry_out() -> None:
            self._timers.discard(timer)
            try:
                self._end(operation_id)
            except Exception:
                logger.exception("The operation %s could not be carried out", operation_id)

        timer = asyncio.get_running_loop().call_later(seconds, carry_out)
        self._timers.add(timer)

    def _end(self, operation_id: str) -> None:
        operation = self._store.operation(operation_id)
        lock = self._store.lock(operation.lock)
        if operation.state != "pending" or lock.knobs.hold_operations:
            return
        with self._store.transaction():
            try:
                code = self._carry_out(operation)
            except Refusal as refusal:
                error = {"code": refusal.code, "message": refusal.message}
                ended = replace(operation, state="failed", result={"code": None, "error": error})
            else:
                held = code and code_json(code)
                ended = replace(operation, state="done", result={"code": held, "error": None})
            self._store.save_operation(ended)
