"""Seam's objects, as its SDK gives them, in and out of the contract's dataclasses.

The SDK checks no value, so each is looked at here; what it leaves out is None. A word that is not known promises the
least.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, time

from locks.providers.base import (
    BadAnswer,
    Capabilities,
    Code,
    Device,
    DeviceCode,
    InvalidName,
    InvalidPin,
    InvalidWebhook,
    InvalidWindow,
    NameRules,
    Notice,
    TimeSlot,
)
from locks.providers.members import Members

NATIVE = {
    "august_lock",
    "igloohome_lock",
    "kwikset_lock",
    "nuki_lock",
    "salto_ks_lock",
    "salto_lock",
    "schlage_lock",
    "tedee_lock",
    "ttlock_lock",
    "two_n_intercom",
    "wyze_lock",
    "yale_lock",
}
"""Device types of which Seam's documentation says that the lock keeps a time window itself; none of Seam's properties
tells, but another Latchkey's does."""
LOCK = {"lock", "access_code"}
CHOOSES_ITSELF = {"cannot_specify_pin_code", "pin_code_matches_existing_set"}
"""Constraints of locks whose maker chooses the digits: codes of ours cannot be put there."""
OF_NAMES = {"name_length", "name_must_be_unique"}
WANTS_FUTURE = "start_date_in_future"
HUB = {"hub_disconnected", "bridge_disconnected"}
OURS = {
    "partial_backup_access_code_pool",
    "many_active_backup_codes",
    "max_access_codes_reached",
    "empty_backup_access_code_pool",
}
"""Warnings about what is kept count of here as well, of Seam's own pool, and of codes that are listed."""
NO_START = datetime(2000, 1, 1, tzinfo=UTC)
NO_END = datetime(2099, 12, 31, tzinfo=UTC)
"""Seam wants both bounds of a window or none: these stand for the one that is open."""
LONGEST, SHORTEST = 12, 4
MOST_NAME, LEAST_NAME = 40, 8
BACKUP = "Backup code of Seam's own pool"
"""Where Seam's pool is switched on at a device: its codes are not ours, and are called what they are."""


def members(told: object) -> Members:
    """The members of an object of the SDK's. Raises BadAnswer where it is none."""
    return Members(told if isinstance(told, dict) else getattr(told, "__dict__", None))


def words(told: Members, name: str, key: str) -> tuple[str, ...]:
    """The `key` of each object in the list `name`: of errors, warnings."""
    entries = [members(one).any(key) for one in told.items_or_none(name) or []]
    return tuple(word for word in entries if isinstance(word, str))


# Devices


def is_lock(told: object) -> bool:
    """Is it a thing that takes codes or opens a door? An account has thermostats too."""
    device = members(told)
    offered = device.items_or_none("capabilities_supported") or []
    return bool(LOCK & {one for one in offered if isinstance(one, str)}) or _takes_codes(device)


def errors(told: object) -> tuple[str, ...]:
    return words(members(told), "errors", "error_code")


def device(told: object) -> Device:
    """A device with what its properties say of codes. Raises BadAnswer."""
    lock = members(told)
    properties = members(lock.any("properties"))
    location = lock.any("location")
    place = members(location) if location is not None else None
    troubles = words(lock, "errors", "error_code")
    ref = lock.text("device_id")
    zones = (
        [Members({"zone": place.any(name)}).zone_or_none("zone") for name in ("time_zone", "timezone")]
        if place
        else []
    )
    return Device(
        ref=ref,
        name=_first(lock.any("nickname"), lock.any("display_name"), properties.any("name"), ref),
        model=lock.text("device_type"),
        online=properties.flag("online"),
        battery=_battery(properties),
        time_zone=next(filter(None, zones), None),
        hub_online=False if HUB & set(troubles) else None,
        warnings=tuple(w for w in words(lock, "warnings", "warning_code") if w not in OURS),
        capabilities=_capabilities(lock, properties),
    )


def _first(*names: object) -> str:
    return next(name[:200] for name in names if isinstance(name, str) and name.strip())


def _battery(properties: Members) -> float | None:
    battery = properties.any("battery")
    levels = [members(battery).any("level") if battery is not None else None, properties.any("battery_level")]
    told = next((level for level in levels if level is not None), None)
    return Members({"battery": told}).share_or_none("battery")


def _flag(told: Members, name: str) -> bool | None:
    return None if told.any(name) is None else told.flag(name)


def _takes_codes(lock: Members) -> bool:
    """By today's flag, else by the deprecated one."""
    told = _flag(lock, "can_program_online_access_codes")
    if told is None and lock.any("properties") is not None:
        told = _flag(members(lock.any("properties")), "online_access_codes_enabled")
    return bool(told)


