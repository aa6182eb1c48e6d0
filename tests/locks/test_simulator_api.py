"""The maker's cloud: its faults, its log, its memory over crashes, and who may talk to it."""

import http.client
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from locks.providers import base
from locks.providers.base import Code, Outcome
from locks.providers.virtual import Virtual
from tests.locks.simulator_process import ROOT, SimulatorError, SimulatorProcess, wait_until

MANY = 300


@pytest.fixture(scope="module")
def simulator(tmp_path_factory) -> Iterator[SimulatorProcess]:
    with SimulatorProcess(tmp_path_factory.mktemp("simulator")) as process:
        yield process


@pytest.fixture
def provider(simulator) -> Virtual:
    return Virtual(simulator.credentials)


@pytest.fixture
def room(simulator) -> str:
    return simulator.add_lock("Room 1")


def ask(simulator, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", simulator.port, timeout=20)
    try:
        connection.request(
            method, path, body, {name.replace("_", "-"): value for name, value in headers.items()}
        )
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def ask_api(simulator, method: str, path: str, body: object) -> tuple[int, str]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    auth = {"Authorization": f"Bearer {simulator.token}", "Content_Type": "application/json"}
    status, answer = ask(simulator, method, path, data, **auth)
    return status, json.loads(answer)["error"]["code"]


class TestKnobs:
    def test_counting_knobs_are_used_up_one_by_one(self, simulator, provider, room):
        simulator.knobs(room, fail_next_writes=2)
        for _ in range(2):
            with pytest.raises(base.ProviderError):
                provider.create_code(room, Code("4729", "x"))
        assert provider.create_code(room, Code("4729", "x")).outcome is Outcome.CONFIRMED
        assert simulator.lock(room)["knobs"]["fail_next_writes"] == 0

    def test_refused_pins_are_refused_until_they_are_taken_off_the_list(self, simulator, provider, room):
        simulator.knobs(room, reject_pins=["4729"])
        for _ in range(2):
            with pytest.raises(base.InvalidPin):
                provider.create_code(room, Code("4729", "x"))
        simulator.knobs(room, reject_pins=[])
        assert provider.create_code(room, Code("4729", "x")).outcome is Outcome.CONFIRMED

    def test_a_slow_lock_does_what_it_was_asked_also_for_a_client_that_gave_up(self, simulator, room):
        simulator.knobs(room, slow_seconds=0.5)
        hasty = Virtual(simulator.credentials, call_timeout=0.1)
        assert hasty.create_code(room, Code("4729", "x")).outcome is Outcome.UNCONFIRMED
        simulator.wait_for("code.created", room)
        assert simulator.opens(room, "4729")

    def test_a_held_answer_comes_once_it_is_released(self, simulator, provider, room):
        simulator.knobs(room, hold_next_answers=1)
        with ThreadPoolExecutor(1) as threads:
            result = threads.submit(provider.create_code, room, Code("4729", "x"))
            simulator.wait_for("answer.held", room)
            assert simulator.pins(room) == {"4729"}
            assert not result.done()
            simulator.release(room)
            assert result.result(20).outcome is Outcome.CONFIRMED
        (released,) = simulator.log(room, "answer.released")
        assert released["details"]["client_gone"] is False

    def test_a_client_can_be_killed_between_the_effect_and_the_answer(self, simulator, room):
        simulator.knobs(room, hold_next_answers=1)
        script = (
            "import json, os; from locks.providers import base, build;"
            "build('virtual', json.loads(os.environ['C'])).create_code(os.environ['L'], base.Code('4729', 'x'))"
        )
        env = {**os.environ, "C": json.dumps(simulator.credentials), "L": room}
        client = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env=env)
        simulator.wait_for("answer.held", room)
        client.send_signal(signal.SIGKILL)
        client.wait()
        (released,) = simulator.wait_for("answer.released", room)
        assert released["details"]["client_gone"] is True
        assert simulator.opens(room, "4729")

    def test_one_locks_trouble_is_not_anothers(self, simulator, provider, room):
        simulator.knobs(room, offline=True, fail_next_writes=9, slow_seconds=600)
        assert provider.create_code(simulator.add_lock(), Code("4729", "x")).outcome is Outcome.CONFIRMED

    @pytest.mark.parametrize(
        "wrong",
        [
            {"offline": 1},
            {"slow_seconds": -1},
            {"slow_seconds": "2"},
            {"slow_seconds": 601},
            {"fail_next_writes": 1.5},
            {"fail_next_writes": True},
            {"reject_pins": "4729"},
            {"reject_pins": [4729]},
            {"clock_offset_seconds": 1e12},
            {"release": "yes"},
            {"offlin": True},
        ],
    )
    def test_a_knob_that_makes_no_sense_is_refused_by_name(self, simulator, room, wrong):
        with pytest.raises(SimulatorError, match=rf"400.*{next(iter(wrong))}"):
            simulator.knobs(room, **wrong)
        assert simulator.log(room, "knobs") == []

    def test_hundreds_of_requests_wait_at_the_same_time(self, simulator):
        rooms = simulator.add_locks([{"name": f"Room {n}", "model": "native"} for n in range(MANY)])
        for room in rooms:
            simulator.knobs(room, hold_next_answers=1)
        since = simulator.log()[-1]["seq"]
        provider = Virtual(simulator.credentials, connect_timeout=20, call_timeout=60)
        with ThreadPoolExecutor(MANY) as threads:
            results = [threads.submit(provider.create_code, room, Code("4729", "x")) for room in rooms]
            wait_until(
                lambda: len([e for e in simulator.log(since=since) if e["kind"] == "answer.held"]) == MANY, 60
            )
            for room in rooms:
                simulator.release(room)
            assert {result.result(60).outcome for result in results} == {Outcome.CONFIRMED}


