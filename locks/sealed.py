"""Backup codes on paper, for when screens are dark: taken out of a lock's pool, printed once and sealed in envelopes.

Such a code is spent as if it had been handed out: no screen gives it to anybody any more, and the pool is filled up. It
opens its door until it is put down as given to a guest, with whom it then ends, or as destroyed, which takes it off.
"""

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from hospitality import clock, live
from hospitality.models import Property
from locks import backups, spares, wishes
from locks.backups import NotPossible
from locks.models import IN_ENVELOPE, AccessCode, Lock

MOST = 3
"""So many a lock has on paper at a time."""


def label(key: UUID) -> str:
    """What stands on the envelope of the code with this public id."""
    return key.hex[:6].upper()


def waiting(property: Property) -> QuerySet[AccessCode]:
    """The codes that lie in envelopes: neither given to anybody nor destroyed."""
    return AccessCode.objects.filter(IN_ENVELOPE, lock__property=property, wanted=True, live=True)


@transaction.atomic
def draw(lock: Lock, *, by) -> AccessCode:
    """Take one ready code out of the pool, to be printed: the one that is confirmed longest. One always stays for the
    screen. Raises NotPossible."""
    [lock] = wishes.hold([lock])
    if waiting(lock.property).filter(lock=lock).count() >= MOST:
        raise NotPossible(
            _("%(lock)s has %(most)s sealed codes already; that is the most. Use or destroy one first.")
            % {"lock": lock, "most": MOST}
        )
    now = clock.now()
    ready = list(
        backups.ready_at(lock, now).filter(by_hand=False, ends_at=None).order_by("observed_at", "pk")[:2]
    )
    if len(ready) < 2:
        raise NotPossible(
            _(
                "%(lock)s has no backup code to spare: the last one that is ready stays for the screen. "
                "Try again once the pool is filled up."
            )
            % {"lock": lock}
        )
    code = ready[0]
    code.handed_out_at = code.sealed_at = now
    code.save(update_fields=["handed_out_at", "sealed_at"])
    wishes.record(code, "access_code.sealed", now, by=by)
    backups.fit(lock, backups.live_on(lock), now)
    _tell(lock)
    return code


@transaction.atomic
def give(code: AccessCode, sealed: AccessCode, *, by) -> None:
    """The envelope was opened for the holder of `code`: from now on the sealed code ends with it. Raises NotPossible."""
    wishes.hold([sealed.lock])
    code = AccessCode.objects.select_related("pulled_backup", "lock", "grant").get(pk=code.pk)
    sealed = _in_envelope(sealed)
    other = code.pulled_backup
    if other and other.wanted and other.live:
        raise NotPossible(
            _(
                "The guest has another backup code for this door; put this envelope down as destroyed, "
                "and its code comes off the lock."
            )
        )
    now = clock.now()
    if not code.wanted or code.ends_at is None or code.ends_at <= now:
        raise NotPossible(
            _(
                "This stay's time at the door is over; put the envelope down as destroyed, "
                "and its code comes off the lock."
            )
        )
    backups.check_digits(sealed, code.ends_at)
    backups.pass_on(code, sealed, now, by)
    _tell(sealed.lock)


@transaction.atomic
def destroy(sealed: AccessCode, *, by) -> None:
    """Nobody is to use it: want it off its lock. Raises NotPossible where it is out of its envelope already."""
    wishes.hold([sealed.lock])
    spares.retire(_in_envelope(sealed), by=by)


def _in_envelope(code: AccessCode) -> AccessCode:
    found = waiting(code.lock.property).filter(pk=code.pk).select_related("lock__property").first()
    if found is None:
        raise NotPossible(
            _("Envelope %(label)s was put down as given or destroyed before.")
            % {"label": label(code.public_id)}
        )
    return found


def _tell(lock: Lock) -> None:
    live.announce(lock.property, f"lock-{lock.public_id}")
    wishes.wake([lock])
