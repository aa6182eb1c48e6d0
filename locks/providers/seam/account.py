"""One account (workspace) at Seam as a provider.

Seam takes a write and sees to it later: a write is ACCEPTED, and `poll` reads what has become of the code. Its list is
of what it keeps, not of what is on the lock: a code that it has not put there is told as one that opens nothing.
"""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from urllib.parse import urlsplit

import httpx
from seam import Seam as Sdk
from seam import SeamError, SeamWebhook, SeamWebhookVerificationError
from seam.constants import DEFAULT_ENDPOINT
from seam.exceptions import SeamActionAttemptError, SeamActionAttemptFailedError
from seam.pagination import PaginatedList
from seam.response import unwrap, unwrap_list

from locks.providers import signing
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
    HubUnreachable,
    InvalidWebhook,
    LockBusy,
    NotFound,
    Notice,
    OfflineWindow,
    Outcome,
    ProviderError,
    Result,
    Unsupported,
    gettext_noop,
)
from locks.providers.http import CALL_TIMEOUT, CONNECT_TIMEOUT, NoAnswer, checked_url
from locks.providers.seam import facts, troubles
from locks.providers.seam.throttle import Throttle
from locks.providers.seam.transport import Transport

PAGE = 100
MOST_PAGES = 1000
LISTING_LASTS = 5.0
"""Seconds after which no further page of a lock's codes is asked for."""
UNLOCK_AWAITED = {"timeout": 10.0, "polling_interval": 0.5}
DOOR_EVENTS = ["lock.unlocked", "lock.locked", "lock.access_denied", "device.tampered"]
EVENTS_AT_ONCE = 500
"""So many events Seam lists at most; there may be more where it lists as many."""
SHORTEST_SPAN = timedelta(seconds=1)
REF = re.compile(r"[0-9A-Za-z_-]{1,100}")
ODD = (SeamError, httpx.HTTPError, AttributeError, KeyError, TypeError, ValueError)
"""What the SDK raises over an answer of the wrong shape."""
UNVERIFIED = (*ODD, SeamWebhookVerificationError, ArithmeticError, RuntimeError)
"""What it stumbles over in a webhook that anybody may have sent."""
NOT_TOLD = (HubUnreachable, AuthFailed, Busy, NotFound)
"""Troubles of the asking that cannot be taken for the end of what was asked after."""
SET, OFF, ADOPT = "set", "off", "adopt"
"""What an operation is about: a code to be put on the lock or changed, taken off, taken over."""

Told = TypeVar("Told")


