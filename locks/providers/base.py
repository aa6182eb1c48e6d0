"""What an adapter promises: the dataclasses that go in and out, the errors, and the methods.

An adapter translates and nothing else. It knows HTTP and the maker's nouns, imports no models, never
sleeps and never decides a retry. The error's class says what to do next; anything an adapter cannot
name is a plain `ProviderError`, which is retried with back-off.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum
from typing import ClassVar, Protocol


class ProviderError(Exception):
    """Something went wrong and may go right later. The message is for the log and holds no PIN."""

    retry = True
    concerns_lock = False
    """True: nothing else on this lock can be done now either."""
    code = "provider_issue"
    """The name under which the trouble is shown (the seeds' error codes)."""


class HubUnreachable(ProviderError):
    """The account's server did not answer, or refused the connection: nothing was done on any of its locks."""

    concerns_lock = True
    code = "hub_disconnected"


class DeviceOffline(ProviderError):
    """The account's server answers, the lock does not: nothing was done."""

    concerns_lock = True
    code = "device_disconnected"


class HubOffline(DeviceOffline):
    """The account's server answers, the hub in front of this one lock does not: nothing was done."""

    code = "hub_disconnected"


class Busy(ProviderError):
    """Asked too fast. `retry_after` is in seconds, or None if the provider did not say."""

    concerns_lock = True

    def __init__(self, message: str, retry_after: float | None = None):
        super().__init__(message)
        self.retry_after = retry_after


class LockBusy(Busy):
    """This one lock was asked too fast; the account's others may be asked."""


class BadAnswer(ProviderError):
    """The answer is not what the provider's contract says (HTML, half a page, wrong shape)."""


class AuthFailed(ProviderError):
    """The account's credentials are refused: pause the whole connection, tell a person."""

    retry = False
    concerns_lock = True
    code = "account_disconnected"


class AccountAway(ProviderError):
    """We are let in, but what the lock hangs on at the maker is not connected there; other locks may be."""

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


class NoBackup(ProviderError):
    """The maker's own pool holds no code that is ready now."""

    code = "empty_backup_access_code_pool"


class NoSpace(ProviderError):
    """Every slot of the lock is taken: goes right once a slot is free."""

    code = "no_space_for_access_code_on_device"


class InvalidPin(Rejected):
    """The lock refuses these digits (length, too simple): another PIN is needed."""


class InvalidWindow(Rejected):
    """The lock cannot keep this time window."""


class InvalidName(Rejected):
    """The lock refuses this name."""


class Unsupported(Rejected):
    """The lock cannot do this at all."""


class ReadBack(StrEnum):
    """What the lock's list tells of a code."""

    VALUE = "value"
    """That it is there, and its digits."""
    PRESENCE = "presence"
    """That it is there."""


class Alphabet(StrEnum):
    """What a code's name may be written with on the lock."""

    PRINTABLE = "printable"
    ASCII = "ascii"
    ALPHANUMERIC = "alphanumeric"
    """ASCII letters, digits and the space."""


class OfflineKind(StrEnum):
    """The windows of codes made by arithmetic (the seeds)."""

    HOURLY = "hourly"
    DAILY = "daily"
    ONE_TIME = "one_time"


@dataclass(frozen=True)
class NameRules:
    """How a code may be called on the lock. At least eight characters: our marker must fit."""

    min_length: int = 1
    max_length: int = 40
    alphabet: Alphabet = Alphabet.PRINTABLE
    unique: bool = False
    """No two codes of the lock may have the same name."""
    two_parts: bool = False
    """The maker keeps a first and a last name."""


@dataclass(frozen=True)
class TimeSlot:
    """A pair of wall-clock times that the lock takes as check-in and check-out."""

    name: str
    check_in: time
    check_out: time


@dataclass(frozen=True)
class Capabilities:
    """What one lock can do with codes. The README's table of providers is made from this."""

    can_program_online_access_codes: bool = True
    can_program_offline_access_codes: bool = False
    """Its codes can be made by arithmetic, without asking the lock (`Provider.offline_code`)."""
    offline_kinds: tuple[OfflineKind, ...] = ()
    native_scheduling: bool = False
    """The lock keeps a time window itself; else the code opens from the moment it is on the lock."""
    window_grain: int = 1
    """Seconds: the times of a window are whole multiples of it (60: whole minutes)."""
    time_slots: tuple[TimeSlot, ...] = ()
    """The only pairs of check-in and check-out times that it takes; empty: any."""
    keeps_local_time: bool = False
    """It counts in its own zone's wall time: without a known zone no window can be written."""
    pin_lengths: tuple[int, ...] = (4, 5, 6, 7, 8)
    code_constraints: tuple[str, ...] = ()
    """Rules for the digits, by the seeds' system's names (`no_zeros`, ...); see `locks.constraints`."""
    digits_once: bool = False
    """No two codes of the lock may have the same digits, also where their windows never meet."""
    slots: int | None = None
    """How many codes fit; None: no limit is known."""
    names: NameRules = NameRules()
    read_back: ReadBack = ReadBack.VALUE
    confirms_later: bool = False
    """A write is accepted first and confirmed afterwards (`Provider.poll`)."""
    names_the_code: bool = False
    """Its unlock events say which code was typed."""
    pushes_events: bool = False
    can_remotely_unlock: bool = False
    """It can be opened once without anybody typing (`Provider.unlock`)."""
    own_backup_pool: bool = False
    """Its maker keeps backup codes of its own ready on it, now (`Provider.pull_backup`)."""


@dataclass(frozen=True)
class Device:
    """A lock as the provider lists it. `battery` is 0.0-1.0 or None; `online` None if not known."""

    ref: str
    name: str
    model: str = ""
    online: bool | None = None
    battery: float | None = None
    time_zone: str | None = None
    """IANA name of the lock's own zone, where the provider tells one."""
    hub_online: bool | None = None
    """Does the hub in front of the lock answer, where the provider tells that apart?"""
    warnings: tuple[str, ...] = ()
    """What the maker warns of, by the seeds' names where there is one, else by its own words."""
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
    active: bool = True
    """False: it opens nothing, for it is switched off on the lock; or the maker keeps it and has not put it there
    (yet), so that it must be taken away all the same."""
    first_name: str = ""
    last_name: str = ""
    """Where the maker keeps the name in two parts; `name` is then both with a space between."""
    warnings: tuple[str, ...] = ()
    """What the maker warns of, as in `Device`."""


class Outcome(StrEnum):
    CONFIRMED = "confirmed"
    """The provider says that the lock holds (or no longer holds) the code."""
    ACCEPTED = "accepted"
    """The provider will do it; `Result.operation` is what to ask `poll` for."""
    UNCONFIRMED = "unconfirmed"
    """The request went out and no answer came back: it may or may not have been done."""
    NO_CHANGE = "no_change"
    """The lock held exactly this already (or held no such code already): as good as confirmed."""


@dataclass(frozen=True)
class Result:
    outcome: Outcome
    code: DeviceCode | None = None
    """After a confirmed write: the code as the lock now holds it, which may differ from what was asked (a name
    cut, a time rounded)."""
    operation: str = ""
    """After ACCEPTED: the provider's id of the work under way."""


@dataclass(frozen=True)
class OfflineWindow:
    """When a code made by arithmetic opens. `variant` tells codes of the same window apart, from 0."""

    kind: OfflineKind
    starts_at: datetime
    ends_at: datetime
    variant: int = 0


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


def gettext_noop(sentence: str) -> str:
    """Has the sentence of an adapter, which knows no Django, in the catalogues: it is translated where it is shown."""
    return sentence


@dataclass(frozen=True)
class Credential:
    """One thing that an account wants to be let in, as a person is asked for it: `label` and `help` in English."""

    name: str
    label: str
    help: str = ""
    secret: bool = True
    required: bool = True


class InvalidWebhook(Exception):
    """The signature, the time or the body of a webhook is not right: answer 4xx, believe nothing."""


class Provider(Protocol):
    """One account at one maker. Built from a connection's credentials; used by one thread per lock at a time.

    Every method may raise any `ProviderError`, and ValueError for times without a zone. Reads return
    everything or raise: a listing that cannot be read to its last page is no listing. What the maker claims is
    passed on as it is: whether a listing or a confirmation is believed is decided by who asked.
    """

    LABEL: ClassVar[str]
    """What people call the maker."""
    CREDENTIALS: ClassVar[tuple[Credential, ...]]
    """What a person types to connect an account, in this order."""
    MODELS: ClassVar[Mapping[str, Capabilities]]
    """What each kind of lock can do as it comes out of its box, by the maker's word for it. The README's table
    is made from this; what one lock can do is what `device` says."""

    def devices(self) -> list[Device]:
        """All locks of the account, with their present health."""

    def device(self, ref: str) -> Device:
        """One lock with its present health. Raises NotFound."""

    def codes(self, ref: str) -> list[DeviceCode]:
        """Every code on the lock, ours and others', as the maker tells them: also none, some, or one twice. Takes
        20 s at most, over however many pages: whoever asks holds the lock's lease for little longer.
        Raises DeviceOffline where the lock must be asked, Unsupported where it can never be."""

    def create_code(self, ref: str, code: Code) -> Result:
        """Put a code on the lock. Not idempotent: list first. Raises DuplicateCode, InvalidPin, NoSpace, ..."""

    def update_code(self, ref: str, code_ref: str, code: Code) -> Result:
        """Make the code `code_ref` equal to `code`, and switched on. NO_CHANGE where the adapter knows that
        nothing had to be done. Raises CodeGone if it is not there."""

    def delete_code(self, ref: str, code_ref: str) -> Result:
        """Take the code off the lock. NO_CHANGE where it was not there."""

    def pull_backup(self, ref: str, code_ref: str) -> DeviceCode:
        """A code of the maker's own pool for the holder of the code `code_ref`, with its digits; it ends with that one.
        For the same code always the same, so that it may be asked for again; also while the lock cannot be reached.
        Raises NoBackup, CodeGone; Unsupported where the maker keeps no pool. With any other error it may have been
        given."""

    def unlock(self, ref: str) -> Result:
        """Open the door once, now. CONFIRMED: the maker says that the lock turned; UNCONFIRMED: it may have. Never sent
        again by itself: a door that opens late opens for somebody else. Raises DeviceOffline, Unsupported, ..."""

    def poll(self, ref: str, operation: str) -> Result:
        """How an ACCEPTED write is coming on: CONFIRMED with the code (None after a removal), ACCEPTED while it is
        under way, UNCONFIRMED where the operation is not known any more.

        Raises what the write would have raised, and CodeGone also for the removal of a code that was not there.
        Where it cannot be asked: HubUnreachable, AuthFailed, Busy or BadAnswer, which say nothing of the write."""

    def pair(self, ref: str) -> str:
        """The secret by which the lock's offline codes are made, for the vault. Raises Unsupported."""

    def offline_code(self, secret: str, window: OfflineWindow) -> str:
        """The PIN for this window, by arithmetic alone: asks nobody. Raises InvalidWindow naming what is possible."""

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """Verify and normalise one webhook. Raises InvalidWebhook."""

    def events_since(self, moment: datetime) -> list[Notice]:
        """What webhooks should have told of the doors since `moment`, in any order, also what they did tell. Raises
        Unsupported where the maker keeps no record of it."""
