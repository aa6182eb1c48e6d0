"""Drawing a PIN that every door of a grant accepts and nobody guesses from its neighbours."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from hospitality import vault
from locks.models import AccessCode, Lock

PREFERRED_LENGTH = 6
USUAL_LENGTHS = (4, 5, 6, 7, 8)
MARGIN = timedelta(hours=96)
"""Digits stay taken this long around a code's window: a stay that is extended keeps its PIN, and a lock that is
loaded 72 h ahead never has to hold the same digits twice."""
TRIES = 5_000


class NoPin(Exception):
    """No PIN fits every lock; the message says which lock or why, for a person."""


def draw(locks: Sequence[Lock], starts_at: datetime | None, ends_at: datetime | None) -> str:
    """A random PIN: six digits where all the locks take them, no run or repeat of three, and its first four
    digits free on every lock at that time. The caller holds the locks' rows. Raises NoPin."""
    length = common_length(locks)
    taken = set(_taken(locks, starts_at, ends_at))
    for _ in range(TRIES):
        pin = "".join(secrets.choice("0123456789") for _ in range(length))
        if not is_simple(pin) and vault.index(pin[:4]) not in taken:
            return pin
    raise NoPin(f"No free PIN is left on {_names(locks)} for that time; remove codes that are not needed.")


def common_length(locks: Sequence[Lock]) -> int:
    """Six if every lock takes it, else the longest shorter one, else the shortest longer one. Raises NoPin."""
    lengths = set.intersection(*(set(lock.pin_lengths or USUAL_LENGTHS) for lock in locks))
    if not lengths:
        raise NoPin(f"No PIN length fits all of {_names(locks)}; give these doors separate codes.")
    short = [length for length in lengths if length <= PREFERRED_LENGTH]
    return max(short) if short else min(lengths)


def is_simple(pin: str) -> bool:
    """Three neighbours that are equal, climb or fall by one (777, 456, 321)?"""
    steps = [int(b) - int(a) for a, b in zip(pin, pin[1:], strict=False)]
    return any(a == b and a in (-1, 0, 1) for a, b in zip(steps, steps[1:], strict=False))


def _taken(locks: Sequence[Lock], starts_at: datetime | None, ends_at: datetime | None):
    on_these = AccessCode.objects.filter(lock__in=locks, live=True, pin4__isnull=False)
    return on_these.filter(around(starts_at, ends_at)).values_list("pin4", flat=True)


def around(starts_at: datetime | None, ends_at: datetime | None, margin: timedelta = MARGIN) -> Q:
    """Codes whose window, widened by `margin`, meets this one; None is without bound."""
    meets = Q()
    if ends_at is not None:
        meets &= Q(starts_at__isnull=True) | Q(starts_at__lt=ends_at + margin)
    if starts_at is not None:
        meets &= Q(ends_at__isnull=True) | Q(ends_at__gt=starts_at - margin)
    return meets


def _names(locks: Sequence[Lock]) -> str:
    return ", ".join(lock.name for lock in locks)
