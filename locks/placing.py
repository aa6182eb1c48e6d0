"""Where a device is: new ones that an account lists, and one that takes the place of a lock after a factory reset.

Nothing is mapped by guess. A device that nobody placed opens nothing and is only told of.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from hospitality import audit, clock, live
from hospitality.models import Room
from locks import accounts, capabilities, pins, sheets, verdicts
from locks.models import AccessCode, Connection, Event, FoundDevice, Lock, Status
from locks.providers.base import Device
from locks.wishes import hold, indexes, new_code, tell, wake, wish


class NotPossible(Exception):
    """The device cannot be placed so; the message says why."""


def discover(account: Connection) -> list[FoundDevice]:
    """Ask the account for its devices and keep those that are no lock of ours; returns the new ones. One that is not
    listed any more is forgotten when a second list agrees. Raises ProviderError."""
    listed = {device.ref: device for device in accounts.unmapped(account)}
    if account.found_devices.exclude(provider_ref__in=listed).exists():
        listed = {device.ref: device for device in accounts.unmapped(account)} | listed
    return _keep(account, listed)


@transaction.atomic
def _keep(account: Connection, listed: dict[str, Device]) -> list[FoundDevice]:
    Connection.objects.select_for_update(no_key=True).get(pk=account.pk)
    now = clock.now()
    account.found_devices.filter(dismissed_at=None).exclude(provider_ref__in=listed).delete()
    # In this order: whoever places one of them takes it off the first list and puts it on the second.
    known = {found.provider_ref: found for found in account.found_devices.all()}
    ours = set(account.locks.values_list("provider_ref", flat=True))
    fresh = []
    for ref, device in listed.items():
        if ref in ours:
            continue
        found = known.get(ref) or FoundDevice(connection=account, provider_ref=ref, found_at=now)
        if found.pk is None:
            fresh.append(found)
        _describe(found, device)
    for found in fresh:
        _record(found, "device.added", now, name=found.name)
    if fresh:
        live.announce(account.property, "board")
    return fresh


def _describe(found: FoundDevice, device: Device) -> None:
    """Its owner may call it otherwise in the maker's app, so that it is known where it hangs."""
    facts = {
        "name": device.name[:200],
        "model": device.model[:80],
        "capabilities": capabilities.as_json(device.capabilities),
    }
    if found.pk is None or any(getattr(found, name) != value for name, value in facts.items()):
        for name, value in facts.items():
            setattr(found, name, value)
        found.save()


@transaction.atomic
def place(found: FoundDevice, *, by, name: str, kind: str, rooms: Sequence[Room]) -> Lock:
    """The device is a new lock: the door of a room, or a common door of several. Raises NotPossible."""
    if not rooms or {room.property_id for room in rooms} != {found.connection.property_id}:
        raise NotPossible(_("Say which rooms of this house it opens."))
    lock = _take(found, name=name, kind=kind)
    lock.rooms.set(rooms)
    where = ", ".join(room.name for room in rooms)
    _tell(lock, "lock.placed", by, name=name, rooms=where)
    wake([lock])
    return lock


@transaction.atomic
def rehang(lock: Lock, *, by, name: str, kind: str, rooms: Sequence[Room]) -> Lock:
    """The lock is called otherwise, or opens for other rooms, from now on. Raises NotPossible."""
    if not rooms or {room.property_id for room in rooms} != {lock.property_id}:
        raise NotPossible(_("Say which rooms of this house it opens."))
    [lock] = hold([lock])
    if lock.replaced_by_id:
        raise NotPossible(_("%(lock)s was replaced; see to the lock that hangs there now.") % {"lock": lock})
    lock.name, lock.kind = name, kind
    lock.save(update_fields=["name", "kind"])
    lock.rooms.set(rooms)
    where = ", ".join(room.name for room in rooms)
    audit.record(
        lock.property, by=by, action="lock.rehung", subject_id=lock.public_id, name=name, rooms=where
    )
    live.announce(lock.property, f"lock-{lock.public_id}")
    live.announce(lock.property, "board")
    wake([lock])
    return lock


