"""Backup codes: a few ongoing ones kept ready on each lock, secret until handed out, each handed out at most once."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from hospitality import clock, live
from locks import capabilities, pins, wishes
from locks.models import IN_STOCK, READY, AccessCode, Lock


class NoneLeft(Exception):
    """No backup code of the lock is confirmed on it; the message says what to do instead."""


class NotPossible(Exception):
    """A backup code would be of no use here; the message says why."""


def stock(lock: Lock) -> QuerySet[AccessCode]:
    """The lock's backup codes that nobody has been given, healthy or not."""
    return AccessCode.objects.filter(IN_STOCK, lock=lock)


def healthy(lock: Lock) -> QuerySet[AccessCode]:
    """Those of the stock that can be handed out: confirmed on the lock, and not missing from its last list."""
    return AccessCode.objects.filter(READY, lock=lock)


@transaction.atomic
def hand_out(code: AccessCode, *, by) -> AccessCode:
    """Give the holder of `code` a backup code of the same lock, which ends with it. Asked again, the same one.

    Needs no answer from the lock: it works while the lock is offline. Raises NoneLeft, NotPossible.
    """
    [lock] = wishes.hold([code.lock])
    code = AccessCode.objects.select_related("pulled_backup", "lock", "grant").get(pk=code.pk)
    if code.pulled_backup and code.pulled_backup.wanted and code.pulled_backup.live:
        return code.pulled_backup
    now = clock.now()
    if not code.wanted or code.ends_at is None or code.ends_at <= now:
        raise NotPossible("This stay's time at the door is over; extend the stay first.")
    backup = healthy(lock).order_by("observed_at", "pk").first()
    if backup is None:
        raise NoneLeft(
            f"No backup code is confirmed on {lock.name}. Open the door with a staff key or "
            "give the guest another room, and see to the lock."
        )
    backup.handed_out_at = now
    backup.save(update_fields=["handed_out_at"])
    wishes.wish(backup, now, by, ends_at=code.ends_at, name=f"Backup for {code.name}"[:200])
    code.pulled_backup = backup
    code.save(update_fields=["pulled_backup"])
    wishes.record(
        code, "access_code.backup_access_code_pulled", now, by=by, backup_access_code_id=str(backup.public_id)
    )
    refill(lock, now)
    live.announce(lock.property, f"grant-{code.grant.public_id}")
    wishes.wake([lock])
    return backup


def size(lock: Lock) -> int:
    """How many backup codes are to be kept ready on the lock."""
    kept = lock.backup_pool_enabled and capabilities.of(lock).can_program_online_access_codes
    return lock.property.backup_pool_size if kept else 0


def refill(lock: Lock, now: datetime) -> list[AccessCode]:
    """Bring the stock of `lock` to its size; the caller holds the lock's row. Returns the codes that were added.
    A lock with no free digits left gets none: that shows as an empty stock."""
    added = []
    for _ in range(size(lock) - stock(lock).count()):
        try:
            pin = pins.draw([lock], None, None)
        except pins.NoPin:
            break
        added.append(wishes.new_code(lock, by=None, name="Latchkey backup", pin=pin, now=now, is_backup=True))
    return added


def retire(backup: AccessCode, now: datetime) -> None:
    """Take a backup code that its lock refuses out of the stock; the next refill draws another one. The caller
    holds the lock's row."""
    wishes.wish(backup, now, None, wanted=False)
