"""/access_codes: codes on doors, made and followed by programs. Each is a grant of its own, or of several doors."""

from datetime import datetime

from django.db import transaction

from locks import (
    backups,
    capabilities,
    codes,
    digits,
    offline,
    pins,
    reports,
    spares,
    unmanaged,
    windows,
    wishes,
)
from locks.api import attempts, finding, schemas, shapes
from locks.api.errors import invalid
from locks.api.wire import Calls
from locks.models import AccessCode, AccessGrant, ApiKey, Lock
from locks.providers.base import OfflineKind

calls = Calls("access_codes")
READ, CODES, MANAGE = ApiKey.Scope.READ, ApiKey.Scope.CODES, ApiKey.Scope.MANAGE
UNNAMED = "Access code"
OPTIONS = ("prefer_native_scheduling", "is_external_modification_allowed")
"""What a code can be asked for otherwise without other digits, name or window."""


def told(key: ApiKey, row: AccessCode) -> dict:
    """The code as it is now, for this key."""
    return shapes.code(finding.code(key, row.public_id), shapes.may_tell(key))


@calls.call("create", "POST", scope=CODES, gives=schemas.GivesAsked)
def create(key: ApiKey, given: schemas.CreateCode) -> dict:
    """Put a code on a device: at once, or around a time. Digits that are left out are drawn."""
    door = finding.door(key, given.device_id)
    starts_at, ends_at = _window(key, given.starts_at, given.ends_at)
    if given.is_one_time_use and ends_at is None:
        ends_at = windows.one_time_end(starts_at)
    _check_type(given, ends_at)
    grant = _granted(key, [door], given, starts_at, ends_at, _digits_of_group(key, given))
    if given.common_code_key:
        _put_in_group(grant, given.common_code_key)
    made = attempts.MADE.get(grant=grant)
    if made.is_offline_access_code:
        _issue(key, made, _kind(given))
        made = attempts.MADE.get(grant=grant)
    elif given.is_offline_access_code or given.is_one_time_use:
        what = "is_offline_access_code" if given.is_offline_access_code else "is_one_time_use"
        raise invalid(**{what: f"{door} is programmed over the network; it makes no such codes."})
    return {
        "access_code": shapes.code(made, shapes.may_tell(key)),
        "action_attempt": attempts.of_creation(made),
    }


@calls.call("create_multiple", "PUT", "POST", scope=CODES, gives=schemas.GivesCodes)
def create_multiple(key: ApiKey, given: schemas.CreateCodes) -> dict:
    """The same code on several devices, with digits that all of them take."""
    locks = finding.doors(key, given.device_ids)
    starts_at, ends_at = _window(key, given.starts_at, given.ends_at)
    try:
        with transaction.atomic():
            grants = [_granted(key, locks, given, starts_at, ends_at, given.code)]
    except (pins.NoPin, digits.DigitsTaken, digits.PinRefused):
        if given.behavior_when_code_cannot_be_shared == "throw":
            raise
        grants = [_granted(key, [lock], given, starts_at, ends_at, None) for lock in locks]
    else:
        if given.code is None and len(locks) > 1:
            _put_in_group(grants[0], str(grants[0].public_id))
    for code in AccessCode.objects.filter(grant__in=grants, is_offline_access_code=True):
        _issue(key, code, OfflineKind.HOURLY)
    rows = finding.ours(key).filter(grant__in=grants)
    return {"access_codes": shapes.listed(rows, shapes.code, shapes.may_tell(key))}


def _granted(
    key: ApiKey,
    locks: list[Lock],
    given: schemas.Options,
    starts_at: datetime,
    ends_at: datetime | None,
    pin: str | None,
) -> AccessGrant:
    if pin is not None and given.preferred_code_length is not None:
        raise invalid(preferred_code_length="Send either code or preferred_code_length.")
    return codes.grant(
        key.property,
        by=key.account,
        name=given.name or UNNAMED,
        locks=locks,
        starts_at=starts_at,
        ends_at=ends_at,
        prefer_native_scheduling=given.prefer_native_scheduling is not False,
        is_external_modification_allowed=given.is_external_modification_allowed is True,
        use_backup_access_code_pool=given.use_backup_access_code_pool is True,
        pin=pin,
        pin_length=given.preferred_code_length,
        made_by_program=True,
    )


def _window(
    key: ApiKey, starts_at: datetime | None, ends_at: datetime | None
) -> tuple[datetime, datetime | None]:
    """The window that was asked for; without a beginning it begins now. Raises ApiError."""
    if ends_at is not None and ends_at <= key.now:
        raise invalid(ends_at="The end is in the past.")
    if ends_at is not None and starts_at is not None and ends_at < starts_at:
        raise invalid(ends_at="The end is before the start.")
    return starts_at or key.now, ends_at


