"""The verbs on access grants and their codes. Each is one transaction inside the caller's, takes the locks' rows
first and in one order, raises `generation` where the wish changes, and wakes the locks.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django_q.tasks import async_task

from hospitality import clock, live, vault
from hospitality.models import Property
from locks import pins
from locks.models import AccessCode, AccessGrant, Event, Lock


class DigitsTaken(Exception):
    """The PIN cannot be kept in the new window: a code that is in use has the same first digits."""


def hold(locks: Iterable[Lock]) -> list[Lock]:
    """The same locks, their rows locked until the transaction ends, in the one order that everybody takes."""
    ids = [lock.pk for lock in locks]
    return list(Lock.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))


def wake(locks: Iterable[Lock]) -> None:
    """Say "look at these locks now": due rows and a queued sweep, both part of the caller's transaction."""
    ids = [lock.pk for lock in locks]
    if ids:
        Lock.objects.filter(pk__in=ids).update(due_at=clock.now(), wakes=F("wakes") + 1)
        async_task("locks.tasks.sweep")


@transaction.atomic
def grant(
    property: Property, *, by, name: str, locks: Sequence[Lock], starts_at: datetime, ends_at: datetime | None
) -> AccessGrant:
    """Let somebody through `locks` in that window with one new PIN. Raises pins.NoPin; ValueError without locks."""
    if not locks:
        raise ValueError("a grant needs at least one lock")
    held = hold(locks)
    made = AccessGrant(property=property, name=name, starts_at=starts_at, ends_at=ends_at)
    made.pin = pins.draw(held, starts_at, ends_at)
    made.save()
    for lock in held:
        _add_code(made, lock, by=by)
    wake(held)
    return made


@transaction.atomic
def move(grant: AccessGrant, *, by, starts_at: datetime, ends_at: datetime | None) -> None:
    """Give the grant another window, with the same digits; backup codes handed out for it end with it. Raises DigitsTaken."""
    held = hold(_doors(grant))
    grant.starts_at, grant.ends_at = starts_at, ends_at
    grant.save(update_fields=["starts_at", "ends_at"])
    _clear_the_way(grant, held, by=by)
    now = clock.now()
    for code in grant.codes.filter(wanted=True).select_related("pulled_backup"):
        wish(code, now, by, starts_at=starts_at, ends_at=ends_at, live=True)
        backup = code.pulled_backup
        if backup and backup.wanted:
            _follow(backup, grant, now, by)
    _tell(grant)
    wake(held)


def _follow(backup: AccessCode, grant: AccessGrant, now: datetime, by) -> None:
    """The backup code handed out for a grant ends with it. Where its digits were given to somebody else after it,
    it cannot be longer: it goes, and the desk hands out another."""
    window = pins.around(None, grant.ends_at, timedelta())
    theirs = AccessCode.objects.filter(
        window, lock=backup.lock_id, pin4=backup.pin4, live=True, is_managed=True
    )
    if theirs.exclude(pk=backup.pk).exists():
        drop(backup, now, by)
    else:
        wish(backup, now, by, ends_at=grant.ends_at, live=True)


@transaction.atomic
def set_doors(grant: AccessGrant, locks: Sequence[Lock], *, by) -> None:
    """Make the grant open exactly these doors: codes on the others are to be removed, new doors get the same PIN.
    Raises DigitsTaken, pins.NoPin; ValueError for a grant that was revoked."""
    held = hold({*_doors(grant), *locks})
    if AccessGrant.objects.filter(pk=grant.pk, revoked_at__isnull=False).exists():
        raise ValueError("a revoked grant opens nothing again; make a new one")
    keep = {lock.pk for lock in locks}
    codes = {code.lock_id: code for code in grant.codes.select_related("pulled_backup")}
    now = clock.now()
    for lock_id, code in codes.items():
        if lock_id not in keep:
            drop(code, now, by)
    new = [lock for lock in held if lock.pk in keep and not _opens(codes.get(lock.pk))]
    if new and _must_redraw(grant, new):
        _redraw(grant, [lock for lock in held if lock.pk in keep], by=by)
    for lock in new:
        if lock.pk in codes:
            code = codes[lock.pk]
            wish(code, now, by, wanted=True, live=True, **_of_grant(grant), **_digits(code, grant.pin))
        else:
            _add_code(grant, lock, by=by)
    _tell(grant)
    wake(held)


@transaction.atomic
def rename(grant: AccessGrant, name: str, *, by) -> None:
    """Show another name in the maker's app."""
    held = hold(_doors(grant))
    grant.name = name
    grant.save(update_fields=["name"])
    now = clock.now()
    for code in grant.codes.filter(wanted=True):
        wish(code, now, by, name=name)
    wake(held)


@transaction.atomic
def revoke(grant: AccessGrant, *, by) -> None:
    """Close every door to it now, backup codes handed out for it included. What is on a lock is shown as
    "removing" until the lock confirms. Again is a no-op."""
    held = hold(_doors(grant))
    now = clock.now()
    grant.revoked_at = grant.revoked_at or now
    grant.save(update_fields=["revoked_at"])
    for code in grant.codes.select_related("pulled_backup"):
        drop(code, now, by)
    _tell(grant)
    wake(held)


