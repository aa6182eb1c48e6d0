"""What providers push to us. A webhook is verified, kept once as it came, answered, and only ever means "look at this
lock"; what a door says of its use is a fact of its own."""

from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from hospitality import clock, live
from locks import accounts, wishes
from locks.models import AccessCode, Connection, Event, Lock, ReceivedWebhook
from locks.providers.base import InvalidWebhook, Notice, ProviderError
from locks.thresholds import WEBHOOKS_KEPT

LARGEST = 64 * 1024
BATCH = 1000
"""So many old webhooks are deleted at a time."""
UNLOCKED = "lock.unlocked"
DOOR_EVENTS = {UNLOCKED, "lock.locked", "lock.access_denied", "device.tampered"}
"""Kinds that are facts of their own. What others claim about codes and connections is found by looking."""


@csrf_exempt
@require_POST
def receive(request: HttpRequest, connection_id) -> HttpResponse:
    """POST /hooks/<connection>/: 204 when taken (also when told twice), 400 when it is not the provider's, 503
    while the connection cannot verify it."""
    connection = get_object_or_404(Connection, public_id=connection_id)
    if len(request.body) > LARGEST:
        return JsonResponse({"error": "The body is larger than a webhook may be."}, status=413)
    try:
        notice = accounts.adapter(connection).parse_webhook(request.headers, request.body)
    except InvalidWebhook as error:
        return JsonResponse({"error": str(error)}, status=400)
    except ProviderError:
        return JsonResponse({"error": "This connection has no usable credentials yet."}, status=503)
    _take(connection, notice)
    return HttpResponse(status=204)


@transaction.atomic
def _take(connection: Connection, notice: Notice) -> None:
    _, new = ReceivedWebhook.objects.get_or_create(
        connection=connection,
        webhook_id=notice.id,
        defaults={"kind": notice.kind[:120], "device_ref": notice.device_ref, "body": dict(notice.raw)},
    )
    lock = Lock.objects.filter(connection=connection, provider_ref=notice.device_ref).first()
    if lock is None or not new:
        return  # a device that nobody has placed yet, or told twice
    if notice.kind in DOOR_EVENTS:
        # Before one of its codes is written, as everybody does: else two wait for each other.
        wishes.hold([lock])
        _keep(connection, lock, notice)
    wishes.wake([lock])


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


def forget() -> int:
    """Delete the webhooks that were received longer ago than `WEBHOOKS_KEPT`, a batch at a time; returns how many.
    What they told stays: events are kept."""
    old = ReceivedWebhook.objects.filter(received_at__lt=clock.now() - WEBHOOKS_KEPT).order_by("received_at")
    forgotten = 0
    while batch := list(old.values_list("pk", flat=True)[:BATCH]):
        forgotten += ReceivedWebhook.objects.filter(pk__in=batch).delete()[0]
    return forgotten
