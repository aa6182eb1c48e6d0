"""Where a device is: new ones that an account lists, and one that takes the place of a lock after a factory reset.

Nothing is mapped by guess. A device that nobody placed opens nothing and is only told of.
"""

from collections.abc import Sequence

from django.db import transaction

from hospitality import clock, live
from hospitality.models import Room
from locks import accounts, capabilities, verdicts
from locks.models import AccessCode, Connection, Event, FoundDevice, Lock
from locks.providers.base import Device
from locks.wishes import hold, new_code, wake, wish


class NotPossible(Exception):
    """The device cannot be placed so; the message says why."""


def discover(account: Connection) -> list[FoundDevice]:
    """Ask the account for its devices and keep those that are no lock of ours; returns the new ones. A device that
    is not listed any more is forgotten. Raises ProviderError."""
    listed = accounts.unmapped(account)
    return _keep(account, listed)


@transaction.atomic
def _keep(account: Connection, listed: Sequence[Device]) -> list[FoundDevice]:
    Connection.objects.select_for_update(no_key=True).get(pk=account.pk)
    now = clock.now()
    refs = {device.ref for device in listed}
    account.found_devices.exclude(provider_ref__in=refs).delete()
    known = set(account.found_devices.values_list("provider_ref", flat=True))
    known |= set(account.locks.values_list("provider_ref", flat=True))
    fresh = []
    for device in listed:
        if device.ref in known:
            continue
        fresh.append(
            FoundDevice.objects.create(
                connection=account,
                provider_ref=device.ref,
                name=device.name[:200],
                model=device.model[:80],
                capabilities=capabilities.as_json(device.capabilities),
                found_at=now,
            )
        )
        Event.objects.create(
            property_id=account.property_id,
            event_type="device.added",
            data={"name": device.name[:200]},
            occurred_at=now,
        )
    if fresh:
        live.announce(account.property, "board")
    return fresh


@transaction.atomic
def place(found: FoundDevice, *, by, name: str, kind: str, rooms: Sequence[Room]) -> Lock:
    """The device is a new lock: the door of a room, or a common door. Raises NotPossible."""
    _take(found)
    lock = _new_lock(found, name=name, kind=kind, pool=True)
    lock.rooms.set(rooms)
    _tell(lock, "device.added", by)
    wake([lock])
    return lock


@transaction.atomic
def dismiss(found: FoundDevice, *, by) -> None:
    """The device is none of this house's doors: it is not asked about again."""
    FoundDevice.objects.filter(pk=found.pk).update(dismissed_at=clock.now())


@transaction.atomic
def replace(old: Lock, found: FoundDevice, *, by) -> Lock:
    """The device stands where `old` stood. What guests and staff hold is programmed on it with the same PINs; backup
    codes are drawn anew; what is on the lost lock is unknown from now on. Raises NotPossible."""
    _take(found)
    [old] = hold([old])
    if old.replaced_by_id:
        raise NotPossible(f"{old} was replaced already.")
    new = _new_lock(found, name=old.name, kind=old.kind, pool=old.backup_pool_enabled)
    new.rooms.set(old.rooms.all())
    old.rooms.clear()
    now = clock.now()
    for code in AccessCode.objects.filter(lock=old, live=True, is_managed=True).select_related(
        "grant", "lock"
    ):
        over = not code.wanted or (code.ends_at is not None and code.ends_at <= now)
        if not over and not code.is_backup:
            _carry_over(code, new, now, by)
        if code.wanted:
            wish(code, now, by, wanted=False)
    old.replaced_by, old.replaced_at = new, now
    old.due_at = old.lease_token = old.lease_until = None
    old.save(update_fields=["replaced_by", "replaced_at", "due_at", "lease_token", "lease_until"])
    verdicts.store(old, now)
    _tell(new, "device.added", by)
    wake([new])
    return new


def _take(found: FoundDevice) -> None:
    """The device is nobody's any more; two people cannot place it."""
    deleted, _ = FoundDevice.objects.filter(pk=found.pk).delete()
    if not deleted:
        raise NotPossible("Somebody placed this device a moment ago; look again.")


def _new_lock(found: FoundDevice, *, name: str, kind: str, pool: bool) -> Lock:
    return Lock.objects.create(
        property_id=found.connection.property_id,
        connection=found.connection,
        provider_ref=found.provider_ref,
        name=name,
        kind=kind,
        model=found.model,
        capabilities=found.capabilities,
        backup_pool_enabled=pool,
    )


def _carry_over(code: AccessCode, new: Lock, now, by) -> None:
    can_write = capabilities.of(new).can_program_online_access_codes
    new_code(
        new,
        by=by,
        name=code.name,
        pin=code.pin if can_write and code.pin_sealed else None,
        now=now,
        grant=code.grant,
        starts_at=code.starts_at,
        ends_at=code.ends_at,
        has_own_pin=code.has_own_pin,
        is_offline_access_code=not can_write,
        prefer_native_scheduling=code.prefer_native_scheduling,
        is_external_modification_allowed=code.is_external_modification_allowed,
    )


def _tell(lock: Lock, event_type: str, by) -> None:
    Event.objects.create(
        property_id=lock.property_id,
        lock=lock,
        event_type=event_type,
        actor=by,
        occurred_at=clock.now(),
    )
    live.announce(lock.property, "board")
