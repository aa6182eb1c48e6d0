"""The store: one of the first version becomes one of today's and loses nothing."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from locks.simulator import schema
from locks.simulator.store import Store, StoreUnusable
from tests.locks.simulator_process import SimulatorProcess

VERSION_1 = """
CREATE TABLE lock (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    model TEXT NOT NULL,
    pin_lengths TEXT NOT NULL,
    slots INTEGER,
    battery REAL,
    knobs TEXT NOT NULL,
    wrong_entries INTEGER NOT NULL,
    locked_until TEXT,
    replaced_by TEXT
);
CREATE TABLE code (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    lock TEXT NOT NULL REFERENCES lock (id),
    name TEXT NOT NULL,
    pin TEXT NOT NULL,
    starts_at TEXT,
    ends_at TEXT,
    UNIQUE (lock, pin)
);
CREATE INDEX code_by_lock ON code (lock, number);
CREATE TABLE account (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE log (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    lock TEXT,
    kind TEXT NOT NULL,
    details TEXT NOT NULL
);
CREATE INDEX log_by_lock ON log (lock, seq);
CREATE TRIGGER log_update BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
CREATE TRIGGER log_delete BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
PRAGMA user_version = 1;
"""
KNOBS = {
    "offline": False,
    "slow_seconds": 0.25,
    "fail_next_writes": 2,
    "busy_next_answers": 0,
    "lose_next_answers": 0,
    "hold_next_answers": 0,
    "garbage_next_answers": 0,
    "reject_next_pins": 0,
    "reject_pins": ["1111"],
    "clock_offset_seconds": 0,
    "lockout": True,
    "removed": False,
}
UNTIL = "2090-01-01T00:00:00+00:00"


def old_store(folder: Path) -> Path:
    """A store of the first version: two locks, two codes, a knob of the account, two lines of the log."""
    path = folder / "simulator.sqlite3"
    db = sqlite3.connect(path)
    db.executescript(VERSION_1)
    locks = [
        (1, "room", "Room 1", "native", "[4, 6]", 7, 0.5, json.dumps(KNOBS), 3, None, None),
        (2, "gate", "Gate", "just_in_time", "[4]", None, None, json.dumps(KNOBS), 0, UNTIL, "room"),
    ]
    db.executemany(f"INSERT INTO lock VALUES ({', '.join('?' * 11)})", locks)
    codes = [
        (5, "code_a", "room", "Anna #1a2b3c4d", "4729", "2020-05-01T12:00:00+00:00", UNTIL),
        (6, "code_b", "gate", "Bert", "1357", None, None),
    ]
    db.executemany("INSERT INTO code VALUES (?, ?, ?, ?, ?, ?, ?)", codes)
    db.execute("INSERT INTO account VALUES ('auth', 'false')")
    log = [
        (8, "2026-01-01T00:00:00+00:00", "room", "keypad", '{"pin": "4729"}'),
        (9, UNTIL, None, "account.knobs", "{}"),
    ]
    db.executemany("INSERT INTO log VALUES (?, ?, ?, ?, ?)", log)
    db.commit()
    db.close()
    return path


@pytest.fixture
def upgraded(tmp_path) -> Iterator[SimulatorProcess]:
    old_store(tmp_path)
    with SimulatorProcess(tmp_path) as simulator:
        yield simulator


class TestUpgrade:
    def test_locks_keep_what_they_had_and_get_what_is_new(self, upgraded):
        room, gate = upgraded.lock("room"), upgraded.lock("gate")
        assert (room["pin_lengths"], room["slots"], room["battery"]) == ([4, 6], 7, 0.5)
        assert (gate["pin_lengths"], gate["slots"], gate["battery"]) == ([4], None, None)
        assert (gate["native_scheduling"], gate["replaced_by"]) == (False, "room")
        assert gate["locked_until"] == "2090-01-01T00:00:00Z"
        assert KNOBS.items() <= room["knobs"].items()
        assert (room["knobs"]["operation_seconds"], room["knobs"]["provider_error"]) == (0.05, None)
        fresh = upgraded.lock(upgraded.add_lock("New", pin_lengths=[4, 6], slots=7))
        told = {"time_slots", "names", "read_back", "confirms_later", "code_constraints", "pushes_events"}
        assert {name: room[name] for name in told} == {name: fresh[name] for name in told}

    def test_codes_are_on_their_locks_and_active(self, upgraded):
        (code,) = upgraded.codes("room")
        assert code == {
            "id": "code_a",
            "name": "Anna #1a2b3c4d",
            "first_name": "",
            "last_name": "",
            "pin": "4729",
            "starts_at": "2020-05-01T12:00:00Z",
            "ends_at": "2090-01-01T00:00:00Z",
            "active": True,
        }
        assert upgraded.opens("room", "4729")
        upgraded.delete_code("room", "code_a")
        assert upgraded.codes("room") == []

    def test_the_account_and_the_log_go_on(self, upgraded):
        assert upgraded.get("/knobs")["auth"] is False
        assert [entry["seq"] for entry in upgraded.log()] == [8, 9]
        upgraded.keypad("room", "0000")
        assert [entry["seq"] for entry in upgraded.log("room", "keypad")] == [8, 10]
        db = sqlite3.connect(upgraded.store)
        with pytest.raises(sqlite3.DatabaseError, match="only grows"):
            db.execute("DELETE FROM log")
        db.close()

    def test_a_lock_can_learn_what_is_new(self, upgraded):
        upgraded.account(auth=True)
        upgraded.knobs("room", confirms_later=True, fail_next_writes=0)
        status, _answer = upgraded.api("POST", "/locks/room/codes", {"name": "x", "pin": "2468"})
        assert status == 202
        upgraded.wait_for("code.created", "room")
        upgraded.knobs("room", can_program_offline_access_codes=True)
        assert len(upgraded.offline_key("room")) == 32

    def test_each_lock_gets_a_key_of_its_own(self, tmp_path):
        store = Store(old_store(tmp_path))
        keys = {store.lock("room").key, store.lock("gate").key}
        store.close()
        assert len(keys) == 2 and {len(key) for key in keys} == {32}

    def test_it_is_done_once(self, tmp_path):
        path = old_store(tmp_path)
        first = Store(path)
        lock = first.lock("room")
        first.close()
        again = Store(path)
        assert again.lock("room") == lock
        again.close()

    def test_the_tables_are_those_of_a_new_store(self, tmp_path):
        def tables(path: Path) -> dict[str, list[tuple]]:
            Store(path).close()
            db = sqlite3.connect(path)
            names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE sql IS NOT NULL")]
            columns = {
                name: sorted(row[1:] for row in db.execute(f"SELECT * FROM pragma_table_info('{name}')"))
                for name in names
            }
            (version,) = db.execute("PRAGMA user_version").fetchone()
            db.close()
            return columns | {"version": version}

        assert tables(old_store(tmp_path)) == tables(tmp_path / "new")

    def test_one_that_cannot_be_upgraded_is_left_as_it_was(self, tmp_path):
        path = old_store(tmp_path)
        db = sqlite3.connect(path)
        db.execute("UPDATE lock SET pin_lengths = 'none' WHERE id = 'gate'")
        db.commit()
        with pytest.raises(StoreUnusable, match="--store"):
            Store(path)
        assert db.execute("PRAGMA user_version").fetchone() == (1,)
        assert db.execute("SELECT count(*) FROM lock WHERE slots = 7").fetchone() == (1,)
        db.close()


class TestTransactions:
    @pytest.fixture
    def store(self, tmp_path) -> Iterator[Store]:
        store = Store(old_store(tmp_path))
        yield store
        store.close()

    def test_what_was_undone_is_not_remembered(self, store):
        lock, before = store.lock("room"), store.setting("auth", True)
        with pytest.raises(RuntimeError), store.transaction():
            store.delete_codes("room")
            store.save_lock(lock.__class__(**{**lock.__dict__, "name": "Other"}))
            store.set_setting("auth", not before)
            raise RuntimeError
        assert (store.lock("room"), store.setting("auth", True)) == (lock, before)
        assert len(store.codes("room")) == 1

    def test_one_inside_another_is_part_of_it(self, store):
        with pytest.raises(RuntimeError), store.transaction():
            with store.transaction():
                store.append("room", "keypad", {})
            raise RuntimeError
        assert len(store.log(since=0, limit=10)) == 2


def test_the_version_is_the_last_step():
    assert set(schema.STEPS) == set(range(schema.VERSION))
