"""How many calls of the API a second, against a bare Django view with one insert or one select in the same server, and
against `@seamapi/fake-seam-connect` from npm, which keeps rows in its memory and has no doors; and what 64 clients at
once wait for. Ratios in one run."""

import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.client import HTTPConnection
from itertools import count
from statistics import quantiles
from urllib.parse import urlencode

import pytest

from locks.capabilities import as_json
from locks.models import ApiKey
from locks.programs import keys
from locks.providers.base import Capabilities
from tests.bench.calling import Served
from tests.factories import ConnectionFactory, LockFactory, PropertyFactory, now
from tests.hospitality.processes import free_port, until

LOCKS, CODES_EACH = 64, 10
ROUNDS, CALLS = 10, 20
CLIENTS, CALLS_EACH = 64, 10
FAKE = os.environ.get("FAKE_SEAM_CONNECT", "")

pytestmark = pytest.mark.django_db(transaction=True)


class Open(Served):
    """A server that a key may call as often as it likes."""

    def _environment(self) -> dict[str, str]:
        return super()._environment() | {"LATCHKEY_API_CALLS_PER_MINUTE": "1000000"}


class Program:
    """Somebody with a key at a server; the line is kept as SDKs keep it, one for each thread."""

    def __init__(self, port: int, path: str, key: str):
        self.port, self.path, self.key = port, path, key
        self.here = threading.local()
        self.devices: list[str] = []
        self.codes: list[str] = []
        self.turn = count()

    def ask(self, method: str, call: str, **given: str) -> dict:
        if not hasattr(self.here, "line"):
            self.here.line = HTTPConnection("127.0.0.1", self.port)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        address, body = f"{self.path}{call}", json.dumps(given)
        if method == "GET":
            address, body = f"{address}?{urlencode(given)}", None
        self.here.line.request(method, address, body, headers)
        answer = self.here.line.getresponse()
        told = answer.read()
        assert answer.status == 200, (address, answer.status, told[:500])
        return json.loads(told)

    def of(self, those: list[str]) -> str:
        return those[next(self.turn) % len(those)]

    def create(self) -> dict:
        window = {
            "starts_at": (now() + timedelta(days=30)).isoformat(),
            "ends_at": (now() + timedelta(days=33)).isoformat(),
        }
        return self.ask(
            "POST", "/access_codes/create", device_id=self.of(self.devices), name="Anna Smith", **window
        )

    def get(self) -> dict:
        return self.ask("GET", "/access_codes/get", access_code_id=self.of(self.codes))

    def list(self) -> dict:
        return self.ask("GET", "/access_codes/list", device_id=self.of(self.devices))

    def furnish(self, each: int) -> None:
        """So many codes on each device."""
        for _ in range(each * len(self.devices)):
            self.codes.append(self.create()["access_code"]["access_code_id"])
        assert len(self.list()["access_codes"]) == each


CALLED = ("get", "list", "create")
"""Creating comes last: until then every list has the same length."""


class Bare(Program):
    """The same questions to the bare views."""

    def create(self) -> dict:
        return self.ask("POST", f"/floor/insert/{self.of(self.devices)}/")

    def get(self) -> dict:
        return self.ask("GET", f"/floor/select/{self.of(self.codes)}/")

    def list(self) -> dict:
        return self.ask("GET", f"/floor/selects/{self.of(self.devices)}/")


@pytest.fixture
def program(tmp_path):
    """A program at a house of `LOCKS` locks with `CODES_EACH` codes each."""
    account = ConnectionFactory(property=PropertyFactory(backup_pool_size=0))
    locks = LockFactory.create_batch(
        LOCKS, connection=account, property=account.property, capabilities=as_json(Capabilities())
    )
    _key, text = keys.make(account.property, by=None, name="Bench", scopes=ApiKey.Scope)
    with Open(tmp_path) as web:
        made = Program(web.port, "/api", text)
        made.devices = [str(lock.public_id) for lock in locks]
        made.furnish(CODES_EACH)
        yield made


def test_calls_against_bare_views_and_sixty_four_clients_at_once(program):
    bare = Bare(program.port, "", program.key)
    bare.devices, bare.codes = program.devices, program.codes
    print(f"\n{LOCKS} locks with {CODES_EACH} codes each")
    told("bare view", rates(program, bare))
    clients = {"get": program.get, "list": program.list, "create": program.create, "mix": mixed(program)}
    print(f"  {CLIENTS} clients at once, {CALLS_EACH} calls each")
    for name, ask in {
        **clients,
        "bare insert": bare.create,
        "bare select": bare.get,
        "bare list": bare.list,
    }.items():
        waits, elapsed = at_once(ask)
        hundredths = [1000 * wait for wait in quantiles(waits, n=100)]
        print(
            f"    {name:12} {len(waits) / elapsed:6.0f} a second, "
            f"half within {hundredths[49]:.0f} ms, p99 {hundredths[98]:.0f} ms, none in error"
        )


@pytest.fixture
def fake() -> Iterator[Program]:
    """The same at the fake, in the house that it begins with."""
    made = Program(free_port(), "", "seam_apikey1_token")
    with subprocess.Popen(
        ["node", FAKE, "--seed"],
        env=os.environ | {"PORT": str(made.port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            made.devices = until(lambda: _devices(made), "the fake answers")[
                :1
            ]  # a list there is of all devices
            made.furnish(CODES_EACH)
            yield made
        finally:
            process.kill()


def _devices(fake: Program) -> list[str]:
    """Those that take codes; none while it does not answer yet."""
    try:
        told = Program(fake.port, "", fake.key).ask("GET", "/devices/list")["devices"]
    except OSError:
        return []
    return [one["device_id"] for one in told if "access_code" in one["capabilities_supported"]]


@pytest.mark.skipif(not FAKE, reason="FAKE_SEAM_CONNECT does not say where its server.js is, see the README")
def test_calls_against_the_fake_from_npm(program, fake):
    print(f"\n{LOCKS} locks with {CODES_EACH} codes each; the fake has one")
    told("npm fake", rates(program, fake))


def rates(*programs: Program) -> dict[str, list[float]]:
    """Calls a second of each program, one after the other: the best of many rounds, by turns."""
    best = {}
    for name in CALLED:
        took = [[seconds(getattr(program, name)) for program in programs] for _ in range(ROUNDS)]
        best[name] = [CALLS / min(times) for times in zip(*took, strict=True)]
    return best


def seconds(ask: Callable[[], dict]) -> float:
    began = time.perf_counter()
    for _ in range(CALLS):
        ask()
    return time.perf_counter() - began


def told(other: str, rates: dict[str, list[float]]) -> None:
    for name, (ours, theirs) in rates.items():
        print(
            f"  access_codes/{name:7} {ours:6.0f} a second, {other} {theirs:6.0f}: {ours / theirs:.2f} of it"
        )


def mixed(program: Program) -> Callable[[], dict]:
    turn = count()
    calls = (program.create, program.get, program.list)
    return lambda: calls[next(turn) % len(calls)]()


def at_once(ask: Callable[[], dict]) -> tuple[list[float], float]:
    """How long each call of each client waited, and how long all took. Raises what any of them raised."""

    def client(_number: int) -> list[float]:
        waits = []
        for _ in range(CALLS_EACH):
            began = time.perf_counter()
            ask()
            waits.append(time.perf_counter() - began)
        return waits

    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as clients:
        waits = [wait for some in clients.map(client, range(CLIENTS)) for wait in some]
    return waits, time.perf_counter() - began
