"""What providers push to us. A webhook is verified, kept once as it came, and answered."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from hospitality import clock
from locks import accounts, notices
from locks.models import Connection, ReceivedWebhook
from locks.providers.base import InvalidWebhook, ProviderError
from locks.thresholds import WEBHOOKS_KEPT

LARGEST = 64 * 1024
BATCH = 1000
"""So many old webhooks are deleted at a time."""


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
    notices.take(connection, notice)
    return HttpResponse(status=204)


def forget() -> int:
    """Delete the webhooks that were received longer ago than `WEBHOOKS_KEPT`, a batch at a time; returns how many.
    What they told stays: events are kept."""
    old = ReceivedWebhook.objects.filter(received_at__lt=clock.now() - WEBHOOKS_KEPT).order_by("received_at")
    forgotten = 0
    while batch := list(old.values_list("pk", flat=True)[:BATCH]):
        forgotten += ReceivedWebhook.objects.filter(pk__in=batch).delete()[0]
    return forgotten