@transaction.atomic
def repin(grant: AccessGrant, *, by) -> None:
    """Draw the grant new digits, the same for all its doors. Raises pins.NoPin."""
    held = hold(_doors(grant))
    opens = set(grant.codes.filter(wanted=True).values_list("lock_id", flat=True))
    _redraw(grant, [lock for lock in held if lock.pk in opens], by=by)
    wake(held)


def _redraw(grant: AccessGrant, doors: Sequence[Lock], *, by) -> None:
    """New digits that all of `doors` take, in every code of the grant that is to stay. The caller holds the rows."""
    grant.pin = pins.draw(doors, grant.starts_at, grant.ends_at)
    grant.save(update_fields=["pin_sealed"])
    now = clock.now()
    for code in grant.codes.filter(wanted=True):
        wish(code, now, by, **_digits(code, grant.pin))


def indexes(pin: str) -> dict[str, int]:
    """The keyed columns that stand for a PIN in constraints and comparisons."""
    return {"pin_index": vault.index(pin), "pin4": vault.index(pin[:4])}


def new_code(lock: Lock, *, by, name: str, pin: str, now: datetime, **fields) -> AccessCode:
    """Add a code to what is wanted on `lock`, with its event. The caller holds the lock's row."""
    code = AccessCode(
        lock=lock,
        name=name,
        asked_at=now,
        pending_mutations=[{"mutation_code": "creating"}],
        **indexes(pin),
        **fields,
    )
    code.pin = pin
    code.save()
    record(code, "access_code.created", now, by=by)
    return code


def record(code: AccessCode, event_type: str, at: datetime, *, by=None, **data) -> None:
    """Write what happened to a code, in the caller's transaction. `data` is JSON and holds no PIN."""
    Event.objects.create(
        property_id=code.lock.property_id,
        lock_id=code.lock_id,
        access_code=code,
        event_type=event_type,
        actor=by,
        data=data,
        occurred_at=at,
    )


def _doors(grant: AccessGrant) -> list[Lock]:
    return list(Lock.objects.filter(codes__grant=grant).distinct())


def _opens(code: AccessCode | None) -> bool:
    return code is not None and code.wanted


def _of_grant(grant: AccessGrant) -> dict:
    """The grant's share of what is wanted of each of its codes, the digits apart."""
    return {"name": grant.name, "starts_at": grant.starts_at, "ends_at": grant.ends_at}


def _digits(code: AccessCode, pin: str) -> dict:
    """The columns that hold these digits for this code."""
    code.pin = pin
    return {"pin_sealed": code.pin_sealed, **indexes(pin)}


def _add_code(grant: AccessGrant, lock: Lock, *, by) -> None:
    new_code(lock, by=by, pin=grant.pin, now=clock.now(), grant=grant, **_of_grant(grant))


def wish(code: AccessCode, now: datetime, by, **changes) -> None:
    """Change what is wanted of one code: a new generation, so that answers to the old wish do not count for it."""
    if all(getattr(code, name) == value for name, value in changes.items()):
        return
    for name, value in changes.items():
        setattr(code, name, value)
    code.generation += 1
    code.asked_at = now
    code.refusal = code.refusal_code = ""
    code.save(update_fields=[*changes, "generation", "asked_at", "refusal", "refusal_code"])
    record(
        code,
        "access_code.changed",
        now,
        by=by,
        changed=sorted({*changes} - {"pin_sealed", "pin_index", "pin4"}),
    )


def drop(code: AccessCode, now: datetime, by) -> None:
    """Want the code, and the backup code handed out in its place, off the lock."""
    for one in filter(None, (code, code.pulled_backup)):
        if one.wanted:
            wish(one, now, by, wanted=False)


def _clear_the_way(grant: AccessGrant, held: Sequence[Lock], *, by) -> None:
    """A longer window may meet a later booking with the same first digits: that one has not begun, so it is the
    one that gets new digits. Raises DigitsTaken if it has."""
    pin4 = indexes(grant.pin)["pin4"]
    clashes = AccessCode.objects.filter(
        pins.around(grant.starts_at, grant.ends_at, timedelta()),
        lock__in=held,
        pin4=pin4,
        live=True,
        is_managed=True,
    ).exclude(grant=grant)
    now = clock.now()
    for code in clashes.select_related("grant", "lock"):
        if code.grant is None or not code.wanted or code.grant.starts_at <= now:
            raise DigitsTaken(f"Another code on {code.lock} has the same first digits; issue a new PIN.")
        repin(code.grant, by=by)


def _must_redraw(grant: AccessGrant, new: Sequence[Lock]) -> bool:
    """Does one of the new doors refuse the grant's digits (taken there, or of a length it does not take)?"""
    pin = grant.pin
    short = any(lock.pin_lengths and len(pin) not in lock.pin_lengths for lock in new)
    taken = AccessCode.objects.filter(
        pins.around(grant.starts_at, grant.ends_at), lock__in=new, pin4=indexes(pin)["pin4"], live=True
    ).exclude(grant=grant)
    return short or taken.exists()


def _tell(grant: AccessGrant) -> None:
    live.announce(grant.property, f"grant-{grant.public_id}")
