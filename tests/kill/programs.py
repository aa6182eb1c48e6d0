"""A process dies while it tells another program what happened: each event arrives at least once, and more often only
where an attempt was cut off, which is on record."""

from collections import Counter
from functools import cache

from django.conf import settings
from seam import SeamWebhook

from hospitality.outward import Permitted
from locks.models import Delivery, DeliveryAttempt, Event
from locks.subscriptions import gathering, sending, verbs
from reservations import stays
from tests.kill.hotel import Hotel
from tests.kill.story import Scenario, Truth, anna, with_anna
from tests.locks.webhook_receiver import WebhookReceiver


@cache
def _receiver() -> WebhookReceiver:
    """This process's own, until it ends."""
    settings.WEBHOOKS_TO = Permitted.read(["127.0.0.1"])
    return WebhookReceiver().__enter__()


def _anna_and_a_program(hotel: Hotel) -> None:
    """It has been told already that Anna is here."""
    hotel.kept["webhook"] = verbs.make(hotel.property, by=None, url=_receiver().url)
    anna(hotel)
    sending.run()


def _forget(hotel: Hotel) -> None:
    hotel.kept["told"] = set(Delivery.objects.values_list("event__event_id", flat=True))
    _receiver().received.clear()


def _tell(hotel: Hotel) -> None:
    sending.run()


def _all_told(hotel: Hotel) -> Truth:
    sdk = SeamWebhook(hotel.kept["webhook"].secret)
    came = Counter(sdk.verify(body, headers).event_id for headers, body in _receiver().received)
    events = Event.objects.exclude(event_id__in=hotel.kept["told"]).exclude(
        event_type__in=gathering.DESK_ONLY
    )
    assert set(came) == {str(event.event_id) for event in events}, "every event arrived, and nothing else"
    for event in events:
        delivery = Delivery.objects.get(event=event)
        assert delivery.state == Delivery.State.DELIVERED, f"{event.event_type} is {delivery.state}"
        attempts = DeliveryAttempt.objects.filter(delivery=delivery)
        cut_off = attempts.filter(duration_ms=None).count()
        assert came[str(event.event_id)] <= 1 + cut_off, (
            f"{event.event_type} came once, or once for each that was cut off"
        )
    return with_anna(hotel, 5)


TELL = Scenario(
    "tell a program",
    _anna_and_a_program,
    lambda hotel: stays.change(hotel.stay("Anna"), by=None, confirmed=True, departure=hotel.day(5)),
    _all_told,
    begin=_forget,
    worker=_tell,
)
