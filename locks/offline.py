"""Codes made by arithmetic, for locks that are never asked: given out without the lock, and not to be changed or taken
back before they end. So one is only made when somebody asks for it and has been told that.
"""

from datetime import datetime

from django.db import transaction

from hospitality import clock, vault
from locks import accounts, capabilities, windows
from locks.models import AccessCode, Lock
from locks.providers.base import InvalidWindow, OfflineKind, OfflineWindow
from locks.wishes import hold, new_code, record, tell, wake

VARIANTS = {OfflineKind.HOURLY: 3, OfflineKind.DAILY: 3, OfflineKind.ONE_TIME: 5}
"""How many codes there are for one and the same window (providers that make such codes agree on it)."""


class NotPossible(Exception):
    """No such code can be made; the message says what can be done instead."""


def kinds(code: AccessCode, now: datetime) -> list[OfflineKind]:
    """Which kinds the code's lock makes for what is left of its window."""
    if code.ends_at is None or now >= code.ends_at:
        return []
    can = capabilities.of(code.lock)
    zone = capabilities.zone(code.lock)
    return windows.kinds_for(max(code.starts_at, now), code.ends_at, can.offline_kinds, zone)


def window(code: AccessCode, kind: OfflineKind, now: datetime) -> OfflineWindow:
    """When a code of this kind, made now, would open. Raises NotPossible."""
    if code.ends_at is None or now >= code.ends_at:
        raise NotPossible("This time at the door is over; change the dates first.")
    try:
        return windows.offline(kind, max(code.starts_at, now), code.ends_at, capabilities.zone(code.lock))
    except windows.NotPossible as error:
        raise NotPossible(str(error)) from error


@transaction.atomic
def issue(code: AccessCode, kind: OfflineKind, *, by) -> AccessCode:
    """Make the digits of an offline code and give them out. While one is out that covers the window, it is that one.
    One that does not any more keeps opening until its end, beside the new one. Raises NotPossible."""
    [lock] = hold([code.lock])
    code = AccessCode.objects.select_related("lock__property", "grant").get(pk=code.pk)
    if not code.is_offline_access_code or not code.wanted:
        raise NotPossible("This door takes no offline code for this guest.")
    now = clock.now()
    if _covers(code, now):
        return code
    if code.issued_at:
        code = _another(code, now, by)
    wanted = window(code, kind, now)
    variant, pin = _digits(lock, wanted)
    code.pin = pin
    code.pin_index = code.pin4 = vault.index(pin)  # of one length all: equal or no clash
    code.offline_kind, code.offline_variant = kind, variant
    code.is_one_time_use = kind is OfflineKind.ONE_TIME
    code.issued_at, code.issued_starts_at, code.issued_ends_at = now, wanted.starts_at, wanted.ends_at
    code.generation += 1
    code.save()
    record(code, "access_code.issued", now, by=by, kind=kind, ends_at=wanted.ends_at.isoformat())
    if code.grant:
        tell(code.grant)
    wake([lock])
    return code


def _covers(code: AccessCode, now: datetime) -> bool:
    return bool(code.issued_at) and code.issued_ends_at >= code.ends_at and now < code.issued_ends_at


def _another(code: AccessCode, now: datetime, by) -> AccessCode:
    """A fresh row for the same door: what is out stays a fact of its own until it ends."""
    code.wanted = False
    code.asked_at = now
    code.generation += 1
    code.save(update_fields=["wanted", "asked_at", "generation"])
    return new_code(
        code.lock,
        by=by,
        name=code.name,
        pin=None,
        now=now,
        grant=code.grant,
        is_offline_access_code=True,
        starts_at=code.starts_at,
        ends_at=code.ends_at,
    )


def _digits(lock: Lock, wanted: OfflineWindow) -> tuple[int, str]:
    """The first variant of this very window that nobody was ever given, and its PIN."""
    if not lock.offline_secret:
        raise NotPossible(f"The key of {lock} has not been fetched yet; try again once its account answers.")
    given = AccessCode.objects.filter(
        lock=lock,
        offline_kind=wanted.kind,
        issued_starts_at=wanted.starts_at,
        issued_ends_at=wanted.ends_at,
    ).values_list("offline_variant", flat=True)
    free = sorted(set(range(VARIANTS[wanted.kind])) - set(given))
    if not free:
        raise NotPossible(
            f"All {VARIANTS[wanted.kind]} codes that {lock} knows for exactly this time were given out. "
            "Choose another kind of code, or other times."
        )
    made = OfflineWindow(wanted.kind, wanted.starts_at, wanted.ends_at, free[0])
    try:
        return free[0], accounts.adapter(lock.connection).offline_code(lock.offline_secret, made)
    except InvalidWindow as error:
        raise NotPossible(str(error)) from error
