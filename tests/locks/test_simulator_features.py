"""What a lock can do: how it is told, and what the lock takes and makes of names, digits and windows."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.locks.simulator_process import SimulatorError, SimulatorProcess

ZURICH = "Europe/Zurich"
TWO_PARTS = {"two_parts": True}


@pytest.fixture(scope="module")
def simulator(tmp_path_factory) -> Iterator[SimulatorProcess]:
    with SimulatorProcess(tmp_path_factory.mktemp("simulator")) as process:
        yield process


@pytest.fixture
def put(simulator):
    """Write a code through the API: `put(room, name="x")` -> status and the code, or the error's code."""

    def write(room: str, **fields: object) -> tuple[int, object]:
        body = {"name": "Stay", "pin": "4729", **fields}
        status, answer = simulator.api("POST", f"/locks/{room}/codes", body)
        return status, answer["error"]["code"] if "error" in answer else answer

    return write


def window(starts_at: str, ends_at: str) -> dict[str, str]:
    return {"starts_at": starts_at, "ends_at": ends_at}


class TestTold:
    PLAIN = {
        "can_program_online_access_codes": True,
        "can_program_offline_access_codes": False,
        "offline_kinds": [],
        "window_grain": 1,
        "time_slots": [],
        "keeps_local_time": False,
        "time_zone": None,
        "pin_lengths": [4, 5, 6, 7, 8],
        "code_constraints": [],
        "slots": None,
        "names": {
            "min_length": 1,
            "max_length": 40,
            "alphabet": "printable",
            "unique": False,
            "two_parts": False,
        },
        "read_back": "value",
        "confirms_later": False,
        "names_the_code": True,
        "pushes_events": True,
        "can_remotely_unlock": True,
        "hub_online": None,
    }
    OTHER = {
        "can_program_offline_access_codes": True,
        "offline_kinds": ["hourly"],
        "window_grain": 60,
        "time_slots": [{"name": "Stay", "check_in": "15:00", "check_out": "11:05"}],
        "keeps_local_time": True,
        "time_zone": ZURICH,
        "pin_lengths": [6],
        "code_constraints": ["no_zeros"],
        "slots": 30,
        "names": {
            "min_length": 2,
            "max_length": 16,
            "alphabet": "ascii",
            "unique": True,
            "two_parts": True,
        },
        "read_back": "presence",
        "confirms_later": True,
        "names_the_code": False,
        "pushes_events": False,
        "hub_online": True,
    }

    @pytest.mark.parametrize("model", ["native", "just_in_time"])
    def test_a_plain_lock_can_do_what_it_always_could(self, simulator, model):
        room = simulator.add_lock("Room 1", model)
        _status, told = simulator.api("GET", f"/locks/{room}")
        assert told == self.PLAIN | {
            "id": room,
            "name": "Room 1",
            "model": model,
            "online": True,
            "battery": 1.0,
            "native_scheduling": model == "native",
        }

    def test_an_offline_lock_can_do_arithmetic_and_nothing_else(self, simulator):
        room = simulator.add_lock("Gate", "offline")
        _status, told = simulator.api("GET", f"/locks/{room}")
        assert {name: told[name] for name in self.PLAIN} == self.PLAIN | {
            "can_program_online_access_codes": False,
            "can_program_offline_access_codes": True,
            "offline_kinds": ["hourly", "daily", "one_time"],
            "window_grain": 3600,
            "pin_lengths": [9],
            "names_the_code": False,
            "pushes_events": False,
            "can_remotely_unlock": False,
        }
        assert (told["online"], told["native_scheduling"]) == (None, True)

    def test_everything_may_be_given_and_is_kept(self, simulator):
        room = simulator.add_lock(**self.OTHER)
        for told in (simulator.api("GET", f"/locks/{room}")[1], simulator.lock(room)):
            assert {name: told[name] for name in self.OTHER} == self.OTHER
        (created,) = simulator.log(room, "lock.created")
        assert {name: created["details"][name] for name in self.OTHER} == self.OTHER

    def test_everything_may_change_later(self, simulator):
        room = simulator.add_lock()
        for name, value in self.OTHER.items():
            assert simulator.knobs(room, **{name: value})[name] == value
        assert self.OTHER.items() <= simulator.api("GET", f"/locks/{room}")[1].items()

    def test_it_survives_a_restart(self, tmp_path):
        with SimulatorProcess(tmp_path) as simulator:
            room = simulator.add_lock(**self.OTHER)
            gate = simulator.add_lock("Gate", "offline")
            key, before = simulator.offline_key(gate), simulator.lock(room)
            simulator.kill9()
            simulator.start()
            assert {**simulator.lock(room), "clock": None} == {**before, "clock": None}
            assert simulator.offline_key(gate) == key

    def test_a_replaced_lock_hands_it_on(self, simulator):
        fresh = simulator.lock(simulator.factory_reset(simulator.add_lock(**self.OTHER)))
        assert {name: fresh[name] for name in self.OTHER} == self.OTHER

    @pytest.mark.parametrize(
        "wrong",
        [
            {"can_program_online_access_codes": 1},
            {"offline_kinds": ["weekly"]},
            {"offline_kinds": "hourly"},
            {"window_grain": 0},
            {"window_grain": 1.5},
            {"time_slots": {}},
            {"time_slots": [{"name": "x", "check_in": "25:00", "check_out": "11:00"}]},
            {"time_slots": [{"name": "x", "check_in": 15, "check_out": "11:00"}]},
            {"time_slots": [{"name": "x", "check_in": "15:00"}]},
            {"time_slots": [{"check_in": "15:00", "check_out": "11:00"}]},
            {"time_zone": "Europe/Nowhere"},
            {"time_zone": "../../etc/passwd"},
            {"time_zone": 1},
            {"code_constraints": [1]},
            {"names": []},
            {"names": {"alphabet": "runes"}},
            {"names": {"min_length": 9, "max_length": 8}},
            {"read_back": "none"},
            {"confirms_later": None},
            {"hub_online": "yes"},
        ],
    )
    def test_what_makes_no_sense_is_refused_by_name(self, simulator, wrong):
        room = simulator.add_lock()
        with pytest.raises(SimulatorError, match=rf"400.*{next(iter(wrong))}"):
            simulator.add_lock(**wrong)
        with pytest.raises(SimulatorError, match=rf"400.*{next(iter(wrong))}"):
            simulator.knobs(room, **wrong)
        assert simulator.log(room, "knobs") == []

    def test_a_part_of_the_name_rules_that_is_not_known_is_refused(self, simulator):
        with pytest.raises(SimulatorError, match="400.*colour"):
            simulator.add_lock(names={"colour": "blue"})


