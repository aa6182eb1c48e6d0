"""Codes that were found on a lock and not made here. They are never touched, until somebody adopts one, or wants it
deleted; an adopted one can be taken off its lock again."""

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from hospitality import clock, live
from locks import pins
from locks.models import AccessCode
from locks.wishes import drop, hold, record, wake, wish

ADOPTED = Q(is_managed=True, is_backup=False, grant__isnull=True)
"""A code that was found on its lock and taken over."""


class NotPossible(Exception):
    """The code cannot be adopted; the message says why and what to do."""


@transaction.atomic
def adopt(code: AccessCode, *, by, is_external_modification_allowed: bool = False) -> AccessCode:
    """From now on the code is ours, as it is on the lock: kept there, and known by our marker in its name. Again is
    a no-op. Raises NotPossible."""
    [lock] = hold([code.lock])
    code = AccessCode.objects.select_related("lock").get(pk=code.pk)
    if code.is_managed:
        return code
    _check(code)
    code.is_managed = True
    code.is_external_modification_allowed = is_external_modification_allowed
    code.asked_at = clock.now()
    code.generation += 1
    code.save(update_fields=["is_managed", "is_external_modification_allowed", "asked_at", "generation"])
    record(code, "access_code.unmanaged.converted_to_managed", code.asked_at, by=by)
    live.announce(lock.property, f"lock-{lock.public_id}")
    wake([lock])
    return code


@transaction.atomic
def remove(code: AccessCode, *, by) -> AccessCode:
    """Want an adopted code off its lock, as any other: it counts as there until the lock confirms. Again is a no-op.
    Raises AccessCode.DoesNotExist for a code that was not adopted."""
    [lock] = hold([code.lock])
    code = AccessCode.objects.filter(ADOPTED).select_related("lock", "pulled_backup").get(pk=code.pk)
    if not (code.wanted and code.live):
        return code
    drop(code, clock.now(), by)
    live.announce(lock.property, f"lock-{lock.public_id}")
    wake([lock])
    return code


@transaction.atomic
def delete(code: AccessCode, *, by) -> AccessCode:
    """Want a code that was found on its lock off it, though nobody adopted it: it counts as ours and as there until the
    lock confirms. Its digits are kept as former ones, so that it may begin like a code of ours that cannot come onto
    the lock because of it. Again is a no-op. Raises NotPossible."""
    [lock] = hold([code.lock])
    code = AccessCode.objects.select_related("lock").get(pk=code.pk)
    if code.is_managed and code.wanted:
        raise NotPossible(
            "Somebody adopted this code: it is a code of this house now, and is removed as such."
        )
    if not code.is_managed:
        _check_there(code)
        wish(code, clock.now(), by, is_managed=True, wanted=False, pin4=None)
        live.announce(lock.property, f"lock-{lock.public_id}")
        wake([lock])
    return code


def _check_there(code: AccessCode) -> None:
    if not code.live or code.observed != AccessCode.Observed.PRESENT:
        raise NotPossible(_("This code is not on the lock any more."))


def _check(code: AccessCode) -> None:
    _check_there(code)
    if code.pin_index is None:
        raise NotPossible(_("The lock does not show this code's digits, so they cannot be kept."))
    window = pins.around(code.starts_at, code.ends_at, pins.NO_MARGIN)
    same = AccessCode.objects.filter(window, lock=code.lock_id, pin4=code.pin4, live=True, is_managed=True)
    if same.exists():
        raise NotPossible(
            _(
                "A code of this house on the same lock begins with the same four digits. "
                "Change the digits in the maker's app first."
            )
        )
