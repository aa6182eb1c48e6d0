"""What makers tell of their locks, pushed as webhooks or asked for: kept once, and only ever "look at this lock"; what a
door says of its use is a fact of its own."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from hospitality import clock, live
from locks import accounts, wishes
from locks.models import AccessCode, Connection, Event, Lock, ReceivedWebhook
from locks.providers.base import Notice, Unsupported

UNLOCKED = "lock.unlocked"
DOOR_EVENTS = {UNLOCKED, "lock.locked", "lock.access_denied", "device.tampered"}
"""Kinds that are facts of their own. What others claim about codes and connections is found by looking."""
LATE = timedelta(minutes=5)
"""So much later than it happened may the maker come to know of something."""


@transaction.atomic
def take(connection: Connection, notice: Notice) -> bool:
    """Keep a verified notice once, and have its lock looked at; returns whether it is new."""
    _, new = ReceivedWebhook.objects.get_or_create(
        connection=connection,
        webhook_id=notice.id,
        defaults={"kind": notice.kind[:120], "device_ref": notice.device_ref, "body": dict(notice.raw)},
    )
    lock = Lock.objects.filter(connection=connection, provider_ref=notice.device_ref).first()
    if lock is None or not new:
        return new  # a device that nobody has placed yet, or told twice
    if notice.kind in DOOR_EVENTS:
        # Before one of its codes is written, as everybody does: else two wait for each other.
        wishes.hold([lock])
        _keep(connection, lock, notice)
    wishes.wake([lock])
    return True


def _keep(connection: Connection, lock: Lock, notice: Notice) -> None:
    """The door's own word, once also where the webhook itself is long forgotten. A code that the lock does not name
    stays unknown: it is never guessed."""
    code = _code_of(lock, notice)
    Event.objects.get_or_create(
        connection=connection,
        provider_event_id=notice.id,
        defaults={
            "property_id": lock.property_id,
            "lock": lock,
            "access_code": code,
            "event_type": notice.kind,
            "data": dict(notice.raw),
            "occurred_at": notice.occurred_at,
        },
    )
    if code and notice.kind == UNLOCKED:
        earlier = Q(first_used_at__isnull=True) | Q(first_used_at__gt=notice.occurred_at)
        AccessCode.objects.filter(earlier, pk=code.pk).update(first_used_at=notice.occurred_at)
    live.announce(
        lock.property, f"grant-{code.grant.public_id}" if code and code.grant_id else f"lock-{lock.public_id}"
    )


def _code_of(lock: Lock, notice: Notice) -> AccessCode | None:
    if not notice.code_ref:
        return None
    known = AccessCode.objects.filter(
        lock=lock, observed_ref=notice.code_ref, created_at__lte=notice.occurred_at
    )
    return known.select_related("grant").order_by("-live", "-created_at").first()


def catch_up(account: Connection) -> int:
    """Ask the maker what happened at its doors since it was last asked: webhooks get lost, and none come while the house
    is down. Returns how many were new. What happened before the account was first asked is not. Raises ProviderError."""
    begun = clock.now()
    try:
        told = accounts.adapter(account).events_since((account.events_read_at or begun) - LATE)
    except Unsupported:
        return 0
    new = sum(take(account, notice) for notice in sorted(told, key=lambda notice: notice.occurred_at))
    Connection.objects.filter(pk=account.pk).update(events_read_at=begun)
    return new
