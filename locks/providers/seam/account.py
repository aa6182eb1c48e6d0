"""One account (workspace) at Seam as a provider.

Seam takes a write and sees to it later: a write is ACCEPTED, and `poll` reads what has become of the code. Its list is
of what it keeps, not of what is on the lock: a code that it has not put there is told as one that opens nothing.
"""

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial

from seam.exceptions import SeamActionAttemptError, SeamActionAttemptFailedError

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
    NotFound,
    Notice,
    OfflineWindow,
    Outcome,
    ProviderError,
    Result,
    Unsupported,
    gettext_noop,
)
from locks.providers.http import CALL_TIMEOUT, CONNECT_TIMEOUT, NoAnswer
from locks.providers.seam import asking, codes, devices, events, reading, troubles
from locks.providers.seam.throttle import Throttle

LISTING_LASTS = 8.0
"""Seconds after which a lock's listing asks for nothing more: with one call more it is over within 20."""
UNLOCK_AWAITED = {"timeout": 10.0, "polling_interval": 0.5}
REF = re.compile(r"[0-9A-Za-z_-]{1,100}")
UNSURE = re.compile(r"confirm|time_?out|timed_out")
"""In what a failed opening is called: the lock may have turned."""
NOT_TOLD = (HubUnreachable, AuthFailed, Busy, NotFound)
"""Troubles of the asking that cannot be taken for the end of what was asked after."""
SET, OFF, ADOPT = "set", "off", "adopt"
"""What an operation is about: a code to be put on the lock or changed, taken off, taken over."""


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
        self._asking = asking.Asking(
            given["api_key"], given["endpoint"], connect_timeout=connect_timeout, call_timeout=call_timeout
        )
        self._secret = given["webhook_secret"] if isinstance(given["webhook_secret"], str) else ""
        self._throttle = Throttle()

    # Devices

    def devices(self) -> list[Device]:
        """All devices of the account that take codes or open a door, over all pages."""
        listed = self._asking.devices()
        return [devices.device(one) for one in listed if devices.is_lock(one) and not _is_removed(one)]

    def device(self, ref: str) -> Device:
        """One lock. Raises NotFound."""
        return devices.device(self._found(ref))

    def _found(self, ref: str) -> dict:
        """The device as Seam tells it. Raises NotFound, also for one that its account has lost."""
        if not REF.fullmatch(ref):
            raise NotFound("This is no id of a lock.")
        told = self._asking.device(ref)
        if _is_removed(told):
            raise NotFound("The lock's account has it no more.")
        return told

    def _reached(self, ref: str) -> Device:
        """The lock, if Seam reaches it now. Raises DeviceOffline, HubOffline, AccountAway, NotFound, ..."""
        told = self._found(ref)
        trouble = troubles.of_device(reading.errors(told))
        if trouble:
            raise trouble
        device = devices.device(told)
        if device.online is False:
            raise DeviceOffline("Seam cannot reach the lock.")
        return device

    def _ready(self, ref: str) -> Device:
        """The same of a lock that takes codes: what Seam lists of it is true, and what Seam is asked for is done soon.
        Raises also Unsupported."""
        device = self._reached(ref)
        if not device.capabilities.can_program_online_access_codes:
            raise Unsupported("Seam cannot put codes with digits of our own on this lock.")
        return device

    # Codes

    def codes(self, ref: str) -> list[DeviceCode]:
        """Every code that Seam keeps of the lock, made by anybody, over all pages; `active` those that it says are there.

        Raises DeviceOffline, HubOffline and AccountAway while what Seam keeps may not be what is there.
        """
        ends = time.monotonic() + LISTING_LASTS
        self._ready(ref)
        kept = [*self._asking.codes(ref, ends), *self._asking.found_codes(ref, ends)]
        return [codes.code(one) for one in kept]

    def create_code(self, ref: str, code: Code) -> Result:
        """ACCEPTED. A code of this name that Seam keeps and has not put on the lock is ours, from a try whose answer was
        lost: it is taken and changed. Raises DuplicateCode, InvalidPin, InvalidWindow, NoSpace, LockBusy, ..."""
        wanted = codes.body(code)
        codes.check_name(code.name, self._ready(ref))
        kept = self._asking.codes(ref, time.monotonic() + LISTING_LASTS)
        left = next((one for one in kept if _is_left(one, code)), None)
        if left is not None:
            return self._change(ref, left, code)
        self._throttle.take(ref, "create")
        try:
            made = asking.write(self._asking.sdk.access_codes.create, device_id=ref, **wanted)
            return _accepted(SET, reading.members(made).text("access_code_id"))
        except (NoAnswer, BadAnswer):
            return Result(Outcome.UNCONFIRMED)

    def update_code(self, ref: str, code_ref: str, code: Code) -> Result:
        """ACCEPTED, or NO_CHANGE. One that Seam does not manage is taken over first. Raises CodeGone, and what
        `create_code` raises."""
        codes.body(code)
        codes.check_name(code.name, self._ready(ref))
        kept = self._code(ref, code_ref)
        return self._change(ref, kept, code) if codes.is_managed(kept) else self._adopt(ref, code_ref)

    def delete_code(self, ref: str, code_ref: str) -> Result:
        """ACCEPTED, or NO_CHANGE where Seam keeps no such code of this lock."""
        self._ready(ref)
        try:
            kept = self._code(ref, code_ref)
        except CodeGone:
            return Result(Outcome.NO_CHANGE)
        if codes.is_going(kept):
            return _accepted(OFF, code_ref)
        self._throttle.take(ref, "delete")
        sdk = self._asking.sdk.access_codes
        delete = sdk.delete if codes.is_managed(kept) else sdk.unmanaged.delete
        try:
            asking.write(delete, access_code_id=code_ref)
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
        if codes.is_managed(kept) if what == ADOPT else what == SET and codes.is_done(kept):
            return Result(Outcome.CONFIRMED, codes.code(kept))
        trouble = troubles.of_code(reading.errors(kept))
        if trouble:
            raise trouble
        return Result(Outcome.ACCEPTED, operation=operation)

    def _code(self, ref: str, code_ref: str) -> object:
        """A code of this lock, managed or not. Raises CodeGone."""
        if not REF.fullmatch(code_ref):
            raise CodeGone("This is no id of a code.")
        kept = self._asking.code(code_ref)
        if reading.members(kept).any("device_id") != ref:
            raise CodeGone("The code is of another lock.")
        return kept

    def _change(self, ref: str, kept: object, code: Code) -> Result:
        """Make a managed code that Seam keeps equal to `code`."""
        wanted, code_ref = codes.body(code), reading.members(kept).text("access_code_id")
        if codes.is_asked(kept, code):
            done = codes.is_done(kept)
            return Result(Outcome.NO_CHANGE, codes.code(kept)) if done else _accepted(SET, code_ref)
        if "ends_at" not in wanted:
            wanted["type"] = "ongoing"
        self._throttle.take(ref, "update")
        try:
            asking.write(self._asking.sdk.access_codes.update, access_code_id=code_ref, **wanted)
        except NoAnswer:
            return Result(Outcome.UNCONFIRMED)
        return _accepted(SET, code_ref)

    def _adopt(self, ref: str, code_ref: str) -> Result:
        """Have Seam manage a code that it found on the lock: only then can it be changed."""
        self._throttle.take(ref, "update")
        try:
            asking.write(self._asking.sdk.access_codes.unmanaged.convert_to_managed, access_code_id=code_ref)
        except NoAnswer:
            return Result(Outcome.UNCONFIRMED)
        return _accepted(ADOPT, code_ref)

    def pull_backup(self, ref: str, code_ref: str) -> DeviceCode:
        """See `base.Provider.pull_backup`."""
        if not REF.fullmatch(code_ref):
            raise CodeGone("This is no id of a code.")
        try:
            pulled = asking.write(
                self._asking.sdk.access_codes.pull_backup_access_code, access_code_id=code_ref
            )
        except NoAnswer:
            raise HubUnreachable("What Seam answered was lost; asked again, it is the same code.") from None
        found = codes.code(pulled)
        if not codes.is_of_pool(pulled) or reading.members(pulled).any("device_id") != ref:
            raise BadAnswer("What Seam gave is no backup code of this lock.")
        if found.pin is None:
            raise BadAnswer("Seam does not tell the digits of its backup code.")
        return found

    # The door

    def unlock(self, ref: str) -> Result:
        """See `base.Provider.unlock`. Not sent to a lock that Seam cannot reach, for which it might keep it."""
        device = self._reached(ref)
        if not device.capabilities.can_remotely_unlock:
            raise Unsupported("Seam cannot open this lock from afar.")
        self._throttle.take(ref, "unlock")
        try:
            sent = asking.write(
                self._asking.sdk.locks.unlock_door, device_id=ref, wait_for_action_attempt=False
            )
            attempt = reading.members(sent).text("action_attempt_id")
        except (NoAnswer, BadAnswer):
            return Result(Outcome.UNCONFIRMED)
        return self._awaited(attempt)

    def _awaited(self, attempt: str) -> Result:
        """How an opening ended that was sent. Raises what Seam says went wrong; that it says nothing is no answer."""
        failed = None
        try:
            ended = self._asking.sdk.action_attempts.get(
                action_attempt_id=attempt, wait_for_action_attempt=UNLOCK_AWAITED
            )
            turned = reading.members(reading.members(ended).any("result")).any("was_confirmed_by_device")
            return Result(Outcome.UNCONFIRMED if turned is False else Outcome.CONFIRMED)
        except SeamActionAttemptFailedError as error:
            if UNSURE.search(str(error.code)):
                return Result(Outcome.UNCONFIRMED)
            failed = troubles.of_request(str(error.code)) or ProviderError("Seam could not open the lock.")
        except (ProviderError, SeamActionAttemptError, *asking.ODD):
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
        return events.verified(self._secret, headers, body)

    def events_since(self, moment: datetime) -> list[Notice]:
        """See `base.Provider.events_since`."""
        ask = partial(asking.read, self._asking.sdk.events.list)
        told = events.between(ask, moment, datetime.now(UTC))
        return list({one.id: one for one in told}.values())


def _accepted(what: str, code_ref: str) -> Result:
    return Result(Outcome.ACCEPTED, operation=f"{what}:{code_ref}")


def _is_left(kept: object, code: Code) -> bool:
    """Was it made for this code, and never put on the lock?"""
    found = codes.code(kept)
    return found.name == code.name and not found.active and not codes.is_going(kept)


def _is_removed(device: object) -> bool:
    return "device_removed" in reading.errors(device)
