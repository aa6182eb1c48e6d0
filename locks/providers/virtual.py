"""The virtual maker: the simulator's API (described in `locks/simulator/__init__.py`) as a provider."""

import math
import time
from collections.abc import Iterator, Mapping
from datetime import datetime

from locks.providers import arithmetic, signing
from locks.providers import virtual_wire as wire
from locks.providers.base import (
    AuthFailed,
    BadAnswer,
    Busy,
    Capabilities,
    Code,
    CodeGone,
    Credential,
    Device,
    DeviceCode,
    DeviceOffline,
    DuplicateCode,
    HubOffline,
    HubUnreachable,
    InvalidName,
    InvalidPin,
    InvalidWindow,
    NoSpace,
    NotFound,
    Notice,
    OfflineKind,
    OfflineWindow,
    Outcome,
    ProviderError,
    Result,
    Unsupported,
    gettext_noop,
)
from locks.providers.http import CALL_TIMEOUT, CONNECT_TIMEOUT, HttpSession, NoAnswer
from locks.providers.members import Members

PAGE_LIMIT = 10_000
LISTING_LASTS = 8.0
"""Seconds after which no further page of a lock's codes is asked for."""
ACCEPTED = 202


class _OperationUnknown(ProviderError):
    """The maker does not know this operation (any more)."""


ERRORS: dict[str, tuple[type[ProviderError], str]] = {
    "device_offline": (DeviceOffline, "The lock does not answer."),
    "hub_offline": (HubOffline, "The hub in front of the lock does not answer."),
    "lock_not_found": (NotFound, "The lock is not in the account any more."),
    "code_not_found": (CodeGone, "The code is not on the lock any more."),
    "operation_not_found": (_OperationUnknown, "The maker does not know this operation."),
    "duplicate_code": (DuplicateCode, "Another code on the lock has these digits."),
    "no_space": (NoSpace, "Every slot of the lock is taken."),
    "invalid_pin": (InvalidPin, "The lock refuses these digits."),
    "invalid_window": (InvalidWindow, "The lock cannot keep this time window."),
    "invalid_name": (InvalidName, "The lock refuses this name."),
    "offline_only": (Unsupported, "The lock is never connected: its codes are made by arithmetic."),
    "unsupported": (Unsupported, "The lock makes no codes by arithmetic."),
    "no_remote_unlock": (Unsupported, "The lock cannot be opened from afar."),
}


NOT_TOLD = (HubUnreachable, AuthFailed, Busy, NotFound)
"""Troubles of the asking that cannot be taken for the end of what was asked after."""


