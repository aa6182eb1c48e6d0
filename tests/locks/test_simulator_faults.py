"""Between the maker's cloud and a lock: lists that lie, forgotten writes, dead hubs, and budgets."""

import time
import urllib.error
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from tests.locks.simulator_process import SimulatorError, SimulatorProcess, wait_until

CODE = {"name": "Stay", "pin": "4729"}


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[SimulatorProcess]:
    with SimulatorProcess(tmp_path_factory.mktemp("simulator")) as process:
        yield process


@pytest.fixture
def simulator(running) -> Iterator[SimulatorProcess]:
    yield running
    running.account(rate=None, latency_seconds=None, clock_offset_seconds=0, down=False)


@pytest.fixture
def room(simulator) -> str:
    return simulator.add_lock("Room 1")


def error(answer: tuple[int, dict]) -> tuple[int, str]:
    status, body = answer
    return status, body["error"]["code"]


def fill(simulator, room: str, count: int) -> list[str]:
    """Codes on the lock, in their order."""
    return [simulator.add_code(room, str(1000 + n)) for n in range(count)]


class TestListings:
    def test_an_empty_one_is_told_once_and_the_codes_are_still_there(self, simulator, room):
        codes = fill(simulator, room, 3)
        simulator.knobs(room, empty_next_listings=1)
        assert simulator.listed(room) == []
        assert [code["id"] for code in simulator.listed(room)] == codes
        assert simulator.opens(room, "1000")

    @pytest.mark.parametrize("count", [1, 2, 5, 45])
    def test_a_partial_one_lacks_every_second_code_over_all_pages(self, simulator, room, count):
        codes = fill(simulator, room, count)
        simulator.knobs(room, partial_next_listings=2)
        for _ in range(2):
            assert [code["id"] for code in simulator.listed(room)] == codes[::2]
        assert [code["id"] for code in simulator.listed(room)] == codes
        assert simulator.lock(room)["code_count"] == count

    @pytest.mark.parametrize("count", [1, 25])
    def test_a_contradictory_one_tells_the_first_code_twice(self, simulator, room, count):
        codes = fill(simulator, room, count)
        simulator.knobs(room, contradict_next_listings=1)
        told = simulator.listed(room)
        twice = [code for code in told if code["id"] == codes[0]]
        assert len(told) == count + 1 and len(twice) == 2
        assert twice[0] == simulator.codes(room)[0]
        assert twice[0]["name"] != twice[1]["name"] and twice[0]["pin"] != twice[1]["pin"]
        assert simulator.listed(room) == simulator.codes(room)

    def test_it_contradicts_itself_also_where_it_shows_no_pins(self, simulator):
        room = simulator.add_lock(read_back="presence")
        fill(simulator, room, 1)
        simulator.knobs(room, contradict_next_listings=1)
        first, second = simulator.listed(room)
        assert (first["id"], first["pin"], second["pin"]) == (second["id"], None, None)
        assert first["name"] != second["name"]

    def test_a_lie_counts_for_a_whole_listing_and_is_in_the_log(self, simulator, room):
        fill(simulator, room, 45)
        simulator.knobs(room, partial_next_listings=1, empty_next_listings=1, contradict_next_listings=1)
        assert [len(simulator.listed(room)) for _ in range(4)] == [0, 23, 46, 45]
        lies = [entry["details"]["how"] for entry in simulator.log(room, "listing.false")]
        assert lies == ["empty", "partial", "contradict"]

    def test_a_request_that_is_refused_uses_no_lie_up(self, simulator, room):
        fill(simulator, room, 1)
        simulator.knobs(room, empty_next_listings=1, offline=True)
        with pytest.raises(SimulatorError, match="device_offline"):
            simulator.listed(room)
        assert simulator.knobs(room, offline=False)["knobs"]["empty_next_listings"] == 1
        assert simulator.listed(room) == []


