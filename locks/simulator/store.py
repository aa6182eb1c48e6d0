"""The maker's store: one SQLite file with locks, codes, the account, and a log that only grows.

All calls are short and made from one thread (the event loop's), and no other process writes to the file: what
has been read of locks and settings is kept in memory. What a transaction has written when it ends survives
kill -9 of this process.
"""

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from locks.providers.arithmetic import Found
from locks.simulator import rows, schema
from locks.simulator.device import Code, Lock
from locks.simulator.rows import CODE_COLUMNS, LOCK_COLUMNS, OPERATION_COLUMNS, Operation


class StoreUnusable(Exception):
    """The store cannot be opened; the message says which file and what to do."""


class Store:
    """Everything the maker remembers, in the SQLite file `path` (made when it is not there)."""

    def __init__(self, path: Path):
        try:
            self._db = _open(path)
        except (OSError, sqlite3.Error) as exc:
            raise StoreUnusable(f"Cannot use {path} as the simulator's store ({exc}): name another --store.")
        self._locks: dict[str, Lock] = {}
        self._settings: dict[str, object] = {}

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; what is inside is kept when the block ends. One inside another is part of it."""
        if self._db.in_transaction:
            yield
            return
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            self._locks.clear()
            self._settings.clear()
            raise
        self._db.execute("COMMIT")

    # Locks

    def lock(self, lock_id: str) -> Lock | None:
        """The lock with this id, or None."""
        kept = self._locks.get(lock_id)
        if kept is None:
            row = self._db.execute(f"SELECT {LOCK_COLUMNS} FROM lock WHERE id = ?", (lock_id,)).fetchone()
            if row is None:
                return None
            kept = self._locks[lock_id] = rows.lock(row)
        return kept

    def locks(self, *, after: int = 0, limit: int, text: str = "") -> tuple[list[Lock], int | None]:
        """Locks in the order they were made whose id or name holds `text`, and where to go on, or None."""
        found = self._db.execute(
            "SELECT id, number FROM lock WHERE number > ? AND (instr(lower(name), ?) OR instr(lower(id), ?))"
            " ORDER BY number LIMIT ?",
            (after, text.lower(), text.lower(), limit + 1),
        ).fetchall()
        return _page(found, limit, lambda row: self.lock(row[0]))

    def count_locks(self) -> int:
        return self._db.execute("SELECT count(*) FROM lock").fetchone()[0]

    def add_lock(self, lock: Lock) -> None:
        row = rows.of_lock(lock)
        self._db.execute(f"INSERT INTO lock ({LOCK_COLUMNS}) VALUES ({_marks(row)})", row)
        self._locks[lock.id] = lock

    def save_lock(self, lock: Lock) -> None:
        """Write everything of a lock that is there already."""
        marks = ", ".join(f"{column} = ?" for column in LOCK_COLUMNS.split(", "))
        self._db.execute(f"UPDATE lock SET {marks} WHERE id = ?", (*rows.of_lock(lock), lock.id))
        self._locks[lock.id] = lock

    # Codes

    def codes(self, lock_id: str) -> list[Code]:
        """Every code on the lock, oldest first."""
        return self.code_page(lock_id, after=0, limit=1_000_000)[0]

    def code(self, lock_id: str, code_id: str) -> Code | None:
        """The code of the lock with this id, or None."""
        query = f"SELECT {CODE_COLUMNS} FROM code WHERE id = ? AND lock = ?"
        row = self._db.execute(query, (code_id, lock_id)).fetchone()
        return rows.code(row) if row else None

    def code_page(self, lock_id: str, *, after: int, limit: int) -> tuple[list[Code], int | None]:
        """Some codes of the lock, and where to go on, or None. A code that goes meanwhile hides no other."""
        found = self._db.execute(
            f"SELECT {CODE_COLUMNS}, number FROM code WHERE lock = ? AND number > ? ORDER BY number LIMIT ?",
            (lock_id, after, limit + 1),
        ).fetchall()
        return _page(found, limit, rows.code)

    def code_counts(self, lock_ids: list[str]) -> dict[str, int]:
        """How many codes are on each of these locks."""
        query = "SELECT lock, count(*) FROM code WHERE lock IN (SELECT value FROM json_each(?)) GROUP BY lock"
        return dict(self._db.execute(query, (json.dumps(lock_ids),)).fetchall())

    def add_code(self, lock_id: str, code: Code) -> None:
        row = (*rows.of_code(code), lock_id)
        self._db.execute(f"INSERT INTO code ({CODE_COLUMNS}, lock) VALUES ({_marks(row)})", row)

    def save_code(self, code: Code) -> None:
        marks = ", ".join(f"{column} = ?" for column in CODE_COLUMNS.split(", "))
        self._db.execute(f"UPDATE code SET {marks} WHERE id = ?", (*rows.of_code(code), code.id))

    def delete_code(self, code_id: str) -> None:
        self._db.execute("DELETE FROM code WHERE id = ?", (code_id,))

    def delete_codes(self, lock_id: str) -> None:
        """All codes of the lock, and what it remembers of those by arithmetic."""
        self._db.execute("DELETE FROM code WHERE lock = ?", (lock_id,))
        self._db.execute("DELETE FROM offline_code WHERE lock = ?", (lock_id,))

    # Codes by arithmetic that have opened their lock

    def used_window(self, lock_id: str, pin: str) -> Found | None:
        """The window of these digits if they have opened the lock before."""
        query = "SELECT kind, starts_at, ends_at, variant FROM offline_code WHERE lock = ? AND pin = ?"
        row = self._db.execute(query, (lock_id, pin)).fetchone()
        return rows.window(row) if row else None

    def add_used_window(self, lock_id: str, pin: str, window: Found) -> None:
        """Do nothing where it is there already."""
        row = (lock_id, pin, *rows.of_window(window))
        columns = "lock, pin, kind, starts_at, ends_at, variant"
        self._db.execute(f"INSERT OR IGNORE INTO offline_code ({columns}) VALUES ({_marks(row)})", row)

    # Accepted writes

    def add_operation(self, operation: Operation) -> None:
        row = rows.of_operation(operation)
        self._db.execute(f"INSERT INTO operation ({OPERATION_COLUMNS}) VALUES ({_marks(row)})", row)

    def save_operation(self, operation: Operation) -> None:
        """Write how it has ended."""
        result = json.dumps(operation.result)
        query = "UPDATE operation SET state = ?, result = ? WHERE id = ?"
        self._db.execute(query, (operation.state, result, operation.id))

    def operation(self, operation_id: str) -> Operation | None:
        """The operation with this id, or None."""
        query = f"SELECT {OPERATION_COLUMNS} FROM operation WHERE id = ?"
        row = self._db.execute(query, (operation_id,)).fetchone()
        return rows.operation(row) if row else None

    def pending(self, lock_id: str | None = None) -> list[str]:
        """The ids of the operations that have not ended, of one lock or of all, oldest first."""
        where, values = ("", ()) if lock_id is None else (" AND lock = ?", (lock_id,))
        query = f"SELECT id FROM operation WHERE state = 'pending'{where} ORDER BY number"
        return [row[0] for row in self._db.execute(query, values)]

    # The account and the log

    def setting(self, name: str, default: object) -> object:
        """A JSON value of the account."""
        if name not in self._settings:
            row = self._db.execute("SELECT value FROM account WHERE name = ?", (name,)).fetchone()
            self._settings[name] = json.loads(row[0]) if row else default
        return self._settings[name]

    def set_setting(self, name: str, value: object) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO account (name, value) VALUES (?, ?)", (name, json.dumps(value))
        )
        self._settings[name] = value

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
        found = self._db.execute(
            f"SELECT seq, at, lock, kind, details FROM log WHERE {where} ORDER BY seq {order} LIMIT ?",
            (since, *([lock_id] if lock_id is not None else []), limit),
        )
        return [
            {"seq": seq, "at": at, "lock": lock, "kind": kind, "details": json.loads(details)}
            for seq, at, lock, kind, details in found
        ]


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    # The store holds PINs: nobody else may read it. SQLite gives its side files the same mode.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    db = sqlite3.connect(path, isolation_level=None, timeout=10)
    # Killing the process loses nothing that is committed; only a power cut could.
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    # Moving the log into the file waits for the disk, and everybody with it: seldom.
    db.execute("PRAGMA wal_autocheckpoint = 10000")
    schema.prepare(db)
    return db


def _marks(row: tuple) -> str:
    return ", ".join("?" * len(row))


def _page(found: list[tuple], limit: int, read: Callable) -> tuple[list, int | None]:
    """What the first `limit` rows hold, and the number (last column) of the last if there are more."""
    shown = found[:limit]
    return [read(row[:-1]) for row in shown], shown[-1][-1] if shown and len(found) > limit else None