class TestRequests:
    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            (b"", 400, "bad_request"),
            (b"{", 400, "bad_request"),
            (b"[" * 100_000, 400, "bad_request"),
            (b"\xff", 400, "bad_request"),
            ([], 400, "bad_request"),
            ({}, 400, "bad_request"),
            ({"name": "x", "pin": 4729}, 400, "bad_request"),
            ({"name": None, "pin": "4729"}, 400, "bad_request"),
            ({"name": "x", "pin": "4729", "starts_at": "tomorrow"}, 422, "invalid_window"),
            ({"name": "x", "pin": "4729", "starts_at": 5}, 422, "invalid_window"),
            ({"name": "x", "pin": "4729", "starts_at": "2030-05-01T12:00:00"}, 422, "invalid_window"),
            ({"name": "x", "pin": "4729", "ends_at": "0001-01-01T00:00:00+23:59"}, 422, "invalid_window"),
            ({"name": "x", "pin": "4729", "starts_at": "9999-12-31T23:00:00Z"}, 422, "invalid_window"),
            ({"name": "x", "pin": "4729", "active": "yes"}, 400, "bad_request"),
            ({"name": "\ud800", "pin": "4729"}, 422, "invalid_name"),
        ],
    )
    def test_a_body_that_makes_no_sense_is_refused_in_json(self, simulator, room, body, status, code):
        assert ask_api(simulator, "POST", f"/api/locks/{room}/codes", body) == (status, code)
        assert simulator.codes(room) == []

    def test_a_body_too_large_is_refused(self, simulator, room):
        body = b'"' + b"a" * 4_000_001 + b'"'
        assert ask_api(simulator, "POST", f"/api/locks/{room}/codes", body) == (413, "bad_request")

    @pytest.mark.parametrize("number", ["-1", "x", "9" * 30, "1.5", "%D9%A1", ""])
    def test_a_number_that_is_none_is_refused(self, simulator, room, number):
        auth = {"Authorization": f"Bearer {simulator.token}"}
        for path in (
            f"/api/locks?page={number}",
            f"/api/locks/{room}/codes?page={number}",
            f"/log?since={number}",
        ):
            status, answer = ask(simulator, "GET", path, **auth)
            assert (status, json.loads(answer)["error"]["code"]) == (400, "bad_request")

    @pytest.mark.parametrize("header", ["", "Bearer ", "Bearer wrong", "Basic dDp0", "Bearer \u00e9"])
    def test_without_the_token_there_is_nothing(self, simulator, room, header):
        for path in ("/api/locks", f"/api/locks/{room}", f"/api/locks/{room}/codes", "/api/nothing"):
            assert ask(simulator, "GET", path, Authorization=header)[0] == 401

    @pytest.mark.parametrize(
        "kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
    )
    def test_a_page_of_another_site_cannot_press_the_keypad(self, simulator, room, kind):
        assert (
            ask(simulator, "POST", f"/locks/{room}/keypad", b'{"pin": "4729"}', Content_Type=kind)[0] == 415
        )
        assert simulator.log(room, "keypad") == []

    def test_a_foreign_host_name_is_refused(self, simulator):
        assert ask(simulator, "GET", "/log", Host="door.example")[0] == 400

    @pytest.mark.parametrize(
        "body",
        [
            {"url": "ftp://127.0.0.1", "secret": "whsec_" + "A" * 44},
            {"url": "http://", "secret": "whsec_" + "A" * 44},
            {"url": 7, "secret": "whsec_" + "A" * 44},
            {"url": "http://127.0.0.1", "secret": "whsec_short"},
            {"url": "http://127.0.0.1", "secret": None},
            {"url": "http://[", "secret": "whsec_" + "A" * 44},
        ],
    )
    def test_a_webhook_that_cannot_work_is_refused(self, simulator, body):
        assert ask_api(simulator, "PUT", "/api/webhook", body) == (422, "invalid_webhook")


