"""Where a new lock probably hangs, by its name alone. A suggestion does nothing: a person confirms it.

What is not clear is not suggested: a name that fits two rooms, two locks that fit one room, a room that has a lock.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Hashable, Mapping

EVERY_ROOM = ""
"""Stands for a common door, through which the guests of every room come."""
COMMON = re.compile(
    r"\b(front|main|entrance|entry|lobby|gate|garage|parking|car park|pool|gym|fitness|sauna|spa|lift|elevator|"
    r"stairs?|staircase|hallway|corridor|back door|side door|street door|courtyard|terrace|bike|luggage|ski|"
    r"haupteingang|eingang|haustur|nebeneingang|hintereingang|tor|tiefgarage|treppenhaus|aufzug|"
    r"entree|portail|portal|entrada|ingresso|portone|cancello|piscina|piscine)\b"
)
FOR_STAFF = re.compile(
    r"\b(staff|office|store|storage|kitchen|laundry|linen|housekeeping|technical|boiler|plant|server|"
    r"buro|personal|lager|kuche|wascherei|technik)\b"
)


def suggest(
    names: Mapping[Hashable, str], rooms: Collection[str], taken: Collection[str]
) -> dict[Hashable, str]:
    """For devices by any key, the name of the room whose door each probably is, or EVERY_ROOM. `taken` are rooms that
    have a lock of their own."""
    plain = {room: _plain(room) for room in rooms}
    found = {key: _place(_plain(name), plain) for key, name in names.items()}
    often = Counter(place for place in found.values() if place)
    return {
        key: place
        for key, place in found.items()
        if place is not None and place not in taken and often[place] <= 1
    }


def _place(name: str, rooms: Mapping[str, str]) -> str | None:
    fitting = [room for room, plain in rooms.items() if plain and _is_in(plain, name)]
    if not fitting:
        return EVERY_ROOM if COMMON.search(name) and not FOR_STAFF.search(name) else None
    longest = max(fitting, key=lambda room: len(rooms[room]))
    others = (room for room in fitting if room != longest and not _is_in(rooms[room], rooms[longest]))
    return None if any(others) else longest


def _is_in(room: str, name: str) -> bool:
    """`101` is in `door 101` and in `room101`, and neither in `1010` nor in `b101`."""
    return re.search(rf"(?:^|[^0-9a-z]|[a-z]{{3}}(?=[0-9])){re.escape(room)}(?![0-9a-z])", name) is not None


def _plain(text: str) -> str:
    """Without accents, capitals and double spaces."""
    bare = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return " ".join(bare.casefold().split())
