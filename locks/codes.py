"""The verbs on access grants and their codes. Each is one transaction inside the caller's, takes the locks' rows
first and in one order, raises `generation` where the wish changes, and wakes the locks.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from hospitality import clock
from hospitality.models import Property
from locks import backups, capabilities, pins, windows
from locks.digits import clashing, clear_the_way, doors, draw, must_redraw, programmable, redraw
from locks.models import AccessCode, AccessGrant, Lock
from locks.wishes import digits, drop, hold, new_code, tell, wake, wish


class WindowNotPossible(Exception):
    """One of the locks cannot keep this window; the message names it and the times that it takes."""


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
) -> AccessGrant:
    """Let somebody through `locks` in that window with one new PIN; `at` has the window of each door, within that one,
    where they differ. Locks that only do arithmetic get theirs when it is issued (`locks.offline`).
    `use_backup_access_code_pool` has the locks keep backup codes from now on. Raises pins.NoPin, WindowNotPossible;
    ValueError without locks."""
    if not locks:
        raise ValueError("a grant needs at least one lock")
    held = hold(locks)
    made = AccessGrant(property=property, name=name, starts_at=starts_at, ends_at=ends_at)
    spans = _spans(made, held, at)
    _check_windows(None, spans)
    made.pin = draw(held, starts_at, ends_at)
    made.save()
    for lock, span in spans.items():
        _add_code(
            made,
            lock,
            span,
            by=by,
            prefer_native_scheduling=prefer_native_scheduling,
            is_external_modification_allowed=is_external_modification_allowed,
        )
    if use_backup_access_code_pool:
        backups.switch_on_all(held)
    wake(held)
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
    _check_windows(grant, spans)
    grant.save(update_fields=["starts_at", "ends_at"])
    clear_the_way(grant, spans, held, by=by)
    now = clock.now()
    for code in grant.codes.filter(wanted=True, lock__in=spans).select_related("lock", "pulled_backup"):
        begins, ends = spans[code.lock]
        wish(code, now, by, starts_at=begins, ends_at=ends, live=True)
        backup = code.pulled_backup
        if backup and backup.wanted and not backup.outlives_guest:
            _follow(backup, ends, now, by)
    tell(grant)
    wake(ours)


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
    their window of `at` where the doors' differ. Raises DigitsTaken, WindowNotPossible, pins.NoPin; ValueError for a
    grant that was revoked."""
    held = hold({*doors(grant), *locks})
    if AccessGrant.objects.filter(pk=grant.pk, revoked_at__isnull=False).exists():
        raise ValueError("a revoked grant opens nothing again; make a new one")
    keep = {lock.pk for lock in locks}
    # Where a door has several, the wanted one comes last and counts.
    codes = {
        code.lock_id: code for code in grant.codes.select_related("pulled_backup").order_by("wanted", "pk")
    }
    now = clock.now()
    for lock_id, code in codes.items():
        if lock_id not in keep:
            drop(code, now, by)
    missing = [lock for lock in held if lock.pk in keep and not _opens(codes.get(lock.pk))]
    new = _spans(grant, missing, at)
    _check_windows(grant, new)
    if new and must_redraw(grant, new):
        redraw(grant, [lock for lock in held if lock.pk in keep], by=by)
    for lock, span in new.items():
        if lock.pk in codes:
            _want_again(codes[lock.pk], grant, span, now, by)
        else:
            _add_code(grant, lock, span, by=by, **_asked_for_with(codes.values()))
    tell(grant)
    wake(held)


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
    for code in grant.codes.filter(wanted=True):
        wish(code, now, by, name=name)
    wake(held)


@transaction.atomic
def revoke(grant: AccessGrant, *, by) -> None:
    """Close every door to it now, backup codes handed out for it included. What is on a lock is shown as
    "removing" until the lock confirms. Again is a no-op."""
    held = hold(doors(grant))
    now = clock.now()
    grant.revoked_at = grant.revoked_at or now
    grant.save(update_fields=["revoked_at"])
    for code in grant.codes.select_related("pulled_backup"):
        drop(code, now, by)
    tell(grant)
    wake(held)


@transaction.atomic
def tell_pin(grant: AccessGrant) -> str | None:
    """The grant's digits for somebody who passes them on: from now on they do not change by themselves. None where
    all its doors have digits of their own."""
    hold(doors(grant))
    if grant.told_at is None:
        grant.told_at = clock.now()
        grant.save(update_fields=["told_at"])
    return grant.pin


def unfit(lock: Lock, window: windows.Window) -> str:
    """Why no PIN can be kept on a lock in this window, as a sentence that names it; empty if one can."""
    if not programmable([lock]):
        return _("%(door)s takes no PIN: its codes are made by arithmetic.") % {"door": lock}
    try:
        _fitted(lock, window)
    except WindowNotPossible as error:
        return str(error)
    return ""


def _check_windows(grant: AccessGrant | None, spans: pins.Windows) -> None:
    """Can every lock that keeps schedules keep its window, and without meeting another guest's? Raises
    WindowNotPossible."""
    for lock in programmable(list(spans)):
        fitted = _fitted(lock, spans[lock])
        if lock.kind == Lock.Kind.OWN and _meets_another(grant, lock, spans[lock], fitted):
            raise WindowNotPossible(_meeting(lock, fitted))


def _meeting(lock: Lock, fitted: windows.Window) -> str:
    start, end = (capabilities.local(lock, moment) if moment else "" for moment in fitted)
    if end:
        why = _(
            "%(lock)s would open from %(start)s to %(end)s, and that meets another guest's time. "
            "Choose other times, or another room."
        )
    else:
        why = _(
            "%(lock)s would open from %(start)s on, and that meets another guest's time. "
            "Choose other times, or another room."
        )
    return why % {"lock": lock, "start": start, "end": end}


def _fitted(lock: Lock, window: windows.Window) -> windows.Window:
    """The window as the lock keeps it; a lock without schedules opens when it is told to. Raises WindowNotPossible."""
    can = capabilities.of(lock)
    if not can.native_scheduling:
        return window
    try:
        return windows.fit(*window, can, capabilities.zone(lock))
    except windows.NotPossible as error:
        raise WindowNotPossible(f"{lock}: {error}") from error


def _meets_another(
    grant: AccessGrant | None, lock: Lock, asked: windows.Window, fitted: windows.Window
) -> bool:
    """Would the window as the lock keeps it open inside another guest's, which the one asked for does not?"""
    if fitted[0] >= asked[0] and (asked[1] is None or fitted[1] <= asked[1]):
        return False
    guests = {"grant__isnull": False, "grant__staff__isnull": True}  # the staff come while guests are there
    others = AccessCode.objects.filter(lock=lock, wanted=True, live=True, **guests)
    meeting = others.exclude(grant=grant).filter(pins.around(*fitted, pins.NO_MARGIN))
    return meeting.exclude(pins.around(*asked, pins.NO_MARGIN)).exists()


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


def _add_code(grant: AccessGrant, lock: Lock, span: windows.Window, *, by, **fields) -> None:
    offline = not programmable([lock])
    new_code(
        lock,
        by=by,
        pin=None if offline else grant.pin,
        now=clock.now(),
        grant=grant,
        is_offline_access_code=offline,
        **_wanted_at(grant, span),
        **fields,
    )
