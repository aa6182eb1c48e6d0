"""A house whose events are told to receivers on this machine."""

import pytest
from seam import SeamWebhook

from hospitality.models import Property
from hospitality.outward import Permitted
from locks.models import Delivery, Event, Webhook
from locks.subscriptions import verbs
from tests.factories import PropertyFactory
from tests.factories import now as utc_now
from tests.locks.webhook_receiver import WebhookReceiver

SET = "access_code.set_on_device"


@pytest.fixture
def near(settings):
    """Webhooks may be sent to this machine."""
    settings.WEBHOOKS_TO = Permitted.read(["127.0.0.1"])


@pytest.fixture
def house(db) -> Property:
    return PropertyFactory()


@pytest.fixture
def receiver():
    with WebhookReceiver() as running:
        yield running


@pytest.fixture
def webhook(near, house, receiver) -> Webhook:
    return verbs.make(house, by=None, url=receiver.url)


def happens(house: Property, event_type: str = SET, **fields) -> Event:
    return Event.objects.create(property=house, event_type=event_type, occurred_at=utc_now(), **fields)


def verified(webhook: Webhook, receiver: WebhookReceiver) -> list:
    """What came, each read with the verifier of Seam's own SDK."""
    sdk = SeamWebhook(webhook.secret)
    return [sdk.verify(body, headers) for headers, body in receiver.received]


def only(webhook: Webhook) -> Delivery:
    return Delivery.objects.get(webhook=webhook)