@transaction.atomic
def dismiss(found: FoundDevice, *, by) -> None:
    """The device is none of this house's doors: it is not asked about again. A second time is a no-op."""
    if FoundDevice.objects.filter(pk=found.pk, dismissed_at=None).update(dismissed_at=clock.now()):
        _record_answer(found, "device.dismissed", by)


@transaction.atomic
def recall(found: FoundDevice, *, by) -> None:
    """Ask about a dismissed device again. A second time is a no-op."""
    if FoundDevice.objects.filter(pk=found.pk, dismissed_at__isnull=False).update(dismissed_at=None):
        _record_answer(found, "device.recalled", by)


@dataclass(frozen=True)
class Estate:
    """What would go from a lock to the one that takes its place, in names as they are on the codes: `running` and
    `coming` codes (how many), who holds a backup code of the old lock, and who an offline code."""

    running: int
    coming: int
    backups: list[str]
    offline: list[str]


def estate(old: Lock) -> Estate:
    """What `replace` would move, and what it cannot. Three queries."""
    now = clock.now()
    codes = _wanted_on(old, now)
    begun = codes.filter(Q(starts_at__isnull=True) | Q(starts_at__lte=now))
    holders = AccessCode.objects.filter(
        lock=old, pulled_backup__wanted=True, pulled_backup__live=True, pulled_backup__ends_at__gt=now
    )
    rows = list(codes.order_by("name").values_list("name", "issued_ends_at"))
    running = begun.count()
    return Estate(
        running=running,
        coming=len(rows) - running,
        backups=list(holders.order_by("name").values_list("name", flat=True)),
        offline=[name for name, until in rows if until and until > now],
    )


def _wanted_on(lock: Lock, now: datetime):
    """The codes that are to be on the lock now or later, the pool of backup codes apart."""
    lasting = Q(ends_at__isnull=True) | Q(ends_at__gt=now)
    return AccessCode.objects.filter(lasting, lock=lock, wanted=True, is_managed=True, is_backup=False)


@transaction.atomic
def replace(old: Lock, found: FoundDevice, *, by) -> Lock:
    """The device stands where `old` stood. What guests and staff hold is programmed on it with the same PINs; backup
    codes are drawn anew; what is on the lost lock is unknown from now on. Raises NotPossible."""
    [old] = hold([old])
    if old.replaced_by_id:
        raise NotPossible(_("%(lock)s was replaced a moment ago; look again.") % {"lock": old})
    if old.property_id != found.connection.property_id:
        raise NotPossible(_("%(lock)s is a lock of another house.") % {"lock": old})
    pool = old.backup_pool_enabled or not capabilities.of(old).can_program_online_access_codes
    new = _take(found, name=old.name, kind=old.kind, pool=pool, size=old.backup_pool_size)
    new.rooms.set(old.rooms.all())
    old.rooms.clear()
    now = clock.now()
    moving = list(_wanted_on(old, now).select_related("grant__property", "lock"))
    for code in moving:
        _carry_over(code, new, now, by)
    for code in AccessCode.objects.filter(lock=old, live=True, is_managed=True, wanted=True).select_related(
        "lock"
    ):
        wish(code, now, by, wanted=False)
    _retire(old, new, now)
    _tell(new, "lock.replaced", by, old=str(old.public_id), name=old.name, codes=len(moving))
    wake([new])
    return new


def _retire(old: Lock, new: Lock, now: datetime) -> None:
    """Nothing is asked of the old lock any more, nor of those whose place it took before: all of them stood where
    the new one stands."""
    Lock.objects.filter(replaced_by=old).update(replaced_by=new)
    old.replaced_by, old.replaced_at = new, now
    old.due_at = old.lease_token = old.lease_until = None
    old.save(update_fields=["replaced_by", "replaced_at", "due_at", "lease_token", "lease_until"])
    [sheet] = sheets.load([old])
    verdicts.store(sheet)
    sheets.save([sheet])
    AccessCode.objects.filter(lock=old, live=True).update(status=Status.UNKNOWN)
    Event.objects.create(
        property_id=old.property_id,
        lock=old,
        event_type="device.removed",
        data={"replaced_by": str(new.public_id)},
        occurred_at=now,
    )
    live.announce(old.property, f"lock-{old.public_id}")