class Seam:
    """One account at Seam. Implements `base.Provider`.

    `credentials`: "api_key" and perhaps "webhook_secret" and "endpoint". Raises ValueError naming the one that cannot
    work, without repeating it. Keep one object per account and process: it keeps its connections open.
    """

    LABEL = gettext_noop("Seam (locks of many makers)")
    CREDENTIALS = (
        Credential(
            "api_key",
            gettext_noop("API key"),
            gettext_noop("Begins with seam_. From Seam's console, for one workspace."),
        ),
        Credential(
            "webhook_secret",
            gettext_noop("Webhook secret"),
            gettext_noop(
                "Begins with whsec_. Seam shows it where the webhook is made; empty: no webhooks are taken."
            ),
            required=False,
        ),
        Credential(
            "endpoint",
            gettext_noop("Address"),
            gettext_noop(
                "Only where another server speaks as Seam does, such as another Latchkey; empty: Seam itself."
            ),
            secret=False,
            required=False,
        ),
    )
    MODELS: Mapping[str, Capabilities] = {
        "schlage_lock": Capabilities(
            native_scheduling=True,
            pin_lengths=(),
            digits_once=True,
            confirms_later=True,
            pushes_events=True,
        ),
        "smartthings_lock": Capabilities(
            pin_lengths=(), digits_once=True, confirms_later=True, pushes_events=True
        ),
    }

    def __init__(
        self,
        credentials: Mapping[str, str],
        *,
        connect_timeout: float = CONNECT_TIMEOUT,
        call_timeout: float = CALL_TIMEOUT,
    ):
        given = {name: credentials.get(name) or "" for name in ("api_key", "webhook_secret", "endpoint")}
        if not isinstance(given["api_key"], str) or not given["api_key"]:
            raise ValueError("The connection's credentials lack 'api_key'.")
        endpoint = checked_url(given["endpoint"] or DEFAULT_ENDPOINT)
        parts = urlsplit(endpoint)
        transport = Transport(
            f"{parts.scheme}://{parts.netloc}",
            given["api_key"],
            connect_timeout=connect_timeout,
            call_timeout=call_timeout,
        )
        self._secret = given["webhook_secret"] if isinstance(given["webhook_secret"], str) else ""
        self._throttle = Throttle()
        self._sdk = _sdk(given["api_key"], endpoint, transport)

    # Devices

    def devices(self) -> list[Device]:
        """All devices of the account that take codes or open a door, over all pages."""
        there = [one for one in self._pages(self._device_page) if facts.is_lock(one) and not _is_removed(one)]
        return [facts.device(one) for one in there]

    def device(self, ref: str) -> Device:
        """One lock. Raises NotFound."""
        return facts.device(self._found(ref))

    def _found(self, ref: str) -> dict:
        """The device as Seam tells it. Raises NotFound, also for one that its account has lost."""
        if not REF.fullmatch(ref):
            raise NotFound("This is no id of a lock.")
        told = _read(self._device, device_id=ref)
        if _is_removed(told):
            raise NotFound("The lock's account has it no more.")
        return told

    # Read whole: the SDK's own Device leaves out what it does not know, such as another Latchkey's `is_natively_scheduled`.

    def _device(self, **about: object) -> dict:
        path = "/devices/get"
        return unwrap(self._sdk.client.get(path, params=about), "device", path)

    def _device_page(self, **about: object) -> PaginatedList:
        path = "/devices/list"
        told = self._sdk.client.get(
            path, params={name: one for name, one in about.items() if one is not None}
        )
        return PaginatedList(unwrap_list(told, "devices", path), told.get("pagination"))

    def _ready(self, ref: str) -> Device:
        """The lock, of which Seam's list is true and to which Seam can write now. Raises DeviceOffline, HubOffline,
        AccountAway, NotFound, Unsupported, ..."""
        told = self._found(ref)
        trouble = troubles.of_device(facts.errors(told))
        if trouble:
            raise trouble
        device = facts.device(told)
        if not device.capabilities.can_program_online_access_codes:
            raise Unsupported("Seam cannot put codes with digits of our own on this lock.")
        if not device.online:
            raise DeviceOffline("Seam cannot reach the lock.")
        return device

    # Codes

    def codes(self, ref: str) -> list[DeviceCode]:
        """Every code that Seam keeps of the lock, made by anybody, over all pages; `active` those that it says are there.

        Raises DeviceOffline, HubOffline and AccountAway while what Seam keeps may not be what is there.
        """
        self._ready(ref)
        ends = time.monotonic() + LISTING_LASTS
        kept = [*self._pages(self._sdk.access_codes.list, ends, device_id=ref)]
        kept += self._pages(self._sdk.access_codes.unmanaged.list, ends, device_id=ref)
        return [facts.code(one) for one in kept]

    def create_code(self, ref: str, code: Code) -> Result:
        """ACCEPTED. A code of this name that Seam keeps and has not put on the lock is ours, from a try whose answer was
        lost: it is taken and changed. Raises DuplicateCode, InvalidPin, InvalidWindow, NoSpace, LockBusy, ..."""
        wanted = facts.body(code)
        facts.check_name(code.name, self._ready(ref))
        left = next((one for one in self._kept(ref) if _is_left(one, code)), None)
        if left is not None:
            return self._change(ref, left, code)
        self._throttle.take(ref, "create")
        try:
            made = _write(self._sdk.access_codes.create, device_id=ref, **wanted)
            return _accepted(SET, facts.members(made).text("access_code_id"))
        except (NoAnswer, BadAnswer):
            return Result(Outcome.UNCONFIRMED)

    def update_code(self, ref: str, code_ref: str, code: Code) -> Result:
        """ACCEPTED, or NO_CHANGE. One that Seam does not manage is taken over first. Raises CodeGone, and what
        `create_code` raises."""
        facts.body(code)
        facts.check_name(code.name, self._ready(ref))
        kept = self._code(ref, code_ref)
        return self._change(ref, kept, code) if facts.is_managed(kept) else self._adopt(ref, code_ref)

    def delete_code(self, ref: str, code_ref: str) -> Result:
        """ACCEPTED, or NO_CHANGE where Seam keeps no such code of this lock."""
        self._ready(ref)
        try:
            kept = self._code(ref, code_ref)
        except CodeGone:
            return Result(Outcome.NO_CHANGE)
        if facts.is_going(kept):
            return _accepted(OFF, code_ref)
        self._throttle.take(ref, "delete")
        codes = self._sdk.access_codes
        delete = codes.delete if facts.is_managed(kept) else codes.unmanaged.delete
        try:
            _write(delete, access_code_id=code_ref)
        except CodeGone:
            return Result(Outcome.NO_CHANGE)
        except NoAnswer:
            return Result(Outcome.UNCONFIRMED)
        return _accepted(OFF, code_ref)

    def poll(self, ref: str, operation: str) -> Result:
        """See `base.Provider.poll`."""
        what, _, code_ref = operation.partition(":")
        is_one = what in (SET, OFF, ADOPT) and REF.fullmatch(code_ref)
        try:
            self._found(ref)
            kept = self._code(ref, code_ref) if is_one else None
        except CodeGone:
            if what == OFF:
                return Result(Outcome.CONFIRMED)
            raise
        except NOT_TOLD:
            raise
        except ProviderError as problem:
            raise BadAnswer(f"Not told how the change is coming on: {problem}") from None
        if kept is None:
            return Result(Outcome.UNCONFIRMED)
        if facts.is_managed(kept) if what == ADOPT else what == SET and facts.is_done(kept):
            return Result(Outcome.CONFIRMED, facts.code(kept))
        trouble = troubles.of_code(facts.errors(kept))
        if trouble:
            raise trouble
        return Result(Outcome.ACCEPTED, operation=operation)

    def _code(self, ref: str, code_ref: str) -> object:
        """A code of this lock, managed or not. Raises CodeGone."""
        if not REF.fullmatch(code_ref):
            raise CodeGone("This is no id of a code.")
        codes = self._sdk.access_codes
        kept = None
        for get in (codes.get, codes.unmanaged.get):
            try:
                kept = _read(get, access_code_id=code_ref)
                break
            except (CodeGone, troubles.Missing):
                continue
        if kept is None:
            raise CodeGone("The code is not at Seam any more.")
        if facts.members(kept).any("device_id") != ref:
            raise CodeGone("The code is of another lock.")
        return kept

    def _kept(self, ref: str) -> Iterator[object]:
        """The managed codes of the lock."""
        return self._pages(self._sdk.access_codes.list, time.monotonic() + LISTING_LASTS, device_id=ref)

    def _change(self, ref: str, kept: object, code: Code) -> Result:
        """Make a managed code that Seam keeps equal to `code`."""
        wanted, found = facts.body(code), facts.members(kept)
        code_ref = found.text("access_code_id")
        if facts.is_asked(kept, code):
            return (
                Result(Outcome.NO_CHANGE, facts.code(kept))
                if facts.is_done(kept)
                else _accepted(SET, code_ref)
            )
        if "ends_at" not in wanted:
            wanted["type"] = "ongoing"
        self._throttle.take(ref, "update")
        try:
            _write(self._sdk.access_codes.update, access_code_id=code_ref, **wanted)
        except NoAnswer:
            return Result(Outcome.UNCONFIRMED)
        return _accepted(SET, code_ref)

    def _adopt(self, ref: str, code_ref: str) -> Result:
        """Have Seam manage a code that it found on the lock: only then can it be changed."""
        self._throttle.take(ref, "update")
        try:
            _write(self._sdk.access_codes.unmanaged.convert_to_managed, access_code_id=code_ref)
        except NoAnswer:
            return Result(Outcome.UNCONFIRMED)
        return _accepted(ADOPT, code_ref)

    # The door

    def unlock(self, ref: str) -> Result:
        """See `base.Provider.unlock`. Not sent to a lock that Seam cannot reach, for which it might keep it."""
        device = self._ready(ref)
        if not device.capabilities.can_remotely_unlock:
            raise Unsupported("Seam cannot open this lock from afar.")
        self._throttle.take(ref, "unlock")
        try:
            sent = _write(self._sdk.locks.unlock_door, device_id=ref, wait_for_action_attempt=False)
            attempt = facts.members(sent).text("action_attempt_id")
        except (NoAnswer, BadAnswer):
            return Result(Outcome.UNCONFIRMED)
        return self._awaited(attempt)

    def _awaited(self, attempt: str) -> Result:
        """How an opening ended that was sent. Raises what Seam says went wrong; that it says nothing is no answer."""
        failed = None
        try:
            ended = self._sdk.action_attempts.get(
                action_attempt_id=attempt, wait_for_action_attempt=UNLOCK_AWAITED
            )
            turned = facts.members(facts.members(ended).any("result")).any("was_confirmed_by_device")
            return Result(Outcome.UNCONFIRMED if turned is False else Outcome.CONFIRMED)
        except SeamActionAttemptFailedError as error:
            failed = troubles.of_request(str(error.code)) or ProviderError("Seam could not open the lock.")
        except (ProviderError, SeamActionAttemptError, *ODD):
            return Result(Outcome.UNCONFIRMED)
        raise failed

    # Codes by arithmetic

    def pair(self, ref: str) -> str:
        """Offline codes of Seam's are made by Seam."""
        self._found(ref)
        raise Unsupported("Seam gives no secret of its locks.")

    def offline_code(self, secret: str, window: OfflineWindow) -> str:
        raise ValueError("Seam gives no secret of its locks, so this is none.")

    # Events

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """Verify by the SDK, then read the body. Raises InvalidWebhook."""
        signing.key(self._secret)
        try:
            text = body.decode()
            SeamWebhook(self._secret).verify(text, dict(headers))
            event = json.loads(text)
        except UNVERIFIED as trouble:
            why = type(trouble).__name__
        else:
            return facts.notice(event)
        raise InvalidWebhook(f"The webhook's signature, time or body is not right ({why}).")

    def events_since(self, moment: datetime) -> list[Notice]:
        """See `base.Provider.events_since`."""
        return list({one.id: one for one in self._events(moment, datetime.now(UTC))}.values())

    def _events(self, begin: datetime, end: datetime) -> Iterator[Notice]:
        """Those of a span, in halves as long as Seam may have left some out."""
        found = _read(
            self._sdk.events.list,
            between=[begin.isoformat(), end.isoformat()],
            event_types=DOOR_EVENTS,
            limit=EVENTS_AT_ONCE,
        )
        if len(found) < EVENTS_AT_ONCE or end - begin < SHORTEST_SPAN:
            yield from (facts.told_notice(one) for one in found)
            return
        middle = begin + (end - begin) / 2
        yield from self._events(begin, middle + SHORTEST_SPAN / 10)
        yield from self._events(middle - SHORTEST_SPAN / 10, end)

    def _pages(self, ask: Callable, ends: float | None = None, **about: object) -> Iterator[object]:
        """The items of all pages, of which the last is asked for before `ends`. Raises BadAnswer where a page comes
        again, HubUnreachable where they come too slowly."""
        cursor, seen = None, set()
        while len(seen) < MOST_PAGES:
            page = _read(ask, limit=PAGE, page_cursor=cursor, **about)
            yield from page
            cursor = facts.next_page(page, PAGE)
            if cursor is None:
                return
            if cursor in seen:
                raise BadAnswer("Seam's pages do not come to an end.")
            seen.add(cursor)
            if ends is not None and time.monotonic() > ends:
                raise HubUnreachable("Seam's pages come too slowly.")
        raise BadAnswer(f"More than {MOST_PAGES} pages.")


