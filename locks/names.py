"""What our codes are called in the maker's app: a name an owner recognises, and our marker at its end."""

import re
from uuid import UUID

MARKER = re.compile(r"#([0-9a-f]{8})$")


def marker(public_id: UUID) -> str:
    """The eight hex digits by which a code of ours is known again on a lock."""
    return public_id.hex[:8]


def on_device(name: str, public_id: UUID, limit: int) -> str:
    """`name` cut to what the lock's list can hold, with the marker: `Anna Smith, 204 #1a2b3c4d`."""
    tail = f"#{marker(public_id)}"
    room = max(limit - len(tail) - 1, 0)
    return f"{name[:room].rstrip()} {tail}".strip()


def marker_of(device_name: str) -> str | None:
    """The marker in a name found on a lock, or None if the code was not made by a Latchkey."""
    found = MARKER.search(device_name)
    return found and found.group(1)


def ids_with(mark: str) -> tuple[UUID, UUID]:
    """The lowest and the highest public id that bear this marker."""
    return UUID(mark + "0" * 24), UUID(mark + "f" * 24)