def _capabilities(lock: Members, properties: Members) -> Capabilities:
    """Offline codes are Seam's to make, not ours by arithmetic: they are not offered."""
    constraints = {
        one.text("constraint_type"): one
        for one in map(members, properties.items_or_none("code_constraints") or [])
    }
    slots = _time_slots(properties)
    schedules = properties.any("is_natively_scheduled")
    if not isinstance(schedules, bool):
        schedules = bool(slots) or lock.text("device_type") in NATIVE
    return Capabilities(
        can_program_online_access_codes=_takes_codes(lock) and not CHOOSES_ITSELF & set(constraints),
        native_scheduling=schedules and WANTS_FUTURE not in constraints,
        time_slots=slots,
        pin_lengths=_lengths(properties),
        code_constraints=tuple(name for name in constraints if name not in OF_NAMES),
        digits_once=True,
        slots=_whole(properties.any("max_active_codes_supported")),
        names=_name_rules(constraints),
        confirms_later=True,
        names_the_code=bool(_flag(properties, "has_native_entry_events")),
        pushes_events=True,
        can_remotely_unlock=bool(_flag(lock, "can_remotely_unlock")),
    )


def _lengths(properties: Members) -> tuple[int, ...]:
    """Those that Seam takes at all."""
    told = [_whole(one) for one in properties.items_or_none("supported_code_lengths") or []]
    return tuple(sorted({one for one in told if one is not None and SHORTEST <= one <= LONGEST}))


def _whole(number: object) -> int | None:
    """JavaScript has one kind of numbers."""
    is_whole = isinstance(number, int | float) and not isinstance(number, bool) and number == number // 1
    return int(number) if is_whole and number >= 0 else None


def _name_rules(constraints: Mapping[str, Members]) -> NameRules:
    limits = constraints.get("name_length")
    least = _whole(limits.any("min_length")) if limits else None
    most = _whole(limits.any("max_length")) if limits else None
    return NameRules(
        min_length=max(least or 1, 1),
        max_length=max(min(most or MOST_NAME, MOST_NAME), LEAST_NAME),
        unique="name_must_be_unique" in constraints,
    )


def _time_slots(properties: Members) -> tuple[TimeSlot, ...]:
    """The pairs of fixed times; an option that leaves the times to us makes them all free."""
    options = [members(one) for one in properties.items_or_none("online_time_frame_options") or []]
    pairs = [[members(pair) for pair in option.items_or_none("time_pairs") or []] for option in options]
    if not all(pairs):
        return ()
    if pairs:
        fixed = [(pair, "display_name", "start_time", "end_time") for option in pairs for pair in option]
    else:
        fixed = [(slot, "name", "check_in_time", "check_out_time") for slot in _oracode_slots(properties)]
    found = [
        TimeSlot(_first(pair.any(name), " . "), _clock(pair, start), _clock(pair, end))
        for pair, name, start, end in fixed
    ]
    return tuple(dict.fromkeys(found))


def _oracode_slots(properties: Members) -> list[Members]:
    """Those of a guest: with a time to come and one to go."""
    oracode = properties.any("dormakaba_oracode_metadata")
    told = (members(oracode).items_or_none("predefined_time_slots") or []) if oracode is not None else []
    slots = [members(one) for one in told]
    return [
        one
        for one in slots
        if one.any("check_in_time") and one.any("check_out_time") and not one.any("is_master")
    ]


def _clock(pair: Members, name: str) -> time:
    try:
        return time.fromisoformat(pair.text(name)).replace(tzinfo=None)
    except ValueError:
        raise BadAnswer(f"{name!r} is no time of the day.") from None


# Codes


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
    return DeviceCode(
        ref=found.text("access_code_id"),
        name=name[:500] if isinstance(name, str) else BACKUP if found.any("is_backup") else "",
        pin=pin if isinstance(pin, str) and pin.isascii() and pin.isdigit() else None,
        starts_at=_bound(before, found, "starts_at", NO_START),
        ends_at=_bound(before, found, "ends_at", NO_END),
        active=_is_there(found),
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


def is_asked(told: object, code: Code) -> bool:
    """Does Seam mean to have it so already?"""
    found = members(told)
    wanted, kept = body(code), {name: found.any(name) for name in ("code", "name")}
    if found.any("type") != "ongoing":
        kept |= {name: _text(at) for name in ("starts_at", "ends_at") if (at := found.moment_or_none(name))}
    return kept == wanted and not is_going(told)


def next_page(page: list, limit: int) -> str | None:
    """The cursor of the page after this one; None after the last, and where nothing is said of pages but fewer came than
    were asked for. Raises BadAnswer."""
    pagination = getattr(page, "pagination", None)
    if pagination is None and len(page) < limit:
        return None
    told = Members(pagination)
    if not told.flag("has_next_page"):
        return None
    return told.text("next_page_cursor")


def is_done(told: object) -> bool:
    """Is it on the lock as it was asked for, with nothing under way?"""
    found = members(told)
    return _is_there(found) and found.any("status") != "removing" and not mutations(found)


def is_going(told: object) -> bool:
    """Is it being taken off?"""
    found = members(told)
    return found.any("status") == "removing" or "deleting" in mutations(found)


# Events

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
