"""Backup codes: a few ongoing ones kept ready on each lock, secret until handed out, each handed out at most once.

A lock's pool is filled up by itself, to the size that the lock or its property says. Beside it stand those that an
owner made by hand (`locks.spares`). Every function that changes something takes, or is given, the lock's row first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from hospitality import clock, live
from locks import capabilities, pins, wishes
from locks.models import IN_STOCK, READY, AccessCode, AccessGrant, Lock
from locks.thresholds import MOST_SPOILT, SPOILT_WITHIN

NAME = "Latchkey backup"


class NoneLeft(Exception):
    """No backup code of the lock is confirmed on it; the message says what to do instead."""


class NotPossible(Exception):
    """A backup code would be of no use here, or cannot be had; the message says why."""


def stock(lock: Lock) -> QuerySet[AccessCode]:
    """The lock's backup codes that nobody has been given, healthy or not."""
    return AccessCode.objects.filter(IN_STOCK, lock=lock)


def healthy(lock: Lock) -> QuerySet[AccessCode]:
    """Those of the stock that can be handed out: confirmed on the lock, and not missing from its last list."""
    return AccessCode.objects.filter(READY, lock=lock)


def ready_at(lock: Lock, now: datetime) -> QuerySet[AccessCode]:
    """The same without those whose own end has come."""
    return healthy(lock).filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now))


def is_ready(code: AccessCode, lock: Lock) -> bool:
    """`READY`, of an object."""
    sound = code.is_in_stock and code.is_healthy and not code.pending_mutations
    return sound and code.observed_ref not in lock.suspect_refs


def live_on(lock: Lock) -> list[AccessCode]:
    """The lock's backup codes that are, or may be, on it, or are to come."""
    return list(AccessCode.objects.filter(lock=lock, is_backup=True, live=True).select_related("lock"))


@transaction.atomic
def hand_out(code: AccessCode, *, by, which: AccessCode | None = None) -> AccessCode:
    """Give the holder of `code` a backup code of the same lock (`which`, or the one that is confirmed longest), which
    ends with it. Asked again, the same one.

    Needs no answer from the lock: it works while the lock is offline. Raises NoneLeft, NotPossible.
    """
    [lock] = wishes.hold([code.lock])
    code = AccessCode.objects.select_related("pulled_backup", "lock", "grant").get(pk=code.pk)
    if code.pulled_backup and code.pulled_backup.wanted and code.pulled_backup.live:
        return code.pulled_backup
    now = clock.now()
    if not code.wanted or code.ends_at is None or code.ends_at <= now:
        raise NotPossible(_("This stay's time at the door is over; extend the stay first."))
    backup = _choose(lock, which, now)
    check_digits(backup, code.ends_at)
    spent = backup.by_hand and backup.ends_at is None
    pass_on(code, backup, now, by)
    if spent and not backup.successors.filter(IN_STOCK).exists():
        _draw(lock, now, 1, by_hand=True)
    fit(lock, live_on(lock), now)
    wishes.wake([lock])
    return backup


def pass_on(code: AccessCode, backup: AccessCode, now: datetime, by) -> None:
    """From now on the holder of `code` has this backup code, and it ends with it. The caller holds the lock's row, and
    wakes the lock."""
    backup.handed_out_at = now
    backup.save(update_fields=["handed_out_at"])
    wishes.wish(backup, now, by, ends_at=code.ends_at, name=f"Backup for {code.name}"[:200])
    code.pulled_backup = backup
    code.save(update_fields=["pulled_backup"])
    wishes.record(
        code, "access_code.backup_access_code_pulled", now, by=by, backup_access_code_id=str(backup.public_id)
    )
    wishes.tell(code.grant, [code.lock])


