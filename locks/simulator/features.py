"""What one lock can do with codes: the members of LOCK that say how the lock behaves."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from datetime import time
from functools import lru_cache, partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from locks.providers import arithmetic
from locks.simulator.refusal import bad_request
from locks.simulator.values import choice, count, flag, items, members, text, texts

ALPHABETS = ("printable", "ascii", "alphanumeric")
READ_BACKS = ("value", "presence")
KINDS = (arithmetic.HOURLY, arithmetic.DAILY, arithmetic.ONE_TIME)
NAME_LIMIT = 500
GRAIN_LIMIT = 86400


@dataclass(frozen=True)
class NameRules:
    """How a code may be called on the lock."""

    min_length: int = 1
    max_length: int = 40
    alphabet: str = "printable"
    """printable; ascii: printable ASCII; alphanumeric: ASCII letters, digits and the space."""
    unique: bool = False
    two_parts: bool = False
    """It keeps a first and a last name; the rules are for both with a space between."""


@dataclass(frozen=True)
class TimeSlot:
    """Wall-clock times in the lock's zone."""

    name: str
    check_in: time
    check_out: time


@dataclass(frozen=True)
class Features:
    """See LOCK in the package's docstring."""

    can_program_online_access_codes: bool = True
    can_program_offline_access_codes: bool = False
    offline_kinds: tuple[str, ...] = ()
    window_grain: int = 1
    time_slots: tuple[TimeSlot, ...] = ()
    keeps_local_time: bool = False
    time_zone: str | None = None
    pin_lengths: tuple[int, ...] = (4, 5, 6, 7, 8)
    code_constraints: tuple[str, ...] = ()
    slots: int | None = None
    names: NameRules = NameRules()
    read_back: str = "value"
    confirms_later: bool = False
    names_the_code: bool = True
    pushes_events: bool = True
    hub_online: bool | None = None
    can_remotely_unlock: bool = True

    @property
    def zone(self) -> ZoneInfo | None:
        return ZoneInfo(self.time_zone) if self.time_zone else None


NEVER_CONNECTED = Features(
    can_program_online_access_codes=False,
    can_program_offline_access_codes=True,
    offline_kinds=KINDS,
    window_grain=3600,
    pin_lengths=(arithmetic.PIN_LENGTH,),
    names_the_code=False,
    pushes_events=False,
    can_remotely_unlock=False,
)
"""A lock that only does arithmetic."""


@lru_cache(1024)
def to_json(features: Features) -> dict:
    """The members as they go over the wire and into the store. One object for all: not to be changed."""
    slots = [
        {"name": slot.name, "check_in": f"{slot.check_in:%H:%M}", "check_out": f"{slot.check_out:%H:%M}"}
        for slot in features.time_slots
    ]
    return {**asdict(features), "time_slots": slots}


def changed(features: Features, body: dict) -> Features:
    """`features` with those members that are in `body`; others are left alone. Raises Refusal."""
    values = {key: READERS[key](key, value) for key, value in body.items() if key in READERS}
    return replace(features, **values)


def _or_none(read: Callable) -> Callable:
    return lambda key, value: None if value is None else read(key, value)


def _pin_lengths(key: str, value: object) -> tuple[int, ...]:
    lengths = items(key, value, int)
    if not lengths or not all(1 <= length <= 12 for length in lengths):
        raise bad_request(f"{key} is a list of numbers from 1 to 12.")
    return lengths


def _kinds(key: str, value: object) -> tuple[str, ...]:
    return tuple(choice(key, kind, KINDS) for kind in items(key, value, str))


def _zone(key: str, value: object) -> str:
    try:
        return ZoneInfo(value).key
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        raise bad_request(f"{key} is the name of a zone (like Europe/Zurich), or null.") from None


def _time_slots(key: str, value: object) -> tuple[TimeSlot, ...]:
    if not isinstance(value, list):
        raise bad_request(f"{key} is a list.")
    return tuple(_time_slot(key, slot) for slot in value)


def _time_slot(key: str, value: object) -> TimeSlot:
    slot = members(key, value, ("name", "check_in", "check_out"))
    name = text(f"{key}: name", slot.get("name"))
    return TimeSlot(name, _clock(key, slot.get("check_in")), _clock(key, slot.get("check_out")))


def _clock(key: str, value: object) -> time:
    try:
        hours, minutes = value.split(":")
        return time(int(hours), int(minutes))
    except (ValueError, AttributeError):
        raise bad_request(f"{key}: check_in and check_out are times like 15:00.") from None


def _names(key: str, value: object) -> NameRules:
    given = members(key, value, [field.name for field in fields(NameRules)])
    values = {name: NAME_READERS[name](f"{key}: {name}", held) for name, held in given.items()}
    rules = replace(NameRules(), **values)
    if rules.min_length > rules.max_length:
        raise bad_request(f"{key}: min_length is at most max_length.")
    return rules


NAME_READERS: dict[str, Callable] = {
    "min_length": partial(count, least=1, most=NAME_LIMIT),
    "max_length": partial(count, least=1, most=NAME_LIMIT),
    "alphabet": partial(choice, choices=ALPHABETS),
    "unique": flag,
    "two_parts": flag,
}
READERS: dict[str, Callable] = {
    "can_program_online_access_codes": flag,
    "can_program_offline_access_codes": flag,
    "offline_kinds": _kinds,
    "window_grain": partial(count, least=1, most=GRAIN_LIMIT),
    "time_slots": _time_slots,
    "keeps_local_time": flag,
    "time_zone": _or_none(_zone),
    "pin_lengths": _pin_lengths,
    "code_constraints": texts,
    "slots": _or_none(count),
    "names": _names,
    "read_back": partial(choice, choices=READ_BACKS),
    "confirms_later": flag,
    "names_the_code": flag,
    "pushes_events": flag,
    "hub_online": _or_none(flag),
    "can_remotely_unlock": flag,
}