class TestNames:
    @pytest.mark.parametrize(
        ("rules", "name", "taken"),
        [
            ({}, "x" * 40, True),
            ({}, "x" * 41, False),
            ({}, "", False),
            ({}, "J\u00fcrgen \U0001f511", True),
            ({}, "tab\tbed", False),
            ({"min_length": 8}, "x" * 8, True),
            ({"min_length": 8}, "x" * 7, False),
            ({"max_length": 60}, "x" * 60, True),
            ({"alphabet": "ascii"}, "Anna #1 (a.b)", True),
            ({"alphabet": "ascii"}, "J\u00fcrgen", False),
            ({"alphabet": "ascii"}, "del\x7f", False),
            ({"alphabet": "alphanumeric"}, "Anna 1a2b", True),
            ({"alphabet": "alphanumeric"}, "Anna #1", False),
            ({"alphabet": "alphanumeric"}, "J\u00fcrgen", False),
            ({"alphabet": "alphanumeric"}, "\u0663", False),
        ],
    )
    def test_the_lock_enforces_its_rules(self, simulator, put, rules, name, taken):
        room = simulator.add_lock(names=rules)
        status, answer = put(room, name=name)
        assert (status, answer if status != 201 else answer["name"]) == (
            (201, name) if taken else (422, "invalid_name")
        )
        assert len(simulator.codes(room)) == taken

    def test_where_names_are_unique_no_other_code_has_it(self, simulator, put):
        room = simulator.add_lock(names={"unique": True})
        _status, code = put(room, name="Anna")
        assert put(room, name="Anna", pin="1357") == (422, "invalid_name")
        assert put(room, name="Anna 2", pin="1357")[0] == 201
        same = {"name": "Anna", "pin": "2468"}
        assert simulator.api("PUT", f"/locks/{room}/codes/{code['id']}", same)[0] == 200

    def test_elsewhere_two_codes_may_have_one_name(self, simulator, put):
        room = simulator.add_lock()
        assert put(room, name="Anna")[0] == put(room, name="Anna", pin="1357")[0] == 201

    @pytest.mark.parametrize(
        ("given", "held"),
        [
            ({"first_name": "Anna Maria", "last_name": "Smith"}, ("Anna Maria Smith", "Anna Maria", "Smith")),
            ({"first_name": "Anna"}, ("Anna", "Anna", "")),
            ({"name": "Anna Maria Smith"}, ("Anna Maria Smith", "Anna", "Maria Smith")),
            ({"name": "Smith"}, ("Smith", "", "Smith")),
            ({"name": "Other", "first_name": "A", "last_name": "B"}, ("A B", "A", "B")),
        ],
    )
    def test_a_name_in_two_parts(self, simulator, given, held):
        room = simulator.add_lock(names=TWO_PARTS)
        status, code = simulator.api("POST", f"/locks/{room}/codes", {"pin": "4729", **given})
        assert (status, code["name"], code["first_name"], code["last_name"]) == (201, *held)
        assert simulator.codes(room) == [code]

    def test_the_rules_are_for_both_parts_with_their_space(self, simulator, put):
        room = simulator.add_lock(names={**TWO_PARTS, "max_length": 10})
        assert put(room, first_name="Anna", last_name="Smith")[0] == 201
        assert put(room, first_name="Annie", last_name="Smith", pin="1357") == (422, "invalid_name")

    def test_a_lock_of_one_name_takes_no_parts(self, simulator, put):
        room = simulator.add_lock()
        assert put(room, first_name="Anna", last_name="Smith") == (422, "invalid_name")
        assert (put(room)[1]["first_name"], simulator.codes(room)[0]["last_name"]) == ("", "")

    @pytest.mark.parametrize("parts", [{"first_name": 1}, {"last_name": None}, {"name": None}])
    def test_a_name_is_text(self, simulator, put, parts):
        assert put(simulator.add_lock(names=TWO_PARTS), **parts) == (400, "bad_request")

    def test_the_owner_changes_a_part_or_the_whole(self, simulator):
        room = simulator.add_lock(names=TWO_PARTS)
        code = simulator.add_code(room, "4729", "Anna Smith")
        assert simulator.edit_code(room, code, pin="1357")["name"] == "Anna Smith"
        assert simulator.edit_code(room, code, last_name="Jones")["name"] == "Anna Jones"
        changed = simulator.edit_code(room, code, name="Bert Brown")
        assert (changed["first_name"], changed["last_name"]) == ("Bert", "Brown")

    @pytest.mark.parametrize(
        ("rules", "kept", "held"),
        [({}, 6, "Anna S"), ({}, 4, "Anna"), (TWO_PARTS, 6, "Anna S"), (TWO_PARTS, 3, "Ann")],
    )
    def test_a_lock_that_cuts_names_says_nothing(self, simulator, put, rules, kept, held):
        room = simulator.add_lock(names=rules)
        simulator.knobs(room, truncate_names=kept)
        status, code = put(room, name="Anna Smith")
        assert (status, code["name"], simulator.codes(room)[0]["name"]) == (201, held, held)
        simulator.knobs(room, truncate_names=None)
        simulator.api("PUT", f"/locks/{room}/codes/{code['id']}", {"name": "Anna Smith", "pin": "4729"})
        assert simulator.codes(room)[0]["name"] == "Anna Smith"

    def test_one_that_cuts_takes_names_that_are_too_long_for_others(self, simulator, put):
        room = simulator.add_lock(names={"max_length": 10})
        simulator.knobs(room, truncate_names=10)
        assert put(room, name="x" * 300)[0] == 201


