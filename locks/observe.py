"""Recording what was seen: a lock's health, the list of its codes, the answer to one write.

Only facts go in here; what follows from them is `locks.verdicts`'. Every function runs inside the worker's fenced
transaction (see `locks.reconcile`).
"""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from hospitality import clock, live
from locks import backups, capabilities, matching, outside, wishes
from locks.models import AccessCode, Connection, Event, Lock
from locks.providers import base
from locks.thresholds import LOW_BATTERY

Observed = AccessCode.Observed


def record_device(lock: Lock, device: base.Device, now: datetime) -> None:
    """Keep what the lock is and can do, its zone and its battery; a battery that runs low is an event."""
    facts = {
        "model": device.model[:80],
        "battery": device.battery,
        "time_zone": device.time_zone or "",
        "capabilities": capabilities.as_json(device.capabilities),
    }
    before = lock.battery
    changed = [name for name, value in facts.items() if getattr(lock, name) != value]
    if not changed:
        return
    for name in changed:
        setattr(lock, name, facts[name])
    lock.save(update_fields=changed)
    if _ran_low(before, lock.battery):
        _event(lock, "device.low_battery", now, battery_level=lock.battery)
    live.announce(lock.property, f"lock-{lock.public_id}")


def _ran_low(before: float | None, after: float | None) -> bool:
    return after is not None and after <= LOW_BATTERY and (before is None or before > LOW_BATTERY)


def _event(lock: Lock, event_type: str, at: datetime, **data) -> None:
    Event.objects.create(
        property_id=lock.property_id, lock=lock, event_type=event_type, data=data, occurred_at=at
    )


def record_contact(
    lock: Lock,
    trouble: base.ProviderError | None,
    now: datetime,
    *,
    hitch: base.ProviderError | None = None,
    believed: bool = True,
) -> None:
    """Keep how the visit went: whether the lock can be reached, since when, and what its account says. `hitch` is
    trouble with one code only; a list that is not believed is no sight of the lock's codes."""
    lock.failures = lock.failures + 1 if trouble or hitch else 0
    if isinstance(trouble, base.Busy):
        lock.save(update_fields=["failures"])  # asked too fast: nothing was learned of the lock
        return
    reachable = not (trouble and trouble.concerns_lock)
    if trouble is None and believed:
        lock.seen_at = now
    error_code, error = (trouble.code, str(trouble)[:300]) if trouble else ("", "")
    announce = (lock.online, lock.error_code) != (reachable, error_code)
    if error_code == base.NotFound.code != lock.error_code:
        _event(lock, "device.removed", now)
    if not capabilities.of(lock).can_program_online_access_codes:
        lock.online = None  # nobody can tell: it is never asked
    elif lock.online != reachable:
        _record_connection_change(lock, reachable, error_code, now)
    lock.error_code, lock.error = error_code, error
    lock.save(update_fields=["failures", "seen_at", "online", "online_changed_at", "error_code", "error"])
    _record_account(lock.connection, trouble, now)
    if announce:
        live.announce(lock.property, f"lock-{lock.public_id}")


def _record_connection_change(lock: Lock, reachable: bool, error_code: str, now: datetime) -> None:
    first = lock.online is None
    lock.online, lock.online_changed_at = reachable, now
    if first and reachable:
        return
    if reachable:
        _event(lock, "device.connected", now)
    else:
        _event(lock, "device.disconnected", now, error_code=error_code)


def _record_account(account: Connection, trouble: base.ProviderError | None, now: datetime) -> None:
    """One row for all of the account's locks, so it is only written when it changes."""
    down = isinstance(trouble, base.HubUnreachable | base.AuthFailed)
    if trouble is not None and not down:
        return
    state = Connection.State.DISCONNECTED if down else Connection.State.OK
    error = str(trouble)[:300] if down else ""
    Connection.objects.filter(~Q(state=state) | Q(checked_at__isnull=True), pk=account.pk).update(
        state=state, error=error, checked_at=now
    )


def record_listing(lock: Lock, listing: Sequence[base.DeviceCode], at: datetime) -> list[str]:
    """Take a whole listing as what was on the lock at `at`. Returns the refs of surplus codes of our own: second
    copies of a code after a lost answer, and codes that were confirmed gone before. They must be deleted."""
    ours = list(AccessCode.objects.filter(lock=lock, live=True, is_managed=True).select_related("lock"))
    once = list({found.ref: found for found in listing}.values())  # a page that moved says a code twice
    found, strangers, surplus = matching.match(lock, ours, once)
    matching.forgive(ours, once)
    for code in sorted(ours, key=lambda code: code.pk in found):
        _see(code, found.get(code.pk), at)
    _record_strangers(lock, strangers, at)
    return surplus


