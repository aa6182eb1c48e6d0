"""What our codes are called in the maker's app: a name an owner recognises, and our marker at its end.

The marker is what a code of ours is known by again, so it survives every fitting: `Anna Smith, 204
#1a2b3c4d`, or `Anna Smith 204 1a2b3c4d` where the lock takes no `#` or ten characters at most. As it differs
from code to code, it makes the names unique too.
"""

import re
import unicodedata
from functools import lru_cache
from uuid import UUID

from locks.providers.base import Alphabet, NameRules

MARKER = re.compile(r"(?:#|\s|^)([0-9a-f]{8})$", re.IGNORECASE)
PLACEHOLDER = "Code"
"""Stands where nothing of a name can be written with the lock's letters."""
LATIN = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d"}
    | {"Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i", "ẞ": "SS", "ŋ": "n", "Ŋ": "N", "ħ": "h"}
    | {"Ħ": "H", "‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-", "⁄": "/"}
)
"""Latin letters, quotes and dashes that Unicode does not take apart into ASCII and a mark."""


def marker(public_id: UUID) -> str:
    """The eight hex digits by which a code of ours is known again on a lock."""
    return public_id.hex[:8]


@lru_cache(4096)
def on_device(name: str, public_id: UUID, rules: NameRules) -> str:
    """`name` as the lock can hold it, with the marker at its end. Lengths are in Unicode characters.

    `rules.max_length` must be at least 8: with less there is no room for the marker, and the answer is too
    long. `rules.min_length` is always reached, but for a lock whose only length is nine."""
    ascii_alone = rules.alphabet is Alphabet.ALPHANUMERIC
    with_hash = not ascii_alone and rules.max_length >= 11
    tail = f" #{marker(public_id)}" if with_hash else f" {marker(public_id)}"
    stem = _cut(written_with(rules.alphabet, name) or PLACEHOLDER, rules.max_length - len(tail))
    # Filled up like a line in a table of contents, for the few locks that want longer names than ours.
    stem = stem.ljust(rules.min_length - len(tail), "x" if ascii_alone else ".")
    return f"{stem}{tail}".strip()


def _cut(stem: str, room: int) -> str:
    """The first `room` characters; a number that would be cut goes whole, for half of one is another
    room's."""
    short = stem[: max(room, 0)]
    before, _, word = short.rpartition(" ")
    inside_a_word = stem[len(short) : len(short) + 1] not in ("", " ")
    if inside_a_word and before and re.search(r"\d", word):
        short = before
    return short.rstrip(" ,")


def written_with(alphabet: Alphabet, name: str) -> str:
    """`name` in the lock's letters, with single spaces: accents fall off where they must, what cannot be
    written is left out; empty if nothing of it can."""
    text = "".join(char for char in " ".join(name.split()) if char.isprintable())
    if alphabet is Alphabet.PRINTABLE:
        text = unicodedata.normalize("NFC", text)
    else:
        text = unicodedata.normalize("NFKD", text).translate(LATIN).encode("ascii", "ignore").decode()
    if alphabet is Alphabet.ALPHANUMERIC:
        text = re.sub(r"[^0-9A-Za-z]+", " ", text.replace("'", ""))
    return " ".join(text.split()).replace(" ,", ",").lstrip(" ,.;:-/")


def marker_of(device_name: str) -> str | None:
    """The marker in a name found on a lock, or None if there is none; also where the lock changed its case.

    A stranger's name may end in eight hex digits (a telephone number, a date). That is harmless: a marker is
    only ever compared with those of the codes that were made for this very lock (`locks.observe`), and a code
    is no more likely to bear a given one than one in 2^32."""
    found = MARKER.search(device_name.strip())
    return found and found.group(1).lower()


def parts(name: str) -> tuple[str, str]:
    """First and last name of a fitted name, for makers that keep two. A space between them gives `name`
    again, and the marker is in the last; the first is empty only where the lock has no room for more than the
    marker."""
    first, _, last = name.partition(" ")
    return (first, last) if last else ("", first)


def ids_with(mark: str) -> tuple[UUID, UUID]:
    """The lowest and the highest public id that bear this marker."""
    return UUID(mark + "0" * 24), UUID(mark + "f" * 24)
