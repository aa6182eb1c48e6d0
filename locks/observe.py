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


def is_believed(lock: Lock, listing: Sequence[base.DeviceCode]) -> bool:
    """May this listing be taken as the truth (`plan.believable`)? If not, what it lacks is kept for the next."""
    ours = AccessCode.objects.filter(lock=lock, live=True, is_managed=True, observed=Observed.PRESENT)
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
    once = list({found.ref: found for found in listing}.values())  # a page that moved says a code twice
    found, strangers, surplus = _match(lock, ours, once)
    _forgive(ours, once)
    for code in sorted(ours, key=lambda code: code.pk in found):
        _see(code, found.get(code.pk), at)
    _record_strangers(lock, strangers, at)
    return surplus


def record_write(
    code: AccessCode, written: base.DeviceCode | None, at: datetime, pin_index: int | None = None
) -> None:
    """Take a confirmed answer as what is on the lock: the code as written, or None after a removal."""
    code.refusal_code = code.refusal = ""
    code.refused_generation = None
    code.save(update_fields=["refusal_code", "refusal", "refused_generation"])
    _see(code, written, at)
    if written and written.pin is None:
        code.observed_pin_index = pin_index  # the lock shows none: what it confirmed is what was sent
        code.save(update_fields=["observed_pin_index"])


def _match(
    lock: Lock, ours: Sequence[AccessCode], listing: Sequence[base.DeviceCode]
) -> tuple[dict[int, base.DeviceCode], list[base.DeviceCode], list[str]]:
    """Sort a listing into our codes (by marker, else by ref; one each), strangers', and surplus ones of ours. Once a
    stranger's, always a stranger's, whatever its owner calls it."""
    by_ref = {code.observed_ref: code for code in ours if code.observed == Observed.PRESENT}
    by_marker = {names.marker(code.public_id): code for code in ours}
    foreign = set(
        AccessCode.objects.filter(
            lock=lock, live=True, is_managed=False, observed=Observed.PRESENT
        ).values_list("observed_ref", flat=True)
    )
    candidates, strangers, surplus = defaultdict(list), [], []
    for found in listing:
        mark = names.marker_of(found.name)
        code = by_marker.get(mark) or by_ref.get(found.ref)
        if found.ref in foreign and not (code and _has_digits(code, found)):
            strangers.append(found)
        elif code:
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


def _forgive(ours: Sequence[AccessCode], listing: Sequence[base.DeviceCode]) -> None:
    """A refusal because of equal digits ends when no code on the lock has them any more (`_see` saves it)."""
    if not all(found.pin for found in listing):
        return
    there = {codes.indexes(found.pin)["pin_index"] for found in listing}
    for code in ours:
        if code.refusal_code == base.DuplicateCode.code and code.pin_index not in there:
            code.refused_generation = None


def _has_digits(code: AccessCode, found: base.DeviceCode) -> bool:
    return bool(found.pin) and codes.indexes(found.pin)["pin_index"] == code.pin_index


def _take_ref(code: AccessCode, ref: str) -> None:
    """A maker with numbered slots gives a ref again: who had it before must be looked for."""
    before = AccessCode.objects.filter(
        lock=code.lock_id, live=True, observed=Observed.PRESENT, observed_ref=ref
    )
    before.exclude(pk=code.pk).update(observed=Observed.UNKNOWN)


def _see(code: AccessCode, found: base.DeviceCode | None, at: datetime) -> None:
    """Write one code's observed columns, and the event if it came off the lock."""
    if found is None and code.observed == Observed.PRESENT:
        ours = code.attempted_at is not None and code.attempted_at > code.observed_at
        kind = "removed_from_device" if ours or not code.wanted else "deleted_external_to_seam"
        codes.record(code, f"access_code.{kind}", at)
    code.observed = Observed.PRESENT if found else Observed.ABSENT
    code.observed_at = at
    if found:
        _take_ref(code, found.ref)
        if found.ref != code.observed_ref:
            code.refused_generation = None  # refused as a duplicate of itself, written late
        code.observed_ref, code.observed_name = found.ref, found.name[:500]
        if found.pin:
            code.observed_pin_index = codes.indexes(found.pin)["pin_index"]
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
            code.pin_index, code.pin4 = codes.indexes(found.pin).values()
        code.observed, code.observed_at, code.observed_ref = Observed.PRESENT, at, found.ref
        code.observed_name, code.status = found.name[:500], "set"
        _take_ref(code, found.ref)
        code.save()
        if new:
            codes.record(code, "access_code.unmanaged.created", at)
    for gone in known.values():
        gone.observed, gone.observed_at, gone.live, gone.status = Observed.ABSENT, at, False, "unset"
        gone.save(update_fields=["observed", "observed_at", "live", "status"])
        codes.record(gone, "access_code.unmanaged.removed", at)


def _in_order(
    starts_at: datetime | None, ends_at: datetime | None
) -> tuple[datetime | None, datetime | None]:
    """A window that ends before it starts never opens; for its digits it counts as open from its end."""
    return (ends_at, ends_at) if starts_at and ends_at and ends_at < starts_at else (starts_at, ends_at)
