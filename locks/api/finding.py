"""Finding what a program names, in its own house only: what another house has does not exist for it."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from hospitality import vault
from hospitality.models import Property
from locks.api import shapes
from locks.api.errors import ApiError, invalid, not_found
from locks.api.schemas import FindCode, FindDevice, Page
from locks.models import AccessCode, AccessGrant, ApiKey, Lock


def locks(property: Property) -> QuerySet[Lock]:
    """The house's locks, with all that `shapes.device` reads."""
    return _hanging(property).select_related("connection", "property")


def _hanging(property: Property) -> QuerySet[Lock]:
    return Lock.objects.filter(property=property, replaced_by__isnull=True).order_by("pk")


def lock(key: ApiKey, device_id: UUID) -> Lock:
    """Raises ApiError."""
    found = locks(key.property).filter(public_id=device_id).first()
    if found is None:
        raise _no_device(device_id)
    return found


def doors(key: ApiKey, device_ids: Sequence[UUID]) -> list[Lock]:
    """Locks to do something with, each once, in this order; read are their names only, for a verb reads the rest when it
    holds them. One query. Raises ApiError."""
    there = _hanging(key.property).filter(public_id__in=device_ids).only("public_id", "name")
    found = {door.public_id: door for door in there}
    for device_id in device_ids:
        if device_id not in found:
            raise _no_device(device_id)
    return [found[device_id] for device_id in dict.fromkeys(device_ids)]


def door(key: ApiKey, device_id: UUID) -> Lock:
    """One of `doors`. Raises ApiError."""
    return doors(key, [device_id])[0]


def _no_device(device_id: UUID) -> ApiError:
    return not_found("device", f"This house has no device {device_id}.")


def lock_of(key: ApiKey, given: FindDevice) -> Lock:
    """By id or by name. Raises ApiError, also where several have the name."""
    if given.device_id:
        return lock(key, given.device_id)
    if given.name is None:
        raise invalid(device_id="Name the device by device_id, or by name.")
    found = list(locks(key.property).filter(name=given.name)[:2])
    if len(found) > 1:
        raise invalid(name="Several devices have this name; use device_id.")
    if not found:
        raise not_found("device", "This house has no device of this name.")
    return found[0]


def ours(key: ApiKey) -> QuerySet[AccessCode]:
    """The house's codes, as programs are told of them."""
    return shapes.CODES.filter(lock__property=key.property)


def strangers(key: ApiKey) -> QuerySet[AccessCode]:
    """The codes found on the house's locks."""
    return shapes.UNMANAGED.filter(lock__property=key.property)


def code(key: ApiKey, code_id: UUID) -> AccessCode:
    """One of `ours`. Raises ApiError."""
    return _one(ours(key).filter(public_id=code_id))


def stranger(key: ApiKey, code_id: UUID) -> AccessCode:
    """One of `strangers`. Raises ApiError."""
    return _one(strangers(key).filter(public_id=code_id))


def named(rows: QuerySet[AccessCode], key: ApiKey, given: FindCode) -> AccessCode:
    """By id, by digits on a device, or by name. Digits that a program may not know find nothing. Raises ApiError."""
    if given.access_code_id:
        return _one(rows.filter(public_id=given.access_code_id))
    if given.device_id and given.code:
        told = rows.filter(shapes.TOLD_DIGITS) if shapes.may_tell(key) else rows.none()
        found = told.filter(lock=door(key, given.device_id), pin_index=vault.index(given.code))
        return _one(found.order_by("-wanted", "ends_at"))
    if given.name:
        found = list(rows.filter(name=given.name)[:2])
        if len(found) > 1:
            raise invalid(name="Several codes have this name; use access_code_id.")
        return _one(rows.filter(name=given.name))
    raise invalid(access_code_id="Name the code by access_code_id, or by device_id and code.")


def _one(rows: QuerySet[AccessCode]) -> AccessCode:
    found = rows.first()
    if found is None:
        raise not_found("access_code", "This house has no such access code, or it is off its lock for good.")
    return found


def to_change(key: ApiKey, code_id: UUID) -> AccessCode:
    """A code that programs may change: made by one, or taken over from a lock. Raises ApiError."""
    return _changeable(code(key, code_id))


def to_delete(key: ApiKey, code_id: UUID) -> AccessCode:
    """The same, or a backup code that was handed out in the place of one that a program made. Raises ApiError."""
    found = code(key, code_id)
    return found if found.is_backup and found.digits_told else _changeable(found)


def _changeable(found: AccessCode) -> AccessCode:
    if found.is_backup or (found.grant_id and not found.grant.made_by_program):
        message = "This code belongs to a stay, to the staff or to the backup pool: change it at the desk."
        raise ApiError(409, "access_code_not_changeable", message)
    return found


def group(key: ApiKey, common_code_key: str) -> list[AccessGrant]:
    """The grants that share a key. Raises ApiError."""
    open_still = Exists(AccessCode.objects.filter(grant=OuterRef("pk"), live=True))
    grants = AccessGrant.objects.filter(
        open_still, property=key.property, common_code_key=common_code_key, made_by_program=True
    )
    found = list(grants.filter(revoked_at=None).order_by("pk"))
    if not found:
        raise not_found("access_code", "No access codes of this house have this common_code_key.")
    return found


def page(rows: QuerySet, given: Page, shape: Callable, call: str) -> tuple[list[dict], dict]:
    """One page of rows in the order of their making, and what the SDKs' paginators read. Raises ApiError."""

    def after(last: int, count: int) -> list[tuple[int, object]]:
        return [(row.pk, row) for row in rows.filter(pk__gt=last).order_by("pk")[:count]]

    return page_of(after, given, shape, call)


def page_of(
    after: Callable[[int, int], list[tuple[int, object]]], given: Page, shape: Callable, call: str
) -> tuple[list[dict], dict]:
    """The same of whatever has a growing number: `after(last, count)` gives the first so many that come after the number
    `last`, each with its own. The cursor goes with the same other parameters only. Raises ApiError."""
    asked = given.model_dump(mode="json", exclude={"page_cursor", "limit"})
    mark = vault.index(json.dumps([call, asked], sort_keys=True)) % 10**9
    last = _after(given.page_cursor, mark) if given.page_cursor else 0
    found = after(last, given.limit + 1)
    more = len(found) > given.limit
    found = found[: given.limit]
    cursor = base64.urlsafe_b64encode(f"{mark}.{found[-1][0]}".encode()).decode() if more else None
    pagination = {"has_next_page": more, "next_page_cursor": cursor, "next_page_url": None}
    return [shape(row) for _number, row in found], pagination


def _after(cursor: str, mark: int) -> int:
    try:
        told, _dot, last = base64.urlsafe_b64decode(cursor.encode()).decode().partition(".")
        told, last = int(told), int(last)
    except (ValueError, binascii.Error):
        raise invalid(page_cursor="This is no cursor of an earlier answer.") from None
    if told != mark or not 0 <= last < 2**63:
        raise invalid(page_cursor="This cursor was given for other parameters; send the same ones again.")
    return last


def search(rows: QuerySet, text: str | None) -> QuerySet:
    """Those whose name has the text in it, in any case."""
    return rows.filter(Q(name__icontains=text)) if text else rows
