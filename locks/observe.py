"""Recording what was seen: a lock's health, the list of its codes, the answer to one write.

Only facts go in here; what follows from them is `locks.verdicts`'. Every function works on a sheet (see
`locks.sheets`).
"""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from locks import backups, capabilities, matching, outside, wishes
from locks.models import AccessCode, Connection, Refusal
from locks.providers import base
from locks.sheets import Sheet
from locks.thresholds import LOW_BATTERY

Observed = AccessCode.Observed
REFUSALS = {
    base.DuplicateCode: Refusal.DUPLICATE_CODE,
    base.InvalidPin: Refusal.INVALID_PIN,
    base.InvalidWindow: Refusal.INVALID_WINDOW,
    base.InvalidName: Refusal.INVALID_NAME,
    base.Unsupported: Refusal.UNSUPPORTED,
    base.NoSpace: Refusal.NO_SPACE,
    base.CodeGone: Refusal.CODE_GONE,
    base.DeviceOffline: Refusal.DEVICE_OFFLINE,
    base.HubOffline: Refusal.HUB_OFFLINE,
    base.NotFound: Refusal.NOT_FOUND,
}
"""What an adapter's error says by its class; the words of any other are kept as they are."""


def record_device(sheet: Sheet, device: base.Device) -> None:
    """Keep what the lock is and can do, its zone and its battery; a battery that runs low is an event."""
    lock, before = sheet.lock, sheet.lock.battery
    changed = sheet.change(
        lock,
        model=device.model[:80],
        battery=device.battery,
        time_zone=device.time_zone or "",
        maker_warnings=[warning[:80] for warning in device.warnings],
    )
    if not lock.capabilities or capabilities.told(lock) != device.capabilities:
        changed |= sheet.change(lock, capabilities=capabilities.as_json(device.capabilities))
    if _ran_low(before, lock.battery):
        sheet.record("device.low_battery", sheet.now, battery_level=lock.battery)
    if changed:
        sheet.ring()


def _ran_low(before: float | None, after: float | None) -> bool:
    return after is not None and after <= LOW_BATTERY and (before is None or before > LOW_BATTERY)


def record_contact(
    sheet: Sheet,
    trouble: base.ProviderError | None,
    *,
    hitch: base.ProviderError | None = None,
    believed: bool = True,
) -> None:
    """Keep how the visit went: whether the lock can be reached, since when, and what its account says. `hitch` is
    trouble with one code only; a list that is not believed is no sight of the lock's codes."""
    lock = sheet.lock
    sheet.change(lock, failures=lock.failures + 1 if trouble or hitch else 0)
    if isinstance(trouble, base.Busy):
        return  # asked too fast: nothing was learned of the lock
    reachable = not (trouble and trouble.concerns_lock)
    if trouble is None and believed:
        sheet.change(lock, seen_at=sheet.now)
    error_code, error = (trouble.code, str(trouble)[:300]) if trouble else ("", "")
    if (lock.online, lock.error_code) != (reachable, error_code):
        sheet.ring()
    if error_code == base.NotFound.code != lock.error_code:
        sheet.record("device.removed", sheet.now)
    if not capabilities.of(lock).can_program_online_access_codes:
        sheet.change(lock, online=None)  # nobody can tell: it is never asked
    elif lock.online != reachable:
        _record_connection_change(sheet, reachable, error_code)
    sheet.change(lock, error_code=error_code, error=error)
    _record_account(lock.connection, trouble, sheet.now)


def _record_connection_change(sheet: Sheet, reachable: bool, error_code: str) -> None:
    first = sheet.lock.online is None
    sheet.change(sheet.lock, online=reachable, online_changed_at=sheet.now)
    if not reachable:
        sheet.record("device.disconnected", sheet.now, error_code=error_code)
    elif not first:
        sheet.record("device.connected", sheet.now)


def _record_account(account: Connection, trouble: base.ProviderError | None, now: datetime) -> None:
    """One row for all of the account's locks, so it is only written when it changes."""
    down = isinstance(trouble, base.HubUnreachable | base.AuthFailed)
    if trouble is not None and not down:
        return
    state = Connection.State.DISCONNECTED if down else Connection.State.OK
    if account.state == state and account.checked_at:
        return
    error = str(trouble)[:300] if down else ""
    account.state, account.checked_at = state, now
    Connection.objects.filter(~Q(state=state) | Q(checked_at__isnull=True), pk=account.pk).update(
        state=state, error=error, checked_at=now
    )


def record_listing(sheet: Sheet, listing: Sequence[base.DeviceCode], at: datetime) -> list[str]:
    """Take a whole listing as what was on the lock at `at`. Returns the refs of surplus codes of our own: second
    copies of a code after a lost answer, and codes that were confirmed gone before. They must be deleted."""
    once = list({found.ref: found for found in listing}.values())  # a page that moved says a code twice
    found, strangers, surplus = matching.match(sheet, once)
    matching.forgive(sheet, once)
    for code in sorted(sheet.ours, key=lambda code: code.pk in found):
        _see(sheet, code, found.get(code.pk), at)
    _record_strangers(sheet, strangers, at)
    return surplus


def record_write(
    sheet: Sheet, code: AccessCode, written: base.DeviceCode | None, sent: base.Code | None = None
) -> None:
    """Take a maker's word for what is on the lock now: `written`, what the lock made of `sent`, or None after a
    removal. It is no sight of the lock: the code counts as unanswered until a list was read (`verdicts.seen`)."""
    sheet.change(code, refusal_code="", refusal=None, operation="", refused_generation=None)
    if written is None and code.observed == Observed.PRESENT:
        sheet.record("access_code.removed_from_device", sheet.now, code)
    _keep(sheet, code, written)
    if written and sent:
        sheet.change(code, sent_name=sent.name, echo_name=written.name[:500])
        if written.pin is None:  # the lock shows none: what it confirmed is what was sent
            sheet.change(code, observed_pin_index=wishes.pin_index(sent.pin))