class TestDigits:
    @pytest.mark.parametrize(
        ("rules", "pin", "taken"),
        [
            (["no_zeros"], "4720", False),
            (["no_zeros"], "4729", True),
            (["cannot_start_with_12"], "1245", False),
            (["cannot_start_with_12", "no_zeros"], "2145", True),
            (["at_least_three_unique_digits"], "4747", False),
            (["a_rule_nobody_knows"], "4720", True),
        ],
    )
    def test_they_keep_the_locks_rules(self, simulator, put, rules, pin, taken):
        room = simulator.add_lock(code_constraints=rules)
        status, answer = put(room, pin=pin)
        assert status == 201 if taken else (status, answer) == (422, "invalid_pin")
        assert len(simulator.codes(room)) == taken

    def test_the_owners_too(self, simulator):
        room = simulator.add_lock(code_constraints=["no_zeros"])
        with pytest.raises(SimulatorError, match="invalid_pin.*no_zeros"):
            simulator.add_code(room, "4720")


class TestReadBack:
    def test_a_lock_that_shows_presence_never_tells_its_pins(self, simulator, put):
        room = simulator.add_lock(read_back="presence")
        _status, created = put(room)
        path = f"/locks/{room}/codes/{created['id']}"
        _status, updated = simulator.api("PUT", path, {"name": "Stay", "pin": "1357"})
        for told in (created, updated, *simulator.listed(room)):
            assert (told["id"], told["pin"]) == (created["id"], None)
        assert simulator.pins(room) == {"1357"}
        assert simulator.opens(room, "1357")

    def test_elsewhere_the_api_tells_what_the_door_does(self, simulator, put):
        room = simulator.add_lock()
        put(room, **window("2030-05-01T12:00:00Z", "2030-05-02T12:00:00Z"))
        assert simulator.listed(room) == simulator.codes(room)
        assert simulator.codes(room)[0]["active"] is True


