"""Seam's events, as webhooks bring them and as they are listed."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from seam import SeamError, SeamWebhook, SeamWebhookVerificationError

from locks.providers import signing
from locks.providers.base import BadAnswer, InvalidWebhook, Notice
from locks.providers.members import Members

OF_DOORS = ["lock.unlocked", "lock.locked", "lock.access_denied", "device.tampered"]
AT_ONCE = 500
"""So many events Seam lists at most; there may be more where it lists as many."""
SHORTEST_SPAN = timedelta(seconds=1)
OVERLAP = SHORTEST_SPAN / 10
"""Seam leaves out what happened at the very ends of a span."""
UNVERIFIED = (
    SeamError,
    SeamWebhookVerificationError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What the SDK stumbles over in a webhook, which anybody may have sent."""
PLAIN = (str, int, float, bool, type(None))
TELLS_DIGITS = {"code", "from", "to", "description", "event_description"}


def notice(event: object) -> Notice:
    """An event, kept without what could hold a PIN. Raises InvalidWebhook."""
    told = Members(event, InvalidWebhook)
    kept = {name: value for name, value in event.items() if name not in TELLS_DIGITS and _is_plain(value)}
    if isinstance(event.get("reason"), dict):
        kept["reason"] = event["reason"].get("reason_code")
    try:
        text = json.dumps(kept, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise InvalidWebhook("The body is not JSON.") from None
    if b"\\u0000" in text:
        raise InvalidWebhook("The body holds a NUL character.")
    return Notice(
        id=told.text("event_id"),
        kind=told.text("event_type"),
        device_ref=told.text_or_none("device_id") or "" if "device_id" in event else "",
        occurred_at=told.moment("occurred_at" if "occurred_at" in event else "created_at"),
        code_ref=told.text_or_none("access_code_id") if "access_code_id" in event else None,
        raw=kept,
    )


def _is_plain(value: object) -> bool:
    return isinstance(value, PLAIN) and not (isinstance(value, str) and value.isdigit())


def told_notice(event: object) -> Notice:
    """An event of the SDK's list. Raises BadAnswer."""
    told = event if isinstance(event, dict) else vars(event)
    try:
        return notice({name: value for name, value in told.items() if value is not None})
    except InvalidWebhook as problem:
        raise BadAnswer(str(problem)) from None


def verified(secret: str, headers: Mapping[str, str], body: bytes) -> Notice:
    """A webhook as the SDK believes it. Raises InvalidWebhook."""
    signing.key(secret)
    try:
        text = body.decode()
        SeamWebhook(secret).verify(text, dict(headers))
        event = json.loads(text)
    except UNVERIFIED as trouble:
        why = type(trouble).__name__
    else:
        return notice(event)
    raise InvalidWebhook(f"The webhook's signature, time or body is not right ({why}).")


def between(ask: Callable[..., list], begin: datetime, end: datetime) -> Iterator[Notice]:
    """What happened at the doors in a span, some of it twice: in halves, as long as Seam may have left some out. Raises
    BadAnswer."""
    span = [begin.isoformat(), end.isoformat()]
    found = ask(between=span, event_types=OF_DOORS, limit=AT_ONCE)
    if len(found) < AT_ONCE or end - begin < SHORTEST_SPAN:
        yield from map(told_notice, found)
        return
    middle = begin + (end - begin) / 2
    yield from between(ask, begin, middle + OVERLAP)
    yield from between(ask, middle - OVERLAP, end)