def record_refusal(sheet: Sheet, code: AccessCode, generation: int, error: base.ProviderError) -> None:
    """Keep why this code could not be written: for good (the lock refuses this wish) or for now."""
    final = isinstance(error, base.Rejected)
    if final or isinstance(error, base.NoSpace):
        sheet.change(code, attempted_at=None)  # a clear no: nothing was done
    sheet.change(
        code,
        refusal_code=error.code,
        refusal=REFUSALS[type(error)]() if type(error) in REFUSALS else str(error)[:300],
        refused_generation=generation if final else None,
        refused_pin=isinstance(error, base.DuplicateCode | base.InvalidPin),
    )
    if isinstance(error, base.InvalidPin) and code.is_backup and generation == code.generation:
        sheet.change(sheet.lock, longest_backup=backups.longest_after_refusal(code, sheet.ours))
    if final and code.is_backup and code.handed_out_at is None:
        fresh = backups.replace(code, sheet.now)
        if fresh:
            sheet.add(fresh)


def _see(sheet: Sheet, code: AccessCode, found: base.DeviceCode | None, at: datetime) -> None:
    """Write one code's observed columns, what somebody else did to it, and the event if it came off the lock."""
    change = outside.change(code, found, at)
    if change:
        outside.record(sheet, code, change, at)
    elif found is None and code.observed == Observed.PRESENT:
        sheet.record("access_code.removed_from_device", at, code)
    _keep(sheet, code, found)
    sheet.change(code, observed_at=at)


def _keep(sheet: Sheet, code: AccessCode, found: base.DeviceCode | None) -> None:
    if found is None:
        sheet.change(code, observed=Observed.ABSENT, maker_warnings=[])
        return
    if found.ref != code.observed_ref:
        sheet.change(code, refused_generation=None)  # refused as a duplicate of itself, written late
    _keep_seen(sheet, code, found)
    sheet.change(code, observed_starts_at=found.starts_at, observed_ends_at=found.ends_at)
    if found.pin:
        _keep_digits(sheet, code, found.pin)


def _keep_digits(sheet: Sheet, code: AccessCode, pin: str) -> None:
    """Somebody else's, or not yet ours, are on the lock as well while they are there."""
    index = wishes.pin_index(pin)
    if index not in (code.pin_index, code.observed_pin_index):
        sheet.had(code, wishes.indexes(pin)["pin4"], sheet.now)
    sheet.change(code, observed_pin_index=index)


def _keep_seen(sheet: Sheet, code: AccessCode, found: base.DeviceCode) -> None:
    sheet.take_ref(code, found.ref)
    sheet.change(
        code,
        observed=Observed.PRESENT,
        observed_name=found.name[:500],
        observed_active=found.active,
        appearance=_appearance(found),
        maker_warnings=[warning[:80] for warning in found.warnings],
    )


def _appearance(found: base.DeviceCode) -> dict:
    """The seeds' object: the name exactly as the maker's app shows it, and its parts where it has parts."""
    parts = {"first_name": found.first_name, "last_name": found.last_name}
    return {"name": found.name, **{name: part for name, part in parts.items() if part}}


def _record_strangers(sheet: Sheet, strangers: Sequence[base.DeviceCode], at: datetime) -> None:
    """Keep the codes that were not made here: never touched, but their digits and slots are taken."""
    known = {code.observed_ref: code for code in sheet.strangers}
    for found in strangers:
        record_stranger(sheet, found, at, known.pop(found.ref, None))
    for gone in known.values():
        sheet.change(gone, observed_at=at, live=False, status="unset", warnings=[])
        _keep(sheet, gone, None)
        sheet.record("access_code.unmanaged.removed", at, gone)
        sheet.ring()


def record_stranger(
    sheet: Sheet, found: base.DeviceCode, at: datetime, code: AccessCode | None = None
) -> AccessCode:
    """Keep one code that was not made here: as `code`, or for the first time."""
    if code is None:
        code = AccessCode(lock=sheet.lock, is_managed=False, asked_at=at)
        code.save()
        sheet.add(code)
        sheet.record("access_code.unmanaged.created", at, code)
    _keep_stranger(sheet, code, found, at)
    return code


def _keep_stranger(sheet: Sheet, code: AccessCode, found: base.DeviceCode, at: datetime) -> None:
    starts_at, ends_at = _in_order(found.starts_at, found.ends_at)
    _keep_seen(sheet, code, found)
    sheet.change(code, observed_at=at, observed_starts_at=starts_at, observed_ends_at=ends_at)
    status = "set" if found.active else "unset"
    if sheet.change(code, name=found.name[:200], status=status, starts_at=starts_at, ends_at=ends_at):
        sheet.ring()
    if found.pin and wishes.pin_index(found.pin) != code.pin_index:
        sheet.had(code, code.pin4, at)
        columns = wishes.digits(code, found.pin)
        sheet.changed[code].add("pin_sealed")
        sheet.change(code, observed_pin_index=columns["pin_index"], **columns)


def _in_order(
    starts_at: datetime | None, ends_at: datetime | None
) -> tuple[datetime | None, datetime | None]:
    """A window that ends before it starts never opens; for its digits it counts as open from its end."""
    return (ends_at, ends_at) if starts_at and ends_at and ends_at < starts_at else (starts_at, ends_at)
