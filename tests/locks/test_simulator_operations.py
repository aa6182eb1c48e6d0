"""Writes that are accepted first and confirmed later."""

from collections.abc import Iterator

import pytest

from tests.locks.simulator_process import SimulatorProcess, wait_until

CODE = {"name": "Stay", "pin": "4729"}


@pytest.fixture(scope="module")
def simulator(tmp_path_factory) -> Iterator[SimulatorProcess]:
    with SimulatorProcess(tmp_path_factory.mktemp("simulator")) as process:
        yield process


@pytest.fixture
def room(simulator) -> str:
    return simulator.add_lock("Room 1", confirms_later=True)


def accepted(simulator, method: str, path: str, body: dict | None = None) -> str:
    """The operation's id."""
    status, answer = simulator.api(method, path, body)
    assert (status, list(answer)) == (202, ["operation"])
    return answer["operation"]


def state(simulator, room: str, operation: str) -> dict:
    return simulator.api("GET", f"/locks/{room}/operations/{operation}")[1]


def ended(simulator, room: str, operation: str) -> dict:
    """What became of it, once it has ended."""

    def end() -> dict | None:
        now = state(simulator, room, operation)
        return None if now["state"] == "pending" else now

    return wait_until(end)


PENDING = {"state": "pending", "code": None, "error": None}


def test_a_write_is_accepted_done_later_and_told(simulator, room):
    simulator.knobs(room, hold_operations=True)
    create = accepted(simulator, "POST", f"/locks/{room}/codes", CODE)
    assert state(simulator, room, create) == PENDING
    assert simulator.codes(room) == []
    simulator.knobs(room, hold_operations=False)
    done = ended(simulator, room, create)
    (code,) = simulator.codes(room)
    assert done == {"state": "done", "code": code, "error": None}
    assert simulator.opens(room, "4729")


def test_a_change_and_a_removal_are_too(simulator, room):
    simulator.knobs(room, operation_seconds=0)
    path = f"/locks/{room}/codes/{simulator.add_code(room, '4729')}"
    update = ended(simulator, room, accepted(simulator, "PUT", path, {**CODE, "pin": "1357"}))
    assert (update["state"], update["code"]["pin"]) == ("done", "1357")
    assert simulator.pins(room) == {"1357"}
    removal = ended(simulator, room, accepted(simulator, "DELETE", path))
    assert removal == {"state": "done", "code": None, "error": None}
    assert simulator.codes(room) == []


def test_it_takes_as_long_as_the_knob_says(simulator, room):
    simulator.knobs(room, operation_seconds=600)
    slow = accepted(simulator, "POST", f"/locks/{room}/codes", CODE)
    simulator.knobs(room, operation_seconds=0)
    fast = accepted(simulator, "POST", f"/locks/{room}/codes", {**CODE, "pin": "1357"})
    assert ended(simulator, room, fast)["state"] == "done"
    assert state(simulator, room, slow)["state"] == "pending"
    assert simulator.pins(room) == {"1357"}


def test_what_is_held_back_is_done_in_its_order(simulator, room):
    simulator.knobs(room, hold_operations=True, operation_seconds=0)
    pins = [str(1000 + n) for n in range(20)]
    operations = [accepted(simulator, "POST", f"/locks/{room}/codes", {**CODE, "pin": pin}) for pin in pins]
    simulator.knobs(room, hold_operations=False)
    assert {ended(simulator, room, operation)["state"] for operation in operations} == {"done"}
    assert [code["pin"] for code in simulator.codes(room)] == pins


def test_what_was_held_back_is_not_done_again_at_its_own_time(simulator, room):
    simulator.knobs(room, hold_operations=True, operation_seconds=0.2)
    held = accepted(simulator, "POST", f"/locks/{room}/codes", CODE)
    simulator.knobs(room, hold_operations=False)
    assert ended(simulator, room, held)["state"] == "done"
    # Its time comes before that of a later one.
    later = accepted(simulator, "POST", f"/locks/{room}/codes", {**CODE, "pin": "1357"})
    assert ended(simulator, room, later)["state"] == "done"
    assert state(simulator, room, held)["state"] == "done"
    assert simulator.log(room, "request.refused") == []


@pytest.mark.parametrize(
    ("body", "knobs", "code"),
    [
        ({"pin": "1"}, {}, "invalid_pin"),
        ({"pin": "1111"}, {}, "duplicate_code"),
        ({"name": "x" * 41}, {}, "invalid_name"),
        ({}, {"slots": 1}, "no_space"),
        ({}, {"reject_next_pins": 1}, "invalid_pin"),
        ({"starts_at": "2030-05-02T12:00:00Z", "ends_at": "2030-05-01T12:00:00Z"}, {}, "invalid_window"),
        ({}, {"fail_next_operations": 1}, "device_offline"),
    ],
)
def test_what_the_lock_refuses_has_failed_with_the_same_words(simulator, room, body, knobs, code):
    simulator.add_code(room, "1111")
    simulator.knobs(room, **knobs)
    end = ended(simulator, room, accepted(simulator, "POST", f"/locks/{room}/codes", {**CODE, **body}))
    assert (end["state"], end["code"], end["error"]["code"]) == ("failed", None, code)
    assert simulator.pins(room) == {"1111"}
    (refused,) = simulator.log(room, "request.refused")
    assert (refused["details"]["operation"], refused["details"]["code"]) == ("create", code)