class TestWrites:
    def test_a_forgotten_write_is_answered_as_done_and_not_done(self, simulator, room):
        kept = simulator.add_code(room, "1357")
        path = f"/locks/{room}/codes"
        simulator.knobs(room, forget_next_writes=3)
        status, made_up = simulator.api("POST", path, CODE)
        assert (status, made_up["pin"]) == (201, "4729")
        status, changed = simulator.api("PUT", f"{path}/{kept}", CODE)
        assert (status, changed["id"], changed["pin"]) == (200, kept, "4729")
        assert simulator.api("DELETE", f"{path}/{kept}") == (200, {"id": kept})
        assert simulator.pins(room) == {"1357"}
        assert simulator.api("DELETE", f"{path}/{kept}")[0] == 200
        assert simulator.codes(room) == []
        assert error(simulator.api("DELETE", f"{path}/{made_up['id']}")) == (404, "code_not_found")
        forgotten = [entry["details"]["operation"] for entry in simulator.log(room, "write.forgotten")]
        assert forgotten == ["create", "update", "delete"]

    def test_a_write_the_lock_refuses_is_refused_and_not_forgotten(self, simulator, room):
        simulator.knobs(room, forget_next_writes=1)
        answer = simulator.api("POST", f"/locks/{room}/codes", {**CODE, "pin": "1"})
        assert error(answer) == (422, "invalid_pin")
        assert simulator.lock(room)["knobs"]["forget_next_writes"] == 1

    def test_the_owner_is_not_forgotten(self, simulator, room):
        simulator.knobs(room, forget_next_writes=1)
        simulator.add_code(room, "4729")
        assert simulator.opens(room, "4729")

    def test_deletes_are_refused_until_they_are_not(self, simulator, room):
        code = simulator.add_code(room, "4729")
        path = f"/locks/{room}/codes"
        simulator.knobs(room, refuse_deletes=True)
        for _ in range(3):
            assert error(simulator.api("DELETE", f"{path}/{code}")) == (500, "internal_error")
        assert simulator.api("PUT", f"{path}/{code}", {**CODE, "pin": "1357"})[0] == 200
        assert simulator.opens(room, "1357")
        simulator.knobs(room, refuse_deletes=False)
        assert simulator.api("DELETE", f"{path}/{code}")[0] == 200
        assert simulator.codes(room) == []

    def test_a_code_that_was_switched_off_is_on_again_once_it_is_replaced(self, simulator, room):
        code = simulator.add_code(room, "4729")
        simulator.switch_off(room, code)
        assert [told["active"] for told in simulator.listed(room)] == [False]
        assert simulator.api("PUT", f"/locks/{room}/codes/{code}", CODE)[1]["active"] is True
        assert simulator.opens(room, "4729")


class TestTheWay:
    def test_an_error_of_the_makers_own_is_answered_to_everything_about_codes(self, simulator, room):
        code = simulator.add_code(room, "4729")
        simulator.knobs(room, provider_error="flux_capacitor")
        path = f"/locks/{room}/codes"
        for method, where, body in (
            ("GET", path, None),
            ("POST", path, {**CODE, "pin": "1357"}),
            ("PUT", f"{path}/{code}", {**CODE, "pin": "1357"}),
            ("DELETE", f"{path}/{code}", None),
        ):
            assert error(simulator.api(method, where, body)) == (500, "flux_capacitor")
        assert simulator.api("GET", f"/locks/{room}")[0] == 200
        assert simulator.pins(room) == {"4729"}
        simulator.knobs(room, provider_error=None)
        assert len(simulator.listed(room)) == 1

    def test_a_hub_that_does_not_answer_is_told_apart_from_the_lock(self, simulator):
        room = simulator.add_lock(hub_online=True)
        simulator.add_code(room, "4729")
        simulator.knobs(room, hub_offline=True)
        assert error(simulator.api("GET", f"/locks/{room}/codes")) == (503, "hub_offline")
        assert error(simulator.api("POST", f"/locks/{room}/codes", CODE)) == (503, "hub_offline")
        told = simulator.api("GET", f"/locks/{room}")[1]
        assert (told["online"], told["hub_online"]) == (True, False)
        assert simulator.opens(room, "4729")
        simulator.knobs(room, hub_offline=False)
        assert simulator.api("GET", f"/locks/{room}")[1]["hub_online"] is True
        assert len(simulator.listed(room)) == 1

    def test_a_lock_whose_hub_is_not_told_has_one_that_can_fail(self, simulator, room):
        assert simulator.lock(room)["hub_online"] is None
        assert simulator.knobs(room, hub_offline=True)["hub_online"] is False

    def test_two_requests_at_once_on_one_lock_are_written_down(self, simulator, room):
        simulator.knobs(room, hold_next_answers=1)
        with ThreadPoolExecutor(1) as threads:
            held = threads.submit(simulator.api, "POST", f"/locks/{room}/codes", CODE)
            simulator.wait_for("answer.held", room)
            simulator.listed(room)
            simulator.release(room)
            assert held.result(20)[0] == 201
        simulator.listed(room)
        overlaps = [entry["details"] for entry in simulator.log(room, "request.overlap")]
        assert overlaps == [{"operation": "list"}]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"hub_offline": 1},
            {"empty_next_listings": -1},
            {"provider_error": "Not A Word"},
            {"provider_error": ""},
            {"truncate_names": 0},
            {"operation_seconds": -1},
            {"hold_operations": None},
            {"reject_pins": ["\ud800"]},
        ],
    )
    def test_a_knob_that_makes_no_sense_is_refused_by_name(self, simulator, room, wrong):
        with pytest.raises(SimulatorError, match=rf"400.*{next(iter(wrong))}"):
            simulator.knobs(room, **wrong)
        assert simulator.log(room, "knobs") == []


