"""Recording what was seen: a lock's health, the list of its codes, the answer to one write.

Only facts go in here; what follows from them is `locks.verdicts`'. Every function runs inside the worker's fenced
transaction (see `locks.reconcile`).
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from hospitality import live
from locks import codes, names, plan
from locks.models import AccessCode, Connection, Event, Lock
from locks.providers import base

Observed = AccessCode.Observed


def record_device(lock: Lock, device: base.Device) -> None:
    """Keep what the lock is and can do, and its battery."""
    can = device.capabilities
    facts = {
        "model": device.model,
        "battery": device.battery,
        "native_scheduling": can.native_scheduling,
        "pin_lengths": list(can.pin_lengths),
        "slots": can.slots,
        "name_length": can.name_length,
    }
    changed = [name for name, value in facts.items() if getattr(lock, name) != value]
    if changed:
        for name in changed:
            setattr(lock, name, facts[name])
        lock.save(update_fields=changed)
        live.announce(lock.property, f"lock-{lock.public_id}")


def record_contact(lock: Lock, trouble: base.ProviderError | None, now: datetime) -> None:
    """Keep how the visit went: whether the lock can be reached, since when, and what its account says."""
    reachable = not (trouble and trouble.concerns_lock and not isinstance(trouble, base.Busy))
    lock.failures = lock.failures + 1 if trouble else 0
    if trouble is None:
        lock.seen_at = now
    error_code, error = (trouble.code, str(trouble)[:300]) if trouble else ("", "")
    announce = (lock.online, lock.error_code) != (reachable, error_code)
    if lock.online != reachable:
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
    Event.objects.create(
        property=lock.property,
        lock=lock,
        event_type="device.connected" if reachable else "device.disconnected",
        data={} if reachable else {"error_code": error_code},
        occurred_at=now,
    )


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


def is_believed(lock: Lock, listing: Sequence[base.DeviceCode], at: datetime) -> bool:
    """May this listing be taken as the truth (`plan.believable`)? If not, what it lacks is kept for the next."""
    still = Q(ends_at__isnull=True) | Q(ends_at__gt=at)
    ours = AccessCode.objects.filter(
        still, lock=lock, live=True, is_managed=True, wanted=True, observed=Observed.PRESENT
    )
    known = set(ours.values_list("observed_ref", flat=True))
    listed = {found.ref for found in listing}
    believed = plan.believable(known, listed, set(lock.suspect_refs))
    suspects = [] if believed else sorted(known - listed)
    if lock.suspect_refs != suspects:
        lock.suspect_refs = suspects
        lock.save(update_fields=["suspect_refs"])
    return believed


def record_listing(lock: Lock, listing: Sequence[base.DeviceCode], at: datetime) -> list[str]:
    """Take a whole listing as what was on the lock at `at`. Returns the refs of surplus codes of our own: second
    copies of a code after a lost answer, and codes that were confirmed gone before. They must be deleted."""
    ours = list(AccessCode.objects.filter(lock=lock, live=True, is_managed=True).select_related("lock"))
    found, strangers, surplus = _match(lock, ours, listing)
    for code in ours:
        _see(code, found.get(code.pk), at)
    _record_strangers(lock, strangers, at)
    return surplus


def record_write(code: AccessCode, written: base.DeviceCode | None, at: datetime) -> None:
    """Take a confirmed answer as what is on the lock: the code as written, or None after a removal."""
    code.refusal_code = code.refusal = ""
    code.refused_generation = None
    code.save(update_fields=["refusal_code", "refusal", "refused_generation"])
    _see(code, written, at)


def _match(
    lock: Lock, ours: Sequence[AccessCode], listing: Sequence[base.DeviceCode]
) -> tuple[dict[int, base.DeviceCode], list[base.DeviceCode], list[str]]:
    """Sort a listing into our codes (by ref, else by marker; one each), strangers', and surplus ones of ours."""
    by_ref = {code.observed_ref: code for code in ours if code.observed_ref}
    by_marker = {names.marker(code.public_id): code for code in ours}
    candidates, strangers, surplus = defaultdict(list), [], []
    for found in listing:
        mark = names.marker_of(found.name)
        code = by_ref.get(found.ref) or by_marker.get(mark)
        if code:
            candidates[code].append(found)
        elif mark and _was_ours(lock, mark):
            surplus.append(found.ref)
        else:
            strangers.append(found)
    kept = {}
    for code, copies in candidates.items():
        copies.sort(key=lambda copy: (copy.ref != code.observed_ref, copy.pin != code.pin))
        kept[code.pk] = copies[0]
        surplus += [copy.ref for copy in copies[1:]]
    return kept, strangers, surplus


def _was_ours(lock: Lock, mark: str) -> bool:
    return AccessCode.objects.filter(
        lock=lock, is_managed=True, live=False, public_id__range=names.ids_with(mark)
    ).exists()


def _see(code: AccessCode, found: base.DeviceCode | None, at: datetime) -> None:
    """Write one code's observed columns, and the event if it came off the lock."""
    if found is None and code.observed == Observed.PRESENT:
        ours = code.attempted_at is not None and code.attempted_at > code.observed_at
        kind = "removed_from_device" if ours or not code.wanted else "deleted_external_to_seam"
        codes.record(code, f"access_code.{kind}", at)
    code.observed = Observed.PRESENT if found else Observed.ABSENT
    code.observed_at = at
    if found:
        code.observed_ref, code.observed_name = found.ref, found.name[:500]
        code.observed_pin_index = codes.indexes(found.pin)["pin_index"] if found.pin else None
        code.observed_starts_at, code.observed_ends_at = found.starts_at, found.ends_at
    code.save(update_fields=OBSERVED_COLUMNS)


OBSERVED_COLUMNS = [
    "observed",
    "observed_at",
    "observed_ref",
    "observed_name",
    "observed_pin_index",
    "observed_starts_at",
    "observed_ends_at",
]


def _record_strangers(lock: Lock, strangers: Sequence[base.DeviceCode], at: datetime) -> None:
    """Keep the codes that were not made here: never touched, but their digits and slots are taken."""
    known = {
        code.observed_ref: code for code in AccessCode.objects.filter(lock=lock, live=True, is_managed=False)
    }
    for found in strangers:
        code = known.pop(found.ref, None) or AccessCode(lock=lock, is_managed=False, asked_at=at)
        new = code.pk is None
        code.name, code.starts_at, code.ends_at = found.name[:200], found.starts_at, found.ends_at
        if found.pin:
            code.pin = found.pin
            code.pin_index, code.pin4 = codes.indexes(found.pin).values()
        code.observed, code.observed_at, code.observed_ref = Observed.PRESENT, at, found.ref
        code.observed_name, code.status = found.name[:500], "set"
        code.save()
        if new:
            codes.record(code, "access_code.unmanaged.created", at)
    for gone in known.values():
        gone.observed, gone.observed_at, gone.live, gone.status = Observed.ABSENT, at, False, "unset"
        gone.save(update_fields=["observed", "observed_at", "live", "status"])
        codes.record(gone, "access_code.unmanaged.removed", at)
