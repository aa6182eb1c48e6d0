"""Which events are to be told to whom. The event table is the outbox: an event that is there is delivered.

Transactions do not commit in the order in which their events were written, so there is no last one seen: what is not
settled yet, and some time before it, is looked through again, and what has a delivery already is passed over.
"""

from datetime import datetime, timedelta

from django.db import connection

from hospitality import clock

DESK_ONLY = ("access_code.revealed", "access_code.told", "access_code.sealed")
"""Who looked at digits, and to whom they were told: the house's own record, told only where asked for by name."""
LATELY = timedelta(seconds=10)
"""How far back is looked each second: an event has the time of the machine that wrote it."""
LATE = timedelta(minutes=10)
"""The same each minute, should the clocks of two machines differ by more."""

_UNTOLD = """
    FROM locks_webhook webhook
    JOIN locks_event event ON event.property_id = webhook.property_id
        AND event.created_at > LEAST(webhook.scanned_at, %(now)s) - %(back)s
        AND event.created_at >= webhook.created_at
    WHERE webhook.removed_at IS NULL
        AND (event.event_type = ANY(webhook.event_types)
            OR '*' = ANY(webhook.event_types) AND NOT event.event_type = ANY(%(desk_only)s))
        AND NOT EXISTS (
            SELECT FROM locks_delivery told WHERE told.webhook_id = webhook.id AND told.event_id = event.id)
"""


def anything_new() -> bool:
    """Is there an event of late that has to be told to somebody?"""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT {_UNTOLD})", _asked(clock.now(), LATELY))
        return cursor.fetchone()[0]


def gather(back: timedelta = LATELY) -> int:
    """Have every event delivered that is wanted somewhere, from so long before the last look on; returns how many
    deliveries that makes. Two at once make each of them once."""
    settled = clock.settled()
    asked = _asked(clock.now(), back)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO locks_delivery (public_id, webhook_id, event_id, state, attempts, next_at) "
            f"SELECT gen_random_uuid(), webhook.id, event.id, 'waiting', 0, %(now)s {_UNTOLD} "
            "ON CONFLICT DO NOTHING",
            asked,
        )
        made = cursor.rowcount
        cursor.execute(
            "UPDATE locks_webhook SET scanned_at = %(settled)s "
            "WHERE removed_at IS NULL AND scanned_at < %(settled)s",
            {"settled": settled},
        )
    return made


def _asked(now: datetime, back: timedelta) -> dict:
    return {"now": now, "back": back, "desk_only": list(DESK_ONLY)}
