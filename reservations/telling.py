"""What a guest may be told of the doors: digits that were seen on the lock, and none before the guest may know them.

The seeds' `getGuestMessage`: the code where it is without errors, else the backup code.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from locks import queries
from locks.known import Code, Door
from locks.models import AccessCode
from reservations import grants
from reservations.models import Stay, StayState


class Standing(StrEnum):
    """How much of it the guest may know now."""

    NONE = "none"
    """There is no code, or none yet: no room, no lock on it, or codes are made at check-in."""
    LATER = "later"
    """There is one, which the guest may not know yet (`Told.from_at`)."""
    PREPARING = "preparing"
    """Not every door has been seen to have it."""
    READY = "ready"
    """Every door of the stay has digits that were seen on it."""
    OVER = "over"


@dataclass(frozen=True)
class Key:
    """What opens one door. `kind`: `pin` (the guest's), `own` (this door's alone), `backup`, `offline`; `code` is the
    public id of the access code and `generation` which wish it answers."""

    door: str
    kind: str
    code: UUID
    generation: int
    digits: str = field(repr=False)


@dataclass(frozen=True)
class Missing:
    """A door that has no digits for the guest yet; `fails`: its code has an error, `earlier`: it still takes those that
    the guest had before."""

    door: str
    lock_id: int
    fails: bool
    earlier: bool = False


@dataclass(frozen=True)
class Told:
    """`keys` for the doors that have theirs, `missing` for the others; `begins` and `until` are the window of the
    stay's codes."""

    standing: Standing
    keys: list[Key] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    from_at: datetime | None = None
    begins: datetime | None = None
    until: datetime | None = None

    @property
    def waiting(self) -> list[str]:
        """The doors that have no digits yet."""
        return [one.door for one in self.missing]

    @property
    def failing(self) -> list[str]:
        """Those of them whose code has an error."""
        return [one.door for one in self.missing if one.fails]

    @property
    def pin(self) -> str:
        """The digits of all the doors, where they are the same at each; empty else."""
        digits = {key.digits for key in self.keys}
        return digits.pop() if self.standing is Standing.READY and len(digits) == 1 else ""


def known_from(stay: Stay) -> datetime | None:
    """From when the guest may know the PIN; None: at any time."""
    hours = stay.property.tell_hours_before
    begins, _ = grants.window(stay)
    return None if hours is None else begins - timedelta(hours=hours)


def told(stay: Stay, now: datetime) -> Told:
    """What the guest may be told at `now`. Five queries. The caller puts on record that it was told
    (`stays.tell_guest`)."""
    if stay.state not in (StayState.BOOKED, StayState.IN_HOUSE):
        return Told(Standing.OVER)
    begins, until = grants.window(stay)
    times = {"begins": begins, "until": until, "from_at": known_from(stay)}
    if stay.grant is None or stay.grant.revoked_at:
        return Told(Standing.NONE, **times)
    if until <= now:
        return Told(Standing.OVER, **times)
    if stay.state == StayState.BOOKED and times["from_at"] and now < times["from_at"]:
        return Told(Standing.LATER, **times)
    keys, missing = _keys(stay, now)
    if not keys and not missing:
        return Told(Standing.NONE, **times)
    return Told(Standing.PREPARING if missing else Standing.READY, keys, missing, **times)


def _keys(stay: Stay, now: datetime) -> tuple[list[Key], list[Missing]]:
    doors = queries.doors(stay.property).by_id
    codes = [one for one in queries.codes_of([stay.grant_id])[stay.grant_id] if one.lock_id in doors]
    codes = [one for one in codes if one.wanted]
    backups = queries.backups_of(codes)
    digits = _digits([*codes, *backups.values()])
    keys, missing = [], []
    for code in sorted(codes, key=lambda one: (doors[one.lock_id].common, doors[one.lock_id].name)):
        door = doors[code.lock_id]
        found = _key(code, backups.get(code.pulled_backup_id), door, now)
        if found:
            kind, known = found
            keys.append(Key(door.name, kind, known.public_id, known.generation, digits[known.id]))
        else:
            earlier = code.has_old_digits and code.status != "unset"
            missing.append(Missing(door.name, door.id, bool(code.error_codes), earlier))
    return keys, missing


def _key(code: Code, backup: Code | None, door: Door, now: datetime) -> tuple[str, Code] | None:
    """A backup code that was handed out is what the guest was told last. An error of the lock (it is offline, say) is
    none of a code that was seen on it."""
    if code.is_offline_access_code:
        issued = code.issued_at is not None and now < code.issued_ends_at
        return ("offline", code) if issued else None
    if backup and backup.wanted and backup.confirmed_on(door):
        return "backup", backup
    if code.confirmed_on(door):
        return ("own" if code.has_own_pin else "pin"), code
    return None


def _digits(codes: list[Code]) -> dict[int, str]:
    found = AccessCode.objects.filter(pk__in=[code.id for code in codes]).only(
        "pk", "public_id", "pin_sealed"
    )
    return {code.pk: code.pin for code in found}
