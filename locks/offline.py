"""Codes made by arithmetic, for locks that are never asked: given out without the lock, and not to be changed or taken
back before they end. So one is only made when somebody asks for it and has been told that.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hospitality import clock, vault
from locks import accounts, capabilities, pins, windows
from locks.models import AccessCode, Lock
from locks.providers.base import InvalidWindow, OfflineKind, OfflineWindow
from locks.thresholds import FIRST_USE_WITHIN
from locks.wishes import hold, new_code, record, tell, wake

VARIANTS = {OfflineKind.HOURLY: 3, OfflineKind.DAILY: 3, OfflineKind.ONE_TIME: 5}
"""How many codes there are for one and the same window (providers that make such codes agree on it)."""
OVER = gettext_lazy("This time at the door is over; change the dates first.")


class NotPossible(Exception):
    """No such code can be made; the message says what can be done instead."""


def offers(code: AccessCode, now: datetime) -> list[OfflineWindow]:
    """The codes that could be made now for what is left of the code's window: one of each kind of its lock that fits.
    Raises NotPossible where none does."""
    made, refusals = [], []
    for kind in capabilities.of(code.lock).offline_kinds:
        try:
            made.append(window(code, kind, now))
        except NotPossible as error:
            refusals.append(str(error))
    if not made:
        raise NotPossible(
            " ".join(dict.fromkeys(refusals)) or _("%(lock)s makes no offline codes.") % {"lock": code.lock}
        )
    return made


def window(code: AccessCode, kind: OfflineKind, now: datetime) -> OfflineWindow:
    """When a code of this kind, made now, would open. Raises NotPossible, also where it would open in the middle of
    another guest's time at a room's own door."""
    if kind not in capabilities.of(code.lock).offline_kinds:
        raise NotPossible(_("%(lock)s makes no such codes.") % {"lock": code.lock})
    if code.ends_at is None or now >= code.ends_at:
        raise NotPossible(OVER)
    starts_at = max(code.starts_at, now)
    try:
        fitted = windows.offline(kind, starts_at, code.ends_at, capabilities.zone(code.lock))
    except windows.NotPossible as error:
        raise NotPossible(str(error)) from error
    _check_neighbours(code, fitted, now)
    return fitted


def covers(code: AccessCode, now: datetime) -> bool:
    """Is a code out that opens for all of what is left of the window? Reads the columns of a row of `Code`
    as well."""
    if code.issued_at is None or code.ends_at is None or now >= code.issued_ends_at:
        return False
    return code.issued_starts_at <= max(code.starts_at, now) and code.ends_at <= code.issued_ends_at


def first_use_by(opens: OfflineWindow) -> datetime | None:
    """Until when a code must be used for the first time; None where that is until its end."""
    latest = opens.starts_at + FIRST_USE_WITHIN
    return latest if latest < opens.ends_at else None


def may_be_spent(code: AccessCode, now: datetime) -> bool:
    """May a code that is out be of no more use before its end? One for a single use may have been used, and one that
    had to be used for the first time by now may not have been: nobody can ask the lock. Reads the columns of a row of
    `Code` as well."""
    if code.issued_at is None:
        return False
    if code.is_one_time_use:
        return now >= code.issued_starts_at
    latest = code.issued_starts_at + FIRST_USE_WITHIN
    return latest < code.issued_ends_at and now >= latest


@transaction.atomic
def issue(code: AccessCode, kind: OfflineKind, *, by, instead_of: UUID | None = None) -> AccessCode:
    """Make the digits of an offline code and give them out. While one is out that covers the window, it is that one,
    unless another is wanted `instead_of` just this one. What does not serve any more keeps opening until its end,
    beside the new one. Raises NotPossible."""
    [lock] = hold([code.lock])
    code = AccessCode.objects.select_related("lock__property", "grant").get(pk=code.pk)
    if not code.is_offline_access_code or not code.wanted:
        raise NotPossible(_("This door takes no offline code for this guest."))
    now = clock.now()
    if covers(code, now) and code.public_id != instead_of:
        return code
    wanted = window(code, kind, now)
    if code.issued_at:
        code = _another(code, now, by)
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
        tell(code.grant, [lock])
    wake([lock], now)
    return code


def void(codes: Iterable[AccessCode], now: datetime) -> list[AccessCode]:
    """The lock was reset and has another key, so that it knows none of the codes that were given out: those of `codes`
    end now. Changes them in memory and returns them; the caller writes `issued_ends_at`."""
    dead = [code for code in codes if code.issued_ends_at and code.issued_ends_at > now]
    for code in dead:
        code.issued_ends_at = now
    return dead


def _check_neighbours(code: AccessCode, fitted: OfflineWindow, now: datetime) -> None:
    """Offline codes open on whole hours, a little early and a little late."""
    if code.lock.kind != Lock.Kind.OWN:
        return
    others = AccessCode.objects.filter(lock=code.lock_id, wanted=True, live=True, grant__isnull=False)
    others = others.exclude(grant=code.grant_id)
    meeting = others.filter(pins.around(max(fitted.starts_at, now), fitted.ends_at, pins.NO_MARGIN))
    if meeting.exclude(pins.around(code.starts_at, code.ends_at, pins.NO_MARGIN)).exists():
        text = _(
            "This code would open from %(begins)s to %(ends)s, and that meets another guest's time. "
            "Wait until that is over, or choose another kind of code or other dates."
        )
        begins = capabilities.local(code.lock, fitted.starts_at)
        raise NotPossible(text % {"begins": begins, "ends": capabilities.local(code.lock, fitted.ends_at)})


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
        text = _("The key of %(lock)s has not been fetched yet; try again once its account answers.")
        raise NotPossible(text % {"lock": lock})
    given = AccessCode.objects.filter(
        lock=lock,
        offline_kind=wanted.kind,
        issued_starts_at=wanted.starts_at,
        issued_ends_at=wanted.ends_at,
    ).values_list("offline_variant", flat=True)
    free = sorted(set(range(VARIANTS[wanted.kind])) - set(given))
    if not free:
        text = _(
            "All %(count)s codes that %(lock)s knows for exactly this time were given out. "
            "Choose another kind of code, or other times."
        )
        raise NotPossible(text % {"count": VARIANTS[wanted.kind], "lock": lock})
    made = OfflineWindow(wanted.kind, wanted.starts_at, wanted.ends_at, free[0])
    try:
        return free[0], accounts.adapter(lock.connection).offline_code(lock.offline_secret, made)
    except InvalidWindow as error:
        raise NotPossible(str(error)) from error