class Virtual:
    """One account at a simulator. Implements `base.Provider`.

    `credentials`: "base_url", "token", and for webhooks "webhook_secret" ("whsec_" and base64). Raises
    ValueError naming the one that is missing or cannot work. Keep one object per account and process: it
    keeps its connections open.
    """

    LABEL = gettext_noop("Virtual locks (a simulator)")
    CREDENTIALS = (
        Credential(
            "base_url",
            gettext_noop("Address"),
            gettext_noop("Where the simulator answers: http://127.0.0.1:8010"),
            secret=False,
        ),
        Credential("token", gettext_noop("Token"), gettext_noop("As the simulator was started with.")),
        Credential(
            "webhook_secret",
            gettext_noop("Webhook secret"),
            gettext_noop("Begins with whsec_. Empty: a new one is made."),
            required=False,
        ),
    )
    MODELS: Mapping[str, Capabilities] = {
        "native": Capabilities(
            native_scheduling=True, names_the_code=True, pushes_events=True, can_remotely_unlock=True
        ),
        "just_in_time": Capabilities(names_the_code=True, pushes_events=True, can_remotely_unlock=True),
        "offline": Capabilities(
            can_program_online_access_codes=False,
            can_program_offline_access_codes=True,
            offline_kinds=tuple(OfflineKind),
            native_scheduling=True,
            window_grain=3600,
            pin_lengths=(arithmetic.PIN_LENGTH,),
        ),
    }

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
        secret = credentials.get("webhook_secret")
        self._secret = secret if isinstance(secret, str) else ""
        self._session = HttpSession(
            credentials["base_url"],
            {"Authorization": f"Bearer {credentials['token']}"},
            lambda _status, body: _explain(body),
            connect_timeout=connect_timeout,
            call_timeout=call_timeout,
        )

    def devices(self) -> list[Device]:
        """All locks of the account, over all pages."""
        return [wire.device(item) for item in self._pages("/api/locks", "locks")]

    def device(self, ref: str) -> Device:
        """One lock. Raises NotFound."""
        return wire.device(self._session.read(wire.lock_path(ref)))

    def codes(self, ref: str) -> list[DeviceCode]:
        """Every code on the lock, over all pages, as the maker tells them: also none, some, or one twice.

        Raises DeviceOffline, HubOffline, HubUnreachable for a list that comes too slowly, and Unsupported for a lock
        that is never connected.
        """
        pages = self._pages(f"{wire.lock_path(ref)}/codes", "codes", LISTING_LASTS)
        return [wire.code(item) for item in pages]

    def create_code(self, ref: str, code: Code) -> Result:
        """Raises DuplicateCode, InvalidPin, InvalidName, InvalidWindow, NoSpace, DeviceOffline, ..."""
        return self._write("POST", f"{wire.lock_path(ref)}/codes", wire.code_body(code))

    def update_code(self, ref: str, code_ref: str, code: Code) -> Result:
        """Raises CodeGone, and what `create_code` raises. CONFIRMED also where nothing had to change."""
        return self._write("PUT", wire.code_path(ref, code_ref), wire.code_body(code))

    def delete_code(self, ref: str, code_ref: str) -> Result:
        """NO_CHANGE where it is not there."""
        try:
            return self._write("DELETE", wire.code_path(ref, code_ref))
        except CodeGone:
            return Result(Outcome.NO_CHANGE)

    def pull_backup(self, ref: str, code_ref: str) -> DeviceCode:
        raise Unsupported("The simulator keeps no backup codes of its own.")

    def unlock(self, ref: str) -> Result:
        """See `base.Provider.unlock`."""
        try:
            self._session.write("POST", f"{wire.lock_path(ref)}/unlock", {})
        except NoAnswer:
            return Result(Outcome.UNCONFIRMED)
        return Result(Outcome.CONFIRMED)

    def poll(self, ref: str, operation: str) -> Result:
        """See `base.Provider.poll`."""
        if not wire.is_segment(operation):
            return Result(Outcome.UNCONFIRMED)
        try:
            answer = self._session.read(wire.operation_path(ref, operation))
        except _OperationUnknown:
            return Result(Outcome.UNCONFIRMED)
        except NOT_TOLD:
            raise
        except ProviderError as problem:
            raise BadAnswer(f"Not told how the change is coming on: {problem}") from None
        state = Members(answer).text("state")
        if state == "pending":
            return Result(Outcome.ACCEPTED, operation=operation)
        if state == "failed":
            raise _explain(answer) or ProviderError("The maker could not carry the change out.")
        if state != "done" or "code" not in answer:
            raise BadAnswer("The operation's state is not known here.")
        return Result(Outcome.CONFIRMED) if answer["code"] is None else _done(answer["code"])

    def pair(self, ref: str) -> str:
        """The key of the lock's arithmetic, in base64. Raises Unsupported for a lock that does none."""
        return wire.offline_key(self._session.read(f"{wire.lock_path(ref)}/offline_key"))

    def offline_code(self, secret: str, window: OfflineWindow) -> str:
        """The nine digits for this window. Raises InvalidWindow; ValueError for times without a zone and for a
        secret that is none."""
        key = wire.key_bytes(secret)
        try:
            return arithmetic.pin(key, window.kind, window.starts_at, window.ends_at, window.variant)
        except arithmetic.OutOfRange as problem:
            raise InvalidWindow(str(problem)) from None

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
        signing.verify(self._secret, headers, body)
        return wire.notice(body)

    def events_since(self, moment: datetime) -> list[Notice]:
        """It tells each event once, when it happens."""
        raise Unsupported("The simulator keeps no record for us.")

    def _write(self, method: str, path: str, body: dict | None = None) -> Result:
        try:
            answer = self._session.write(method, path, body)
        except NoAnswer:
            return Result(Outcome.UNCONFIRMED)
        if answer.status == ACCEPTED:
            return _accepted(answer.body)
        return Result(Outcome.CONFIRMED) if method == "DELETE" else _done(answer.body)

    def _pages(self, path: str, name: str, lasts: float = math.inf) -> Iterator[object]:
        """The items of all pages, of which the last is asked for within `lasts` seconds. Raises BadAnswer where a page
        has the wrong shape or comes again, HubUnreachable where they come too slowly."""
        page, seen, ends = None, set(), time.monotonic() + lasts
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
            if time.monotonic() > ends:
                raise HubUnreachable(f"The pages of {name} come too slowly.")
        raise BadAnswer(f"More than {PAGE_LIMIT} pages of {name}.")


def _done(code: object) -> Result:
    """Done, says the maker; where its CODE cannot be read, what the lock holds now must be looked up."""
    try:
        return Result(Outcome.CONFIRMED, wire.code(code))
    except BadAnswer:
        return Result(Outcome.UNCONFIRMED)


def _accepted(body: object) -> Result:
    """It will be done; where nothing tells what to ask for, it must be looked up."""
    try:
        return Result(Outcome.ACCEPTED, operation=Members(body).text("operation"))
    except BadAnswer:
        return Result(Outcome.UNCONFIRMED)


def _explain(body: object) -> ProviderError | None:
    """The maker's own words for what is wrong. Its message is not repeated: it may hold a PIN."""
    error = body.get("error") if isinstance(body, dict) else None
    name = error.get("code") if isinstance(error, dict) else None
    if not isinstance(name, str) or name not in ERRORS:
        return None
    kind, message = ERRORS[name]
    return kind(message)
