"""What rows look like to other programs: the seeds' objects, as plain dicts for JSON.

Digits are told of codes that programs made or took over, and of codes that were not made here; never of a guest's or of
the staff's, nor of a backup code that nobody was given (see `may_tell`).
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from hospitality import clock
from hospitality.models import Property
from locks import capabilities, remedies
from locks.models import IN_STOCK, READY, AccessCode, ApiKey, Event, Lock, RemoteUnlock, Status
from locks.providers.base import Capabilities

TOLD_DIGITS = (
    Q(grant__made_by_program=True)
    | Q(grant=None, is_backup=False)
    | Exists(AccessCode.objects.filter(pulled_backup=OuterRef("pk"), grant__made_by_program=True))
)
"""Codes whose digits a program may know."""
OF_ACCOUNT = {"account_disconnected"}
OF_DEVICE = {
    "device_disconnected",
    "device_offline",
    "device_removed",
    "empty_backup_access_code_pool",
    "hub_disconnected",
}
"""Errors that concern a whole lock, also where they stand on one of its codes."""
DISPLAY = {
    "unset": "Scheduled",
    "setting": "Issuing",
    "set": "Active",
    "removing": "Removing",
    "unknown": "Unknown",
}


def _with_doors(rows: QuerySet[AccessCode]) -> QuerySet[AccessCode]:
    told = rows.select_related("grant").annotate(
        device=F("lock__public_id"),
        house=F("lock__property__public_id"),
        looked_at=F("lock__seen_at"),
        pulled=F("pulled_backup__public_id"),
    )
    return told.order_by("pk")


CODES = _with_doors(AccessCode.objects.filter(live=True, is_managed=True).exclude(IN_STOCK)).annotate(
    backup_ready=Exists(AccessCode.objects.filter(READY, lock=OuterRef("lock_id"))),
    digits_told=TOLD_DIGITS,
    begun=Q(starts_at=None) | Q(starts_at__lte=clock.NOW),
)
"""The codes that programs are told of, with all that `code` reads: ours that are, or are to be, on a lock. The stock of
backup codes stays secret. To be narrowed, never read itself, for a queryset remembers what it read; so many columns are
looked up once here."""
UNMANAGED = _with_doors(AccessCode.objects.filter(live=True, is_managed=False))
"""The codes that were found on a lock, with all that `unmanaged` reads, likewise."""


def may_tell(key: ApiKey) -> bool:
    """May this key know digits at all? One that only reads may not."""
    return ApiKey.Scope.CODES in key.scopes


def code(row: AccessCode, digits: bool) -> dict:
    """One of `CODES`; `digits`: whether whoever asked may know any."""
    told, status = digits and row.digits_told and row.pin_sealed is not None, _status(row)
    return {
        **_window(row),
        "access_code_id": str(row.public_id),
        "device_id": str(row.device),
        "workspace_id": str(row.house),
        "code": row.pin if told else None,
        "common_code_key": row.common_code_key,
        "name": row.name,
        "appearance": row.appearance,
        "type": row.type,
        "status": status,
        "display_status": DISPLAY[status],
        "created_at": moment(row.created_at),
        "errors": [_error(entry, "is_access_code_error") for entry in row.errors],
        "warnings": [_warning(entry) for entry in row.warnings],
        "pending_mutations": [_mutation(entry, row) for entry in _pending(row)],
        "is_managed": True,
        "is_backup": row.is_backup,
        "is_backup_access_code_available": row.backup_ready,
        "is_external_modification_allowed": row.is_external_modification_allowed,
        "is_offline_access_code": row.is_offline_access_code,
        "is_one_time_use": row.is_one_time_use,
        "is_scheduled_on_device": row.is_scheduled_on_device,
        "is_waiting_for_code_assignment": row.is_waiting_for_code_assignment,
        "pulled_backup_access_code_id": _id(row.pulled),
    }


def unmanaged(row: AccessCode, digits: bool) -> dict:
    """One of `UNMANAGED`."""
    return {
        **_window(row),
        "access_code_id": str(row.public_id),
        "device_id": str(row.device),
        "workspace_id": str(row.house),
        "code": row.pin if digits and row.pin_sealed is not None else None,
        "name": row.name,
        "type": row.type,
        "status": "set" if row.status == "set" else "unset",
        "created_at": moment(row.created_at),
        "errors": [_error(entry, "is_access_code_error") for entry in row.errors],
        "warnings": [_warning(entry) for entry in row.warnings],
        "is_managed": False,
    }


def _window(row: AccessCode) -> dict:
    """An ongoing code that began when it was made has no window at all."""
    begins = row.starts_at
    if row.ends_at is None and begins is not None and begins <= row.created_at:
        begins = None
    return {"starts_at": moment(begins), "ends_at": moment(row.ends_at)}


def _status(row: AccessCode) -> str:
    """As it stands on the row; but what was deleted since the lock was looked at is being removed, and what was asked
    for since then is being set from its start on."""
    if not row.wanted:
        return Status.REMOVING if row.status in (Status.SET, Status.SETTING) else row.status
    on_its_way = row.begun and not (_looked_since(row) or row.is_offline_access_code)
    return Status.SETTING if on_its_way and row.status == Status.UNSET else row.status


def _looked_since(row: AccessCode) -> bool:
    """Was the lock looked at since the last wish?"""
    return row.looked_at is not None and row.looked_at >= row.asked_at


def _pending(row: AccessCode) -> list[dict]:
    """What is still to happen at the lock. What follows from a wish is worked out when the lock is looked at: until then
    it is said here, for nobody may read that a change is done which nobody has sent."""
    looked_since = _looked_since(row)
    if row.pending_mutations and (row.wanted or looked_since):
        return row.pending_mutations
    if not row.wanted:
        return [{"mutation_code": "deleting"}]
    if row.is_offline_access_code or looked_since or row.settled_generation == row.generation:
        return []
    if row.observed == AccessCode.Observed.ABSENT:
        return [{"mutation_code": "creating"}]
    seen = {"starts_at": moment(row.observed_starts_at), "ends_at": moment(row.observed_ends_at)}
    return [{"mutation_code": "updating_time_frame", "from": seen, "to": _window(row)}]


def _error(entry: Mapping, kind: str) -> dict:
    name = entry["error_code"]
    if name in OF_ACCOUNT:
        flags = {"is_connected_account_error": True, "is_device_error": False}
    elif name in OF_DEVICE:
        flags = {"is_device_error": True}
    else:
        flags = {kind: True}
    return {**_dated(entry), **flags, "message": sentence(name)}


def _warning(entry: Mapping) -> dict:
    return {**_dated(entry), "message": sentence(entry["warning_code"])}


def _dated(entry: Mapping) -> dict:
    """The entry, its time as other times are written."""
    since = entry.get("created_at")
    return {**entry, "created_at": moment(datetime.fromisoformat(since))} if since else {**entry}


def _mutation(entry: Mapping, row: AccessCode) -> dict:
    """Digits are named, never told."""
    told = {
        "message": entry["mutation_code"].replace("_", " ").capitalize(),
        "created_at": moment(row.asked_at),
    }
    kind = entry["mutation_code"]
    if kind == "updating_code":
        told |= {"from": {"code": None}, "to": {"code": None}}
    elif kind == "updating_name":
        told |= {"from": {"name": entry["from"]}, "to": {"name": entry["to"]}}
        return {"mutation_code": kind, **told}
    return {**entry, **told}


def sentence(name: str) -> str:
    """What an error or a warning says, for a person."""
    what = remedies.of(name).what
    return what[:1].upper() + what[1:] + "."


def device(row: Lock) -> dict:
    """A lock (with `connection` and `property`)."""
    can = capabilities.of(row)
    flags = {
        "can_program_online_access_codes": can.can_program_online_access_codes,
        "can_program_offline_access_codes": can.can_program_offline_access_codes,
        "can_remotely_unlock": can.can_remotely_unlock,
        "can_remotely_lock": False,
        "can_unlock_with_code": True,
    }
    simulated = row.connection.provider == "virtual"
    return {
        "device_id": str(row.public_id),
        "workspace_id": str(row.property.public_id),
        "connected_account_id": str(row.connection.public_id),
        "device_type": f"{row.connection.provider}_lock",
        "display_name": row.name,
        "nickname": None,
        "capabilities_supported": ["access_code", "lock"],
        **flags,
        "can_simulate_connection": simulated,
        "can_simulate_disconnection": simulated,
        "location": {"timezone": row.time_zone or row.property.time_zone, "location_name": row.property.name},
        "properties": _properties(row, can, flags),
        "errors": [_error(entry, "is_device_error") for entry in row.errors],
        "warnings": [_warning(entry) for entry in row.warnings],
        "is_managed": True,
        "custom_metadata": row.custom_metadata,
        "space_ids": [],
        "created_at": moment(row.created_at),
    }


def _properties(row: Lock, can: Capabilities, flags: Mapping) -> dict:
    told = {
        "name": row.name,
        "online": row.online is not False,
        "manufacturer": row.connection.provider,
        "model": {"display_name": row.model or row.connection.provider, "manufacturer_display_name": ""},
        "supported_code_lengths": list(can.pin_lengths),
        "code_constraints": _constraints(can),
        "supports_backup_access_code_pool": can.can_program_online_access_codes,
        "backup_access_code_pool_enabled": row.backup_pool_enabled,
        "is_natively_scheduled": can.native_scheduling,
        # Older names of the same.
        "online_access_codes_enabled": flags["can_program_online_access_codes"],
        "offline_access_codes_enabled": flags["can_program_offline_access_codes"],
        "supports_offline_access_codes": flags["can_program_offline_access_codes"],
    }
    if can.slots is not None:
        told["max_active_codes_supported"] = can.slots
    if can.time_slots:
        told["online_time_frame_options"] = [_time_frames(can)]
    if row.battery is not None:
        told |= {
            "battery_level": row.battery,
            "battery": {"level": row.battery, "status": _battery(row.battery)},
        }
    return told


def _constraints(can: Capabilities) -> list[dict]:
    names = can.names
    told = [{"constraint_type": rule} for rule in can.code_constraints]
    told.append(
        {"constraint_type": "name_length", "min_length": names.min_length, "max_length": names.max_length}
    )
    return told + [{"constraint_type": "name_must_be_unique"}] * names.unique


def _time_frames(can: Capabilities) -> dict:
    pairs = [
        {
            "display_name": slot.name,
            "start_time": f"{slot.check_in:%H:%M}",
            "end_time": f"{slot.check_out:%H:%M}",
        }
        for slot in can.time_slots
    ]
    return {"display_name": "Times of check-in and check-out", "time_pairs": pairs}


def _battery(level: float) -> str:
    if level < 0.1:
        return "critical"
    return "low" if level <= 0.25 else "good" if level < 0.9 else "full"


OF_A_CODE = ("access_code_errors", "access_code_warnings")
OF_THE_REST = ("connected_account_errors", "connected_account_warnings", "device_errors", "device_warnings")
EVENTS = Event.objects.select_related("actor__api_key").annotate(
    house=F("property__public_id"),
    device=F("lock__public_id"),
    account=F("lock__connection__public_id"),
    code_id=F("access_code__public_id"),
    code_managed=F("access_code__is_managed"),
)
"""Events with all that `event` reads; to be narrowed, never read itself."""


def event(row: Event) -> dict:
    """One of `EVENTS`; also what a webhook sends. It is the same at every time: it holds no digits, and nothing of how
    the lock is now."""
    told = {
        "event_id": str(row.event_id),
        "event_type": row.event_type,
        "workspace_id": str(row.house),
        "created_at": moment(row.created_at),
        "occurred_at": moment(row.occurred_at),
        "actor": _actor(row),
    }
    if row.device:
        told |= {"device_id": str(row.device), "connected_account_id": str(row.account)}
    if row.code_id:
        told["access_code_id"] = str(row.code_id)
    return told | _particulars(row)


def _particulars(row: Event) -> dict:
    kind = row.event_type
    if kind in ("lock.unlocked", "lock.locked"):
        method = row.data.get("method") or ("keycode" if row.code_id else "unknown")
        return {"method": method, "access_code_is_managed": row.code_managed}
    if row.provider_event_id is not None:
        return {}  # the maker's own words, whatever they hold
    told = dict(row.data)
    if kind in ("access_code.set_on_device", "access_code.scheduled_on_device", "access_code.deleted"):
        told["code"] = None
    verb = kind.removeprefix("access_code.")
    if verb.startswith(("delay_in_", "failed_to_")):
        told |= {name: [] for name in (*OF_A_CODE, *OF_THE_REST)}
        field, key = OF_A_CODE[verb.startswith("delay_in_")], ("error_code", "warning_code")
        entry = {key[verb.startswith("delay_in_")]: verb, "message": sentence(verb)}
        told[field] = [{**entry, "created_at": moment(row.occurred_at)}]
    if kind == "device.disconnected":
        told |= {name: [] for name in OF_THE_REST}
        if row.data.get("error_code"):
            told["device_errors"] = [_error({"error_code": row.data["error_code"]}, "is_device_error")]
    return told


def _actor(row: Event) -> dict:
    """Who did it: a program by its key, a person, or nobody."""
    if row.actor is None:
        return {"type": "system", "display_name": "Latchkey"}
    key = getattr(row.actor, "api_key", None)
    if key is not None:
        return {"type": "api_key", "id": str(key.public_id), "display_name": key.name}
    return {"type": "console_user", "display_name": row.actor.get_full_name() or row.actor.get_username()}


def unlock_attempt(row: RemoteUnlock) -> dict:
    """An opening from afar. What was sent without an answer is no success and no failure: it may have opened."""
    told = {"action_attempt_id": str(row.public_id), "action_type": "UNLOCK_DOOR"}
    outcome = RemoteUnlock.Outcome
    if row.outcome in (outcome.ASKED, outcome.SENT):
        return told | {"status": "pending", "result": None, "error": None}
    if row.outcome == outcome.DONE:
        return told | {"status": "success", "result": {"was_confirmed_by_device": True}, "error": None}
    error = {"type": row.error_code or row.outcome, "message": str(row.get_outcome_display())}
    return told | {"status": "error", "result": None, "error": error}


def workspace(row: Property, simulated: bool) -> dict:
    """A house; one whose doors are all the simulator's is a sandbox."""
    return {
        "workspace_id": str(row.public_id),
        "name": row.name,
        "is_sandbox": simulated,
        "company_name": row.name,
        "connect_partner_name": None,
    }


def moment(at: datetime | None) -> str | None:
    """As the seeds write times."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None


def _id(value: UUID | None) -> str | None:
    return str(value) if value else None


def listed(rows: Iterable, shape, *extra) -> list[dict]:
    """Each row in its shape."""
    return [shape(row, *extra) for row in rows]
