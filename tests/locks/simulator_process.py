"""A real simulator in a process of its own, for tests. Knows nothing of pytest or Django.

    with SimulatorProcess(tmp_path) as simulator:
        room = simulator.add_lock("Room 204")                       # "native"; or "just_in_time", "offline"
        gate = simulator.add_lock("Gate", slots=30, time_zone="Europe/Zurich", names={"two_parts": True})
        provider = build("virtual", simulator.credentials)
        simulator.knobs(room, offline=True)
        assert not simulator.keypad(room, "4729")["opened"]
        simulator.travel(hours=25)                                  # every lock's clock, not ours
        simulator.kill9(); simulator.start()                        # same store, same port

Everything here goes to the door's side of the simulator, so it tells the truth also while the maker's
cloud is down. What each call takes and answers is described in `locks/simulator/__init__.py`.
"""

import base64
import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import datetime, timedelta
from http.client import HTTPResponse
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[2]
READY = "simulator ready on "
START_LIMIT = 20
STOP_LIMIT = 15


class SimulatorError(Exception):
    """The simulator refused a request of the test, or did not start; the message says why."""


class SimulatorProcess:
    """A simulator with its store in `store_dir`; started by `with` or `start()`."""

    def __init__(self, store_dir: Path, *, port: int = 0, token: str | None = None):
        self.store = Path(store_dir) / "simulator.sqlite3"
        self.token = token or secrets.token_hex(16)
        self.webhook_secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        self.port = port
        self.base_url = ""
        self._process: subprocess.Popen | None = None

    def __enter__(self) -> "SimulatorProcess":
        return self.start()

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    # The process

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def credentials(self) -> dict[str, str]:
        """What `locks.providers.build("virtual", ...)` takes."""
        return {"base_url": self.base_url, "token": self.token, "webhook_secret": self.webhook_secret}

    def start(self) -> "SimulatorProcess":
        """Start, or start again on the same store and port. Returns when it listens."""
        command = [
            sys.executable,
            "-m",
            "locks.simulator",
            "--port",
            str(self.port),
            "--store",
            str(self.store),
        ]
        env = {**os.environ, "LATCHKEY_SIMULATOR_TOKEN": self.token}
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
        )
        # The line comes, or the process ends and the pipe with it.
        line = self._process.stdout.readline()
        if not line.startswith(READY):
            raise SimulatorError(
                f"The simulator did not start (exit code {self._process.wait(START_LIMIT)})."
            )
        self.base_url = line.removeprefix(READY).strip()
        self.port = int(self.base_url.rsplit(":", 1)[1])
        return self

    def kill9(self) -> None:
        """SIGKILL, as a crash. `start()` brings it back."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM and wait; does nothing where it has ended already."""
        self._end(signal.SIGTERM)

    def restart(self) -> None:
        self.stop()
        self.start()

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._process = None

    # The door's side

    def add_lock(self, name: str = "Room 1", model: str = "native", **fields: object) -> str:
        """A new lock's id. `fields`: id, battery, and what the lock can do: slots, confirms_later, ..."""
        return self.post("/locks", {"name": name, "model": model, **fields})["id"]

    def add_locks(self, locks: list[dict]) -> list[str]:
        """Many at once: each a dict with name, model, ..."""
        return [lock["id"] for lock in self.post("/locks", locks)["locks"]]

    def lock(self, lock: str) -> dict:
        """The lock's whole truth, with "codes"."""
        return self.get(f"/locks/{quote(lock, safe='')}")

    def codes(self, lock: str) -> list[dict]:
        """The codes really on the lock, whole, also where the API does not show a PIN."""
        return self.lock(lock)["codes"]

    def pins(self, lock: str) -> set[str]:
        return {code["pin"] for code in self.codes(lock)}

    def keypad(self, lock: str, pin: str) -> dict:
        """Type a PIN at the door: {"opened", "reason", "code_id"}."""
        return self.post(f"/locks/{lock}/keypad", {"pin": pin})

    def opens(self, lock: str, pin: str) -> bool:
        return self.keypad(lock, pin)["opened"]

    def knobs(self, lock: str, **knobs: object) -> dict:
        """Turn a lock's knobs, or change what it can do: offline=True, lose_next_answers=1, slots=3, ..."""
        return self.post(f"/locks/{lock}/knobs", knobs)

    def account(self, **knobs: object) -> dict:
        """Turn the account's knobs: down=True, auth=False, rate=20, webhooks="double", ..."""
        return self.post("/knobs", knobs)

    def travel(self, **delta: float) -> None:
        """Set the clocks of all locks so far ahead of the real time: hours=3 (a `timedelta`'s arguments)."""
        self.account(clock_offset_seconds=timedelta(**delta).total_seconds())

    def clock(self, lock: str) -> datetime:
        """The time at the lock, as it sees it."""
        return datetime.fromisoformat(self.lock(lock)["clock"])

    def release(self, lock: str) -> None:
        """Let held answers go."""
        self.knobs(lock, release=True)

    def add_code(self, lock: str, pin: str, name: str = "by hand", **fields: object) -> str:
        """The owner's app puts a code on the lock; returns its id."""
        return self.post(f"/locks/{lock}/app/codes", {"pin": pin, "name": name, **fields})["id"]

    def edit_code(self, lock: str, code: str, **fields: object) -> dict:
        """The owner's app changes a code: name, pin, starts_at, ends_at, active, ..."""
        return self.request("PUT", f"/locks/{lock}/app/codes/{code}", fields)

    def switch_off(self, lock: str, code: str) -> None:
        """The owner's app leaves the code on the lock, and it opens nothing."""
        self.edit_code(lock, code, active=False)

    def delete_code(self, lock: str, code: str) -> None:
        """The owner's app deletes a code."""
        self.request("DELETE", f"/locks/{lock}/app/codes/{code}")

    def factory_reset(self, lock: str, *, new_identity: bool = True) -> str:
        """All codes gone; the id of the lock from now on."""
        return self.post(f"/locks/{lock}/factory_reset", {"new_identity": new_identity})["id"]

    def log(self, lock: str | None = None, kind: str | None = None, since: int = 0) -> list[dict]:
        """The append-only log: {"seq", "at", "lock", "kind", "details"}, oldest first."""
        entries, more = [], True
        while more:
            page = self.get(f"/log?since={since}&limit=10000" + (f"&lock={quote(lock)}" if lock else ""))
            entries, since, more = entries + page["entries"], page["last"], page["more"]
        return [entry for entry in entries if kind in (None, entry["kind"])]

    def wait_for(
        self, kind: str, lock: str | None = None, *, count: int = 1, timeout: float = 20
    ) -> list[dict]:
        """Wait until the log holds `count` lines of this kind; returns them. Raises TimeoutError."""
        return wait_until(
            lambda: self._enough(self.log(lock, kind), count), timeout, f"{count} x {kind} in the log"
        )

    def _enough(self, entries: list[dict], count: int) -> list[dict] | None:
        return entries if len(entries) >= count else None

    # The maker's API, without an adapter

    def api(self, method: str, path: str, body: object = None) -> tuple[int, dict]:
        """Status and answer of a request with the account's token: api("GET", f"/locks/{room}/codes")."""
        token = {"Authorization": f"Bearer {self.token}"}
        try:
            with self.open(method, f"/api{path}", body, token) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as exc:
            return exc.code, json.load(exc)

    def listed(self, lock: str) -> list[dict]:
        """The lock's codes as the API tells them, over all pages."""
        codes, page = [], "0"
        while page is not None:
            status, answer = self.api("GET", f"/locks/{lock}/codes?page={page}")
            if status != 200:
                raise SimulatorError(f"The codes of {lock} are not listed: {status} {answer}")
            codes, page = codes + answer["codes"], answer["next_page"]
        return codes

    def offline_key(self, lock: str) -> bytes:
        """The key that the lock's arithmetic shares with the account."""
        return base64.b64decode(self.api("GET", f"/locks/{lock}/offline_key")[1]["key"])

    # HTTP

    def get(self, path: str) -> dict:
        return self.request("GET", path)

    def post(self, path: str, body: object) -> dict:
        return self.request("POST", path, body)

    def request(self, method: str, path: str, body: object = None) -> dict:
        """Ask the door's side. Raises SimulatorError with the simulator's words."""
        try:
            with self.open(method, path, body, {}) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as exc:
            raise SimulatorError(
                f"{method} {path}: {exc.code} {exc.read().decode(errors='replace')}"
            ) from None

    def open(self, method: str, path: str, body: object, headers: dict[str, str]) -> HTTPResponse:
        """The bare request. Raises urllib.error.HTTPError."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **headers}
        request = urllib.request.Request(self.base_url + path, data, headers, method=method)
        return urllib.request.urlopen(request, timeout=20)


def wait_until(condition: Callable[[], object], timeout: float = 20, what: str = "the condition") -> object:
    """Ask `condition` until it gives something true, and return that. Raises TimeoutError."""
    ends = time.monotonic() + timeout
    while time.monotonic() < ends:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise TimeoutError(f"Not within {timeout} s: {what}.")
