"""The virtual maker's JSON (described in `locks/simulator/__init__.py`), in and out of the contract's dataclasses.

What the maker adds some day must not cost a hotel its locks: a word of a known kind that is not known here is
read as the one that promises least. A member that is missing or of another kind is a BadAnswer.
"""

import base64
import json
from datetime import UTC, datetime, time
from enum import StrEnum
from typing import TypeVar
from urllib.parse import quote

from locks.providers import arithmetic
from locks.providers.base import (
    Alphabet,
    BadAnswer,
    Capabilities,
    Code,
    CodeGone,
    Device,
    DeviceCode,
    InvalidWebhook,
    NameRules,
    NotFound,
    Notice,
    OfflineKind,
    ReadBack,
    TimeSlot,
)
from locks.providers.members import Members

Word = TypeVar("Word", bound=StrEnum)


def lock_path(ref: str) -> str:
    """Raises NotFound for a text that addresses no lock."""
    if not is_segment(ref):
        raise NotFound("This is no id of a lock.")
    return f"/api/locks/{quote(ref, safe='')}"


def code_path(ref: str, code_ref: str) -> str:
    """Raises NotFound, or CodeGone for a text that addresses no code."""
    if not is_segment(code_ref):
        raise CodeGone("This is no id of a code.")
    return f"{lock_path(ref)}/codes/{quote(code_ref, safe='')}"


def operation_path(ref: str, operation: str) -> str:
    return f"{lock_path(ref)}/operations/{quote(operation, safe='')}"


def is_segment(ref: str) -> bool:
    """Dots alone would be folded away, and a slash divides even when quoted: both address something else."""
    return bool(ref.strip(".")) and "/" not in ref


def code_body(code: Code) -> dict:
    """A NEW_CODE. Raises ValueError for times without a zone."""
    return {
        "name": code.name,
        "pin": code.pin,
        "starts_at": _moment_text(code.starts_at),
        "ends_at": _moment_text(code.ends_at),
    }


def _moment_text(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    if moment.utcoffset() is None:
        raise ValueError("A code's times must be aware.")
    return moment.astimezone(UTC).isoformat()


def device(body: object) -> Device:
    """A LOCK. Raises BadAnswer."""
    lock = Members(body)
    return Device(
        ref=lock.text("id"),
        name=lock.text("name"),
        model=lock.text("model"),
        online=lock.flag_or_none("online"),
        battery=lock.share_or_none("battery"),
        time_zone=lock.zone_or_none("time_zone"),
        hub_online=lock.flag_or_none("hub_online"),
        capabilities=_capabilities(lock),
    )


def _capabilities(lock: Members) -> Capabilities:
    return Capabilities(
        can_program_online_access_codes=lock.flag("can_program_online_access_codes"),
        can_program_offline_access_codes=lock.flag("can_program_offline_access_codes"),
        offline_kinds=tuple(
            OfflineKind(kind) for kind in lock.texts("offline_kinds") if kind in set(OfflineKind)
        ),
        native_scheduling=lock.flag("native_scheduling"),
        window_grain=lock.whole("window_grain", least=1),
        time_slots=tuple(_time_slot(slot) for slot in lock.parts("time_slots")),
        keeps_local_time=lock.flag("keeps_local_time"),
        pin_lengths=lock.wholes("pin_lengths", least=1),
        code_constraints=lock.texts("code_constraints"),
        slots=lock.whole_or_none("slots"),
        names=_name_rules(lock.part("names")),
        read_back=_known(lock.text("read_back"), ReadBack.PRESENCE),
        confirms_later=lock.flag("confirms_later"),
        names_the_code=lock.flag("names_the_code"),
        pushes_events=lock.flag("pushes_events"),
        can_remotely_unlock=lock.flag("can_remotely_unlock"),
    )


def _name_rules(names: Members) -> NameRules:
    return NameRules(
        min_length=names.whole("min_length"),
        max_length=names.whole("max_length"),
        alphabet=_known(names.text("alphabet"), Alphabet.ALPHANUMERIC),
        unique=names.flag("unique"),
        two_parts=names.flag("two_parts"),
    )


def _time_slot(slot: Members) -> TimeSlot:
    return TimeSlot(slot.text("name", least=0), _clock(slot, "check_in"), _clock(slot, "check_out"))


def _clock(slot: Members, name: str) -> time:
    try:
        return datetime.strptime(slot.text(name), "%H:%M").time()
    except ValueError:
        raise BadAnswer(f"{name!r} is no time of the day.") from None


def _known(text: str, least: Word) -> Word:
    """The word of `least`'s kind that `text` is, else `least`: the one that promises the least."""
    kind = type(least)
    return kind(text) if text in set(kind) else least


def code(body: object) -> DeviceCode:
    """A CODE. Raises BadAnswer."""
    found = Members(body)
    return DeviceCode(
        ref=found.text("id"),
        name=found.text("name"),
        pin=found.digits_or_none("pin"),
        starts_at=found.moment_or_none("starts_at"),
        ends_at=found.moment_or_none("ends_at"),
        active=found.flag("active"),
        first_name=found.text("first_name", least=0),
        last_name=found.text("last_name", least=0),
    )


def offline_key(body: object) -> str:
    """The key of a lock's arithmetic, as it came (base64) once it is seen to be one. Raises BadAnswer."""
    secret = Members(body).text("key")
    if not _decoded(secret):
        raise BadAnswer("The lock's key is none.")
    return secret


def key_bytes(secret: str) -> bytes:
    """The bytes of what `offline_key` gave. Raises ValueError, without repeating it."""
    key = _decoded(secret)
    if not key:
        raise ValueError("This is no secret of a lock's offline codes.")
    return key


def _decoded(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret, validate=True)
    except ValueError:
        return b""
    return key if len(key) == arithmetic.KEY_LENGTH else b""


def notice(body: bytes) -> Notice:
    """A webhook's body, once its signature is verified. Raises InvalidWebhook."""
    try:
        event = json.loads(body)
        # It is kept as it came, so it must be something a database takes as JSON.
        kept = json.dumps(event, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise InvalidWebhook("The body is not JSON.") from None
    if b"\\u0000" in kept:
        raise InvalidWebhook("The body holds a NUL character.")
    members = Members(event, InvalidWebhook)
    data = event.get("data")
    names_code = isinstance(data, dict) and "code_id" in data
    return Notice(
        id=members.text("id"),
        kind=members.text("type"),
        device_ref=members.text("lock_id"),
        occurred_at=members.moment("occurred_at"),
        code_ref=Members(data, InvalidWebhook).text_or_none("code_id") if names_code else None,
        raw=event,
    )