class TestWindows:
    @pytest.mark.parametrize(
        ("fields", "asked", "held"),
        [
            (
                {"window_grain": 60},
                window("2030-05-01T12:00:59Z", "2030-05-02T12:01:59.9Z"),
                window("2030-05-01T12:00:00Z", "2030-05-02T12:01:00Z"),
            ),
            (
                {"window_grain": 3600},
                window("2030-05-01T12:20:00+05:30", "2030-05-02T12:20:00+05:30"),
                window("2030-05-01T06:00:00Z", "2030-05-02T06:00:00Z"),
            ),
            (
                {"window_grain": 3600, "keeps_local_time": True, "time_zone": "Asia/Kolkata"},
                window("2030-05-01T12:20:00+05:30", "2030-05-02T12:20:00+05:30"),
                window("2030-05-01T06:30:00Z", "2030-05-02T06:30:00Z"),
            ),
            (
                {"window_grain": 86400, "keeps_local_time": True, "time_zone": ZURICH},
                window("2030-03-31T20:00:00Z", "2030-04-02T20:00:00Z"),
                window("2030-03-30T23:00:00Z", "2030-04-01T22:00:00Z"),
            ),
            # Twenty to three comes twice in the night in which the clocks are put back.
            (
                {"window_grain": 3600, "keeps_local_time": True, "time_zone": ZURICH},
                window("2030-10-27T00:40:00Z", "2030-10-27T01:40:00Z"),
                window("2030-10-27T00:00:00Z", "2030-10-27T01:00:00Z"),
            ),
            (
                {},
                window("2030-05-01T12:00:00.123456Z", "2030-05-02T12:00:59Z"),
                window("2030-05-01T12:00:00.123456Z", "2030-05-02T12:00:59Z"),
            ),
        ],
    )
    def test_they_are_silently_cut_down_to_the_grain(self, simulator, put, fields, asked, held):
        room = simulator.add_lock(**fields)
        status, code = put(room, **asked)
        assert (status, code["starts_at"], code["ends_at"]) == (201, held["starts_at"], held["ends_at"])
        assert simulator.codes(room)[0]["starts_at"] == held["starts_at"]
        path = f"/locks/{room}/codes/{code['id']}"
        _status, again = simulator.api("PUT", path, {"name": "Stay", "pin": "4729", **asked})
        assert again == code

    def test_the_door_goes_by_what_the_lock_holds(self, simulator, put):
        room = simulator.add_lock(window_grain=3600)
        put(room, **window("2030-05-01T12:20:00Z", "2030-05-01T14:20:00Z"))
        reasons = []
        for clock in ("11:59:00", "12:01:00", "13:59:00", "14:01:00"):
            there = datetime.fromisoformat(f"2030-05-01T{clock}+00:00") - datetime.now(UTC)
            simulator.knobs(room, clock_offset_seconds=there.total_seconds())
            reasons.append(simulator.keypad(room, "4729")["reason"])
        assert reasons == ["not_yet_valid", "opened", "opened", "expired"]

    def test_one_that_is_shorter_than_the_grain_is_refused(self, simulator, put):
        room = simulator.add_lock(window_grain=3600)
        short = window("2030-05-01T12:10:00Z", "2030-05-01T12:50:00Z")
        assert put(room, **short) == (422, "invalid_window")

    def test_half_a_window_is_cut_too(self, simulator, put):
        room = simulator.add_lock(window_grain=3600)
        _status, code = put(room, ends_at="2030-05-01T12:10:00Z")
        assert (code["starts_at"], code["ends_at"]) == (None, "2030-05-01T12:00:00Z")

    def test_a_lock_of_local_time_needs_its_zone(self, simulator, put):
        room = simulator.add_lock(keeps_local_time=True)
        stay = window("2030-05-01T13:00:00Z", "2030-05-03T09:00:00Z")
        for asked in (stay, {"starts_at": stay["starts_at"]}, {"ends_at": stay["ends_at"]}):
            assert put(room, **asked) == (422, "invalid_window")
        assert put(room)[0] == 201
        simulator.knobs(room, time_zone=ZURICH)
        assert put(room, pin="1357", **stay)[0] == 201