@transaction.atomic
def take_back(grant: AccessGrant, *, by) -> None:
    """Have the backup codes that were handed out for the grant taken off their locks, but for those that an owner wants
    there anyway."""
    held = wishes.hold(Lock.objects.filter(codes__grant=grant).distinct())
    now = clock.now()
    handed_out = AccessCode.objects.filter(pulled_for__grant=grant, wanted=True, outlives_guest=False)
    for code in handed_out.select_related("lock"):
        wishes.wish(code, now, by, wanted=False)
    wishes.wake(held)


def _choose(lock: Lock, which: AccessCode | None, now: datetime) -> AccessCode:
    """The pool's before those made by hand, and one with an end of its own, which the lock must be told to put off, last."""
    ready = ready_at(lock, now).filter(pk=which.pk) if which else ready_at(lock, now)
    last = F("ends_at").asc(nulls_first=True)
    backup = ready.order_by(last, "by_hand", "observed_at", "pk").first()
    if backup is None and which:
        raise NotPossible(_("Somebody took this code a moment ago, or the lock lost it; choose another."))
    if backup is None:
        raise NoneLeft(none_left(lock.name))
    return backup


def none_left(door: str) -> str:
    """What to do where no backup code is confirmed on the lock of that name."""
    return _(
        "No backup code is confirmed on %(lock)s. Open the door with a staff key or "
        "give the guest another room, and see to the lock."
    ) % {"lock": door}


def check_digits(backup: AccessCode, ends_at: datetime | None) -> None:
    """May the code last until `ends_at`? Raises NotPossible where somebody else has its first digits by then."""
    window = pins.around(None, ends_at, pins.NO_MARGIN)
    others = AccessCode.objects.filter(
        window, lock=backup.lock_id, pin4=backup.pin4, live=True, is_managed=True
    )
    if others.exclude(pk=backup.pk).exists():
        raise NotPossible(_("A later guest's code begins with the same digits; choose another code."))


def size(lock: Lock) -> int:
    """How many backup codes are to be kept ready on the lock."""
    return _asked(lock) if capabilities.of(lock).can_program_online_access_codes else 0


def _asked(lock: Lock) -> int:
    if not lock.backup_pool_enabled or lock.replaced_by_id:
        return 0
    own = lock.backup_pool_size
    return lock.property.backup_pool_size if own is None else own


@dataclass
class Fitted:
    """What became of a lock's stock: codes that were `added`, and those that are wanted off it now."""

    added: list[AccessCode] = field(default_factory=list)
    retired: list[AccessCode] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.added or self.retired)


def fit(lock: Lock, codes: Iterable[AccessCode], now: datetime) -> Fitted:
    """Bring the pool of `lock` to its size: what lacks is drawn, what is too many comes off, and so does what another
    has replaced and is confirmed. `codes` are the lock's live ones; the caller holds its row. A lock with no free
    digits left gets none: that shows as an empty stock."""
    unissued = [code for code in codes if code.is_in_stock]
    replaced = {code.in_place_of_id: code for code in unissued if code.in_place_of_id}
    done = Fitted()
    for code in unissued:
        if code.pk in replaced and is_ready(replaced[code.pk], lock):
            _take_off(code, now, done)
    pool = [code for code in unissued if code.wanted and not code.by_hand]
    asked = _asked(lock)
    if asked:
        pool = [code for code in pool if code.pk not in replaced]
    surplus = sorted(pool, key=lambda code: (is_ready(code, lock), -code.pk))[: max(len(pool) - asked, 0)]
    for code in surplus:
        _take_off(code, now, done)
    done.added = _draw(lock, now, size(lock) - len(pool))
    return done


def _take_off(code: AccessCode, now: datetime, done: Fitted) -> None:
    wishes.wish(code, now, None, wanted=False)
    done.retired.append(code)


def _draw(lock: Lock, now: datetime, count: int, *, by=None, **fields) -> list[AccessCode]:
    """So many new backup codes, or as many as there are digits for."""
    added = []
    for _number in range(count):
        try:
            added.append(new(lock, now, by=by, **fields))
        except pins.NoPin:
            break
    return added