def _sdk(api_key: str, endpoint: str, transport: Transport) -> Sdk:
    """The SDK over our own transport, and no other way. Raises ValueError for a key that can be none."""
    try:
        return Sdk(api_key, endpoint=endpoint, httpx_options={"transport": transport, "trust_env": False})
    except SeamError:
        pass
    raise ValueError(
        "This is no API key of Seam's: it begins with seam_, and neither with seam_at nor with seam_pk."
    )


def _is_removed(device: object) -> bool:
    return "device_removed" in facts.errors(device)


def _read(ask: Callable[..., Told], **about: object) -> Told:
    """One call that changes nothing. Raises what `Transport` raises, and BadAnswer."""
    try:
        return ask(**about)
    except ODD:
        pass  # and let go of here: it may hold what was sent
    raise BadAnswer("Seam's answer has the wrong shape.")


def _write(ask: Callable[..., Told], **about: object) -> Told:
    """One call that changes something. Raises what `Transport` raises; NoAnswer where it may have been done."""
    try:
        return ask(**about)
    except ODD:
        pass
    except LockBusy:
        raise
    except Busy as busy:
        wait = busy.retry_after
        raise LockBusy(str(busy), wait) from None
    raise NoAnswer("Seam's answer has the wrong shape.")


def _accepted(what: str, code_ref: str) -> Result:
    return Result(Outcome.ACCEPTED, operation=f"{what}:{code_ref}")


def _is_left(kept: object, code: Code) -> bool:
    """Was it made for this code, and never put on the lock?"""
    found = facts.code(kept)
    return found.name == code.name and not found.active and not facts.is_going(kept)