class TestTimeSlots:
    SLOTS = [
        {"name": "Stay", "check_in": "15:00", "check_out": "11:00"},
        {"name": "Late", "check_in": "18:00", "check_out": "12:00"},
        {"name": "Night", "check_in": "02:30", "check_out": "11:00"},
    ]

    @pytest.mark.parametrize(
        ("asked", "taken"),
        [
            (window("2030-05-01T15:00:00+02:00", "2030-05-03T11:00:00+02:00"), True),
            (window("2030-05-01T13:00:00Z", "2030-05-03T09:00:00Z"), True),
            (window("2030-01-01T15:00:00+01:00", "2030-05-03T11:00:00+02:00"), True),
            (window("2030-05-01T18:00:00+02:00", "2030-05-03T12:00:00+02:00"), True),
            (window("2030-05-01T15:00:00+02:00", "2030-05-03T12:00:00+02:00"), False),
            (window("2030-05-01T15:00:00Z", "2030-05-03T11:00:00Z"), False),
            (window("2030-05-01T15:00:01+02:00", "2030-05-03T11:00:00+02:00"), False),
            ({"starts_at": "2030-05-01T13:00:00Z"}, False),
            ({"ends_at": "2030-05-03T09:00:00Z"}, False),
            ({}, True),
            # The clocks jump from 2:00 to 3:00 on 31 March 2030, and back from 3:00 to 2:00 on 27 October.
            (window("2030-03-31T01:30:00Z", "2030-03-31T11:00:00+02:00"), True),
            (window("2030-03-31T00:30:00Z", "2030-03-31T11:00:00+02:00"), True),
            (window("2030-03-31T01:00:00Z", "2030-03-31T11:00:00+02:00"), False),
            (window("2030-10-27T00:30:00Z", "2030-10-27T11:00:00+01:00"), True),
            (window("2030-10-27T01:30:00Z", "2030-10-27T11:00:00+01:00"), True),
        ],
    )
    def test_the_lock_takes_the_listed_times_in_its_zone_and_no_others(self, simulator, put, asked, taken):
        room = simulator.add_lock(time_slots=self.SLOTS, time_zone=ZURICH)
        status, answer = put(room, **asked)
        assert status == 201 if taken else (status, answer) == (422, "invalid_window")
        assert len(simulator.codes(room)) == taken

    def test_the_refusal_names_them(self, simulator):
        room = simulator.add_lock(time_slots=self.SLOTS, time_zone=ZURICH)
        with pytest.raises(SimulatorError, match=r"15:00 to 11:00, 18:00 to 12:00"):
            simulator.add_code(room, "4729", starts_at="2030-05-01T15:00:00Z")

    def test_without_a_zone_it_takes_none(self, simulator, put):
        room = simulator.add_lock(time_slots=self.SLOTS)
        stay = window("2030-05-01T15:00:00+02:00", "2030-05-03T11:00:00+02:00")
        assert put(room, **stay) == (422, "invalid_window")
        assert put(room)[0] == 201
