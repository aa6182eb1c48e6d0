"""Reads what a test or a trainer turns: new locks and knobs, each value checked by name."""

import math
import re
from dataclasses import fields, replace

from locks.simulator.device import MODELS, NAME_LENGTH, Knobs, Lock, Refusal
from locks.simulator.maker import new_lock_id
from locks.simulator.wire import bad_request

LOCK_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
COUNT_LIMIT = 1_000_000
SLOW_LIMIT = 600
CLOCK_LIMIT = 10 * 366 * 86400
OF_THE_LOCK = ("slots", "battery")
OF_THE_ACCOUNT = ("down", "auth")


def read_lock(body: object) -> Lock:
    """A lock as `POST /locks` takes it. Raises Refusal."""
    if not isinstance(body, dict):
        raise bad_request("A lock is a JSON object.")
    known = {"id", "name", "model", "pin_lengths", "slots", "battery"}
    _no_others(body, known)
    lock_id, name, model = body.get("id", new_lock_id()), body.get("name"), body.get("model")
    if not (isinstance(lock_id, str) and LOCK_ID.fullmatch(lock_id)):
        raise bad_request("id: letters, digits, - and _, at most 64 of them.")
    if not (isinstance(name, str) and 1 <= len(name) <= NAME_LENGTH and name.isprintable()):
        raise bad_request(f"name: 1 to {NAME_LENGTH} printable characters.")
    if model not in MODELS:
        raise bad_request(f"model: one of {', '.join(MODELS)}.")
    values = {key: _value(key, body[key]) for key in ("pin_lengths", *OF_THE_LOCK) if key in body}
    return Lock(id=lock_id, name=name, model=model, **values)


def turned(lock: Lock, body: dict) -> Lock:
    """The lock with these knobs (`release` is an act and changes none). Raises Refusal."""
    names = {field.name for field in fields(Knobs)}
    _no_others(body, {*names, *OF_THE_LOCK, "release"})
    values = {key: _value(key, value) for key, value in body.items()}
    own = {key: value for key, value in values.items() if key in OF_THE_LOCK}
    knobs = {key: value for key, value in values.items() if key in names}
    return replace(lock, **own, knobs=replace(lock.knobs, **knobs))


def read_account(body: dict) -> dict[str, bool]:
    """The account's knobs. Raises Refusal."""
    _no_others(body, set(OF_THE_ACCOUNT))
    return {key: _flag(key, value) for key, value in body.items()}


def _value(key: str, value: object) -> object:
    if key in ("offline", "lockout", "removed", "release"):
        return _flag(key, value)
    if key == "slow_seconds":
        return _real(key, value, 0, SLOW_LIMIT)
    if key == "clock_offset_seconds":
        return _real(key, value, -CLOCK_LIMIT, CLOCK_LIMIT)
    if key == "battery":
        return None if value is None else _real(key, value, 0, 1)
    if key == "slots":
        return None if value is None else _count(key, value)
    if key == "reject_pins":
        return _items(key, value, str)
    if key == "pin_lengths":
        return _pin_lengths(value)
    return _count(key, value)


def _flag(key: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise bad_request(f"{key} is true or false.")
    return value


def _real(key: str, value: object, least: float, most: float) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or not least <= value <= most:
        raise bad_request(f"{key} is a number from {least} to {most}.")
    return value


def _count(key: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= COUNT_LIMIT:
        raise bad_request(f"{key} is a whole number from 0 to {COUNT_LIMIT}.")
    return value


def _items(key: str, value: object, kind: type) -> tuple:
    if not isinstance(value, list) or not all(type(item) is kind for item in value):
        raise bad_request(f"{key} is a list.")
    return tuple(value)


def _pin_lengths(value: object) -> tuple[int, ...]:
    lengths = _items("pin_lengths", value, int)
    if not lengths or not all(1 <= length <= 12 for length in lengths):
        raise bad_request("pin_lengths is a list of numbers from 1 to 12.")
    return lengths


def _no_others(body: dict, known: set[str]) -> None:
    others = sorted(set(body) - known)
    if others:
        raise Refusal(400, "bad_request", f"Unknown: {', '.join(others)}. Known: {', '.join(sorted(known))}.")
