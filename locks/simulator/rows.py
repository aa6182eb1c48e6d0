"""Locks, codes and operations as rows of the store, both ways."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from locks.providers.arithmetic import Found
from locks.simulator import features
from locks.simulator.device import Code, Knobs, Lock
from locks.simulator.features import Features

LOCK_COLUMNS = "id, name, model, key, features, battery, knobs, wrong_entries, locked_until, replaced_by"
CODE_COLUMNS = "id, name, pin, starts_at, ends_at, active, first_name, last_name"
OPERATION_COLUMNS = "id, lock, do, code, state, result"


@dataclass(frozen=True)
class Operation:
    """A write that was accepted. `code` is a CODE; to delete one its id is enough."""

    id: str
    lock: str
    do: Literal["create", "update", "delete"]
    code: dict
    state: Literal["pending", "done", "failed"] = "pending"
    result: dict | None = None
    """{"code": CODE or null, "error": {"code", "message"} or null} once it has ended."""


def lock(row: tuple) -> Lock:
    lock_id, name, model, key, held, battery, knobs, wrong, until, replaced_by = row
    turned = json.loads(knobs)
    turned["reject_pins"] = tuple(turned["reject_pins"])
    return Lock(
        id=lock_id,
        name=name,
        model=model,
        key=bytes.fromhex(key),
        can=features.changed(Features(), json.loads(held)),
        battery=battery,
        knobs=Knobs(**turned),
        wrong_entries=wrong,
        locked_until=_time(until),
        replaced_by=replaced_by,
    )


def of_lock(lock: Lock) -> tuple:
    return (
        lock.id,
        lock.name,
        lock.model,
        lock.key.hex(),
        json.dumps(features.to_json(lock.can)),
        lock.battery,
        json.dumps(asdict(lock.knobs)),
        lock.wrong_entries,
        _iso(lock.locked_until),
        lock.replaced_by,
    )


def code(row: tuple) -> Code:
    code_id, name, pin, starts_at, ends_at, active, first_name, last_name = row
    return Code(
        id=code_id,
        name=name,
        pin=pin,
        starts_at=_time(starts_at),
        ends_at=_time(ends_at),
        active=bool(active),
        first_name=first_name,
        last_name=last_name,
    )


def of_code(code: Code) -> tuple:
    return (
        code.id,
        code.name,
        code.pin,
        _iso(code.starts_at),
        _iso(code.ends_at),
        code.active,
        code.first_name,
        code.last_name,
    )


def window(row: tuple) -> Found:
    kind, starts_at, ends_at, variant = row
    return Found(kind, datetime.fromisoformat(starts_at), datetime.fromisoformat(ends_at), variant)


def of_window(window: Found) -> tuple:
    return window.kind, window.starts_at.isoformat(), window.ends_at.isoformat(), window.variant


def operation(row: tuple) -> Operation:
    operation_id, lock_id, do, code, state, result = row
    return Operation(operation_id, lock_id, do, json.loads(code), state, json.loads(result))


def of_operation(operation: Operation) -> tuple:
    code, result = json.dumps(operation.code), json.dumps(operation.result)
    return operation.id, operation.lock, operation.do, code, operation.state, result


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