def _issue(key: ApiKey, code: AccessCode, kind: OfflineKind) -> None:
    """Make the digits of a code that is made by arithmetic; where an hourly code cannot be so long, a daily one."""
    if code.ends_at is None:
        raise invalid(ends_at="The codes of this device are made by arithmetic, and each needs an end.")
    if kind is OfflineKind.HOURLY and code.ends_at - code.starts_at > windows.MOST_HOURS * windows.HOUR:
        kind = OfflineKind.DAILY
    offline.issue(code, kind, by=key.account)


def _kind(given: schemas.OneDoor) -> OfflineKind:
    if given.is_one_time_use:
        return OfflineKind.ONE_TIME
    return OfflineKind.DAILY if given.max_time_rounding in ("1day", "1d") else OfflineKind.HOURLY


def _digits_of_group(key: ApiKey, given: schemas.CreateCode) -> str | None:
    """The digits of the codes that have this key already; else those that were asked for."""
    if not given.common_code_key:
        return given.code
    there = AccessGrant.objects.filter(
        property=key.property, common_code_key=given.common_code_key, made_by_program=True, revoked_at=None
    )
    first = there.order_by("pk").first()
    if first is None or first.pin is None:
        return given.code
    if given.code is not None and given.code != first.pin:
        raise invalid(code="Codes with this common_code_key have other digits.")
    return first.pin


def _put_in_group(grant: AccessGrant, common_code_key: str) -> None:
    grant.common_code_key = common_code_key
    grant.save(update_fields=["common_code_key"])


@calls.call("get", "GET", "POST", scope=READ, gives=schemas.GivesCode)
def get(key: ApiKey, given: schemas.FindCode) -> dict:
    """One code, by id or by its digits on a device. 404 once it is off its lock for good."""
    row = finding.named(finding.ours(key), key, given)
    return {"access_code": shapes.code(row, shapes.may_tell(key))}


@calls.call("list", "GET", "POST", scope=READ, gives=schemas.GivesCodePage)
def list_(key: ApiKey, given: schemas.ListCodes) -> dict:
    """The codes of a device, or of the house."""
    rows = finding.search(finding.ours(key), given.search)
    if given.device_id:
        rows = rows.filter(lock=finding.door(key, given.device_id))
    if given.access_code_ids is not None:
        rows = rows.filter(public_id__in=given.access_code_ids)
    elsewhere = (
        "user_identifier_key",
        "customer_key",
        "access_grant_id",
        "access_grant_key",
        "access_method_id",
    )
    if any(getattr(given, name) is not None for name in elsewhere):
        rows = rows.none()  # there are no such things here, so no code belongs to one
    digits_too = shapes.may_tell(key)
    found, pagination = finding.page(
        rows, given, lambda row: shapes.code(row, digits_too), "access_codes/list"
    )
    return {"access_codes": found, "pagination": pagination}


@calls.call("update", "PATCH", "PUT", "POST", scope=CODES, gives=schemas.GivesAsked)
def update(key: ApiKey, given: schemas.UpdateCode) -> dict:
    """Change a code's digits, name, window or options; what is left out stays. On a device it changes once that was
    seen there. With other digits or another window it leaves the codes of its common_code_key."""
    codes.hold_doors(_to_update(key, given))
    row = _to_update(key, given)  # as it is now that nobody else can change it
    if given.name is not None:
        codes.rename_one(row, given.name, by=key.account)
    window = _new_window(key, given, row)
    moves, redigits = window != (row.starts_at, row.ends_at), given.code not in (None, row.pin)
    if moves or redigits:
        grant = codes.part(row, by=key.account)
        if moves:
            codes.move(grant, by=key.account, starts_at=window[0], ends_at=window[1])
        if redigits:
            digits.repin(grant, by=key.account, pin=given.code)
    options = {name: value for name in OPTIONS if (value := getattr(given, name)) is not None}
    if options:
        codes.set_options(row, by=key.account, **options)
    if given.use_backup_access_code_pool is not None:
        _switch_pool(row.lock, given.use_backup_access_code_pool, key)
    return {"access_code": told(key, row), "action_attempt": attempts.of_change(row)}


def _to_update(key: ApiKey, given: schemas.UpdateCode) -> AccessCode:
    row = finding.to_change(key, given.access_code_id)
    if given.device_id and given.device_id != row.device:
        raise invalid(device_id="The code is on another device; delete it there and create it here.")
    if not given.is_managed:
        raise invalid(is_managed="A code cannot be let go; delete it, or allow external modification.")
    if row.is_offline_access_code:
        raise invalid(access_code_id="A code made by arithmetic cannot be changed; it ends by itself.")
    if row.grant_id is None:
        raise invalid(
            access_code_id="A code taken over from a lock stays as it is; delete it and create another."
        )
    if not row.wanted:
        raise invalid(access_code_id="The code is being removed.")
    return row


