"""The maker's store: one SQLite file with locks, codes, the account, and a log that only grows.

All calls are short and made from one thread (the event loop's). What a transaction has written when it
ends survives kill -9 of this process.
"""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from locks.simulator.device import Code, Knobs, Lock

SCHEMA_VERSION = 1
SCHEMA = """
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
"""
LOCK_COLUMNS = "id, name, model, pin_lengths, slots, battery, knobs, wrong_entries, locked_until, replaced_by"
CODE_COLUMNS = "id, lock, name, pin, starts_at, ends_at"


class StoreUnusable(Exception):
    """The store cannot be opened; the message says which file and what to do."""


class Store:
    """Everything the maker remembers, in the SQLite file `path` (made when it is not there)."""

    def __init__(self, path: Path):
        try:
            self._db = _open(path)
        except (OSError, sqlite3.Error) as exc:
            raise StoreUnusable(f"Cannot use {path} as the simulator's store ({exc}): name another --store.")

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; what is inside is kept when the block ends."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    # Locks

    def lock(self, lock_id: str) -> Lock | None:
        """The lock with this id, or None."""
        row = self._db.execute(f"SELECT {LOCK_COLUMNS} FROM lock WHERE id = ?", (lock_id,)).fetchone()
        return _lock(row) if row else None

    def locks(self, *, after: int = 0, limit: int, text: str = "") -> tuple[list[Lock], int | None]:
        """Locks in the order they were made whose id or name holds `text`, and where to go on, or None."""
        rows = self._db.execute(
            f"SELECT {LOCK_COLUMNS}, number FROM lock WHERE number > ? AND (instr(lower(name), ?) OR instr(lower(id), ?))"
            " ORDER BY number LIMIT ?",
            (after, text.lower(), text.lower(), limit + 1),
        ).fetchall()
        return _page(rows, limit, _lock)

    def count_locks(self) -> int:
        return self._db.execute("SELECT count(*) FROM lock").fetchone()[0]

    def add_lock(self, lock: Lock) -> None:
        marks = ", ".join("?" * 10)
        self._db.execute(f"INSERT INTO lock ({LOCK_COLUMNS}) VALUES ({marks})", _lock_row(lock))

    def save_lock(self, lock: Lock) -> None:
        """Write everything of a lock that is there already."""
        marks = ", ".join(f"{column} = ?" for column in LOCK_COLUMNS.split(", "))
        self._db.execute(f"UPDATE lock SET {marks} WHERE id = ?", (*_lock_row(lock), lock.id))

    # Codes

    def codes(self, lock_id: str) -> list[Code]:
        """Every code on the lock, oldest first."""
        return self.code_page(lock_id, after=0, limit=1_000_000)[0]

    def code_page(self, lock_id: str, *, after: int, limit: int) -> tuple[list[Code], int | None]:
        """Some codes of the lock, and where to go on, or None. A code that goes meanwhile hides no other."""
        rows = self._db.execute(
            f"SELECT {CODE_COLUMNS}, number FROM code WHERE lock = ? AND number > ? ORDER BY number LIMIT ?",
            (lock_id, after, limit + 1),
        ).fetchall()
        return _page(rows, limit, _code)

    def code_counts(self, lock_ids: list[str]) -> dict[str, int]:
        """How many codes are on each of these locks."""
        query = "SELECT lock, count(*) FROM code WHERE lock IN (SELECT value FROM json_each(?)) GROUP BY lock"
        return dict(self._db.execute(query, (json.dumps(lock_ids),)).fetchall())

    def add_code(self, lock_id: str, code: Code) -> None:
        marks = ", ".join("?" * 6)
        row = (code.id, lock_id, code.name, code.pin, _iso(code.starts_at), _iso(code.ends_at))
        self._db.execute(f"INSERT INTO code ({CODE_COLUMNS}) VALUES ({marks})", row)

    def save_code(self, code: Code) -> None:
        self._db.execute(
            "UPDATE code SET name = ?, pin = ?, starts_at = ?, ends_at = ? WHERE id = ?",
            (code.name, code.pin, _iso(code.starts_at), _iso(code.ends_at), code.id),
        )

    def delete_code(self, code_id: str) -> None:
        self._db.execute("DELETE FROM code WHERE id = ?", (code_id,))

    def delete_codes(self, lock_id: str) -> None:
        self._db.execute("DELETE FROM code WHERE lock = ?", (lock_id,))

    # The account and the log

    def setting(self, name: str, default: object) -> object:
        """A JSON value of the account."""
        row = self._db.execute("SELECT value FROM account WHERE name = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else default

    def set_setting(self, name: str, value: object) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO account (name, value) VALUES (?, ?)", (name, json.dumps(value))
        )

    def append(self, lock_id: str | None, kind: str, details: dict) -> None:
        """One more line in the log."""
        row = (datetime.now(UTC).isoformat(), lock_id, kind, json.dumps(details))
        self._db.execute("INSERT INTO log (at, lock, kind, details) VALUES (?, ?, ?, ?)", row)

    def log(self, *, since: int, limit: int, lock_id: str | None = None) -> list[dict]:
        """Log lines after number `since`, oldest first."""
        return self._log_lines("seq > ?", since, lock_id, "ASC", limit)

    def log_tail(self, *, limit: int, lock_id: str | None = None) -> list[dict]:
        """The newest log lines, oldest first."""
        return self._log_lines("seq > ?", 0, lock_id, "DESC", limit)[::-1]

    def _log_lines(self, where: str, since: int, lock_id: str | None, order: str, limit: int) -> list[dict]:
        if lock_id is not None:
            where += " AND lock = ?"
        rows = self._db.execute(
            f"SELECT seq, at, lock, kind, details FROM log WHERE {where} ORDER BY seq {order} LIMIT ?",
            (since, *([lock_id] if lock_id is not None else []), limit),
        )
        return [
            {"seq": seq, "at": at, "lock": lock, "kind": kind, "details": json.loads(details)}
            for seq, at, lock, kind, details in rows
        ]


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    # The store holds PINs: nobody else may read it. SQLite gives its side files the same mode.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    db = sqlite3.connect(path, isolation_level=None, timeout=10)
    # Killing the process loses nothing that is committed; only a power cut could.
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version == 0:
        db.executescript(f"BEGIN; {SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
    elif version != SCHEMA_VERSION:
        raise sqlite3.DatabaseError(f"it is of version {version}, this simulator writes {SCHEMA_VERSION}")
    return db


def _page(rows: list[tuple], limit: int, read) -> tuple[list, int | None]:
    shown = rows[:limit]
    return [read(row[:-1]) for row in shown], shown[-1][-1] if shown and len(rows) > limit else None


def _lock(row: tuple) -> Lock:
    lock_id, name, model, lengths, slots, battery, knobs, wrong, until, replaced_by = row
    held = json.loads(knobs)
    held["reject_pins"] = tuple(held["reject_pins"])
    return Lock(
        lock_id,
        name,
        model,
        tuple(json.loads(lengths)),
        slots,
        battery,
        Knobs(**held),
        wrong,
        _time(until),
        replaced_by,
    )


def _lock_row(lock: Lock) -> tuple:
    return (
        lock.id,
        lock.name,
        lock.model,
        json.dumps(lock.pin_lengths),
        lock.slots,
        lock.battery,
        json.dumps(asdict(lock.knobs)),
        lock.wrong_entries,
        _iso(lock.locked_until),
        lock.replaced_by,
    )


def _code(row: tuple) -> Code:
    code_id, _lock_id, name, pin, starts_at, ends_at = row
    return Code(id=code_id, name=name, pin=pin, starts_at=_time(starts_at), ends_at=_time(ends_at))


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
