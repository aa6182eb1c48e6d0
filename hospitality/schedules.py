"""All periodic work, in one table; `manage.py sync_schedules` brings the queue's schedule in line with it.

What must be on time does not rest on this: due moments are kept in our own rows, and the worker asks for
them every second. The queue's scheduler wakes about every 30 s.
"""

from dataclasses import dataclass

from django.db import transaction
from django_q.models import Schedule


@dataclass(frozen=True)
class Periodic:
    """`function`, a dotted path without arguments, is run every so many minutes."""

    name: str
    function: str
    minutes: int


PERIODIC = (
    Periodic("look at locks that are due", "locks.tasks.sweep", minutes=1),
    Periodic("tell other programs what has happened", "locks.tasks.send_webhooks", minutes=1),
    Periodic("tell other programs of what was committed late", "locks.tasks.gather_late_events", minutes=1),
    Periodic("look for new devices", "locks.tasks.discover", minutes=1),
    Periodic("ask what happened at the doors", "locks.tasks.read_events", minutes=1),
    Periodic("bring staff codes in line with the time", "locks.tasks.staff_codes", minutes=1),
    Periodic("give stays the doors their rooms have", "reservations.tasks.fit_doors", minutes=5),
    Periodic("send messages that are due", "reservations.messages.tasks.send_due", minutes=1),
    Periodic("delete old files of the outbox", "reservations.messages.outbox.forget", minutes=24 * 60),
    Periodic("read the calendars of portals", "reservations.feeds.tasks.read_calendars", minutes=1),
    Periodic("forget what the webhook was told", "reservations.feeds.tasks.forget_calls", minutes=24 * 60),
    Periodic("forget old uploads", "reservations.imports.uploads.sweep", minutes=10),
    Periodic("forget old webhooks", "locks.webhooks.forget", minutes=24 * 60),
    Periodic("forget what programs were answered", "locks.api.kept.forget", minutes=60),
    Periodic("forget old deliveries", "locks.subscriptions.forgetting.forget", minutes=24 * 60),
    Periodic("forget digits that were on a lock long ago", "locks.former.forget", minutes=24 * 60),
    Periodic("forget old handovers", "reservations.handover.signing.forget", minutes=24 * 60),
    Periodic("forget ended sessions", "hospitality.tasks.clear_sessions", minutes=24 * 60),
)


@transaction.atomic
def sync() -> None:
    """Make the queue's schedule hold exactly the table. Again is a no-op."""
    Schedule.objects.exclude(name__in=[work.name for work in PERIODIC]).delete()
    for work in PERIODIC:
        wanted = {
            "func": work.function,
            "schedule_type": Schedule.MINUTES,
            "minutes": work.minutes,
            "repeats": -1,
        }
        found = Schedule.objects.filter(name=work.name)
        if not found.update(**wanted):
            Schedule.objects.create(name=work.name, **wanted)
