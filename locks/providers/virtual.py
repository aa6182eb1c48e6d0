"""The virtual maker: the simulator's API (described in `locks/simulator/__init__.py`) as a provider."""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from urllib.parse import quote

from locks.providers.base import (
    BadAnswer,
    Capabilities,
    Code,
    CodeGone,
    Device,
    DeviceCode,
    DeviceOffline,
    DuplicateCode,
    InvalidPin,
    InvalidWebhook,
    InvalidWindow,
    NoSpace,
    NotFound,
    Notice,
    Outcome,
    ProviderError,
    Rejected,
    Result,
)
from locks.providers.http import CALL_TIMEOUT, CONNECT_TIMEOUT, HttpSession, NoAnswer

PAGE_LIMIT = 10_000
CLOCK_TOLERANCE = 300
"""Seconds a webhook's time may differ from ours."""
TEXT_LIMIT = 500

ERRORS: dict[str, tuple[type[ProviderError], str]] = {
    "device_offline": (DeviceOffline, "The lock does not answer."),
    "lock_not_found": (NotFound, "The lock is not in the account any more."),
    "code_not_found": (CodeGone, "The code is not on the lock any more."),
    "duplicate_code": (DuplicateCode, "Another code on the lock has these digits."),
    "no_space": (NoSpace, "Every slot of the lock is taken."),
    "invalid_pin": (InvalidPin, "The lock refuses these digits."),
    "invalid_window": (InvalidWindow, "The lock cannot keep this time window."),
    "invalid_name": (Rejected, "The lock refuses this name."),
}


class Virtual:
    """One account at a simulator. Implements `base.Provider`.

    `credentials`: "base_url", "token", and for webhooks "webhook_secret" ("whsec_" and base64). Raises
    ValueError naming the one that is missing or cannot work. Keep one object per account and process: it
    keeps its connections open.
    """

    def __init__(
        self,
        credentials: Mapping[str, str],
        *,
        connect_timeout: float = CONNECT_TIMEOUT,
        call_timeout: float = CALL_TIMEOUT,
    ):
        for name in ("base_url", "token"):
            if not isinstance(credentials.get(name), str) or not credentials[name]:
                raise ValueError(f"The connection's credentials lack {name!r}.")
        self._secret = credentials.get("webhook_secret", "")
        self._session = HttpSession(
            credentials["base_url"],
            {"Authorization": f"Bearer {credentials['token']}"},
            _explain,
            connect_timeout=connect_timeout,
            call_timeout=call_timeout,
        )

    def devices(self) -> list[Device]:
        """All locks of the account, over all pages."""
        return [_device(item) for item in self._pages("/api/locks", "locks")]

    def device(self, ref: str) -> Device:
        """One lock. Raises NotFound."""
        return _device(self._session.read(_lock_path(ref)))

    def codes(self, ref: str) -> list[DeviceCode]:
        """Every code on the lock, over all pages. Raises DeviceOffline."""
        return [_code(item) for item in self._pages(f"{_lock_path(ref)}/codes", "codes")]

    def create_code(self, ref: str, code: Code) -> Result:
        """Raises DuplicateCode, InvalidPin, InvalidWindow, NoSpace, DeviceOffline, ..."""
        return self._write("POST", f"{_lock_path(ref)}/codes", _code_body(code))

    def update_code(self, ref: str, code_ref: str, code: Code) -> Result:
        """Raises CodeGone, and what `create_code` raises."""
        return self._write("PUT", _code_path(ref, code_ref), _code_body(code))

    def delete_code(self, ref: str, code_ref: str) -> Result:
        """A code that is not there counts as deleted."""
        try:
            self._session.write("DELETE", _code_path(ref, code_ref))
        except CodeGone:
            return Result(Outcome.CONFIRMED)
        except NoAnswer:
            return Result(Outcome.UNCONFIRMED)
        return Result(Outcome.CONFIRMED)

    def register_webhook(self, url: str) -> None:
        """Have events sent to `url`, signed with the account's webhook secret. Doing it twice is harmless.

        Raises ProviderError.
        """
        try:
            self._session.write("PUT", "/api/webhook", {"url": url, "secret": self._secret})
        except NoAnswer:
            raise ProviderError("The webhook may not be registered: no answer came.") from None

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """Verify signature and time (300 s either way), then read the body. Raises InvalidWebhook."""
        given = {name.lower(): value for name, value in headers.items()}
        _verify(self._secret, given, body)
        return _notice(body)

    def _write(self, method: str, path: str, body: dict) -> Result:
        try:
            answer = self._session.write(method, path, body)
        except NoAnswer:
            return Result(Outcome.UNCONFIRMED)
        try:
            return Result(Outcome.CONFIRMED, _code(answer))
        except BadAnswer:
            # Done, says the status; what the lock holds now must be looked up.
            return Result(Outcome.UNCONFIRMED)

    def _pages(self, path: str, name: str) -> Iterator[object]:
        """The items of all pages. Raises BadAnswer where a page has the wrong shape or comes again."""
        page, seen = None, set()
        while len(seen) < PAGE_LIMIT:
            body = self._session.read(path, {"page": page} if page else None)
            items = body.get(name) if isinstance(body, dict) else None
            if not isinstance(items, list) or "next_page" not in body:
                raise BadAnswer(f"A page of {name} has the wrong shape.")
            yield from items
            page = body["next_page"]
            if page is None:
                return
            if not isinstance(page, str) or not page or page in seen:
                raise BadAnswer(f"The pages of {name} do not come to an end.")
            seen.add(page)
        raise BadAnswer(f"More than {PAGE_LIMIT} pages of {name}.")


