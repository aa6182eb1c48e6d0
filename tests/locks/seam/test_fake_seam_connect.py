"""A second opinion on shapes: the adapter against Seam's own fake from npm, where somebody has installed it.

It keeps codes and does nothing with them (none is ever set), tells no pages, calls a thermostat a lock, and knows neither
the verb nor the place by which today's SDK updates and deletes, nor how to get a code that it does not manage: those are
not asked of it here.
"""

import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from locks.providers import base
from locks.providers.base import Code, Outcome, Result
from locks.providers.seam.account import Seam
from tests.hospitality.processes import free_port
from tests.locks.simulator_process import wait_until

SERVER = os.environ.get("FAKE_SEAM_CONNECT", "")
KEY, LOCK = "seam_apikey1_token", "august_device_1"
pytestmark = pytest.mark.skipif(not SERVER, reason="FAKE_SEAM_CONNECT does not say where its server.js is")


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    port = free_port()
    with subprocess.Popen(
        ["node", Path(SERVER), "--seed"],
        env={**os.environ, "PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        endpoint = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(endpoint), 30, "the fake answers")
        yield endpoint
        process.kill()


def answers(endpoint: str) -> bool:
    try:
        return bool(Seam({"api_key": KEY, "endpoint": endpoint}).devices())
    except base.HubUnreachable:
        return False


@pytest.fixture
def seam(endpoint) -> Seam:
    return Seam({"api_key": KEY, "endpoint": endpoint})


def test_its_devices_are_read(seam):
    told = seam.device(LOCK)
    assert told in seam.devices()
    assert (told.model, told.online, told.battery) == ("august_lock", True, 1.0)
    assert told.capabilities.can_program_online_access_codes and told.capabilities.can_remotely_unlock
    with pytest.raises(base.NotFound):
        seam.device("nowhere")


def test_a_code_is_taken_and_not_said_to_be_on_the_lock(seam):
    begin = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    wish = Code("735194", "Anna #1a2b3c4d", begin, begin + timedelta(days=1))
    accepted = seam.create_code(LOCK, wish)
    assert accepted.outcome is Outcome.ACCEPTED
    assert seam.poll(LOCK, accepted.operation) == accepted
    [kept] = [one for one in seam.codes(LOCK) if one.name == wish.name]
    assert (kept.pin, kept.starts_at, kept.ends_at, kept.active) == (
        wish.pin,
        wish.starts_at,
        wish.ends_at,
        False,
    )
    assert seam.create_code(LOCK, wish) == accepted, "what is left of the first try is taken"
    with pytest.raises(base.DuplicateCode):
        seam.create_code(LOCK, Code("735194", "Ben #1a2b3c4e"))


def test_a_door_is_opened_and_tells_of_it(seam):
    begin = datetime.now(UTC) - timedelta(minutes=1)
    assert seam.unlock(LOCK) == Result(Outcome.CONFIRMED)
    assert "lock.unlocked" in {one.kind for one in seam.events_since(begin) if one.device_ref == LOCK}


def test_a_wrong_key_is_refused(endpoint):
    with pytest.raises(base.AuthFailed):
        Seam({"api_key": "seam_wrong", "endpoint": endpoint}).devices()
