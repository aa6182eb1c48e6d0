"""Houses whose doors are all the simulator's, for training: which they are, and turning what goes wrong there."""

import time
from collections.abc import Collection

from django.db import transaction
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from hospitality import audit
from hospitality.models import Property
from locks import leases, observe, sheets, wishes
from locks.models import AccessCode, Lock
from locks.providers.base import Busy, DeviceCode
from locks.providers.virtual_door import VirtualDoor

SIMULATED = "virtual"
PATIENCE, TRY_EVERY = 10, 0.1
"""Seconds."""


def training(properties: Collection[Property]) -> set[int]:
    """The numbers of those that have locks, and no real one. One query."""
    locks = Lock.objects.filter(property__in=properties, replaced_by__isnull=True).order_by()
    makes = set(locks.values_list("property_id", "connection__provider").distinct())
    real = {number for number, provider in makes if provider != SIMULATED}
    return {number for number, _ in makes} - real


def mark(request: HttpRequest) -> dict:
    """For every template: is the request's house one for training? Asked only where it is shown."""
    property = getattr(request, "property", None)
    return {"is_training": SimpleLazyObject(lambda: bool(property and training([property])))}


def doors(property: Property) -> list[Lock]:
    """The locks that can be turned."""
    locks = Lock.objects.filter(property=property, replaced_by__isnull=True)
    return list(locks.select_related("connection", "property").order_by("name"))


def door(lock: Lock) -> VirtualDoor:
    """The simulator's side of the lock's account. Raises ValueError for credentials that cannot work."""
    return VirtualDoor(lock.connection.credentials or {})


def turn(lock: Lock, wish: dict, *, by) -> None:
    """Set knobs of the lock, on record, and have it looked at soon. Raises ProviderError, NoAnswer."""
    door(lock).turn(lock.provider_ref, wish)
    _tell(lock, by, "training.turned", knobs=sorted(wish))


def reset(lock: Lock, *, same: bool, by) -> None:
    """Its codes are gone; unless it is to be the `same`, it comes back as a new device. Raises ProviderError, NoAnswer."""
    door(lock).factory_reset(lock.provider_ref, new_identity=not same)
    _tell(lock, by, "training.reset", same=same)


def make_in_app(lock: Lock, name: str, pin: str) -> AccessCode:
    """Make a code in the maker's app, as an owner would, and take note of it, as the next visit of the lock would. Raises
    ProviderError, NoAnswer, and Busy while a visit is at the lock."""
    lease = _lease(lock)
    try:
        ref = door(lock).make_in_app(lock.provider_ref, name, pin)
        with sheets.fenced([lease]) as held:
            sheet = held[lease]
            return observe.record_stranger(sheet, DeviceCode(ref=ref, name=name, pin=pin), sheet.now)
    finally:
        leases.give_back(lease)
        wishes.wake([lock])


def _lease(lock: Lock) -> leases.Lease:
    """The lock for oneself, once the visit that is there has ended."""
    until = time.monotonic() + PATIENCE
    while (lease := leases.claim_one(lock.pk)) is None:
        if time.monotonic() > until:
            raise Busy("A visit is at the lock; try again.")
        time.sleep(TRY_EVERY)
    return lease


@transaction.atomic
def _tell(lock: Lock, by, action: str, **detail) -> None:
    audit.record(lock.property, by=by, action=action, subject_id=lock.public_id, lock=lock.name, **detail)
    wishes.wake([lock])
