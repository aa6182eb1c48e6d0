"""Opening a door from afar: asked by a person who sees the guest's papers, sent once and soon, or not at all.

A door that opens late opens for somebody else. So what was not sent within `UNLOCK_LASTS` is never sent, what was sent is
never sent again, and a worker that dies in between leaves "sent, no answer yet", which ends as "it may have opened".
"""

from django.db import transaction
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from hospitality import clock, live
from locks import accounts, capabilities, leases, wishes
from locks.models import Event, Lock, RemoteUnlock
from locks.providers import base
from locks.thresholds import UNLOCK_LASTS

Outcome = RemoteUnlock.Outcome
UNDER_WAY = (Outcome.ASKED, Outcome.SENT)
ENDS = {
    base.Outcome.CONFIRMED: Outcome.DONE,
    base.Outcome.NO_CHANGE: Outcome.DONE,
    base.Outcome.ACCEPTED: Outcome.UNCONFIRMED,
    base.Outcome.UNCONFIRMED: Outcome.UNCONFIRMED,
}


class NotPossible(Exception):
    """The lock cannot be opened from afar; the message says why."""


def possible(lock: Lock) -> bool:
    """Can the lock be opened from afar, as far as is known?"""
    return capabilities.of(lock).can_remotely_unlock and lock.online is not False and not lock.error_code


@transaction.atomic
def ask(lock: Lock, *, by) -> RemoteUnlock:
    """Have the lock opened once. Asked again while that is under way, it is the same. Raises NotPossible."""
    [lock] = wishes.hold([lock])
    if lock.replaced_by_id or not capabilities.of(lock).can_remotely_unlock:
        raise NotPossible(
            _("%(lock)s cannot be opened from here; send somebody with a key.") % {"lock": lock}
        )
    if not possible(lock):
        raise NotPossible(
            _("%(lock)s does not answer, so it cannot be opened from here; send somebody with a key.")
            % {"lock": lock}
        )
    _give_up(lock)
    found = RemoteUnlock.objects.filter(lock=lock, outcome__in=UNDER_WAY).first()
    if found is None:
        found = RemoteUnlock.objects.create(lock=lock, asked_at=clock.now(), asked_by=by)
        async_task("locks.tasks.unlock", found.pk)
    return found


def carry_out(unlock_id: int) -> None:
    """Send it, if nobody did and it is not too late; again is a no-op. Waits while a visit is at the lock."""
    unlock = _still_to_send(unlock_id)
    if unlock is None:
        return
    with leases.soon(unlock.lock_id, lambda: _still_to_send(unlock_id) is not None) as alone:
        if alone and _send(unlock):
            _end(unlock, *_call(unlock.lock))


def last(lock_ids) -> dict[int, RemoteUnlock]:
    """The last one of each of these locks. One query."""
    found = (
        RemoteUnlock.objects.filter(lock__in=lock_ids)
        .order_by("lock_id", "-asked_at", "-pk")
        .distinct("lock_id")
    )
    return {one.lock_id: one for one in found}


def _still_to_send(unlock_id: int) -> RemoteUnlock | None:
    unlock = RemoteUnlock.objects.select_related("lock__connection").filter(pk=unlock_id).first()
    if unlock is None or unlock.outcome != Outcome.ASKED:
        return None
    if clock.now() >= unlock.asked_at + UNLOCK_LASTS:
        _end(unlock, Outcome.TOO_LATE)
        return None
    return unlock


def _send(unlock: RemoteUnlock) -> bool:
    """Put on record that it is sent, before it is. False where somebody else did, or it is too late."""
    now = clock.now()
    waiting = RemoteUnlock.objects.filter(
        pk=unlock.pk, outcome=Outcome.ASKED, asked_at__gt=now - UNLOCK_LASTS
    )
    return bool(waiting.update(outcome=Outcome.SENT, sent_at=now))


def _call(lock: Lock) -> tuple[str, str]:
    """Ask the maker: the outcome, and the error's code."""
    try:
        return ENDS[accounts.metered(lock.connection).unlock(lock.provider_ref).outcome], ""
    except base.ProviderError as error:
        return Outcome.REFUSED, error.code


@transaction.atomic
def _end(unlock: RemoteUnlock, outcome: str, error_code: str = "") -> None:
    """Write the outcome down once, with what happened, and ring the screens."""
    now = clock.now()
    open_still = RemoteUnlock.objects.filter(pk=unlock.pk, outcome__in=UNDER_WAY)
    if not open_still.update(outcome=outcome, error_code=error_code, ended_at=now):
        return
    if outcome == Outcome.DONE:
        Event.objects.create(
            property_id=unlock.lock.property_id,
            lock=unlock.lock,
            event_type="lock.remote_unlock",
            actor=unlock.asked_by,
            occurred_at=now,
        )
    live.announce(unlock.lock.property, f"lock-{unlock.lock.public_id}")


def _give_up(lock: Lock) -> None:
    """What a killed worker left: not sent in time, or sent and never answered."""
    for unlock in RemoteUnlock.objects.filter(lock=lock, outcome__in=UNDER_WAY).select_related(
        "lock__property"
    ):
        since = unlock.sent_at or unlock.asked_at
        if clock.now() >= since + UNLOCK_LASTS:
            _end(unlock, Outcome.UNCONFIRMED if unlock.sent_at else Outcome.TOO_LATE)
