"""Sending what is due. A delivery is leased and its attempt put on record and committed before the call is made; what
came of it is written after. Whoever is killed in between leaves a lease that runs out: then it is sent again, so each
event arrives at least once, and perhaps twice.

Calls wait on threads that hold no database connection. A target that is slow, or says no, has one call at a time: it
holds up neither the others nor the rest of the worker.
"""

import json
import logging
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, as_completed, wait
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from hospitality import alone, clock
from locks.api import shapes
from locks.models import Delivery, DeliveryAttempt, Webhook
from locks.providers import signing
from locks.subscriptions import calls, gathering
from locks.subscriptions.calls import Answer, Trouble

log = logging.getLogger(__name__)

PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=10),
)
"""Between two attempts, as Seam has it; the first is made at once, and after the eighth it is given up."""
LEASE = timedelta(seconds=30)
"""Longer than the longest call by far."""
AT_ONCE = 32
"""Calls at the same time."""
QUICK_AT_ONCE = 8
"""Of these to one target, as long as it says yes within `QUICK_MS`; to any other one."""
QUICK_MS = 1000
LASTS = 60.0
"""Seconds after which nothing more is begun, well under the queue's time-out."""
LISTEN = 0.2
"""Seconds between two looks for what is newly due while calls are under way."""


@dataclass(frozen=True)
class Parcel:
    """A leased delivery: its attempt is on record."""

    attempt: DeliveryAttempt
    event_id: str
    url: str
    secret: str = field(repr=False)
    body: bytes


def anything_due() -> bool:
    """Is there a delivery to send that nobody is at? Asked webhook by webhook, for which there is an index: those that
    wait for a target that is down may be many."""
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    own = Delivery.objects.filter(free, webhook=OuterRef("pk"))
    due = own.filter(state=Delivery.State.WAITING, next_at__lte=Now())
    return Webhook.objects.filter(Exists(due), removed_at=None).exists()


def run() -> int:
    """Gather new events and send what is due until nothing is, or `LASTS` is over; returns how many calls were made.
    One at a time on each node sends."""
    gathering.gather()
    running: dict[Future, Parcel] = {}
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook") as slots:
        with alone.on_this_node("webhooks") as mine:
            made = _send_all(slots, running) if mine else 0
        # Slow ones are waited for outside: the next run need not wait for them.
        for call in as_completed(running):
            record(running[call].attempt, _result(call))
    return made


def _send_all(slots: ThreadPoolExecutor, running: dict[Future, Parcel]) -> int:
    made, ends = 0, time.monotonic() + LASTS
    while time.monotonic() < ends:
        attempts = claim(AT_ONCE - len(running))
        made += len(attempts)
        running |= {slots.submit(send, parcel): parcel for parcel in _parcels(attempts)}
        if not (attempts or running):
            break
        for call in wait(running, timeout=LISTEN, return_when=FIRST_COMPLETED).done:
            record(running.pop(call).attempt, _result(call))
    return made


def _result(call: Future) -> Answer:
    """One that could not be made at all is its own delivery's trouble alone."""
    try:
        return call.result()
    except Exception:
        log.exception("a webhook could not be sent")
        return Answer(0, Trouble.NOT_WRITTEN)


@transaction.atomic
def claim(limit: int) -> list[DeliveryAttempt]:
    """Lease up to `limit` due deliveries, longest due first, to each target as many as it may have at once, and put
    their attempts on record. Two workers never get the same delivery."""
    now = clock.now()
    asked = {"now": now, "until": now + LEASE, "quick": QUICK_AT_ONCE, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE locks_delivery SET lease_until = %(until)s WHERE id IN ("
            "  SELECT due.id FROM locks_webhook webhook CROSS JOIN LATERAL ("
            "    SELECT id, next_at FROM locks_delivery WHERE webhook_id = webhook.id AND state = 'waiting'"
            "      AND next_at <= %(now)s AND (lease_until IS NULL OR lease_until <= %(now)s)"
            "    ORDER BY next_at LIMIT greatest(0, CASE WHEN webhook.is_quick THEN %(quick)s ELSE 1 END - ("
            "      SELECT count(*) FROM locks_delivery WHERE webhook_id = webhook.id AND lease_until > %(now)s))"
            "    FOR UPDATE SKIP LOCKED) due"
            "  WHERE webhook.removed_at IS NULL ORDER BY due.next_at LIMIT %(limit)s) RETURNING id",
            asked,
        )
        leased = [row[0] for row in cursor.fetchall()]
    deliveries = Delivery.objects.filter(pk__in=leased).select_related("webhook").order_by("next_at", "pk")
    return DeliveryAttempt.objects.bulk_create([DeliveryAttempt(delivery=one, at=now) for one in deliveries])


def _parcels(attempts: list[DeliveryAttempt]) -> Iterator[Parcel]:
    """What to send. An event that cannot be written down is its own delivery's trouble alone."""
    events = {row.pk: row for row in shapes.EVENTS.filter(pk__in={one.delivery.event_id for one in attempts})}
    for attempt in attempts:
        webhook, event = attempt.delivery.webhook, events[attempt.delivery.event_id]
        try:
            body = json.dumps(shapes.event(event)).encode()
            yield Parcel(attempt, str(event.event_id), webhook.url, webhook.secret, body)
        except Exception:
            log.exception("event %s cannot be sent to webhook %s", event.event_id, webhook.public_id)
            record(attempt, Answer(0, Trouble.NOT_WRITTEN))


def send(parcel: Parcel) -> Answer:
    """Make the call, signed with the present time. Needs no database."""
    stamp = str(int(time.time()))
    signature = signing.sign(parcel.secret, parcel.event_id, stamp, parcel.body)
    signed = {"id": parcel.event_id, "timestamp": stamp, "signature": signature}
    headers = {f"{brand}-{name}": value for brand in ("webhook", "svix") for name, value in signed.items()}
    return calls.post(parcel.url, {"Content-Type": "application/json"} | headers, parcel.body)


@transaction.atomic
def record(attempt: DeliveryAttempt, answer: Answer) -> None:
    """Write down what came of an attempt. A yes counts in any case; after a failure whose lease is over, whoever has
    the delivery by now goes on."""
    now, delivery = clock.now(), attempt.delivery
    DeliveryAttempt.objects.filter(pk=attempt.pk).update(
        duration_ms=answer.duration_ms,
        status_code=answer.status,
        said=answer.said,
        trouble=answer.trouble or "",
    )
    row = Delivery.objects.filter(pk=delivery.pk)
    ended = {"attempts": F("attempts") + 1, "lease_until": None}
    if answer.trouble is None:
        row.update(state=Delivery.State.DELIVERED, ended_at=now, **ended)
    elif answer.trouble == Trouble.GONE or delivery.attempts >= len(PAUSES):
        row.filter(lease_until=delivery.lease_until).update(state=Delivery.State.DEAD, ended_at=now, **ended)
    else:
        pause = PAUSES[delivery.attempts]
        row.filter(lease_until=delivery.lease_until).update(next_at=now + pause, **ended)
    quick = answer.trouble is None and answer.duration_ms < QUICK_MS
    Webhook.objects.filter(pk=delivery.webhook_id, is_quick=not quick).update(is_quick=quick)
