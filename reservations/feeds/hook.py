"""Reservations that another program sends: one signed call with up to some hundred of them, through the same upsert as
a file. Told twice, it is done once and answered the same."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from hospitality import clock, live
from hospitality.models import Property
from hospitality.sentences import kept
from locks.providers import signing
from locks.providers.base import InvalidWebhook
from reservations.feeds import items
from reservations.feeds.answers import answer, in_english, refusal, too_often
from reservations.feeds.decide import settings_of
from reservations.feeds.models import ReceivedReservations
from reservations.imports import upsert
from reservations.imports.refusals import FileRefused
from reservations.imports.report import EXPLAINED, Kind, Line

LARGEST = 512 * 1024
PER_MINUTE = 120
ID_LENGTH = 200
NOBODY = "Nothing is taken here. Check the address, and have a manager make a secret on the page Feeds."


@csrf_exempt
@require_POST
@in_english
def receive(request: HttpRequest, property_id: UUID) -> HttpResponse:
    """POST /hooks/reservations/<property>/: 200 with what was done for each reservation, 422 where none could be, 401
    where it is not signed right, other 4xx with the remedy; 503 where it should be sent again."""
    property = Property.objects.filter(public_id=property_id).first()
    secret = property and settings_of(property).hook_secret
    if not secret:
        return refusal(404, NOBODY)
    if full := too_often(f"hook-{property_id}", PER_MINUTE):
        return full
    if len(request.body) > LARGEST:
        return refusal(413, f"At most {LARGEST // 1024} KB at a time; send fewer reservations in one call.")
    try:
        signing.verify(secret, request.headers, request.body)
    except InvalidWebhook as error:
        return refusal(
            401, f"{error} Sign as https://www.standardwebhooks.com says, with the secret of the page Feeds."
        )
    webhook_id = request.headers["webhook-id"]
    if len(webhook_id) > ID_LENGTH or not webhook_id.isprintable():
        return refusal(400, f"The webhook-id may have at most {ID_LENGTH} printable characters.")
    return _once(property, webhook_id, request.body)


def _once(property: Property, webhook_id: str, body: bytes) -> HttpResponse:
    """A call that was cut off is done again, which does nothing twice."""
    before = ReceivedReservations.objects.filter(property=property, webhook_id=webhook_id).first()
    if before:
        return answer(before.answer, before.status, Idempotent_Replayed="true")
    try:
        sent = items.read(property, body)
    except FileRefused as why:
        return refusal(422, str(why))
    report = upsert.apply(property, sent, by=None, confirm_older=True)
    if not report.is_whole:
        return refusal(503, "The database stopped answering. Send it again; nothing is done twice.")
    refused = all(Kind.REFUSED in line.kinds for line in report.lines)
    said = {"summary": report.summary, "reservations": [_told(line) for line in report.lines]}
    status = 422 if refused else 200
    look = [line for line in report.lines if not (EXPLAINED | {Kind.ROOMLESS}).isdisjoint(line.kinds)]
    ReceivedReservations.objects.get_or_create(
        property=property,
        webhook_id=webhook_id,
        defaults={
            "source": report.source,
            "status": status,
            "answer": said,
            "lines": [_asked(line) for line in look],
            "received_at": clock.now(),
        },
    )
    live.announce(property, "feeds")
    return answer(said, status)


def _told(line: Line) -> dict:
    return {
        "item": line.line,
        "number": line.number,
        "result": [kind.value for kind in line.kinds],
        "changes": [str(change) for change in line.changes],
        "notes": [items.spoken(str(note)) for note in line.notes],
    }


def _asked(line: Line) -> dict:
    return {"item": line.line, "guest": line.guest, "notes": kept(line.notes)}
