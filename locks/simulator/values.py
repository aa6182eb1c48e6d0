"""Reads single values out of a body of JSON; each one that makes no sense is refused by its name."""

import math
from collections.abc import Collection
from typing import TypeVar

from locks.simulator.refusal import bad_request

COUNT_LIMIT = 1_000_000

Item = TypeVar("Item", str, int)


def flag(key: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise bad_request(f"{key} is true or false.")
    return value


def real(key: str, value: object, least: float, most: float) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or not least <= value <= most:
        raise bad_request(f"{key} is a number from {least} to {most}.")
    return value


def count(key: str, value: object, least: int = 0, most: int = COUNT_LIMIT) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise bad_request(f"{key} is a whole number from {least} to {most}.")
    return value


def items(key: str, value: object, kind: type[Item]) -> tuple[Item, ...]:
    if not isinstance(value, list) or not all(type(item) is kind for item in value):
        raise bad_request(f"{key} is a list.")
    return tuple(value)


def text(key: str, value: object, least: int = 1, most: int = 40) -> str:
    """Printable characters."""
    if not isinstance(value, str) or not least <= len(value) <= most or not value.isprintable():
        raise bad_request(f"{key}: {least} to {most} printable characters.")
    return value


def texts(key: str, value: object) -> tuple[str, ...]:
    """A list of printable texts."""
    return tuple(text(key, item) for item in items(key, value, str))


def choice(key: str, value: object, choices: Collection[str]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise bad_request(f"{key}: one of {', '.join(choices)}.")
    return value


def members(key: str, value: object, known: Collection[str]) -> dict:
    """An object with no members but the `known` ones."""
    if not isinstance(value, dict):
        raise bad_request(f"{key} is a JSON object.")
    others = sorted(set(value) - set(known))
    if others:
        raise bad_request(f"Unknown: {', '.join(others)}. Known: {', '.join(sorted(known))}.")
    return value