def record_write(
    code: AccessCode, written: base.DeviceCode | None, at: datetime, sent: base.Code | None = None
) -> None:
    """Take a confirmed answer as what is on the lock: `written`, what the lock made of `sent`, or None after a
    removal."""
    code.refusal_code = code.refusal = code.operation = ""
    code.refused_generation = None
    code.save(update_fields=["refusal_code", "refusal", "refused_generation", "operation"])
    _see(code, written, at)
    if written and sent:
        code.sent_name, code.echo_name = sent.name, written.name[:500]
        if written.pin is None:  # the lock shows none: what it confirmed is what was sent
            code.observed_pin_index = wishes.indexes(sent.pin)["pin_index"]
        code.save(update_fields=["sent_name", "echo_name", "observed_pin_index"])


def _take_ref(code: AccessCode, ref: str) -> None:
    """A maker with numbered slots gives a ref again: who had it before must be looked for."""
    before = AccessCode.objects.filter(
        lock=code.lock_id, live=True, observed=Observed.PRESENT, observed_ref=ref
    )
    before.exclude(pk=code.pk).update(observed=Observed.UNKNOWN)


def _see(code: AccessCode, found: base.DeviceCode | None, at: datetime) -> None:
    """Write one code's observed columns, what somebody else did to it, and the event if it came off the lock."""
    change = outside.change(code, found, at)
    if change:
        outside.record(code, change, at)
    elif found is None and code.observed == Observed.PRESENT:
        wishes.record(code, "access_code.removed_from_device", at)
    code.observed = Observed.PRESENT if found else Observed.ABSENT
    code.observed_at = at
    if found:
        _take_ref(code, found.ref)
        if found.ref != code.observed_ref:
            code.refused_generation = None  # refused as a duplicate of itself, written late
        code.observed_ref, code.observed_name = found.ref, found.name[:500]
        if found.pin:
            code.observed_pin_index = wishes.indexes(found.pin)["pin_index"]
        code.observed_starts_at, code.observed_ends_at = found.starts_at, found.ends_at
        code.observed_active = found.active
        code.appearance = _appearance(found)
    code.save(update_fields=OBSERVED_COLUMNS)


def record_refusal(code: AccessCode, generation: int, error: base.ProviderError) -> None:
    """Keep why this code could not be written: for good (the lock refuses this wish) or for now. The caller is
    fenced."""
    final = isinstance(error, base.Rejected)
    if final or isinstance(error, base.NoSpace):
        code.attempted_at = None  # a clear no: nothing was done
    code.refusal_code, code.refusal = error.code, str(error)[:300]
    code.refused_generation = generation if final else None
    code.refused_pin = isinstance(error, base.DuplicateCode | base.InvalidPin)
    code.save(update_fields=["attempted_at", "refusal_code", "refusal", "refused_generation", "refused_pin"])
    if final and code.is_backup and code.handed_out_at is None:
        backups.retire(code, clock.now())


def _appearance(found: base.DeviceCode) -> dict:
    """The seeds' object: the name exactly as the maker's app shows it, and its parts where it has parts."""
    parts = {"first_name": found.first_name, "last_name": found.last_name}
    return {"name": found.name, **{name: part for name, part in parts.items() if part}}


OBSERVED_COLUMNS = [
    "observed",
    "observed_at",
    "observed_ref",
    "observed_name",
    "observed_pin_index",
    "observed_starts_at",
    "observed_ends_at",
    "observed_active",
    "appearance",
    "refused_generation",
]


def _record_strangers(lock: Lock, strangers: Sequence[base.DeviceCode], at: datetime) -> None:
    """Keep the codes that were not made here: never touched, but their digits and slots are taken."""
    known = {
        code.observed_ref: code for code in AccessCode.objects.filter(lock=lock, live=True, is_managed=False)
    }
    for found in strangers:
        code = known.pop(found.ref, None) or AccessCode(lock=lock, is_managed=False, asked_at=at)
        new = code.pk is None
        code.name = found.name[:200]
        code.starts_at, code.ends_at = _in_order(found.starts_at, found.ends_at)
        if found.pin:
            code.pin = found.pin
            code.pin_index, code.pin4 = wishes.indexes(found.pin).values()
            code.observed_pin_index = code.pin_index
        code.observed_starts_at, code.observed_ends_at = code.starts_at, code.ends_at
        code.observed_active, code.appearance = found.active, _appearance(found)
        code.observed, code.observed_at, code.observed_ref = Observed.PRESENT, at, found.ref
        code.observed_name, code.status = found.name[:500], "set"
        _take_ref(code, found.ref)
        code.save()
        if new:
            wishes.record(code, "access_code.unmanaged.created", at)
    for gone in known.values():
        gone.observed, gone.observed_at, gone.live, gone.status = Observed.ABSENT, at, False, "unset"
        gone.save(update_fields=["observed", "observed_at", "live", "status"])
        wishes.record(gone, "access_code.unmanaged.removed", at)


def _in_order(
    starts_at: datetime | None, ends_at: datetime | None
) -> tuple[datetime | None, datetime | None]:
    """A window that ends before it starts never opens; for its digits it counts as open from its end."""
    return (ends_at, ends_at) if starts_at and ends_at and ends_at < starts_at else (starts_at, ends_at)
