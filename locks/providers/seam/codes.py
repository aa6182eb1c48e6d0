"""Seam's access codes: what is asked for, and what of what it keeps is on the lock."""

from datetime import UTC, datetime

from locks.providers.base import Code, Device, DeviceCode, InvalidName, InvalidPin, InvalidWindow
from locks.providers.members import Members
from locks.providers.seam import troubles
from locks.providers.seam.reading import LONGEST, SHORTEST, members, words

NO_START = datetime(2000, 1, 1, tzinfo=UTC)
NO_END = datetime(2099, 12, 31, tzinfo=UTC)
"""Seam wants both bounds of a window or none: these stand for the one that is open."""
BACKUP = "Backup code of Seam's own pool"
"""What every code of Seam's pool is called here, and it has no window: both are Seam's. One that was pulled may be called
after the code for which it was, and would be taken for that one."""


def body(code: Code) -> dict[str, str]:
    """A code as Seam is asked for it. Raises ValueError for times without a zone; InvalidPin and InvalidWindow for what
    Seam would have to guess."""
    if not (code.pin.isascii() and code.pin.isdigit() and SHORTEST <= len(code.pin) <= LONGEST):
        raise InvalidPin("A PIN is of 4 to 12 digits.")
    if any(at is not None and at.utcoffset() is None for at in (code.starts_at, code.ends_at)):
        raise ValueError("A code's times must be aware.")
    wanted = {"code": code.pin, "name": code.name}
    if code.starts_at is None and code.ends_at is None:
        return wanted
    starts_at, ends_at = code.starts_at or NO_START, code.ends_at or NO_END
    if starts_at >= ends_at:
        raise InvalidWindow("The end must be after the start.")
    return {**wanted, "starts_at": _text(starts_at), "ends_at": _text(ends_at)}


def check_name(name: str, device: Device) -> None:
    """Raises InvalidName for one that Seam would fit to the lock as it likes."""
    rules = device.capabilities.names
    if not rules.min_length <= len(name) <= rules.max_length or not name.isprintable():
        raise InvalidName("The lock refuses this name.")


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def code(told: object) -> DeviceCode:
    """A managed or unmanaged code as it is on the lock, by what Seam says: while a change is under way, as it was before;
    `active` only if it is there. Raises BadAnswer."""
    found = members(told)
    before = _before(found)
    pin = before.get("code", found.any("code"))
    name = before.get("name", found.any("name"))
    of_pool = is_of_pool(told)
    return DeviceCode(
        ref=found.text("access_code_id"),
        name=BACKUP if of_pool else name[:500] if isinstance(name, str) else "",
        pin=pin if isinstance(pin, str) and pin.isascii() and pin.isdigit() else None,
        starts_at=None if of_pool else _bound(before, found, "starts_at", NO_START),
        ends_at=None if of_pool else _bound(before, found, "ends_at", NO_END),
        active=_is_there(found),
        warnings=troubles.warnings(words(found, "warnings", "warning_code")),
    )


def mutations(found: Members) -> dict[str, object]:
    """What Seam is about to do to the code, by the words for it; an unmanaged one has no such list."""
    pending = found.items_or_none("pending_mutations") or []
    return {name: one for one in pending if isinstance(name := members(one).any("mutation_code"), str)}


def _before(found: Members) -> dict[str, object]:
    """What of the code is still otherwise on the lock."""
    before: dict[str, object] = {}
    for name, told in mutations(found).items():
        old = members(told).any("from_") if name.startswith("updating_") else None
        if old is not None:
            before |= vars(old)
    return before


def _bound(before: dict[str, object], found: Members, name: str, none: datetime) -> datetime | None:
    if name not in before and found.any("type") == "ongoing":
        return None
    told = Members({name: before.get(name, found.any(name))}).moment_or_none(name)
    return None if told == none else told


def _is_there(found: Members) -> bool:
    """Has Seam put it on the lock, and nobody switched it off?"""
    if "access_code_inactive" in words(found, "errors", "error_code"):
        return False
    status, pending = found.text_or_none("status"), mutations(found)
    if status in ("set", "removing"):
        return "creating" not in pending or status == "removing"
    if status == "setting":
        return bool(pending) and not {"creating", "deferring_creation"} & set(pending)
    return status == "unset" and found.any("is_scheduled_on_device") is True


def is_managed(told: object) -> bool:
    return members(told).any("is_managed") is not False


def is_of_pool(told: object) -> bool:
    """Is it one of Seam's own backup codes?"""
    return members(told).any("is_backup") is True


def is_asked(told: object, code: Code) -> bool:
    """Does Seam mean to have it so already? A code of its own pool is Seam's to call, to make up and to end."""
    if is_of_pool(told):
        return True
    found = members(told)
    wanted, kept = body(code), {name: found.any(name) for name in ("code", "name")}
    if found.any("type") != "ongoing":
        kept |= {name: _text(at) for name in ("starts_at", "ends_at") if (at := found.moment_or_none(name))}
    return kept == wanted and not is_going(told)


def is_done(told: object) -> bool:
    """Is it on the lock as it was asked for, with nothing under way?"""
    found = members(told)
    return _is_there(found) and found.any("status") != "removing" and not mutations(found)


def is_going(told: object) -> bool:
    """Is it being taken off?"""
    found = members(told)
    return found.any("status") == "removing" or "deleting" in mutations(found)