def _explain(_status: int, body: object) -> ProviderError | None:
    """The maker's own words for what is wrong. Its message is not repeated: it may hold a PIN."""
    error = body.get("error") if isinstance(body, dict) else None
    name = error.get("code") if isinstance(error, dict) else None
    if not isinstance(name, str) or name not in ERRORS:
        return None
    kind, message = ERRORS[name]
    return kind(message)


def _lock_path(ref: str) -> str:
    if not _is_segment(ref):
        raise NotFound("This is no id of a lock.")
    return f"/api/locks/{quote(ref, safe='')}"


def _code_path(ref: str, code_ref: str) -> str:
    if not _is_segment(code_ref):
        raise CodeGone("This is no id of a code.")
    return f"{_lock_path(ref)}/codes/{quote(code_ref, safe='')}"


def _is_segment(ref: str) -> bool:
    """Dots alone would be folded away, and a slash divides even when quoted: both address something else."""
    return bool(ref.strip(".")) and "/" not in ref


def _code_body(code: Code) -> dict:
    return {
        "name": code.name,
        "pin": code.pin,
        "starts_at": _moment_text(code.starts_at),
        "ends_at": _moment_text(code.ends_at),
    }


def _moment_text(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError("A code's times must be aware.")
    return moment.astimezone(UTC).isoformat()


def _device(body: object) -> Device:
    """A LOCK of the API. Raises BadAnswer."""
    body = _object(body, BadAnswer)
    native, online, battery = body.get("native_scheduling"), body.get("online"), body.get("battery")
    lengths, slots, name_length = body.get("pin_lengths"), body.get("slots"), body.get("name_length")
    whole = isinstance(lengths, list) and all(type(length) is int for length in lengths)
    right = (
        isinstance(native, bool)
        and isinstance(online, bool | None)
        and (battery is None or type(battery) in (int, float))
        and (slots is None or type(slots) is int)
        and type(name_length) is int
    )
    if not whole or not right:
        raise BadAnswer("A lock has the wrong shape.")
    return Device(
        ref=_text(body, "id", BadAnswer),
        name=_text(body, "name", BadAnswer),
        model=_text(body, "model", BadAnswer),
        online=online,
        battery=None if battery is None else min(max(float(battery), 0.0), 1.0),
        capabilities=Capabilities(native, tuple(lengths), slots, name_length),
    )


def _code(body: object) -> DeviceCode:
    """A CODE of the API. Raises BadAnswer."""
    body = _object(body, BadAnswer)
    pin = body.get("pin")
    digits = isinstance(pin, str) and pin.isascii() and pin.isdigit()
    if not digits or "starts_at" not in body or "ends_at" not in body:
        raise BadAnswer("A code has the wrong shape.")
    return DeviceCode(
        ref=_text(body, "id", BadAnswer),
        name=_text(body, "name", BadAnswer),
        pin=pin,
        starts_at=_moment(body["starts_at"], BadAnswer),
        ends_at=_moment(body["ends_at"], BadAnswer),
    )


def _notice(body: bytes) -> Notice:
    try:
        event = _object(json.loads(body), InvalidWebhook)
        # It is kept as it came, so it must be something a database takes as JSON.
        kept = json.dumps(event, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise InvalidWebhook("The body is not JSON.") from None
    if b"\\u0000" in kept:
        raise InvalidWebhook("The body holds a NUL character.")
    data = event.get("data", {})
    code_ref = data.get("code_id") if isinstance(data, dict) else None
    occurred_at = _moment(event.get("occurred_at"), InvalidWebhook)
    if occurred_at is None or not isinstance(code_ref, str | None):
        raise InvalidWebhook("The event has the wrong shape.")
    return Notice(
        id=_text(event, "id", InvalidWebhook),
        kind=_text(event, "type", InvalidWebhook),
        device_ref=_text(event, "lock_id", InvalidWebhook),
        occurred_at=occurred_at,
        code_ref=code_ref,
        raw=event,
    )


def _verify(secret: str, headers: Mapping[str, str], body: bytes) -> None:
    """Check a Standard Webhooks signature. Raises InvalidWebhook."""
    webhook_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not webhook_id or not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        raise InvalidWebhook("The webhook's id or time is missing or malformed.")
    if abs(time.time() - int(stamp)) > CLOCK_TOLERANCE:
        raise InvalidWebhook("The webhook's time is too far from now.")
    signed = f"{webhook_id}.{stamp}.".encode(errors="surrogatepass") + body
    expected = base64.b64encode(hmac.new(_key(secret), signed, hashlib.sha256).digest())
    given = headers.get("webhook-signature", "").encode(errors="surrogatepass").split()
    if not any(hmac.compare_digest(b"v1," + expected, signature) for signature in given):
        raise InvalidWebhook("The webhook's signature is not right.")


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if len(key) < 16:
        raise InvalidWebhook("The connection has no usable webhook secret.")
    return key


Wrong = Callable[[str], Exception]


def _object(body: object, wrong: Wrong) -> dict:
    if not isinstance(body, dict):
        raise wrong("Not a JSON object.")
    return body


def _text(body: dict, name: str, wrong: Wrong) -> str:
    """A short text that a database takes."""
    value = body.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= TEXT_LIMIT or "\0" in value:
        raise wrong(f"{name!r} is missing or has the wrong shape.")
    return value.encode(errors="replace").decode()


def _moment(value: object, wrong: Wrong) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        pass
    raise wrong("A time has the wrong shape.")
