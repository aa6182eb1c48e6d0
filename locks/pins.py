"""Drawing a PIN that every door of a grant accepts and nobody guesses from its neighbours."""

import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from hospitality import vault
from locks import capabilities, constraints, former, windows
from locks.models import AccessCode, AccessGrant, FormerDigits, Lock
from locks.providers.base import Capabilities

PREFERRED_LENGTH = 6
USUAL_LENGTHS = (4, 5, 6, 7, 8)
MARGIN = timedelta(hours=96)
"""Digits stay taken this long around a code's window: a stay that is extended keeps its PIN, and a lock that is
loaded 72 h ahead never has to hold the same digits twice."""
OUR_RULE = "no_triple_consecutive_ints"
"""777, 456 and 321 are guessed first."""
NO_MARGIN = timedelta()
TRIES = 5_000
Windows = Mapping[Lock, windows.Window]
"""From when to when each door opens, where not all of a grant's doors open at the same time."""
SENTENCES: dict[str, str] = {
    "no_zeros": gettext_noop("The PIN must not contain a 0."),
    "cannot_start_with_12": gettext_noop("The PIN must not start with 12."),
    "no_triple_consecutive_ints": gettext_noop(
        "The PIN must not contain three digits in a row that are equal, climb or fall by one (777, 345, 543)."
    ),
    "no_ascending_or_descending_sequence": gettext_noop(
        "The PIN must not be one run of digits, like 3456 or 6543."
    ),
    "at_least_three_unique_digits": gettext_noop("The PIN must contain at least three different digits."),
    "cannot_contain_089": gettext_noop("The PIN must not contain 0, 8 or 9: the lock has no such keys."),
    "cannot_contain_0789": gettext_noop("The PIN must not contain 0, 7, 8 or 9: the lock has no such keys."),
    "unique_first_four_digits": gettext_noop("The first four digits of the PIN must all be different."),
    "no_all_same_digits": gettext_noop("The digits of the PIN must not all be the same."),
}
"""One plain sentence per rule of `constraints.KNOWN`, for a person whose PIN was refused."""


class NoPin(Exception):
    """No PIN fits every lock; the message says which lock or why, for a person."""


def misfit(pin: str, can: Capabilities) -> str:
    """Why a lock that can do this does not take these digits, as a sentence without them; empty if it does."""
    if can.pin_lengths and len(pin) not in can.pin_lengths:
        # Translators: `lengths`: "4", or "4 or 6", or "4, 5 or 6"
        text = _("This lock takes PINs of %(lengths)s digits.")
        return text % {"lengths": windows.either([str(length) for length in can.pin_lengths])}
    return " ".join(_(SENTENCES[rule]) for rule in constraints.broken(pin, can.code_constraints))


def draw(
    locks: Sequence[Lock], starts_at: datetime | None, ends_at: datetime | None, length: int | None = None
) -> str:
    """A random PIN: of the `common_length` of the locks, no run or repeat of three, and its first four digits free on
    every lock at that time. The caller holds the locks' rows. Raises NoPin."""
    return _drawn(locks, common_length(locks, length), set(_taken(locks, starts_at, ends_at)))


def is_taken(pin: str, lock: Lock, window: windows.Window, *, but_by: AccessGrant | None = None) -> bool:
    """Does another code than those of `but_by` begin like `pin` on the lock at that time, or may it still open there
    with such digits? The caller holds the lock's row."""
    return vault.index(pin[:4]) in set(_taken([lock], *window, but_by=but_by))


def draw_backup(lock: Lock, now: datetime) -> str:
    """A random PIN for a backup code: the longest that the lock takes as far as it told, or its refusals did, and of first four digits that no code on this
    lock had in the last 90 days, for somebody may remember them. The caller holds the lock's row. Raises NoPin."""
    length = longest_backup(lock)
    return _drawn([lock], length, set(_taken([lock], None, None)) | former.had_lately(lock, now))


def longest_backup(lock: Lock) -> int:
    """How many digits a backup code has there."""
    return max(capabilities.of(lock).pin_lengths, default=lock.longest_backup or max(USUAL_LENGTHS))


def _drawn(locks: Sequence[Lock], length: int, taken: set[int]) -> str:
    rules = {rule for lock in locks for rule in capabilities.of(lock).code_constraints} | {OUR_RULE}
    for _try in range(TRIES):
        pin = "".join(secrets.choice("0123456789") for _digit in range(length))
        if not constraints.broken(pin, rules) and vault.index(pin[:4]) not in taken:
            return pin
    text = _("No free PIN is left on %(locks)s for that time; remove codes that are not needed.")
    raise NoPin(text % {"locks": _names(locks)})


def common_length(locks: Sequence[Lock], length: int | None = None) -> int:
    """Six if every lock takes it, else the longest shorter one, else the shortest longer one. Where a `length` is
    asked for: that one if every lock takes it, else the shortest that all take. Raises NoPin."""
    lengths = set.intersection(*(set(capabilities.of(lock).pin_lengths or USUAL_LENGTHS) for lock in locks))
    if not lengths:
        text = _("No PIN length fits all of %(locks)s; give these doors separate codes.")
        raise NoPin(text % {"locks": _names(locks)})
    if length is not None:
        return length if length in lengths else min(lengths)
    short = [one for one in lengths if one <= PREFERRED_LENGTH]
    return max(short) if short else min(lengths)


def _taken(
    locks: Sequence[Lock],
    starts_at: datetime | None,
    ends_at: datetime | None,
    *,
    but_by: AccessGrant | None = None,
):
    on_these = AccessCode.objects.filter(lock__in=locks, live=True, pin4__isnull=False)
    # The backup codes of a lock that one of these replaced may have been seen by anybody.
    lost = AccessCode.objects.filter(lock__replaced_by__in=locks, is_backup=True, pin4__isnull=False)
    # Digits that a code was given others for open their lock until those are seen there.
    old = FormerDigits.objects.filter(former.MAY_STILL_OPEN, lock__in=locks)
    if but_by:
        on_these, old = on_these.exclude(grant=but_by), old.exclude(code__grant=but_by)
    now = on_these.filter(around(starts_at, ends_at) | _once(locks)).values_list("pin4", flat=True)
    return now.union(lost.values_list("pin4", flat=True), old.values_list("pin4", flat=True))


def around(starts_at: datetime | None, ends_at: datetime | None, margin: timedelta = MARGIN) -> Q:
    """Codes whose window, widened by `margin`, meets this one; None is without bound."""
    meets = Q()
    if ends_at is not None:
        meets &= Q(starts_at__isnull=True) | Q(starts_at__lt=ends_at + margin)
    if starts_at is not None:
        meets &= Q(ends_at__isnull=True) | Q(ends_at__gt=starts_at - margin)
    return meets


def meeting(spans: Windows, margin: timedelta = MARGIN) -> Q:
    """Codes on these locks that meet, widened by `margin`, the window that is meant there; any on a lock that never
    takes the same digits twice."""
    alike = defaultdict(list)
    for lock, window in spans.items():
        alike[window].append(lock)
    found = Q(pk__in=[])
    for window, locks in alike.items():
        found |= Q(lock__in=locks) & around(*window, margin)
    return found | _once(spans)


def _once(locks: Collection[Lock]) -> Q:
    """Codes, whatever their windows, on those of the locks that never take the same digits twice."""
    return Q(lock__in=[lock for lock in locks if capabilities.of(lock).digits_once])


def _names(locks: Sequence[Lock]) -> str:
    return ", ".join(lock.name for lock in locks)
