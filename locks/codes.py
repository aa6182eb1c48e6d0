"""The verbs on access grants and their codes. Each is one transaction inside the caller's, takes the locks' rows
first and in one order, raises `generation` where the wish changes, and wakes the locks.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from hospitality import clock
from hospitality.models import Property
from locks import backups, pins, windows
from locks.digits import (
    check_chosen,
    choose,
    clashing,
    clear_the_way,
    doors,
    draw,
    must_redraw,
    programmable,
    redraw,
)
from locks.fitting import check_windows
from locks.models import AccessCode, AccessGrant, Lock
from locks.wishes import add, digits, draft, drop, hold, record, tell, wake, wish


@transaction.atomic
def grant(
    property: Property,
    *,
    by,
    name: str,
    locks: Sequence[Lock],
    starts_at: datetime,
    ends_at: datetime | None,
    at: pins.Windows | None = None,
    prefer_native_scheduling: bool = True,
    is_external_modification_allowed: bool = False,
    use_backup_access_code_pool: bool = False,
    pin: str | None = None,
    pin_length: int | None = None,
    made_by_program: bool = False,
) -> AccessGrant:
    """Let somebody through `locks` in that window with one new PIN; `at` has the window of each door, within that one,
    where they differ. Locks that only do arithmetic get theirs when it is issued (`locks.offline`).
    `use_backup_access_code_pool` has the locks keep backup codes from now on. The PIN is drawn, of `pin_length` digits
    where all the locks take those (`pins.common_length`), or chosen: `pin`. Raises pins.NoPin, WindowNotPossible;
    PinRefused and DigitsTaken for a chosen one; ValueError without locks."""
    if not locks:
        raise ValueError("a grant needs at least one lock")
    held, now = hold(locks), clock.now()
    made = AccessGrant(
        property=property, name=name, starts_at=starts_at, ends_at=ends_at, made_by_program=made_by_program
    )
    spans = _spans(made, held, at)
    check_windows(None, spans)
    if pin is None:
        made.pin = draw(held, starts_at, ends_at, pin_length)
    else:
        choose(made, pin, spans)
    made.save()
    _add_codes(
        made,
        spans,
        now,
        by=by,
        prefer_native_scheduling=prefer_native_scheduling,
        is_external_modification_allowed=is_external_modification_allowed,
    )
    if use_backup_access_code_pool:
        backups.switch_on_all(held)
    if made_by_program:
        tell(made, held)
    wake(held, now)
    return made


@transaction.atomic
def move(
    grant: AccessGrant,
    *,
    by,
    starts_at: datetime,
    ends_at: datetime | None,
    at: pins.Windows | None = None,
) -> None:
    """Give the grant another window, with the same digits; backup codes handed out for it end with it. `at` as in
    `grant`; a door that it does not name keeps its own. Raises DigitsTaken, WindowNotPossible."""
    grant.starts_at, grant.ends_at = starts_at, ends_at
    ours = doors(grant)
    spans = _spans(grant, ours, at)
    theirs = [lock for code in clashing(grant, spans) if code.grant for lock in doors(code.grant)]
    held = hold({*ours, *theirs})
    check_windows(grant, spans)
    grant.save(update_fields=["starts_at", "ends_at"])
    clear_the_way(grant, spans, held, by=by)
    now = clock.now()
    for code in grant.codes.filter(wanted=True, lock__in=spans).select_related("lock", "pulled_backup"):
        begins, ends = spans[code.lock]
        wish(code, now, by, starts_at=begins, ends_at=ends, live=True)
        backup = code.pulled_backup
        if backup and backup.wanted and not backup.outlives_guest:
            _follow(backup, ends, now, by)
    tell(grant, ours)
    wake(ours, now)


def _spans(grant: AccessGrant, locks: Iterable[Lock], at: pins.Windows | None) -> dict[Lock, windows.Window]:
    """The window that is meant at each of the locks."""
    if at is None:
        return dict.fromkeys(locks, (grant.starts_at, grant.ends_at))
    return {lock: at[lock] for lock in locks if lock in at}


def _follow(backup: AccessCode, ends_at: datetime | None, now: datetime, by) -> None:
    """The backup code handed out for a guest's ends with that. Where its digits were given to somebody else after it,
    it cannot be longer: it goes, and the desk hands out another."""
    window = pins.around(None, ends_at, pins.NO_MARGIN)
    theirs = AccessCode.objects.filter(
        window, lock=backup.lock_id, pin4=backup.pin4, live=True, is_managed=True
    )
    if theirs.exclude(pk=backup.pk).exists():
        drop(backup, now, by)
    else:
        wish(backup, now, by, ends_at=ends_at, live=True)


@transaction.atomic
def set_doors(grant: AccessGrant, locks: Sequence[Lock], *, by, at: pins.Windows | None = None) -> None:
    """Make the grant open exactly these doors: codes on the others are to be removed, new doors get the same PIN, and
    their window of `at` where the doors' differ. Raises DigitsTaken, WindowNotPossible, pins.NoPin; PinRefused where
    a new door does not take digits that were chosen; ValueError for a grant that was revoked."""
    held = hold({*doors(grant), *locks})
    if AccessGrant.objects.filter(pk=grant.pk, revoked_at__isnull=False).exists():
        raise ValueError("a revoked grant opens nothing again; make a new one")
    keep = {lock.pk for lock in locks}
    # Where a door has several, the wanted one comes last and counts.
    codes = {
        code.lock_id: code
        for code in grant.codes.select_related("lock", "pulled_backup__lock").order_by("wanted", "pk")
    }
    now = clock.now()
    for lock_id, code in codes.items():
        if lock_id not in keep:
            drop(code, now, by)
    missing = [lock for lock in held if lock.pk in keep and not _opens(codes.get(lock.pk))]
    new = _spans(grant, missing, at)
    check_windows(grant, new)
    if grant.pin_chosen:
        check_chosen(grant.pin, new, but_by=grant)
    elif new and must_redraw(grant, new):
        redraw(grant, [lock for lock in held if lock.pk in keep], by=by)
    for lock, span in new.items():
        if lock.pk in codes:
            _want_again(codes[lock.pk], grant, span, now, by)
    fresh = {lock: span for lock, span in new.items() if lock.pk not in codes}
    _add_codes(grant, fresh, now, by=by, **_asked_for_with(codes.values()))
    tell(grant, held)
    wake(held, now)


@transaction.atomic
def reopen(
    grant: AccessGrant,
    locks: Sequence[Lock],
    *,
    by,
    name: str,
    starts_at: datetime,
    ends_at: datetime | None,
    at: pins.Windows | None = None,
) -> None:
    """Let a grant that was revoked open exactly these doors again: with the digits it had where all of them still take
    those, else with new ones. `at` as in `grant`. Raises WindowNotPossible, pins.NoPin."""
    hold({*doors(grant), *locks})
    grant.name, grant.starts_at, grant.ends_at, grant.revoked_at = name, starts_at, ends_at, None
    grant.save(update_fields=["name", "starts_at", "ends_at", "revoked_at"])
    set_doors(grant, locks, by=by, at=at)


@transaction.atomic
def rename(grant: AccessGrant, name: str, *, by) -> None:
    """Show another name in the maker's app."""
    held = hold(doors(grant))
    grant.name = name
    grant.save(update_fields=["name"])
    now = clock.now()
    for code in grant.codes.filter(wanted=True).select_related("lock"):
        wish(code, now, by, name=name)
    wake(held, now)