def new(lock: Lock, now: datetime, *, by=None, **fields) -> AccessCode:
    """One more backup code on `lock`, whose row the caller holds. Raises pins.NoPin."""
    pin = pins.draw_backup(lock, now)
    return wishes.new_code(lock, by=by, name=NAME, pin=pin, now=now, is_backup=True, **fields)


def replace(code: AccessCode, now: datetime) -> AccessCode | None:
    """Take a spoilt backup code, that nobody was given, off its lock. One that was made by hand, or was to replace
    another, is drawn anew and returned; the pool's are by `fit`. A lock that spoils one after the other keeps the rest
    as they are. The caller holds the lock's row."""
    lock, fresh = code.lock, None
    if _spoilt_lately(lock, now) >= MOST_SPOILT:
        return None
    if code.by_hand or code.in_place_of_id:
        kept = {name: getattr(code, name) for name in ("by_hand", "ends_at", "in_place_of_id")}
        try:
            fresh = new(lock, now, **kept)
        except pins.NoPin:
            return None
    wishes.wish(code, now, None, wanted=False)
    return fresh


def longest_after_refusal(code: AccessCode, others: Iterable[AccessCode]) -> int | None:
    """How long a backup code of the lock that refused the digits of `code` may be from now on, as `longest_backup` of
    its row. A lock that tells no lengths may have meant the length: then one digit fewer, but never fewer than a guest's
    code has there. Not if one of the `others` that are on it is as long: then it was the digits."""
    lock, length = code.lock, len(code.pin)
    on_lock = (one for one in others if one.is_backup and one.observed == AccessCode.Observed.PRESENT)
    if capabilities.of(lock).pin_lengths or any(len(one.pin) >= length for one in on_lock):
        return lock.longest_backup
    return max(min(pins.longest_backup(lock), length - 1), pins.common_length([lock]))


def _spoilt_lately(lock: Lock, now: datetime) -> int:
    by_others = Q(refused_generation__isnull=False) | Q(external_change__isnull=False)
    gone = AccessCode.objects.filter(by_others, lock=lock, is_backup=True, handed_out_at__isnull=True)
    return gone.filter(wanted=False, asked_at__gt=now - SPOILT_WITHIN).count()


@transaction.atomic
def switch_on(lock: Lock, *, by) -> bool:
    """Keep a pool on the lock; False if it does already. Raises NotPossible."""
    if not capabilities.of(lock).can_program_online_access_codes:
        raise NotPossible(
            _("%(lock)s keeps no backup codes: its codes are made by arithmetic.") % {"lock": lock}
        )
    return _set(lock, backup_pool_enabled=True)


@transaction.atomic
def switch_off(lock: Lock, *, by) -> bool:
    """Keep no pool on the lock: nothing is filled up, and what nobody was given comes off. What an owner made by hand,
    and what guests have, stays. False if it is off already."""
    return _set(lock, backup_pool_enabled=False)


@transaction.atomic
def resize(lock: Lock, size: int | None, *, by) -> bool:
    """Keep so many ready on the lock; None: as many as the property does. False if that is so already."""
    return _set(lock, backup_pool_size=size)


def _set(lock: Lock, **wish) -> bool:
    [held] = wishes.hold([lock])
    if all(getattr(held, name) == value for name, value in wish.items()):
        return False
    for name, value in wish.items():
        setattr(held, name, value)
        setattr(lock, name, value)
    held.save(update_fields=list(wish))
    fit(held, live_on(held), clock.now())
    live.announce(held.property, f"lock-{held.public_id}")
    wishes.wake([held])
    return True


def switch_on_all(locks: Sequence[Lock]) -> None:
    """Keep a pool on each of these locks that can have one."""
    for lock in locks:
        if capabilities.of(lock).can_program_online_access_codes:
            _set(lock, backup_pool_enabled=True)