def _take(found: FoundDevice, *, name: str, kind: str, pool: bool = True, size: int | None = None) -> Lock:
    """The device is nobody's any more, and a lock; two people cannot place it. One that is never asked keeps no
    backup codes; `size` is its `backup_pool_size`."""
    deleted = FoundDevice.objects.filter(pk=found.pk).delete()[0]
    account = found.connection
    if not deleted or account.locks.filter(provider_ref=found.provider_ref).exists():
        raise NotPossible(_("Somebody placed this device a moment ago, or it is gone; look again."))
    lock = Lock(
        property_id=account.property_id,
        connection=account,
        provider_ref=found.provider_ref,
        name=name,
        kind=kind,
        model=found.model,
        capabilities=found.capabilities,
        backup_pool_size=size,
    )
    lock.backup_pool_enabled = pool and capabilities.of(lock).can_program_online_access_codes
    lock.save()
    return lock


def _carry_over(code: AccessCode, new: Lock, now: datetime, by) -> None:
    """The same wish on the new lock. A lock of another kind may need other digits: none before they are issued
    where it does arithmetic, its own where the guest has none that it can take."""
    online = capabilities.of(new).can_program_online_access_codes
    pin, own = _digits(code, new) if online else (None, False)
    new_code(
        new,
        by=by,
        name=code.name,
        pin=pin,
        now=now,
        grant=code.grant,
        starts_at=code.starts_at,
        ends_at=code.ends_at,
        has_own_pin=own,
        is_offline_access_code=not online,
        prefer_native_scheduling=code.prefer_native_scheduling,
        is_external_modification_allowed=code.is_external_modification_allowed,
    )
    if code.grant:
        tell(code.grant, [code.lock, new])


def _digits(code: AccessCode, new: Lock) -> tuple[str, bool]:
    """What the guest types at the new lock, and whether it is this door's alone."""
    grant = code.grant
    if grant is None or code.has_own_pin:
        return code.pin, code.has_own_pin
    if grant.pin is None:  # all its doors did arithmetic until now
        grant.pin = pins.draw([new], code.starts_at, code.ends_at)
        grant.save(update_fields=["pin_sealed"])
        return grant.pin, False
    # Codes of a lock that is written to have other digits each; those of one that does arithmetic need not.
    if code.is_offline_access_code and _taken(grant.pin, code, new):
        return pins.draw([new], code.starts_at, code.ends_at), True
    return grant.pin, False


def _taken(pin: str, code: AccessCode, lock: Lock) -> bool:
    meeting = pins.meeting({lock: (code.starts_at, code.ends_at)})
    return AccessCode.objects.filter(meeting, lock=lock, pin4=indexes(pin)["pin4"], live=True).exists()


def _tell(lock: Lock, action: str, by, **detail) -> None:
    """Put it on the record, with its event, and ring the board."""
    audit.record(lock.property, by=by, action=action, subject_id=lock.public_id, **detail)
    Event.objects.create(
        property_id=lock.property_id,
        lock=lock,
        event_type="device.added",
        actor=by,
        occurred_at=clock.now(),
    )
    live.announce(lock.property, "board")


def _record_answer(found: FoundDevice, action: str, by) -> None:
    hotel = found.connection.property
    audit.record(hotel, by=by, action=action, subject_id=found.public_id, name=found.name)
    live.announce(hotel, "board")


def _record(found: FoundDevice, event_type: str, now: datetime, **data) -> None:
    Event.objects.create(
        property_id=found.connection.property_id, event_type=event_type, data=data, occurred_at=now
    )
