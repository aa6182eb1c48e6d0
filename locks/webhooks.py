"""What providers push to us. A webhook is verified, kept once, answered, and only ever means "look at this lock"."""

from datetime import datetime

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from hospitality import live
from locks import accounts, codes
from locks.models import AccessCode, Connection, Event, Lock
from locks.providers.base import InvalidWebhook, Notice, ProviderError

LARGEST = 64 * 1024
DOOR_EVENTS = {"lock.unlocked", "lock.locked", "lock.access_denied", "device.low_battery", "device.tampered"}
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
    lock = Lock.objects.filter(connection=connection, provider_ref=notice.device_ref).first()
    if lock is None:
        return  # a lock that nobody has mapped yet
    if notice.kind in DOOR_EVENTS:
        _keep(connection, lock, notice)
    codes.wake([lock])


def _keep(connection: Connection, lock: Lock, notice: Notice) -> None:
    """The door's own word, once. A code that the lock does not name stays unknown: it is never guessed."""
    code = _code_of(lock, notice.code_ref, notice.occurred_at)
    _, new = Event.objects.get_or_create(
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
    if new:
        topic = f"grant-{code.grant.public_id}" if code and code.grant_id else f"lock-{lock.public_id}"
        live.announce(lock.property, topic)


def _code_of(lock: Lock, code_ref: str | None, at: datetime) -> AccessCode | None:
    if not code_ref:
        return None
    known = AccessCode.objects.filter(lock=lock, observed_ref=code_ref, created_at__lte=at)
    return known.select_related("grant").order_by("-live", "-created_at").first()