class TestAccount:
    def test_more_requests_than_its_rate_are_refused_and_say_when_to_come_back(self, simulator, room):
        simulator.account(rate=4)
        answers = [simulator.api("GET", f"/locks/{room}") for _ in range(30)]
        statuses = [status for status, _answer in answers]
        # A second's worth is there at once; more come back while we ask.
        assert statuses[:4] == [200] * 4
        assert 429 in statuses
        assert error(answers[statuses.index(429)]) == (429, "busy")
        refused = [entry for entry in simulator.log(kind="request.refused") if entry["lock"] is None]
        assert len(refused) == statuses.count(429)
        assert refused[0]["details"]["operation"] == f"GET /api/locks/{room}"
        wait_until(lambda: simulator.api("GET", f"/locks/{room}")[0] == 200)
        simulator.account(rate=None)
        assert {simulator.api("GET", f"/locks/{room}")[0] for _ in range(30)} == {200}

    def test_the_wait_is_told_in_whole_seconds(self, simulator, room):
        simulator.account(rate=0.1)
        assert simulator.api("GET", f"/locks/{room}")[0] == 200
        token = {"Authorization": f"Bearer {simulator.token}"}
        with pytest.raises(urllib.error.HTTPError) as refused:
            simulator.open("GET", "/api/locks", None, token)
        assert refused.value.code == 429
        assert refused.value.headers["Retry-After"] in [str(seconds) for seconds in range(1, 11)]

    def test_the_rate_is_the_accounts_and_not_the_doors(self, simulator, room):
        simulator.account(rate=0.1)
        simulator.api("GET", "/locks")
        assert simulator.lock(room)["id"] == room
        assert simulator.keypad(room, "1111")["reason"] == "unknown_code"

    def test_a_request_without_the_token_costs_nothing(self, simulator, room):
        simulator.account(rate=0.1)
        right, simulator.token = simulator.token, "wrong"
        assert error(simulator.api("GET", "/locks")) == (401, "unauthorized")
        simulator.token = right
        assert simulator.api("GET", "/locks")[0] == 200

    def test_every_request_to_the_api_takes_the_latency_and_waits_without_a_thread(self, simulator, room):
        simulator.account(latency_seconds=[0.4, 0.5])
        began = time.monotonic()
        with ThreadPoolExecutor(100) as clients:
            asked = [clients.submit(simulator.api, "GET", f"/locks/{room}") for _ in range(100)]
            threads = {psutil.Process(simulator.pid).num_threads()}
            while not all(answer.done() for answer in asked):
                threads.add(psutil.Process(simulator.pid).num_threads())
            assert {answer.result()[0] for answer in asked} == {200}
        assert time.monotonic() - began >= 0.4
        assert max(threads) < 50

    def test_the_door_has_no_latency(self, simulator, room):
        simulator.account(latency_seconds=[600, 600])
        assert simulator.lock(room)["id"] == room

    @pytest.mark.parametrize(
        "wrong",
        [
            {"rate": 0},
            {"rate": "4"},
            {"latency_seconds": 0.1},
            {"latency_seconds": [0.3, 0.1]},
            {"latency_seconds": [0.1]},
            {"latency_seconds": [0, 1000]},
            {"webhooks": "eat"},
            {"clock_offset_seconds": 1e12},
            {"down": 1},
            {"colour": "blue"},
        ],
    )
    def test_a_knob_that_makes_no_sense_is_refused_by_name(self, simulator, wrong):
        before = simulator.get("/knobs")
        with pytest.raises(SimulatorError, match=rf"400.*{next(iter(wrong))}"):
            simulator.account(**wrong)
        assert simulator.get("/knobs") == before

    def test_its_knobs_are_told_and_kept_over_a_restart(self, tmp_path):
        turned = {
            "rate": 20,
            "latency_seconds": [0.1, 0.3],
            "clock_offset_seconds": -7.5,
            "webhooks": "double",
            "auth": False,
        }
        with SimulatorProcess(tmp_path) as simulator:
            plain = simulator.get("/knobs")
            assert plain == {
                "down": False,
                "auth": True,
                "webhooks": "deliver",
                "clock_offset_seconds": 0,
                "rate": None,
                "latency_seconds": None,
                "webhook_url": None,
            }
            simulator.account(**turned)
            simulator.kill9()
            simulator.start()
            assert simulator.get("/knobs") == plain | turned