class TestLog:
    def test_every_write_refusal_entry_and_knob_is_in_it_with_its_pin(self, simulator, provider, room):
        code = provider.create_code(room, Code("4729", "Stay")).code
        with pytest.raises(base.DuplicateCode):
            provider.create_code(room, Code("4729", "Other"))
        simulator.knobs(room, offline=True)
        with pytest.raises(base.DeviceOffline):
            provider.codes(room)
        simulator.knobs(room, offline=False)
        simulator.keypad(room, "4729")
        provider.update_code(room, code.ref, Code("1357", "Stay"))
        simulator.delete_code(room, code.ref)
        entries = simulator.log(room)
        assert [entry["kind"] for entry in entries] == [
            "lock.created",
            "code.created",
            "request.refused",
            "knobs",
            "request.refused",
            "knobs",
            "keypad",
            "code.updated",
            "code.deleted",
        ]
        details = [entry["details"] for entry in entries]
        assert details[2] == {"operation": "create", "status": 409, "code": "duplicate_code", "pin": "4729"}
        assert details[4] == {"operation": "list", "status": 503, "code": "device_offline", "pin": None}
        assert (details[7]["before"]["pin"], details[7]["code"]["pin"]) == ("4729", "1357")
        assert (details[1]["by"], details[8]["by"]) == ("api", "app")

    def test_it_is_read_in_pieces_without_gaps(self, simulator, room):
        for _ in range(7):
            simulator.keypad(room, "0000")
        whole = simulator.log(room)
        page, pieces = {"last": 0, "more": True}, []
        while page["more"]:
            page = simulator.get(f"/log?since={page['last']}&lock={room}&limit=3")
            pieces += page["entries"]
        assert pieces == whole
        assert simulator.get(f"/log?tail=2&lock={room}")["entries"] == whole[-2:]

    def test_not_even_the_store_changes_or_deletes_a_line(self, simulator, room):
        before = simulator.log()
        db = sqlite3.connect(simulator.store)
        for change in ("UPDATE log SET kind = 'x'", "DELETE FROM log"):
            with pytest.raises(sqlite3.DatabaseError, match="only grows"):
                db.execute(change)
        db.close()
        assert simulator.log() == before