@transaction.atomic
def rename_one(code: AccessCode, name: str, *, by) -> None:
    """The same of this one code, which stays with its grant's other doors."""
    code = _held(code)
    if not _others(code):
        rename(code.grant, name, by=by)
        return
    now = clock.now()
    wish(code, now, by, name=name)
    tell(code.grant, [code.lock])
    wake([code.lock], now)


@transaction.atomic
def revoke(grant: AccessGrant, *, by) -> None:
    """Close every door to it now, backup codes handed out for it included. What is on a lock is shown as
    "removing" until the lock confirms. Again is a no-op."""
    held = hold(doors(grant))
    now = clock.now()
    grant.revoked_at = grant.revoked_at or now
    grant.save(update_fields=["revoked_at"])
    for code in grant.codes.select_related("lock", "pulled_backup__lock"):
        drop(code, now, by)
    tell(grant, held)
    wake(held, now)


@transaction.atomic
def close(code: AccessCode, *, by) -> None:
    """Want this one code of a grant off its lock, and the backup code handed out for it: the grant's other doors go on
    opening. With the last of them the grant is revoked. Again is a no-op. ValueError for a code of no grant."""
    code = _held(code)
    if not code.wanted:
        return
    if not _others(code):
        revoke(code.grant, by=by)
        return
    now = clock.now()
    drop(code, now, by)
    tell(code.grant, [code.lock])
    wake([code.lock], now)


