"""One lock: what it takes, what it refuses, and whether it opens. Pure: no clock, no store, no wire."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

NATIVE = "native"
JUST_IN_TIME = "just_in_time"
MODELS = (NATIVE, JUST_IN_TIME)
NAME_LENGTH = 40
LOCKOUT_AFTER = 5
LOCKOUT = timedelta(seconds=60)


class Refusal(Exception):
    """A request is not done. `code` is the machine's word, `status` the HTTP status it is answered with."""

    def __init__(self, status: int, code: str, message: str):
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Knobs:
    """The faults of one lock; see the package's docstring for what each does."""

    offline: bool = False
    slow_seconds: float = 0
    fail_next_writes: int = 0
    busy_next_answers: int = 0
    lose_next_answers: int = 0
    hold_next_answers: int = 0
    garbage_next_answers: int = 0
    reject_next_pins: int = 0
    reject_pins: tuple[str, ...] = ()
    clock_offset_seconds: float = 0
    lockout: bool = True
    removed: bool = False


@dataclass(frozen=True)
class Code:
    """A code as the lock holds it. Times are aware UTC or None."""

    name: str
    pin: str = field(repr=False)
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    id: str = ""


@dataclass(frozen=True)
class Lock:
    """A lock without its codes. `battery` is 0.0-1.0 or None, `slots` None for no limit."""

    id: str
    name: str
    model: str
    pin_lengths: tuple[int, ...] = (4, 5, 6, 7, 8)
    slots: int | None = None
    battery: float | None = 1.0
    knobs: Knobs = Knobs()
    wrong_entries: int = 0
    locked_until: datetime | None = None
    replaced_by: str | None = None

    @property
    def native(self) -> bool:
        return self.model == NATIVE

    @property
    def online(self) -> bool:
        return not self.knobs.offline and self.replaced_by is None

    def clock(self, real: datetime) -> datetime:
        """The lock's own time at the real moment `real`."""
        return real.astimezone(UTC) + timedelta(seconds=self.knobs.clock_offset_seconds)


@dataclass(frozen=True)
class Entry:
    """What became of one PIN typed at the door, and the lock as it is afterwards."""

    opened: bool
    reason: str
    lock: Lock
    code_id: str | None = None


def check(lock: Lock, codes: Iterable[Code], wanted: Code) -> None:
    """Raise Refusal where the lock cannot hold `wanted` (an `id` on it: in place of that code)."""
    others = [code for code in codes if code.id != wanted.id]
    _check_name(wanted.name)
    _check_pin(lock, wanted.pin)
    _check_window(lock, wanted)
    if any(code.pin == wanted.pin for code in others):
        raise Refusal(409, "duplicate_code", f"Another code on this lock has the digits {wanted.pin}.")
    if not wanted.id and lock.slots is not None and len(others) >= lock.slots:
        raise Refusal(409, "no_space", f"All {lock.slots} slots of this lock are taken: delete a code first.")


def enter(lock: Lock, codes: Iterable[Code], pin: str, now: datetime) -> Entry:
    """Type `pin` at the keypad at `now` on the lock's own clock."""
    if lock.replaced_by:
        return Entry(False, "replaced", lock)
    if lock.battery is not None and lock.battery <= 0:
        return Entry(False, "battery_dead", lock)
    if lock.knobs.lockout and lock.locked_until and now < lock.locked_until:
        return Entry(False, "locked_out", lock)
    code = next((code for code in codes if code.pin == pin), None)
    reason = _verdict(code, now)
    code_id = code.id if code else None
    if reason == "opened":
        return Entry(True, reason, replace(lock, wrong_entries=0, locked_until=None), code_id)
    return Entry(False, reason, _count_wrong(lock, now), code_id)


def _verdict(code: Code | None, now: datetime) -> str:
    if code is None:
        return "unknown_code"
    if code.starts_at and now < code.starts_at:
        return "not_yet_valid"
    if code.ends_at and now >= code.ends_at:
        return "expired"
    return "opened"


def _count_wrong(lock: Lock, now: datetime) -> Lock:
    wrong = lock.wrong_entries + 1
    if wrong < LOCKOUT_AFTER or not lock.knobs.lockout:
        return replace(lock, wrong_entries=wrong, locked_until=None)
    return replace(lock, wrong_entries=0, locked_until=now + LOCKOUT)


def _check_name(name: str) -> None:
    if not 1 <= len(name) <= NAME_LENGTH or not name.isprintable():
        raise Refusal(422, "invalid_name", f"A name has 1 to {NAME_LENGTH} printable characters.")


def _check_pin(lock: Lock, pin: str) -> None:
    if not (pin.isascii() and pin.isdigit() and len(pin) in lock.pin_lengths):
        lengths = ", ".join(map(str, lock.pin_lengths))
        raise Refusal(422, "invalid_pin", f"{pin!r} is no PIN for this lock: digits only, {lengths} of them.")
    if pin in lock.knobs.reject_pins:
        raise Refusal(422, "invalid_pin", f"This lock does not accept {pin}: use other digits.")


def _check_window(lock: Lock, code: Code) -> None:
    if code.starts_at is None and code.ends_at is None:
        return
    if not lock.native:
        raise Refusal(422, "invalid_window", "This lock keeps no time windows: send the code without times.")
    if code.starts_at and code.ends_at and code.ends_at <= code.starts_at:
        raise Refusal(422, "invalid_window", "The end must be after the start.")
