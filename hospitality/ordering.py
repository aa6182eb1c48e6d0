"""The order in which a person counts."""

import re


def natural(name: str) -> list[tuple]:
    """A sort key that puts room 9 before room 10."""
    parts = (part for part in re.split(r"(\d+)", name) if part)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part.lower()) for part in parts]
