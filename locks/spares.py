"""Backup codes that an owner makes by hand, beside a lock's pool: permanent, or until a day. They are as secret as the
pool's until somebody is given one, and a permanent one that was given away is spent: another takes its place."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from hospitality import clock, live
from locks import backups, capabilities, windows, wishes
from locks.backups import NotPossible
from locks.models import IN_STOCK, AccessCode, Lock

MOST_AT_ONCE = 10
MOST = 20
"""So many unissued ones made by hand a lock can have."""


@transaction.atomic
def generate(lock: Lock, *, by, count: int = 1, ends_at: datetime | None = None) -> list[AccessCode]:
    """Make `count` backup codes; they go on the lock at once, and off it at `ends_at` (None: permanent). Raises
    NotPossible, pins.NoPin."""
    [lock] = wishes.hold([lock])
    now = clock.now()
    _check(lock, count, ends_at, now)
    made = [backups.new(lock, now, by=by, by_hand=True, ends_at=ends_at) for _ in range(count)]
    _tell(lock)
    return made


def _check(lock: Lock, count: int, ends_at: datetime | None, now: datetime) -> None:
    can = capabilities.of(lock)
    if lock.replaced_by_id or not can.can_program_online_access_codes:
        raise NotPossible(_("No backup code can be put on %(lock)s.") % {"lock": lock})
    if not 1 <= count <= MOST_AT_ONCE:
        raise NotPossible(_("Make 1 to %(most)s codes at a time.") % {"most": MOST_AT_ONCE})
    there = backups.stock(lock).filter(by_hand=True).count()
    if there + count > MOST:
        raise NotPossible(
            _(
                "%(lock)s has %(count)s codes made by hand that nobody was given, and %(most)s is the most; "
                "use or retire some first."
            )
            % {"lock": lock, "count": there, "most": MOST}
        )
    if ends_at is not None and ends_at <= now:
        raise NotPossible(_("The end is in the past; choose a later day."))
    try:
        windows.fit(None, ends_at, can, capabilities.zone(lock))
    except windows.NotPossible as error:
        raise NotPossible(f"{lock}: {error}") from error


@transaction.atomic
def rotate(backup: AccessCode, *, by) -> AccessCode | None:
    """Put another code in the place of an unissued one, which comes off once the new one is confirmed on the lock. None
    if one is on its way already. Raises NotPossible, pins.NoPin."""
    lock, backup = _held(backup)
    if not backup.is_in_stock:
        raise NotPossible(_("This code was given out, or is being taken off; make a new one instead."))
    if backup.successors.filter(IN_STOCK).exists():
        return None
    fresh = backups.new(
        lock, clock.now(), by=by, by_hand=backup.by_hand, ends_at=backup.ends_at, in_place_of=backup
    )
    _tell(lock)
    return fresh


@transaction.atomic
def retire(backup: AccessCode, *, by) -> bool:
    """Want a backup code off its lock now, whoever has it. One of the pool that nobody had is replaced. False if that
    is so already."""
    lock, backup = _held(backup)
    if not (backup.wanted and backup.live):
        return False
    now = clock.now()
    wishes.wish(backup, now, by, wanted=False)
    backups.fit(lock, backups.live_on(lock), now)
    _tell(lock)
    return True


@transaction.atomic
def keep(backup: AccessCode, *, by) -> bool:
    """Leave a permanent code that a guest was given on its lock also after the guest. False if that is so already.
    Raises NotPossible."""
    lock, backup = _held(backup)
    if backup.outlives_guest:
        return False
    gone = not (backup.wanted and backup.live) or (backup.ends_at and backup.ends_at <= clock.now())
    if gone or not backup.by_hand or backup.handed_out_at is None:
        raise NotPossible(_("Only a permanent code that a guest has now can be kept on the lock."))
    backups.check_digits(backup, None)
    backup.outlives_guest = True
    backup.save(update_fields=["outlives_guest"])
    wishes.wish(backup, clock.now(), by, ends_at=None)
    _tell(lock)
    return True


@transaction.atomic
def end_with_guest(backup: AccessCode, *, by) -> bool:
    """Have a kept code end with its guest after all; at once if the guest has left. False if it is not kept."""
    lock, backup = _held(backup)
    if not backup.outlives_guest:
        return False
    now = clock.now()
    ends = [
        code.ends_at
        for code in backup.pulled_for.all()
        if code.wanted and code.ends_at and code.ends_at > now
    ]
    backup.outlives_guest = False
    backup.save(update_fields=["outlives_guest"])
    wishes.wish(backup, now, by, **({"ends_at": max(ends)} if ends else {"wanted": False}))
    _tell(lock)
    return True


def _held(backup: AccessCode) -> tuple[Lock, AccessCode]:
    """The code fresh from the database, its lock's row held. Raises AccessCode.DoesNotExist for no backup code."""
    [lock] = wishes.hold([backup.lock])
    return lock, AccessCode.objects.select_related("lock").get(pk=backup.pk, is_backup=True)


def _tell(lock: Lock) -> None:
    live.announce(lock.property, f"lock-{lock.public_id}")
    wishes.wake([lock])
