"""The tables of the store, and how a store of an older version becomes one of today's."""

import sqlite3

VERSION = 2
SCHEMA = """
CREATE TABLE lock (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    model TEXT NOT NULL,
    battery REAL,
    knobs TEXT NOT NULL,
    wrong_entries INTEGER NOT NULL,
    locked_until TEXT,
    replaced_by TEXT,
    features TEXT NOT NULL DEFAULT '{}',
    key TEXT NOT NULL DEFAULT ''
);
CREATE TABLE code (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    lock TEXT NOT NULL REFERENCES lock (id),
    name TEXT NOT NULL,
    pin TEXT NOT NULL,
    starts_at TEXT,
    ends_at TEXT,
    active INTEGER NOT NULL DEFAULT 1,
    first_name TEXT NOT NULL DEFAULT '',
    last_name TEXT NOT NULL DEFAULT '',
    UNIQUE (lock, pin)
);
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
NEW_IN_2 = """
CREATE TABLE operation (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    lock TEXT NOT NULL REFERENCES lock (id),
    do TEXT NOT NULL,
    code TEXT NOT NULL,
    state TEXT NOT NULL,
    result TEXT NOT NULL
);
CREATE INDEX operation_pending ON operation (lock, number) WHERE state = 'pending';
CREATE TABLE offline_code (
    lock TEXT NOT NULL REFERENCES lock (id),
    pin TEXT NOT NULL,
    kind TEXT NOT NULL,
    starts_at TEXT NOT NULL,
    ends_at TEXT NOT NULL,
    variant INTEGER NOT NULL,
    PRIMARY KEY (lock, pin)
) WITHOUT ROWID;
"""
FROM_1_TO_2 = f"""
ALTER TABLE lock ADD COLUMN features TEXT NOT NULL DEFAULT '{{}}';
ALTER TABLE lock ADD COLUMN key TEXT NOT NULL DEFAULT '';
UPDATE lock SET
    features = json_object('pin_lengths', json(pin_lengths), 'slots', slots),
    key = lower(hex(randomblob(32)));
ALTER TABLE lock DROP COLUMN pin_lengths;
ALTER TABLE lock DROP COLUMN slots;
DROP INDEX code_by_lock;
ALTER TABLE code ADD COLUMN active INTEGER NOT NULL DEFAULT 1;
ALTER TABLE code ADD COLUMN first_name TEXT NOT NULL DEFAULT '';
ALTER TABLE code ADD COLUMN last_name TEXT NOT NULL DEFAULT '';
{NEW_IN_2}
"""
STEPS = {0: SCHEMA + NEW_IN_2, 1: FROM_1_TO_2}
"""What makes a store of each version (0: an empty file) one of today's."""


def prepare(db: sqlite3.Connection) -> None:
    """Make the tables, or bring them up to today's version, all or nothing.

    Raises sqlite3.DatabaseError for a version that is not known.
    """
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version == VERSION:
        return
    if version not in STEPS:
        raise sqlite3.DatabaseError(f"it is of version {version}, this simulator writes {VERSION}")
    try:
        db.executescript(f"BEGIN IMMEDIATE; {STEPS[version]} PRAGMA user_version = {VERSION}; COMMIT;")
    except sqlite3.Error:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
