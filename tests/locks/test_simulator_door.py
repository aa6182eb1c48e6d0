"""The door: what the keypad opens and why, the lock's own clock, and edits behind our back."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.locks.simulator_process import SimulatorError, SimulatorProcess

HOUR = 3600


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[SimulatorProcess]:
    with SimulatorProcess(tmp_path_factory.mktemp("simulator")) as process:
        yield process


@pytest.fixture
def simulator(running) -> Iterator[SimulatorProcess]:
    yield running
    running.account(down=False, clock_offset_seconds=0)


@pytest.fixture
def room(simulator) -> str:
    return simulator.add_lock("Room 1")


def window(hours_from: float, hours_to: float) -> dict[str, str]:
    now = datetime.now(UTC)
    return {
        "starts_at": (now + timedelta(hours=hours_from)).isoformat(),
        "ends_at": (now + timedelta(hours=hours_to)).isoformat(),
    }


class TestKeypad:
    def test_a_code_on_the_lock_opens_it_and_is_named(self, simulator, room):
        code = simulator.add_code(room, "4729")
        assert simulator.keypad(room, "4729") == {"opened": True, "reason": "opened", "code_id": code}

    @pytest.mark.parametrize("pin", ["4728", "472", "47290", "04729"])
    def test_other_digits_do_not(self, simulator, room, pin):
        simulator.add_code(room, "4729")
        assert simulator.keypad(room, pin) == {"opened": False, "reason": "unknown_code", "code_id": None}

    def test_a_code_opens_its_own_door_and_no_other(self, simulator, room):
        simulator.add_code(room, "4729")
        neighbour = simulator.add_lock("Room 2")
        assert simulator.keypad(neighbour, "4729")["reason"] == "unknown_code"

    def test_it_works_while_the_lock_is_offline_and_the_cloud_is_down(self, simulator, room):
        simulator.add_code(room, "4729")
        simulator.knobs(room, offline=True)
        simulator.account(down=True)
        assert simulator.opens(room, "4729")

    def test_a_deleted_code_opens_no_more(self, simulator, room):
        simulator.delete_code(room, simulator.add_code(room, "4729"))
        assert not simulator.opens(room, "4729")

    def test_a_changed_code_opens_with_its_new_digits_only(self, simulator, room):
        simulator.edit_code(room, simulator.add_code(room, "4729"), pin="1357")
        assert not simulator.opens(room, "4729")
        assert simulator.opens(room, "1357")

    def test_a_code_that_is_switched_off_opens_nothing_until_it_is_switched_on(self, simulator, room):
        code = simulator.add_code(room, "4729", **window(-1, 1))
        simulator.switch_off(room, code)
        assert simulator.keypad(room, "4729") == {"opened": False, "reason": "inactive", "code_id": code}
        assert simulator.codes(room)[0]["active"] is False
        assert simulator.edit_code(room, code, name="Other")["active"] is False
        with pytest.raises(SimulatorError, match="duplicate_code"):
            simulator.add_code(room, "4729")
        simulator.edit_code(room, code, active=True)
        assert simulator.opens(room, "4729")

    def test_an_empty_battery_opens_nothing(self, simulator, room):
        simulator.add_code(room, "4729")
        simulator.knobs(room, battery=0)
        assert simulator.keypad(room, "4729")["reason"] == "battery_dead"

    @pytest.mark.parametrize("pin", ["", "12a4", "1" * 21, 4729, None, "\u0661\u0662\u0663\u0664", ["4729"]])
    def test_what_cannot_be_typed_is_refused(self, simulator, room, pin):
        with pytest.raises(SimulatorError, match="400"):
            simulator.keypad(room, pin)
        assert simulator.log(room, "keypad") == []


class TestClock:
    def test_a_window_opens_and_closes_by_the_locks_own_clock(self, simulator, room):
        code = simulator.add_code(room, "4729", **window(1, 2))
        seen = []
        for hours in (0, 1.5, 2.5, 0):
            simulator.knobs(room, clock_offset_seconds=hours * HOUR)
            seen.append(simulator.keypad(room, "4729"))
        assert [entry["reason"] for entry in seen] == ["not_yet_valid", "opened", "expired", "not_yet_valid"]
        assert {entry["code_id"] for entry in seen} == {code}

    def test_an_open_end_lasts_and_an_open_start_has_begun(self, simulator, room):
        simulator.add_code(room, "1111", ends_at=window(0, 1)["ends_at"])
        simulator.add_code(room, "2222", starts_at=window(1, 2)["starts_at"])
        assert (simulator.opens(room, "1111"), simulator.opens(room, "2222")) == (True, False)
        simulator.knobs(room, clock_offset_seconds=50 * 365 * 24 * HOUR // 10)
        assert (simulator.opens(room, "1111"), simulator.opens(room, "2222")) == (False, True)

    def test_a_lock_without_windows_opens_from_the_moment_the_code_is_on_it(self, simulator):
        room = simulator.add_lock("Room 1", "just_in_time")
        with pytest.raises(SimulatorError, match="invalid_window"):
            simulator.add_code(room, "4729", **window(-1, 1))
        simulator.add_code(room, "4729")
        assert simulator.opens(room, "4729")

    def test_the_clock_is_shown_and_written_down_with_every_entry(self, simulator, room):
        simulator.knobs(room, clock_offset_seconds=-HOUR)
        simulator.keypad(room, "1111")
        (entry,) = simulator.log(room, "keypad")
        real, own = (datetime.fromisoformat(text) for text in (entry["at"], entry["details"]["clock"]))
        assert timedelta(minutes=59) < real - own < timedelta(minutes=61)
        assert simulator.lock(room)["clock"] < entry["at"]

    def test_all_locks_travel_in_time_together_and_each_keeps_its_own_difference(self, simulator, room):
        late = simulator.add_lock("Late")
        simulator.knobs(late, clock_offset_seconds=-HOUR)
        for lock in (room, late):
            simulator.add_code(lock, "4729", **window(1, 2))
        seen = []
        for hours in (0, 1.5, 2.5, 3.5, 0):
            simulator.travel(hours=hours)
            seen.append((simulator.keypad(room, "4729")["reason"], simulator.keypad(late, "4729")["reason"]))
        assert seen == [
            ("not_yet_valid", "not_yet_valid"),
            ("opened", "not_yet_valid"),
            ("expired", "opened"),
            ("expired", "expired"),
            ("not_yet_valid", "not_yet_valid"),
        ]

    def test_the_travelled_clock_is_shown_and_written_down(self, simulator, room):
        simulator.travel(days=400)
        simulator.keypad(room, "1111")
        shown = simulator.clock(room)
        (entry,) = simulator.log(room, "keypad")
        real, own = (datetime.fromisoformat(text) for text in (entry["at"], entry["details"]["clock"]))
        assert timedelta(days=399) < own - real < timedelta(days=401)
        assert timedelta(0) <= shown - own < timedelta(hours=1)

    def test_a_locked_keypad_is_free_again_once_the_time_is_travelled_past(self, simulator, room):
        simulator.add_code(room, "4729")
        for _ in range(5):
            simulator.keypad(room, "0000")
        assert simulator.keypad(room, "4729")["reason"] == "locked_out"
        simulator.travel(seconds=61)
        assert simulator.opens(room, "4729")


class TestLockout:
    def test_five_wrong_entries_lock_the_keypad_for_a_minute_of_the_locks_clock(self, simulator, room):
        simulator.add_code(room, "4729")
        for _ in range(5):
            assert simulator.keypad(room, "0000")["reason"] == "unknown_code"
        assert simulator.keypad(room, "4729")["reason"] == "locked_out"
        simulator.knobs(room, clock_offset_seconds=61)
        assert simulator.opens(room, "4729")
        assert simulator.lock(room)["locked_until"] is None

    def test_a_right_entry_starts_the_count_anew(self, simulator, room):
        simulator.add_code(room, "4729")
        for pin in ["0000"] * 4 + ["4729"] + ["0000"] * 4:
            simulator.keypad(room, pin)
        assert simulator.opens(room, "4729")

    def test_it_can_be_turned_off(self, simulator, room):
        simulator.add_code(room, "4729")
        simulator.knobs(room, lockout=False)
        for _ in range(12):
            assert simulator.keypad(room, "0000")["reason"] == "unknown_code"
        assert simulator.opens(room, "4729")

    def test_turning_it_off_frees_a_locked_keypad(self, simulator, room):
        simulator.add_code(room, "4729")
        for _ in range(5):
            simulator.keypad(room, "0000")
        simulator.knobs(room, lockout=False)
        assert simulator.opens(room, "4729")


class TestOwnersApp:
    def test_an_edit_keeps_what_is_not_given(self, simulator, room):
        times = window(1, 2)
        code = simulator.add_code(room, "4729", "Cleaning", **times)
        edited = simulator.edit_code(room, code, name="Cleaning, mornings")
        assert (edited["pin"], edited["name"]) == ("4729", "Cleaning, mornings")
        assert datetime.fromisoformat(edited["ends_at"]) == datetime.fromisoformat(times["ends_at"])
        assert simulator.codes(room) == [edited]

    def test_the_lock_refuses_the_owner_what_it_refuses_anybody(self, simulator, room):
        simulator.add_code(room, "4729")
        for pin, code in [("4729", "duplicate_code"), ("12", "invalid_pin")]:
            with pytest.raises(SimulatorError, match=code):
                simulator.add_code(room, pin)

    def test_it_works_at_an_offline_lock(self, simulator, room):
        simulator.knobs(room, offline=True)
        simulator.add_code(room, "4729")
        assert simulator.opens(room, "4729")

    def test_a_code_that_is_not_there_cannot_be_changed(self, simulator, room):
        for act in (
            lambda: simulator.edit_code(room, "x", pin="1111"),
            lambda: simulator.delete_code(room, "x"),
        ):
            with pytest.raises(SimulatorError, match="code_not_found"):
                act()


class TestFactoryReset:
    def test_all_codes_go_and_a_new_lock_appears_while_the_old_one_is_offline_for_ever(self, simulator, room):
        simulator.add_code(room, "4729")
        simulator.knobs(room, clock_offset_seconds=5, slots=7)
        fresh = simulator.factory_reset(room)
        assert fresh != room
        assert simulator.codes(room) == simulator.codes(fresh) == []
        assert simulator.keypad(room, "4729")["reason"] == "replaced"
        assert not simulator.opens(fresh, "4729")
        simulator.knobs(room, offline=False)
        assert simulator.lock(room)["online"] is False
        assert simulator.lock(room)["replaced_by"] == fresh
        assert (simulator.lock(fresh)["name"], simulator.lock(fresh)["slots"]) == ("Room 1", 7)

    def test_a_lock_may_keep_its_identity(self, simulator, room):
        simulator.add_code(room, "4729")
        assert simulator.factory_reset(room, new_identity=False) == room
        assert simulator.lock(room)["online"] is True
        assert not simulator.opens(room, "4729")

    def test_a_replaced_lock_takes_nothing_any_more(self, simulator, room):
        simulator.factory_reset(room)
        for act in (lambda: simulator.add_code(room, "4729"), lambda: simulator.factory_reset(room)):
            with pytest.raises(SimulatorError, match="lock_replaced"):
                act()

    def test_the_log_goes_on(self, simulator, room):
        simulator.add_code(room, "4729")
        before = simulator.log(room)
        simulator.factory_reset(room)
        assert simulator.log(room)[: len(before)] == before
        assert simulator.log(room)[-1]["kind"] == "lock.reset"


class TestLocks:
    def test_many_are_made_at_once_or_none(self, simulator):
        taken = simulator.add_lock()
        before = simulator.get("/locks?limit=0")["total"]
        batch = [{"name": f"Room {n}", "model": "native", "id": f"batch-{n}"} for n in range(50)]
        with pytest.raises(SimulatorError, match="lock_exists"):
            simulator.add_locks([*batch, {"name": "Room", "model": "native", "id": taken}])
        assert simulator.get("/locks?limit=0")["total"] == before
        assert simulator.add_locks(batch) == [lock["id"] for lock in batch]

    def test_they_are_found_by_name_or_id(self, simulator):
        pool = simulator.add_lock("Swimming Pool", id="pool-door")
        for text in ("swimming", "POOL-DOOR"):
            assert [lock["id"] for lock in simulator.get(f"/locks?q={text}")["locks"]] == [pool]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"name": ""},
            {"name": 7},
            {"name": "x" * 41},
            {"model": "steam"},
            {"id": "a/b"},
            {"id": ""},
            {"slots": -1},
            {"slots": "3"},
            {"slots": True},
            {"battery": 2},
            {"battery": "full"},
            {"pin_lengths": []},
            {"pin_lengths": [0]},
            {"pin_lengths": 4},
            {"colour": "blue"},
        ],
    )
    def test_a_lock_that_makes_no_sense_is_refused_by_name(self, simulator, wrong):
        with pytest.raises(SimulatorError, match=rf"400.*{next(iter(wrong))}"):
            simulator.post("/locks", {"name": "Room", "model": "native", **wrong})

    @pytest.mark.parametrize("path", ["/locks/none", "/locks/none/", "/locks/none/app/"])
    def test_an_unknown_lock_is_not_found(self, simulator, path):
        with pytest.raises(SimulatorError, match="404"):
            simulator.get(path)
