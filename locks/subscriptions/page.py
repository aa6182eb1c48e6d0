"""What the pages say of a house's webhooks, and of the deliveries of one."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from hospitality.models import Property
from hospitality.wall import Wall
from locks import event_words
from locks.models import Delivery, DeliveryAttempt, Webhook
from locks.models.subscriptions import EVERYTHING
from locks.said import Said
from locks.subscriptions import verbs
from locks.subscriptions.sending import LEASE, PAUSES

State = Delivery.State
AT_ONCE = 50
"""So many deliveries stand on one page, the newest."""


@dataclass(frozen=True)
class WebhookLine:
    """One webhook in words."""

    id: UUID
    url: str
    host: str
    made: str
    kinds: list[str]
    everything: bool
    delivered: str
    waiting: int
    dead: int


@dataclass(frozen=True)
class AttemptLine:
    at: str
    said: Said
    took: str
    answer: str


@dataclass(frozen=True)
class DeliveryLine:
    """One event on its way. `next`: when it is tried again."""

    id: UUID
    event_id: UUID
    kind: str
    what: str
    happened: str
    said: Said
    next: str
    attempts: list[AttemptLine]
    may_send_again: bool


@dataclass(frozen=True)
class Deliveries:
    """`older`: what the next page begins below; 0 where there is none."""

    lines: list[DeliveryLine]
    older: int


def standing(property: Property) -> QuerySet[Webhook]:
    """The webhooks with how many of their deliveries wait or were given up, and when the last one arrived."""
    own = Delivery.objects.filter(webhook=OuterRef("pk")).order_by().values("webhook")

    def count(state: State) -> Coalesce:
        return Coalesce(Subquery(own.filter(state=state).annotate(n=Count("pk")).values("n")), 0)

    delivered = own.filter(state=State.DELIVERED).annotate(last=Max("ended_at")).values("last")
    rows = verbs.standing(property).select_related("created_by")
    return rows.annotate(
        waiting=count(State.WAITING), dead=count(State.DEAD), delivered_at=Subquery(delivered)
    )


def read(property: Property, wall: Wall) -> list[WebhookLine]:
    """The house's webhooks, the oldest first. One query."""
    return [line(webhook, wall) for webhook in standing(property)]


def line(webhook: Webhook, wall: Wall) -> WebhookLine:
    """One of `standing`."""
    last = webhook.delivered_at
    return WebhookLine(
        id=webhook.public_id,
        url=webhook.url,
        host=webhook.host(),
        made=_made(webhook, wall),
        kinds=[kind for kind in webhook.event_types if kind != EVERYTHING],
        everything=EVERYTHING in webhook.event_types,
        delivered=_("Last delivered %(time)s") % {"time": wall.time(last)}
        if last
        else _("Nothing delivered yet"),
        waiting=webhook.waiting,
        dead=webhook.dead,
    )


def _made(webhook: Webhook, wall: Wall) -> str:
    when = wall.time(webhook.created_at)
    if webhook.created_by is None:
        return _("Made %(time)s at the server") % {"time": when}
    who = webhook.created_by.get_full_name() or webhook.created_by.get_username()
    return _("Made %(time)s by %(who)s") % {"time": when, "who": who}


def deliveries(webhook: Webhook, wall: Wall, *, state: str = "", below: int = 0) -> Deliveries:
    """The webhook's newest deliveries, of one state if named, below one of them if named. Two queries."""
    rows = webhook.deliveries.select_related("event").prefetch_related("made")
    rows = rows.filter(state=state) if state else rows
    rows = list((rows.filter(pk__lt=below) if below else rows).order_by("-pk")[: AT_ONCE + 1])
    shown = rows[:AT_ONCE]
    return Deliveries(
        lines=[_delivery(row, wall) for row in shown], older=shown[-1].pk if len(rows) > AT_ONCE else 0
    )


def _delivery(row: Delivery, wall: Wall) -> DeliveryLine:
    under_way = row.lease_until is not None and row.lease_until > wall.now
    attempts = list(row.made.all())
    return DeliveryLine(
        id=row.public_id,
        event_id=row.event.event_id,
        kind=row.event.event_type,
        what=event_words.of(row.event),
        happened=wall.time(row.event.occurred_at),
        said=_said(row, wall, under_way),
        next=_next(row, wall) if row.state == State.WAITING and not under_way and attempts else "",
        attempts=[_attempt(one, wall) for one in reversed(attempts)],
        may_send_again=row.state != State.WAITING,
    )


def _said(row: Delivery, wall: Wall, under_way: bool) -> Said:
    if row.state == State.DELIVERED:
        return Said("good", _("Delivered %(time)s") % {"time": wall.time(row.ended_at)})
    if row.state == State.DEAD:
        return Said("bad", _("Given up %(time)s") % {"time": wall.time(row.ended_at)})
    return Said("wait", _("Being sent") if under_way else _("Waiting"))


def _next(row: Delivery, wall: Wall) -> str:
    told = {"number": row.attempts + 1, "all": len(PAUSES) + 1, "time": wall.time(row.next_at)}
    return _("Attempt %(number)s of %(all)s: %(time)s") % told


def _attempt(one: DeliveryAttempt, wall: Wall) -> AttemptLine:
    return AttemptLine(
        at=wall.time(one.at),
        said=_came_of(one, wall),
        took=_("%(count)s ms") % {"count": one.duration_ms} if one.duration_ms else "",
        answer=one.said,
    )


def _came_of(one: DeliveryAttempt, wall: Wall) -> Said:
    """What the other side answered; of an attempt that has no end, what is known."""
    if one.duration_ms is None:
        if one.at + LEASE > wall.now:
            return Said("wait", _("Being sent"))
        return Said("warn", _("Cut off: it may have arrived"))
    said = one.get_trouble_display() if one.trouble else _("Taken")
    status = one.status_code and one.trouble != DeliveryAttempt.Trouble.GONE  # whose sentence names it
    return Said("bad" if one.trouble else "good", f"{said} ({one.status_code})" if status else said)
