"""/devices and /locks: the locks of a house."""

from django.db.models import Q, QuerySet

from locks import backups, unlocking
from locks.api import finding, schemas, shapes
from locks.api.errors import ApiError, invalid
from locks.api.wire import Calls
from locks.models import ApiKey, Lock

devices, locks = Calls("devices"), Calls("locks")
READ, MANAGE = ApiKey.Scope.READ, ApiKey.Scope.MANAGE
NONE_HERE = ("connect_webview_id", "customer_key", "space_id", "unstable_location_id", "user_identifier_key")
"""Filters by things that there are none of, so nothing belongs to one."""
TRUTHS = {"true": True, "false": False}
"""How a query writes what is kept as true or false; there it cannot be told from the word."""


@devices.call("get", "GET", "POST", scope=READ, gives=schemas.GivesDevice)
def get(key: ApiKey, given: schemas.FindDevice) -> dict:
    """One device, by id or by name."""
    return {"device": shapes.device(finding.lock_of(key, given))}


@locks.call("get", "GET", "POST", scope=READ, gives=schemas.GivesLock, deprecated=True)
def get_lock(key: ApiKey, given: schemas.FindDevice) -> dict:
    """One lock, by id or by name."""
    told = shapes.device(finding.lock_of(key, given))
    return {"device": told, "lock": told}


@devices.call("list", "GET", "POST", scope=READ, gives=schemas.GivesDevicePage)
def list_devices(key: ApiKey, given: schemas.ListDevices) -> dict:
    """The devices of the house: its locks."""
    found, pagination = finding.page(_listed(key, given), given, shapes.device, "devices/list")
    return {"devices": found, "pagination": pagination}


@locks.call("list", "GET", "POST", scope=READ, gives=schemas.GivesLockPage)
def list_locks(key: ApiKey, given: schemas.ListDevices) -> dict:
    """The locks of the house."""
    found, pagination = finding.page(_listed(key, given), given, shapes.device, "locks/list")
    return {"devices": found, "locks": found, "pagination": pagination}


def _listed(key: ApiKey, given: schemas.ListDevices) -> QuerySet[Lock]:
    rows = finding.search(finding.locks(key.property), given.search)
    if given.device_ids is not None:
        rows = rows.filter(public_id__in=given.device_ids)
    kinds = [*(given.device_types or []), *([given.device_type] if given.device_type else [])]
    if kinds:
        rows = rows.filter(connection__provider__in=[kind.removesuffix("_lock") for kind in kinds])
    if given.manufacturer:
        rows = rows.filter(connection__provider=given.manufacturer)
    accounts = [*(given.connected_account_ids or []), *filter(None, [given.connected_account_id])]
    if accounts:
        rows = rows.filter(connection__public_id__in=accounts)
    if given.created_before:
        rows = rows.filter(created_at__lt=given.created_before)
    for name, word in (given.custom_metadata_has or {}).items():
        kept = Q(custom_metadata__contains={name: word})
        if word in TRUTHS:
            kept |= Q(custom_metadata__contains={name: TRUTHS[word]})
        rows = rows.filter(kept)
    return rows.none() if any(getattr(given, name) is not None for name in NONE_HERE) else rows


@devices.call("update", "PATCH", "POST", scope=MANAGE, gives=schemas.Done)
def update(key: ApiKey, given: schemas.UpdateDevice) -> dict:
    """Keep a program's own words with a device, or switch its pool of backup codes."""
    lock = finding.lock(key, given.device_id)
    if given.custom_metadata is not None:
        _keep(lock, given.custom_metadata)
    if given.backup_access_code_pool_enabled is not None:
        switch = backups.switch_on if given.backup_access_code_pool_enabled else backups.switch_off
        switch(lock, by=key.account)
    if given.name is not None and given.name != lock.name:
        raise invalid(name="A lock has the name that its maker's app gives it; change it there.")
    return {}


def _keep(lock: Lock, words: dict) -> None:
    """Words that are null are forgotten; those that are left out stay."""
    kept = {**lock.custom_metadata, **words}
    lock.custom_metadata = {name: word for name, word in kept.items() if word is not None}
    if len(lock.custom_metadata) > 50:
        raise invalid(custom_metadata="A device keeps 50 words at most.")
    lock.save(update_fields=["custom_metadata"])


@locks.call("unlock_door", "POST", scope=MANAGE, gives=schemas.GivesAttempt)
def unlock_door(key: ApiKey, given: schemas.OnDevice) -> dict:
    """Open a door once, now."""
    asked = unlocking.ask(finding.door(key, given.device_id), by=key.account)
    return {"action_attempt": shapes.unlock_attempt(asked)}


@locks.call("lock_door", "POST", scope=MANAGE, gives=schemas.GivesAttempt)
def lock_door(key: ApiKey, given: schemas.OnDevice) -> dict:
    """Refused: no lock that is known here can be locked from afar (`can_remotely_lock`)."""
    lock = finding.door(key, given.device_id)
    raise ApiError(409, "device_cannot_be_locked", f"{lock} locks by itself and cannot be locked from afar.")
