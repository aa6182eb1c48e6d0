"""Seam's devices, and what their properties say of codes. A word that is not known promises the least."""

from collections.abc import Mapping
from datetime import time

from locks.providers.base import BadAnswer, Capabilities, Device, NameRules, TimeSlot
from locks.providers.members import Members
from locks.providers.seam import troubles
from locks.providers.seam.reading import LONGEST, SHORTEST, members, words

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
MOST_NAME, LEAST_NAME = 40, 8
"""Of a name: what we ask for at most, and what our marker needs."""


def is_lock(told: object) -> bool:
    """Is it a thing that takes codes or opens a door? An account has thermostats too."""
    device = members(told)
    offered = device.items_or_none("capabilities_supported") or []
    return bool(LOCK & {one for one in offered if isinstance(one, str)}) or _takes_codes(device)


def device(told: object) -> Device:
    """A device with what its properties say of codes. Raises BadAnswer."""
    lock = members(told)
    properties = members(lock.any("properties"))
    location = lock.any("location")
    place = members(location) if location is not None else None
    wrong = words(lock, "errors", "error_code")
    warnings = _warnings(lock, wrong)
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
        hub_online=False if HUB & set(wrong) else None,
        warnings=warnings,
        capabilities=_capabilities(lock, properties, zone_known=troubles.NO_ZONE not in warnings),
    )


def _warnings(lock: Members, wrong: tuple[str, ...]) -> tuple[str, ...]:
    """What a person should see beside what is told otherwise: also errors of which nobody here has heard."""
    unheard_of = [name for name in wrong if name not in troubles.DEVICE]
    return troubles.warnings((*words(lock, "warnings", "warning_code"), *unheard_of))


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


def _capabilities(lock: Members, properties: Members, *, zone_known: bool) -> Capabilities:
    """Offline codes are Seam's to make, not ours by arithmetic: they are not offered. Without its zone a lock takes no
    codes with times."""
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
        native_scheduling=schedules and zone_known and WANTS_FUTURE not in constraints,
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
        own_backup_pool=bool(_flag(properties, "backup_access_code_pool_enabled")),
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