def _new_window(key: ApiKey, given: schemas.UpdateCode, row: AccessCode) -> tuple[datetime, datetime | None]:
    if given.type == "ongoing":
        _check_type(given, given.ends_at)
        return given.starts_at or min(row.starts_at, key.now), None
    starts_at, ends_at = _anew(given.starts_at, row.starts_at), _anew(given.ends_at, row.ends_at)
    _check_type(given, ends_at)
    if given.starts_at is not None or given.ends_at is not None:
        _window(key, starts_at, ends_at)
    return starts_at, ends_at


def _check_type(given: schemas.OneDoor, ends_at: datetime | None) -> None:
    if given.type == "ongoing" and ends_at is not None:
        raise invalid(ends_at="An ongoing code has no end.")
    if given.type == "time_bound" and ends_at is None:
        raise invalid(ends_at="A time-bound code needs an end.")


def _anew(given: datetime | None, there: datetime | None) -> datetime | None:
    """The time that was asked for. One that is sent back as it was told, in milliseconds, changes nothing."""
    return there if given is None or shapes.moment(given) == shapes.moment(there) else given


def _switch_pool(lock: Lock, on: bool, key: ApiKey) -> None:
    (backups.switch_on if on else backups.switch_off)(lock, by=key.account)


@calls.call("update_multiple", "PATCH", "POST", scope=CODES, gives=schemas.Done)
def update_multiple(key: ApiKey, given: schemas.UpdateCodes) -> dict:
    """Change the name or the window of all codes with one common_code_key."""
    for grant in finding.group(key, given.common_code_key):
        starts_at, ends_at = given.starts_at or grant.starts_at, given.ends_at or grant.ends_at
        if given.starts_at is not None or given.ends_at is not None:
            _window(key, starts_at, ends_at)
            codes.move(grant, by=key.account, starts_at=starts_at, ends_at=ends_at)
        if given.name is not None:
            codes.rename(grant, given.name, by=key.account)
    return {}


@calls.call("delete", "DELETE", "POST", scope=CODES, gives=schemas.Done)
def delete(key: ApiKey, given: schemas.OfCode) -> dict:
    """Have a code taken off its device. It is `removing` until it was seen to be off; then it is gone."""
    row = finding.to_delete(key, given.access_code_id)
    if given.device_id and given.device_id != row.device:
        raise invalid(device_id="The code is on another device.")
    if row.is_backup:
        spares.retire(row, by=key.account)
    elif row.grant_id:
        codes.close(row, by=key.account)
    else:
        unmanaged.remove(row, by=key.account)
    return {"action_attempt": attempts.of_deletion(row)}


@calls.call("generate_code", "GET", "POST", scope=CODES, gives=schemas.GivesGenerated)
def generate_code(key: ApiKey, given: schemas.OfDevice) -> dict:
    """Digits that the device takes and that are free on it now. Nothing is kept for them."""
    [lock] = wishes.hold([finding.door(key, given.device_id)])
    if not capabilities.of(lock).can_program_online_access_codes:
        raise invalid(device_id="The codes of this device are made by arithmetic.")
    return {"generated_code": {"code": pins.draw([lock], None, None), "device_id": str(lock.public_id)}}


@calls.call("pull_backup_access_code", "POST", scope=CODES, gives=schemas.GivesPulled)
def pull_backup_access_code(key: ApiKey, given: schemas.OfCode) -> dict:
    """Hand out a backup code of the same device in a code's place, which ends with it. Again: the same one."""
    row = finding.to_change(key, given.access_code_id)
    if row.grant_id is None or row.ends_at is None:
        raise invalid(access_code_id="Only a time-bound code can have a backup code in its place.")
    backup = backups.hand_out(row, by=key.account)
    pulled = told(key, backup)
    return {"access_code": pulled, "backup_access_code": pulled}


@calls.call("report_device_constraints", "POST", scope=MANAGE, gives=schemas.Done)
def report_device_constraints(key: ApiKey, given: schemas.ReportConstraints) -> dict:
    """Say how long codes may be on a device whose maker does not tell."""
    lock = finding.door(key, given.device_id)
    lengths = given.supported_code_lengths
    if (lengths is None) == (given.min_code_length is None and given.max_code_length is None):
        raise invalid(supported_code_lengths="Send either the lengths, or the shortest and the longest.")
    if lengths is None:
        shortest, longest = given.min_code_length or 4, given.max_code_length or 20
        if shortest > longest:
            raise invalid(max_code_length="The longest is shorter than the shortest.")
        lengths = range(shortest, longest + 1)
    reports.pin_lengths(lock, lengths, by=key.account)
    return {}
