"""The count of the API's calls: how many, of which kind, how long, and how many at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from tests.locks.simulator_process import SimulatorProcess, wait_until


@pytest.fixture
def simulator(tmp_path) -> Iterator[SimulatorProcess]:
    with SimulatorProcess(tmp_path) as process:
        yield process


def held(simulator: SimulatorProcess, *rooms: str) -> dict:
    """The count after one list each was asked for at the same time, and all were under way together."""
    for room in rooms:
        simulator.knobs(room, slow_seconds=0.5)
    with ThreadPoolExecutor(len(rooms)) as callers:
        asked = [callers.submit(simulator.listed, room) for room in rooms]
        wait_until(lambda: simulator.get("/calls")["under_way"] == len(rooms))
        for one in asked:
            one.result()
    return simulator.get("/calls")


def test_before_any_call_there_is_nothing_to_tell(simulator):
    told = simulator.get("/calls")
    assert (told["calls"], told["kinds"], told["first_at"], told["last_at"]) == (0, {}, None, None)


def test_calls_are_counted_by_kind_and_the_door_is_none_of_them(simulator):
    room = simulator.add_lock("Room 1")
    code = simulator.api("POST", f"/locks/{room}/codes", {"name": "Stay", "pin": "4729"})[1]["id"]
    simulator.api("GET", f"/locks/{room}")
    simulator.listed(room)
    simulator.api("DELETE", f"/locks/{room}/codes/{code}")
    simulator.api("GET", "/locks/no-such-lock")
    simulator.opens(room, "4729")
    told = simulator.get("/calls")
    assert told["kinds"] == {
        "POST /locks/ID/codes": 1,
        "GET /locks/ID": 2,
        "GET /locks/ID/codes": 1,
        "DELETE /locks/ID/codes/ID": 1,
    }
    assert told["calls"] == 5
    assert told["under_way"] == 0
    assert told["most_at_once"] == told["most_at_once_on_one_lock"] == 1


def test_calls_at_once_on_two_locks_are_not_at_once_on_one(simulator):
    told = held(simulator, simulator.add_lock("Room 1"), simulator.add_lock("Room 2"))
    assert (told["most_at_once"], told["most_at_once_on_one_lock"]) == (2, 1)


def test_two_calls_at_once_on_one_lock_are_told(simulator):
    room = simulator.add_lock("Room 1")
    told = held(simulator, room, room)
    assert (told["most_at_once"], told["most_at_once_on_one_lock"]) == (2, 2)


def test_a_call_lasts_from_its_request_until_its_answer(simulator):
    simulator.account(latency_seconds=[0.2, 0.2])
    simulator.api("GET", "/locks")
    simulator.api("GET", "/locks")
    told = simulator.get("/calls")
    assert told["seconds"] >= 0.4
    first, last = (datetime.fromisoformat(told[name]) for name in ("first_at", "last_at"))
    assert (last - first).total_seconds() >= 0.4
