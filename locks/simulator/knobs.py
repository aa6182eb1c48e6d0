"""Reads what a test or a trainer turns: new locks, and knobs of locks and of the account."""

import re
from collections.abc import Callable
from dataclasses import fields, replace
from functools import partial

from locks.providers import arithmetic
from locks.simulator.device import MODELS, OFFLINE, Knobs, Lock
from locks.simulator.features import NEVER_CONNECTED, READERS, Features, changed
from locks.simulator.maker import new_lock_id
from locks.simulator.refusal import bad_request
from locks.simulator.values import choice, count, flag, members, real, text, texts

LOCK_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
WORD = re.compile(r"[a-z0-9_]{1,64}")
SLOW_LIMIT = 600
CLOCK_LIMIT = 10 * 366 * 86400
WEBHOOK_MODES = ("deliver", "lose", "double", "shuffle")


def read_lock(body: object) -> Lock:
    """A lock as `POST /locks` takes it. Raises Refusal."""
    body = members("A lock", body, {"id", "name", "model", "battery", *READERS})
    lock_id = body.get("id", new_lock_id())
    if not (isinstance(lock_id, str) and LOCK_ID.fullmatch(lock_id)):
        raise bad_request("id: letters, digits, - and _, at most 64 of them.")
    name, model = text("name", body.get("name")), choice("model", body.get("model"), MODELS)
    can = changed(NEVER_CONNECTED if model == OFFLINE else Features(), body)
    lock = Lock(id=lock_id, name=name, model=model, key=arithmetic.new_key(), can=can)
    return replace(lock, battery=_battery("battery", body["battery"])) if "battery" in body else lock


def turned(lock: Lock, body: dict) -> Lock:
    """The lock with these knobs (`release` is an act and changes none). Raises Refusal."""
    members("Knobs", body, {*KNOBS, *READERS, "battery", "release"})
    if "release" in body:
        flag("release", body["release"])
    knobs = {key: KNOBS[key](key, value) for key, value in body.items() if key in KNOBS}
    lock = replace(lock, can=changed(lock.can, body), knobs=replace(lock.knobs, **knobs))
    return replace(lock, battery=_battery("battery", body["battery"])) if "battery" in body else lock


def read_account(body: dict) -> dict[str, object]:
    """The account's knobs. Raises Refusal."""
    members("Knobs", body, ACCOUNT)
    return {key: ACCOUNT[key](key, value) for key, value in body.items()}


def _battery(key: str, value: object) -> float | None:
    return None if value is None else real(key, value, 0, 1)


def _word(key: str, value: object) -> str | None:
    if value is not None and not (isinstance(value, str) and WORD.fullmatch(value)):
        raise bad_request(f"{key} is a word of small letters, digits and _, or null.")
    return value


def _cut(key: str, value: object) -> int | None:
    return None if value is None else count(key, value, least=1)


def _rate(key: str, value: object) -> float | None:
    return None if value is None else real(key, value, 0.1, 1_000_000)


def _latency(key: str, value: object) -> list[float] | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 2:
        raise bad_request(f"{key} is [LOW, HIGH] in seconds, or null.")
    low, high = (real(key, bound, 0, SLOW_LIMIT) for bound in value)
    if low > high:
        raise bad_request(f"{key}: the first is at most the second.")
    return [low, high]


_seconds = partial(real, least=0, most=SLOW_LIMIT)
_offset = partial(real, least=-CLOCK_LIMIT, most=CLOCK_LIMIT)
_special: dict[str, Callable] = {
    "slow_seconds": _seconds,
    "operation_seconds": _seconds,
    "clock_offset_seconds": _offset,
    "reject_pins": texts,
    "provider_error": _word,
    "truncate_names": _cut,
}
KNOBS: dict[str, Callable] = {
    field.name: _special.get(field.name, flag if field.type is bool else count) for field in fields(Knobs)
}
ACCOUNT: dict[str, Callable] = {
    "down": flag,
    "auth": flag,
    "webhooks": partial(choice, choices=WEBHOOK_MODES),
    "clock_offset_seconds": _offset,
    "rate": _rate,
    "latency_seconds": _latency,
}
