"""What an adapter promises: the dataclasses that go in and out, the errors, and the methods.

An adapter translates and nothing else. It knows HTTP and the maker's nouns, imports no models, never
sleeps and never decides a retry. The error's class says what to do next; anything an adapter cannot
name is a plain `ProviderError`, which is retried with back-off.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class ProviderError(Exception):
    """Something went wrong and may go right later. The message is for the log and holds no PIN."""

    retry = True
    concerns_lock = False
    """True: nothing else on this lock can be done now either."""
    code = "provider_issue"
    """The name under which the trouble is shown (the seeds' error codes)."""


class HubUnreachable(ProviderError):
    """The account's server or hub did not answer, or refused the connection: nothing was done."""

    concerns_lock = True
    code = "hub_disconnected"


class DeviceOffline(ProviderError):
    """The hub answers, the lock does not: nothing was done."""

    concerns_lock = True
    code = "device_disconnected"


class Busy(ProviderError):
    """Asked too fast. `retry_after` is in seconds, or None if the provider did not say."""

    concerns_lock = True

    def __init__(self, message: str, retry_after: float | None = None):
        super().__init__(message)
        self.retry_after = retry_after


class BadAnswer(ProviderError):
    """The answer is not what the provider's contract says (HTML, half a page, wrong shape)."""


class AuthFailed(ProviderError):
    """The account's credentials are refused: pause the whole connection, tell a person."""

    retry = False
    concerns_lock = True
    code = "account_disconnected"


class NotFound(ProviderError):
    """The lock does not exist at the provider any more."""

    retry = False
    concerns_lock = True
    code = "device_removed"


class CodeGone(ProviderError):
    """The code that was to be changed is not on the lock any more: look again."""


class Rejected(ProviderError):
    """This code can never go on this lock as it is."""

    retry = False
    code = "code_constraints_violated"


class DuplicateCode(Rejected):
    """Another code on the lock has these digits: another PIN is needed."""

    code = "duplicate_code_on_device"


class NoSpace(ProviderError):
    """Every slot of the lock is taken: goes right once a slot is free."""

    code = "no_space_for_access_code_on_device"


class InvalidPin(Rejected):
    """The lock refuses these digits (length, too simple): another PIN is needed."""


class InvalidWindow(Rejected):
    """The lock cannot keep this time window."""


class Unsupported(Rejected):
    """The lock cannot do this at all."""


@dataclass(frozen=True)
class Capabilities:
    """What one lock can do with codes."""

    native_scheduling: bool = False
    """The lock keeps a time window itself; else the code opens from the moment it is on the lock."""
    pin_lengths: tuple[int, ...] = (4, 5, 6, 7, 8)
    slots: int | None = None
    """How many codes fit; None: no limit is known."""
    name_length: int = 40


@dataclass(frozen=True)
class Device:
    """A lock as the provider lists it. `battery` is 0.0-1.0 or None; `online` None if not known."""

    ref: str
    name: str
    model: str = ""
    online: bool | None = None
    battery: float | None = None
    capabilities: Capabilities = field(default_factory=Capabilities)


@dataclass(frozen=True)
class Code:
    """What we want on a lock. Both bounds None: ongoing. Times are aware UTC."""

    pin: str = field(repr=False)
    name: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True)
class DeviceCode:
    """A code as the lock holds it. `pin` is None where the lock does not show it."""

    ref: str
    name: str
    pin: str | None = field(repr=False)
    starts_at: datetime | None = None
    ends_at: datetime | None = None


class Outcome(StrEnum):
    CONFIRMED = "confirmed"
    """The provider says that the lock holds (or no longer holds) the code."""
    UNCONFIRMED = "unconfirmed"
    """The request went out and no answer came back: it may or may not have been done."""


@dataclass(frozen=True)
class Result:
    outcome: Outcome
    code: DeviceCode | None = None
    """After a confirmed write: the code as the lock now holds it."""


@dataclass(frozen=True)
class Notice:
    """A verified webhook, normalised. It only ever means "look at this lock"; unknown kinds are kept.

    `kind` is one of the seeds' event types where there is one (`lock.unlocked`, `lock.access_denied`,
    `device.connected`, `device.disconnected`, ...), else the maker's own word. `id` is unique per event.
    """

    id: str
    kind: str
    device_ref: str
    occurred_at: datetime
    code_ref: str | None = None
    raw: Mapping[str, object] = field(default_factory=dict)


class InvalidWebhook(Exception):
    """The signature, the time or the body of a webhook is not right: answer 4xx, believe nothing."""


class Provider(Protocol):
    """One account at one maker. Built from a connection's credentials; used by one thread per lock at a time.

    Every method may raise any `ProviderError`. Reads return everything or raise: a listing that cannot be
    read to its last page is no listing.
    """

    def devices(self) -> list[Device]:
        """All locks of the account, with their present health."""

    def device(self, ref: str) -> Device:
        """One lock with its present health. Raises NotFound."""

    def codes(self, ref: str) -> list[DeviceCode]:
        """Every code on the lock, ours and others'. Raises DeviceOffline where the lock must be asked."""

    def create_code(self, ref: str, code: Code) -> Result:
        """Put a code on the lock. Not idempotent: list first. Raises DuplicateCode, InvalidPin, NoSpace, ..."""

    def update_code(self, ref: str, code_ref: str, code: Code) -> Result:
        """Make the code `code_ref` equal to `code`. Raises CodeGone if it is not there."""

    def delete_code(self, ref: str, code_ref: str) -> Result:
        """Take the code off the lock. One that is not there counts as done."""

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """Verify and normalise one webhook. Raises InvalidWebhook."""
