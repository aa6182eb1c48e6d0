"""The simulator of the histories, which are told of each step by it: over one connection that stays open."""

import json
import time
from http.client import HTTPConnection
from urllib.parse import urlsplit

from tests.locks.simulator_process import SimulatorError, SimulatorProcess

IDLE = 30.0
"""Seconds after which a connection is not used again: the simulator hangs up on idle ones some time later."""
HEADERS = {"Content-Type": "application/json"}


class SimulatorOnLine(SimulatorProcess):
    """Asks the door's side from one thread only."""

    _line: HTTPConnection | None = None
    _used_at = 0.0

    def stop(self) -> None:
        self._hang_up()
        super().stop()

    def request(self, method: str, path: str, body: object = None) -> dict:
        """Ask the door's side. Raises SimulatorError with the simulator's words."""
        data = None if body is None else json.dumps(body).encode()
        if self._line is None or time.monotonic() - self._used_at > IDLE:
            self._hang_up()
            self._line = HTTPConnection(urlsplit(self.base_url).netloc, timeout=20)
        try:
            self._line.request(method, path, data, HEADERS)
            with self._line.getresponse() as answer:
                status, told = answer.status, answer.read()
        except BaseException:
            self._hang_up()
            raise
        self._used_at = time.monotonic()
        if status >= 400:
            raise SimulatorError(f"{method} {path}: {status} {told.decode(errors='replace')}")
        return json.loads(told)

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None
