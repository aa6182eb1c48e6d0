"""Digits that were on a lock: so long as somebody may remember them, no backup code of that lock begins like them.

What a code has, or had at its end, stands on its row. What it had before it got other digits is kept here, as the keyed
index of the first four, and forgotten in time.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F, Q

from hospitality import clock
from locks.models import AccessCode, FormerDigits, Lock
from locks.thresholds import DIGITS_REMEMBERED

MAY_STILL_OPEN = Q(code__live=True, code__is_managed=True) & (
    Q(code__settled_generation__isnull=True) | ~Q(code__settled_generation=F("code__generation"))
)
"""Former digits that may open their lock to this day: what came after them was not seen there yet."""


def of(code: AccessCode, pin4: int, at: datetime) -> FormerDigits:
    """That `code` had digits of this index on its lock until `at`; not saved."""
    return FormerDigits(lock_id=code.lock_id, code=code, pin4=pin4, last_on_at=at)


def remember(digits: Iterable[FormerDigits]) -> None:
    """Keep them, each once per code, with the last time that is known."""
    once = {(one.code_id, one.pin4): one for one in digits}
    FormerDigits.objects.bulk_create(
        once.values(), update_conflicts=True, unique_fields=["code", "pin4"], update_fields=["last_on_at"]
    )


def had_lately(lock: Lock, now: datetime) -> set[int]:
    """Keyed indexes of the first four digits of every code that was on the lock, or on one in whose place it stands,
    in the last `DIGITS_REMEMBERED`: guests', staff's, backups and found ones. Two queries."""
    since = now - DIGITS_REMEMBERED
    here = Q(lock=lock) | Q(lock__replaced_by=lock)
    lately = Q(observed_at__gt=since) | Q(asked_at__gt=since)
    codes = AccessCode.objects.filter(here, lately, pin4__isnull=False)
    digits = FormerDigits.objects.filter(here, Q(last_on_at__gt=since) | MAY_STILL_OPEN)
    return {*codes.values_list("pin4", flat=True), *digits.values_list("pin4", flat=True)}


def forget() -> int:
    """Delete what nobody may remember any more; returns how many. What may still open its lock was on it until now."""
    now = clock.now()
    FormerDigits.objects.filter(MAY_STILL_OPEN).update(last_on_at=now)
    return FormerDigits.objects.filter(last_on_at__lte=now - DIGITS_REMEMBERED).delete()[0]