def test_a_removal_of_what_is_not_there_fails(simulator, room):
    end = ended(simulator, room, accepted(simulator, "DELETE", f"/locks/{room}/codes/none"))
    assert (end["state"], end["error"]["code"]) == ("failed", "code_not_found")


@pytest.mark.parametrize(
    ("knobs", "code"),
    [
        ({"offline": True}, "device_offline"),
        ({"hub_offline": True}, "hub_offline"),
    ],
)
def test_a_lock_that_is_gone_meanwhile_fails_it_and_can_still_be_asked_about(simulator, room, knobs, code):
    simulator.knobs(room, hold_operations=True)
    operation = accepted(simulator, "POST", f"/locks/{room}/codes", CODE)
    simulator.knobs(room, hold_operations=False, **knobs)
    assert ended(simulator, room, operation)["error"]["code"] == code
    assert simulator.codes(room) == []


def test_at_an_offline_lock_nothing_is_accepted(simulator, room):
    simulator.knobs(room, offline=True)
    status, answer = simulator.api("POST", f"/locks/{room}/codes", CODE)
    assert (status, answer["error"]["code"]) == (503, "device_offline")


def test_an_operation_that_is_forgotten_is_done_and_unknown(simulator, room):
    simulator.knobs(room, forget_operations=True)
    operation = accepted(simulator, "POST", f"/locks/{room}/codes", CODE)
    simulator.wait_for("code.created", room)
    path = f"/locks/{room}/operations/{operation}"
    status, answer = simulator.api("GET", path)
    assert (status, answer["error"]["code"]) == (404, "operation_not_found")
    simulator.knobs(room, forget_operations=False)
    assert state(simulator, room, operation)["state"] == "done"


def test_an_operation_of_another_lock_is_unknown(simulator, room):
    operation = accepted(simulator, "POST", f"/locks/{room}/codes", CODE)
    other = simulator.add_lock(confirms_later=True)
    for path in (f"/locks/{other}/operations/{operation}", f"/locks/{room}/operations/none"):
        status, answer = simulator.api("GET", path)
        assert (status, answer["error"]["code"]) == (404, "operation_not_found")


def test_a_forgotten_write_ends_done_and_is_not_done(simulator, room):
    simulator.knobs(room, forget_next_writes=1)
    end = ended(simulator, room, accepted(simulator, "POST", f"/locks/{room}/codes", CODE))
    assert (end["state"], end["code"]["pin"]) == ("done", "4729")
    assert simulator.codes(room) == []


def test_an_answer_that_is_lost_loses_the_operation_and_not_the_write(simulator, room):
    simulator.knobs(room, lose_next_answers=1)
    with pytest.raises(OSError):
        simulator.api("POST", f"/locks/{room}/codes", CODE)
    simulator.wait_for("code.created", room)
    assert simulator.opens(room, "4729")


def test_a_body_that_makes_no_sense_is_not_accepted(simulator, room):
    for body in ({"name": "x"}, {**CODE, "starts_at": "soon"}):
        assert simulator.api("POST", f"/locks/{room}/codes", body)[0] in (400, 422)
    assert simulator.log(room, "code.created") == []


def test_where_pins_are_not_shown_the_operation_does_not_show_them(simulator):
    room = simulator.add_lock(confirms_later=True, read_back="presence")
    end = ended(simulator, room, accepted(simulator, "POST", f"/locks/{room}/codes", CODE))
    assert (end["state"], end["code"]["pin"]) == ("done", None)
    assert simulator.opens(room, "4729")


def test_the_owners_app_needs_no_confirmation(simulator, room):
    simulator.knobs(room, hold_operations=True)
    simulator.add_code(room, "4729")
    assert simulator.opens(room, "4729")


def test_pending_ones_are_done_after_kill_9_and_none_twice(tmp_path):
    with SimulatorProcess(tmp_path) as simulator:
        room = simulator.add_lock(confirms_later=True)
        simulator.knobs(room, operation_seconds=600)
        waiting = accepted(simulator, "POST", f"/locks/{room}/codes", CODE)
        simulator.knobs(room, operation_seconds=0)
        done = accepted(simulator, "POST", f"/locks/{room}/codes", {**CODE, "pin": "1357"})
        before = ended(simulator, room, done)
        simulator.kill9()
        simulator.start()
        assert ended(simulator, room, waiting)["state"] == "done"
        assert state(simulator, room, done) == before
        simulator.restart()
        assert [code["pin"] for code in simulator.codes(room)] == ["1357", "4729"]


def test_held_ones_stay_held_over_a_restart(tmp_path):
    with SimulatorProcess(tmp_path) as simulator:
        room = simulator.add_lock(confirms_later=True)
        simulator.knobs(room, hold_operations=True)
        operation = accepted(simulator, "POST", f"/locks/{room}/codes", CODE)
        simulator.restart()
        assert state(simulator, room, operation) == PENDING
        simulator.knobs(room, hold_operations=False)
        assert ended(simulator, room, operation)["state"] == "done"