@transaction.atomic
def part(code: AccessCode, *, by) -> AccessGrant:
    """Have the code in a grant of its own, to be changed without the grant's other doors: the same name, digits, window
    and options, and nothing to do at the door. The only one of its grant stays there. Raises AccessCode.DoesNotExist
    for a code that is to come off its lock; ValueError for the desk's, whose doors go together, and for a code of no
    grant."""
    code = _held(code)
    if not code.wanted:
        raise AccessCode.DoesNotExist(f"{code} is to come off its lock")
    grant = code.grant
    if not _others(code):
        return grant
    if not grant.made_by_program:
        raise ValueError("only a grant that a program made can be taken apart")
    own = AccessGrant(
        property=grant.property,
        name=code.name,
        starts_at=code.starts_at,
        ends_at=code.ends_at,
        told_at=grant.told_at,
        pin_chosen=grant.pin_chosen,
        made_by_program=True,
    )
    own.pin = None if code.is_offline_access_code else code.pin
    own.save()
    grant.codes.filter(lock=code.lock_id).update(grant=own, has_own_pin=False)
    record(code, "access_code.changed", clock.now(), by=by, changed=["common_code_key"])
    tell(grant, [code.lock])
    return own


def hold_doors(code: AccessCode) -> list[Lock]:
    """Hold the rows of all its grant's doors. ValueError for a code of no grant."""
    if code.grant_id is None:
        raise ValueError(f"{code} is no code of a grant")
    ours = AccessCode.objects.filter(Q(pk=code.pk) | Q(grant=code.grant_id))
    return hold(Lock.objects.filter(pk__in=ours.values("lock")))


def _held(code: AccessCode) -> AccessCode:
    """The code as it is, while the rows of all its grant's doors are held."""
    hold_doors(code)
    return AccessCode.objects.select_related("lock", "grant__property", "pulled_backup").get(pk=code.pk)


def _others(code: AccessCode) -> bool:
    """Is the grant to open another door as well?"""
    return code.grant.codes.filter(wanted=True).exclude(lock=code.lock_id).exists()


@transaction.atomic
def set_options(
    code: AccessCode,
    *,
    by,
    prefer_native_scheduling: bool | None = None,
    is_external_modification_allowed: bool | None = None,
) -> None:
    """Ask for this code otherwise; None leaves an option as it is. What its owner made of it at the lock is undone
    where that is allowed no more, and counts from now on where it is. Raises AccessCode.DoesNotExist for a code that is
    to come off its lock."""
    [lock] = hold(Lock.objects.filter(pk=code.lock_id))
    code = AccessCode.objects.select_related("grant__property").get(pk=code.pk, wanted=True)
    asked = {
        "prefer_native_scheduling": prefer_native_scheduling,
        "is_external_modification_allowed": is_external_modification_allowed,
    }
    now = clock.now()
    wish(code, now, by, **{name: value for name, value in asked.items() if value is not None})
    if code.grant:
        tell(code.grant, [lock])
    wake([lock], now)


@transaction.atomic
def tell_pin(grant: AccessGrant) -> str | None:
    """The grant's digits for somebody who passes them on: from now on they do not change by themselves. None where
    all its doors have digits of their own."""
    hold(doors(grant))
    if grant.told_at is None:
        grant.told_at = clock.now()
        grant.save(update_fields=["told_at"])
    return grant.pin


def _asked_for_with(codes: Iterable[AccessCode]) -> dict:
    """What was asked for when the grant was made holds at every door."""
    names = ("prefer_native_scheduling", "is_external_modification_allowed")
    return {name: getattr(code, name) for code in codes for name in names}


def _opens(code: AccessCode | None) -> bool:
    return code is not None and code.wanted


def _wanted_at(grant: AccessGrant, span: windows.Window) -> dict:
    """The grant's share of what is wanted of its code at a door that opens in this window, the digits apart."""
    starts_at, ends_at = span
    return {"name": grant.name, "starts_at": starts_at, "ends_at": ends_at}


def _want_again(code: AccessCode, grant: AccessGrant, span: windows.Window, now: datetime, by) -> None:
    pin = {} if code.is_offline_access_code else {"has_own_pin": False, **digits(code, grant.pin)}
    wish(code, now, by, wanted=True, live=True, **_wanted_at(grant, span), **pin)


def _add_codes(grant: AccessGrant, at: pins.Windows, now: datetime, *, by, **fields) -> None:
    online = programmable([*at])
    codes = [
        draft(
            lock,
            pin=grant.pin if lock in online else None,
            now=now,
            grant=grant,
            is_offline_access_code=lock not in online,
            **_wanted_at(grant, span),
            **fields,
        )
        for lock, span in at.items()
    ]
    add(codes, now, by=by)
