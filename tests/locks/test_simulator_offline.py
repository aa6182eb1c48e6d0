"""The virtual offline lock: never asked, never told, and it opens for the digits of its arithmetic."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from locks.providers import arithmetic
from locks.providers.arithmetic import DAILY, HOURLY, ONE_TIME
from tests.locks.simulator_process import SimulatorError, SimulatorProcess

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[SimulatorProcess]:
    with SimulatorProcess(tmp_path_factory.mktemp("simulator")) as process:
        yield process


@pytest.fixture
def simulator(running) -> Iterator[SimulatorProcess]:
    yield running
    running.account(clock_offset_seconds=0)


class Gate:
    """An offline lock whose clock stands after a full hour, and the PINs of windows from that hour on."""

    def __init__(self, simulator: SimulatorProcess, **fields: object):
        self.simulator = simulator
        self.lock = simulator.add_lock("Gate", "offline", **fields)
        self.start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        self.go(timedelta(minutes=20))

    def go(self, after: timedelta) -> None:
        """Travel to so long after the start."""
        offset = self.start + after - datetime.now(UTC)
        self.simulator.travel(seconds=offset.total_seconds())

    def pin(self, kind: str = HOURLY, length: timedelta = 20 * HOUR, variant: int = 0) -> str:
        key = self.simulator.offline_key(self.lock)
        return arithmetic.pin(key, kind, self.start, self.start + length, variant)

    def type(self, pin: str) -> str:
        """What the door says of it."""
        entry = self.simulator.keypad(self.lock, pin)
        assert entry["opened"] is (entry["reason"] == "opened")
        assert entry["code_id"] is None
        return entry["reason"]


@pytest.fixture
def gate(simulator) -> Gate:
    return Gate(simulator)


class TestKeypad:
    def test_a_window_opens_from_its_start_to_its_end(self, gate):
        pin, seen = gate.pin(length=3 * HOUR), []
        for after in (
            -timedelta(minutes=1),
            timedelta(0),
            2 * HOUR,
            3 * HOUR - timedelta(seconds=30),
            3 * HOUR,
        ):
            gate.go(after)
            seen.append(gate.type(pin))
        assert seen == ["not_yet_valid", "opened", "opened", "opened", "expired"]

    @pytest.mark.parametrize("variant", [0, 1, 2])
    @pytest.mark.parametrize(("kind", "length"), [(HOURLY, 500 * HOUR), (DAILY, 40 * DAY + HOUR)])
    def test_one_that_was_used_within_a_day_opens_to_its_end(self, gate, kind, length, variant):
        pin = gate.pin(kind, length, variant)
        gate.go(23 * HOUR)
        assert gate.type(pin) == "opened"
        gate.go(length - HOUR)
        assert gate.type(pin) == "opened"
        gate.go(length)
        assert gate.type(pin) == "expired"

    @pytest.mark.parametrize(("kind", "length"), [(HOURLY, 100 * HOUR), (DAILY, 30 * DAY)])
    def test_one_that_was_not_used_within_a_day_is_dead(self, gate, kind, length):
        pin = gate.pin(kind, length)
        for after in (24 * HOUR, 25 * HOUR, 47 * HOUR):
            gate.go(after)
            assert gate.type(pin) == "not_activated"
        gate.go(4 * DAY)
        assert gate.type(pin) == "unknown_code"

    def test_one_of_a_day_has_all_of_it_for_its_first_use(self, gate):
        gate.go(24 * HOUR - timedelta(seconds=30))
        assert gate.type(gate.pin(length=24 * HOUR)) == "opened"

    def test_a_refused_try_before_the_start_is_no_first_use(self, gate):
        pin = gate.pin(length=100 * HOUR)
        gate.go(-timedelta(minutes=30))
        assert gate.type(pin) == "not_yet_valid"
        gate.go(30 * HOUR)
        assert gate.type(pin) == "not_activated"

    def test_a_one_time_code_opens_once(self, gate):
        pins = [gate.pin(ONE_TIME, DAY, variant) for variant in range(5)]
        assert [gate.type(pin) for pin in pins] == ["opened"] * 5
        assert [gate.type(pin) for pin in pins[:4]] == ["used"] * 4
        gate.go(2 * DAY)
        assert gate.type(pins[0]) == "used"

    def test_one_that_was_never_used_is_over_after_a_day(self, gate):
        pin = gate.pin(ONE_TIME, DAY)
        gate.go(DAY)
        assert gate.type(pin) == "expired"

    def test_other_digits_do_not_open_and_five_lock_the_keypad(self, gate):
        right = gate.pin()
        wrong = [f"{(int(right) + n) % 10**9:09d}" for n in range(1, 4)] + ["4729", "1" * 12]
        assert {gate.type(pin) for pin in wrong} == {"unknown_code"}
        assert gate.type(right) == "locked_out"
        gate.go(timedelta(minutes=22))
        assert gate.type(right) == "opened"

    def test_another_locks_digits_do_not_open(self, simulator, gate):
        assert Gate(simulator).type(gate.pin()) == "unknown_code"

    def test_a_kind_the_lock_does_not_know_does_not_open(self, simulator):
        gate = Gate(simulator, offline_kinds=["daily"])
        assert gate.type(gate.pin(HOURLY)) == "unknown_code"
        assert gate.type(gate.pin(DAILY, 30 * DAY)) == "opened"

    def test_the_locks_own_clock_decides(self, simulator, gate):
        pin = gate.pin(length=HOUR)
        simulator.knobs(gate.lock, clock_offset_seconds=-1800)
        assert gate.type(pin) == "not_yet_valid"
        simulator.knobs(gate.lock, clock_offset_seconds=3600)
        assert gate.type(pin) == "expired"
        simulator.knobs(gate.lock, clock_offset_seconds=0)
        assert gate.type(pin) == "opened"

    def test_an_empty_battery_opens_nothing(self, simulator, gate):
        simulator.knobs(gate.lock, battery=0)
        assert gate.type(gate.pin()) == "battery_dead"

    def test_what_was_used_is_remembered_over_kill_9(self, tmp_path):
        with SimulatorProcess(tmp_path) as simulator:
            gate = Gate(simulator)
            once, long = gate.pin(ONE_TIME, DAY), gate.pin(length=100 * HOUR)
            assert [gate.type(once), gate.type(long)] == ["opened", "opened"]
            simulator.kill9()
            simulator.start()
            assert gate.type(once) == "used"
            gate.go(99 * HOUR)
            assert gate.type(long) == "opened"


class TestReset:
    def test_it_makes_a_new_key_and_all_old_pins_are_dead(self, simulator, gate):
        pins = [gate.pin(), gate.pin(ONE_TIME, DAY)]
        assert gate.type(pins[0]) == "opened"
        old = simulator.offline_key(gate.lock)
        gate.lock = simulator.factory_reset(gate.lock)
        assert simulator.offline_key(gate.lock) != old
        assert {gate.type(pin) for pin in pins} == {"unknown_code"}
        assert gate.type(gate.pin()) == "opened"

    def test_also_where_the_lock_keeps_its_identity(self, simulator, gate):
        pin, old = gate.pin(), simulator.offline_key(gate.lock)
        assert gate.type(pin) == "opened"
        simulator.factory_reset(gate.lock, new_identity=False)
        assert simulator.offline_key(gate.lock) != old
        assert gate.type(pin) == "unknown_code"

    def test_the_old_identity_opens_nothing(self, simulator, gate):
        pin = gate.pin()
        simulator.factory_reset(gate.lock)
        assert gate.type(pin) == "replaced"


class TestCloud:
    def test_it_is_described_as_never_connected_whatever_is_turned(self, simulator, gate):
        for knobs in ({}, {"offline": True}, {"offline": False}):
            simulator.knobs(gate.lock, **knobs)
            assert simulator.api("GET", f"/locks/{gate.lock}")[1]["online"] is None

    def test_nothing_can_be_asked_or_written(self, simulator, gate):
        path, code = f"/locks/{gate.lock}/codes", {"name": "x", "pin": "123456789"}
        for method, where, body in (
            ("GET", path, None),
            ("POST", path, code),
            ("PUT", f"{path}/x", code),
            ("DELETE", f"{path}/x", None),
        ):
            status, answer = simulator.api(method, where, body)
            assert (status, answer["error"]["code"]) == (409, "offline_only")
        with pytest.raises(SimulatorError, match="offline_only"):
            simulator.add_code(gate.lock, "123456789")

    def test_each_lock_has_a_key_of_its_own_that_the_account_is_given(self, simulator, gate):
        keys = {simulator.offline_key(lock) for lock in (gate.lock, simulator.add_lock("Other", "offline"))}
        assert len(keys) == 2 and {len(key) for key in keys} == {32}

    def test_a_lock_that_does_no_arithmetic_has_none_to_give(self, simulator):
        status, answer = simulator.api("GET", f"/locks/{simulator.add_lock()}/offline_key")
        assert (status, answer["error"]["code"]) == (422, "unsupported")

    def test_the_key_is_in_no_log_and_on_no_page(self, simulator, gate):
        key = simulator.offline_key(gate.lock)
        told = f"{simulator.log()} {simulator.lock(gate.lock)} {simulator.get('/locks')}"
        assert key.hex() not in told
        assert simulator.api("GET", f"/locks/{gate.lock}/offline_key")[1]["key"] not in told


class TestBoth:
    """A lock that is connected and does arithmetic too."""

    @pytest.fixture
    def both(self, simulator) -> Gate:
        fields = {"can_program_online_access_codes": True, "pin_lengths": [4, 9]}
        return Gate(simulator, **fields)

    def test_it_opens_for_codes_on_it_and_for_its_arithmetic(self, simulator, both):
        code = simulator.add_code(both.lock, "4729")
        assert simulator.keypad(both.lock, "4729")["code_id"] == code
        assert both.type(both.pin()) == "opened"
        assert len(simulator.listed(both.lock)) == 1

    def test_a_code_on_it_comes_before_its_arithmetic(self, simulator, both):
        pin = both.pin()
        code = simulator.add_code(both.lock, pin, starts_at="2090-01-01T00:00:00Z")
        assert simulator.keypad(both.lock, pin) == {
            "opened": False,
            "reason": "not_yet_valid",
            "code_id": code,
        }
