"""Codes by arithmetic: a PIN that a lock without any connection works out for itself.

The lock and its maker's account share a key of 32 random bytes. A PIN stands for one window:

    PIN = trunc(HMAC-SHA256(key, tag || kind || start hour || length in hours || variant)) mod 10^9

with the dynamic truncation of RFC 4226 over 63 bits (31 bits mod 10^9 would be visibly uneven), and the step
of an hour as in RFC 6238. A lock whose key is new knows none of the old PINs. Nobody can ask the lock, so
nothing here can be changed or revoked.

The lock gets nothing but the digits and looks for a window that has them: some 142,000 tries for digits that
are of no window, a few tenths of a second. As many in 10^9 is also the chance that guessed digits open, which
is why windows start on the hour, why there are so few variants, and why a code must first be used within a
day. This is our own construction: no maker's lock speaks it.
"""

import hmac
import secrets
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

HOURLY = "hourly"
DAILY = "daily"
ONE_TIME = "one_time"
VARIANTS = {ONE_TIME: 5, HOURLY: 3, DAILY: 3}
"""How many PINs there are for one and the same window."""
HOURLY_HOURS = range(1, 672 + 1)
DAILY_DAYS = range(29, 367 + 1)
ONE_TIME_HOURS = 24
PIN_LENGTH = 9
KEY_LENGTH = 32
FIRST_USE = timedelta(hours=24)
"""A code must be used for the first time within this much of its start."""

HOUR = 3600
TAG = b"virtual offline lock 1\0"
KIND_BYTES = {ONE_TIME: b"o", HOURLY: b"h", DAILY: b"d"}


class OutOfRange(ValueError):
    """There is no such PIN. The message says to a person what is possible."""


@dataclass(frozen=True)
class Found:
    """The window that a PIN stands for; times are aware UTC."""

    kind: str
    starts_at: datetime
    ends_at: datetime
    variant: int


def new_key() -> bytes:
    """A key for one lock: 32 random bytes."""
    return secrets.token_bytes(KEY_LENGTH)


def pin(key: bytes, kind: str, starts_at: datetime, ends_at: datetime, variant: int) -> str:
    """The nine digits for this window. `kind`: "hourly", "daily" or "one_time"; times aware; variants from 0.

    Raises OutOfRange for a window that has none, ValueError for a key that is none.
    """
    start, end = _hour(starts_at), _hour(ends_at)
    if kind not in VARIANTS:
        raise OutOfRange(f"An offline code is one of: {', '.join(VARIANTS)}.")
    _check_length(kind, end - start)
    if variant not in range(VARIANTS[kind]):
        raise OutOfRange(f"There are {VARIANTS[kind]} offline codes for one window: all of them are taken.")
    mac = _mac(key, kind)
    mac.update(_message(start, end - start, variant))
    return f"{_truncated(mac.digest()):0{PIN_LENGTH}d}"


def match(key: bytes, digits: str, now: datetime) -> Found | None:
    """The window whose PIN is `digits` and whose first use may be at `now`, by the lock's own clock, or None.

    Windows are looked for that started in the last 24 hours or start in the next one, and an hour more on
    either side: the caller says what is too early or too late. Raises ValueError for a key that is none.
    """
    if len(digits) != PIN_LENGTH or not (digits.isascii() and digits.isdigit()):
        return None
    wanted, hour = int(digits), int(now.timestamp()) // HOUR
    # The hour that has begun first, then the older ones; the coming ones last.
    starts = [*range(hour, hour - 26, -1), hour + 1, hour + 2]
    for kind, suffixes in _suffixes().items():
        keyed = _mac(key, kind)
        begun = [(start, _fed(keyed, _start_bytes(start))) for start in starts]
        for length, variant, suffix in suffixes:
            for start, mac in begun:
                if _truncated(_fed(mac, suffix).digest()) == wanted:
                    return Found(kind, _moment(start), _moment(start + length), variant)
    return None


def _hour(moment: datetime) -> int:
    """Hours since 1970."""
    if moment.tzinfo is None:
        raise ValueError("A window's times must be aware.")
    seconds = moment.astimezone(UTC).timestamp()
    if seconds % HOUR:
        raise OutOfRange("An offline code starts and ends on the full hour (of UTC).")
    if not 0 <= seconds // HOUR < 2**32:
        raise OutOfRange("An offline code starts after 1970.")
    return int(seconds // HOUR)


def _moment(hour: int) -> datetime:
    return datetime.fromtimestamp(hour * HOUR, UTC)


def _check_length(kind: str, hours: int) -> None:
    if kind == ONE_TIME and hours != ONE_TIME_HOURS:
        raise OutOfRange(
            f"A one-time code can be used for {ONE_TIME_HOURS} hours from its start, no more, no less."
        )
    if kind == HOURLY and hours not in HOURLY_HOURS:
        raise OutOfRange(f"An hourly code lasts {HOURLY_HOURS[0]} to {HOURLY_HOURS[-1]} hours.")
    if kind == DAILY and hours not in _daily_hours():
        raise OutOfRange(
            f"A daily code lasts {DAILY_DAYS[0]} to {DAILY_DAYS[-1]} whole days: "
            "it starts and ends at the same time of day."
        )


@cache
def _daily_hours() -> frozenset[int]:
    """Whole days, and an hour more or less: a day on which the clocks change counts as one."""
    return frozenset(days * 24 + shift for days in DAILY_DAYS for shift in (-1, 0, 1))


@cache
def _suffixes() -> dict[str, list[tuple[int, int, bytes]]]:
    """All (length, variant, message's end) of each kind; what guests have most comes first."""
    return {
        kind: [
            (length, variant, _end_bytes(length, variant))
            for variant in range(VARIANTS[kind])
            for length in _lengths(kind)
        ]
        for kind in (ONE_TIME, HOURLY, DAILY)
    }


def _lengths(kind: str) -> Iterator[int]:
    yield from {ONE_TIME: [ONE_TIME_HOURS], HOURLY: HOURLY_HOURS, DAILY: sorted(_daily_hours())}[kind]


def _mac(key: bytes, kind: str) -> hmac.HMAC:
    if len(key) != KEY_LENGTH:
        raise ValueError(f"A lock's key has {KEY_LENGTH} bytes.")
    return hmac.new(key, TAG + KIND_BYTES[kind], "sha256")


def _fed(mac: hmac.HMAC, message: bytes) -> hmac.HMAC:
    mac = mac.copy()
    mac.update(message)
    return mac


def _message(start: int, length: int, variant: int) -> bytes:
    return _start_bytes(start) + _end_bytes(length, variant)


def _start_bytes(start: int) -> bytes:
    return struct.pack(">I", start)


def _end_bytes(length: int, variant: int) -> bytes:
    return struct.pack(">HB", length, variant)


def _truncated(digest: bytes) -> int:
    """RFC 4226, 5.3, with eight bytes instead of four."""
    offset = digest[-1] & 0x0F
    (number,) = struct.unpack_from(">Q", digest, offset)
    return (number & 0x7FFF_FFFF_FFFF_FFFF) % 10**PIN_LENGTH