class TestCrashes:
    def test_what_was_answered_is_kept_over_kill_9(self, tmp_path):
        with SimulatorProcess(tmp_path) as simulator:
            rooms = simulator.add_locks([{"name": f"Room {n}", "model": "native"} for n in range(4)])
            answered: dict[str, list[str]] = {room: [] for room in rooms}

            def write_on(room: str) -> None:
                provider = Virtual(simulator.credentials)
                for number in range(10_000, 99_999):
                    try:
                        result = provider.create_code(room, Code(str(number), "x"))
                    except base.HubUnreachable:
                        return
                    if result.outcome is Outcome.UNCONFIRMED:
                        return
                    answered[room].append(str(number))

            threads = [threading.Thread(target=write_on, args=(room,)) for room in rooms]
            for thread in threads:
                thread.start()
            wait_until(lambda: all(len(pins) >= 20 for pins in answered.values()))
            simulator.kill9()
            for thread in threads:
                thread.join()
            simulator.start()
            for room in rooms:
                assert simulator.pins(room) - {str(10_000 + len(answered[room]))} == set(answered[room])
            created = [entry["details"]["code"]["pin"] for entry in simulator.log(rooms[0], "code.created")]
            assert created == [code["pin"] for code in simulator.codes(rooms[0])]

    def test_everything_is_there_after_a_restart(self, tmp_path):
        with SimulatorProcess(tmp_path) as simulator:
            room = simulator.add_lock(slots=3, pin_lengths=[4, 6], battery=None)
            code = simulator.add_code(room, "4729", starts_at="2030-05-01T12:00:00.123456Z")
            simulator.knobs(room, offline=True, reject_pins=["1111"], clock_offset_seconds=-7.5)
            simulator.account(auth=False)
            for _ in range(5):
                simulator.keypad(room, "0000")
            before, log, port = simulator.lock(room), simulator.log(), simulator.port
            simulator.restart()
            after = simulator.lock(room)
            assert simulator.port == port
            assert {**before, "clock": None} == {**after, "clock": None}
            assert after["codes"][0]["id"] == code
            assert simulator.log() == log
            assert simulator.get("/knobs")["auth"] is False
            assert simulator.keypad(room, "4729")["reason"] == "locked_out"

    def test_the_store_is_for_its_owner_alone(self, simulator):
        modes = {path.stat().st_mode & 0o077 for path in simulator.store.parent.glob("simulator.sqlite3*")}
        assert modes == {0}


def test_a_client_that_dies_in_the_middle_of_a_request_is_no_error_of_the_makers(tmp_path, capfd):
    with SimulatorProcess(tmp_path) as simulator:
        room = simulator.add_lock("Room 1")
        dead = http.client.HTTPConnection("127.0.0.1", simulator.port)
        dead.putrequest("POST", f"/locks/{room}/knobs")
        dead.putheader("Content-Type", "application/json")
        dead.putheader("Content-Length", "50")
        dead.endheaders(b'{"offline":')
        dead.close()
        assert simulator.lock(room)["online"]
    assert "Traceback" not in capfd.readouterr().err


def run(*arguments: str, token: str = "t") -> subprocess.CompletedProcess:
    env = {**os.environ, "LATCHKEY_SIMULATOR_TOKEN": token}
    command = [sys.executable, "-m", "locks.simulator", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)


class TestStarting:
    def test_it_loads_nothing_of_the_hotel(self):
        script = (
            "import sys, locks.simulator.__main__;"
            "wrong = ('django', 'hospitality', 'reservations', 'locks.models', 'locks.accounts');"
            "sys.exit(' '.join(name for name in wrong if name in sys.modules) or 0)"
        )
        subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, timeout=60)

    def test_a_taken_port_is_said_with_the_remedy(self, simulator, tmp_path):
        done = run("--port", str(simulator.port), "--store", str(tmp_path / "s"))
        assert done.returncode == 2
        assert "--port" in done.stderr.splitlines()[-1]
        assert "Traceback" not in done.stderr

    @pytest.mark.parametrize("content", [b"this is no database at all, not even nearly", None])
    def test_an_unusable_store_is_said_with_the_remedy(self, tmp_path: Path, content):
        store = tmp_path / "store"
        store.mkdir() if content is None else store.write_bytes(content)
        done = run("--port", "0", "--store", str(store))
        assert done.returncode == 2
        assert "--store" in done.stderr.splitlines()[-1]
        assert "Traceback" not in done.stderr

    def test_a_store_of_another_version_is_left_alone(self, tmp_path: Path):
        store = tmp_path / "store"
        db = sqlite3.connect(store)
        db.execute("PRAGMA user_version = 99")
        db.close()
        done = run("--port", "0", "--store", str(store))
        assert (done.returncode, "version 99" in done.stderr) == (2, True)

    @pytest.mark.parametrize("token", ["", "geh\u00e9im", "ge heim\n"])
    def test_a_token_is_needed_and_must_be_plain(self, tmp_path, token):
        done = run("--port", "0", "--store", str(tmp_path / "s"), token=token)
        assert done.returncode == 2
        assert "LATCHKEY_SIMULATOR_TOKEN" in done.stderr.splitlines()[-1]
