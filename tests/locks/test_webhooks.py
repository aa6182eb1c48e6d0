"""Webhooks in, as the simulator really signs and sends them: believed when signed, kept once, a reason to look."""

import json
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from hospitality import clock, schedules
from locks import webhooks, wishes
from locks.accounts import adapter
from locks.models import AccessCode, Event, Lock, ReceivedWebhook
from tests.locks.conftest import make_hotel
from tests.locks.simulator_process import wait_until
from tests.locks.webhook_receiver import WebhookReceiver


@pytest.fixture
def sent(hotel):
    """What the simulator sent so far, oldest first: (headers, body)."""
    with WebhookReceiver() as receiver:
        adapter(hotel.locks["1"].connection).register_webhook(receiver.url)
        yield receiver


@pytest.fixture
def post(client, hotel):
    address = reverse("webhook", args=[hotel.locks["1"].connection.public_id])

    def run(webhook, **changed):
        headers, body = webhook
        return client.post(address, body, "application/json", headers=signed(headers) | changed)

    return run


def signed(headers) -> dict:
    return {name: value for name, value in headers.items() if name.lower().startswith("webhook-")}


def test_an_unlock_is_linked_to_the_code_that_the_lock_names_and_wakes_the_lock(hotel, sent, post):
    one = hotel.locks["1"]
    grant = hotel.grant()
    hotel.visit(one)
    hotel.opens(one, grant.pin)
    [webhook] = sent.wait(1)
    due = one.due_at
    assert post(webhook).status_code == 204
    event = Event.objects.get(event_type="lock.unlocked")
    assert event.access_code == grant.codes.get()
    assert grant.pin not in json.dumps(event.data)
    assert Lock.objects.get(pk=one.pk).due_at < due


def test_told_twice_it_is_kept_once(hotel, sent, post):
    hotel.opens(hotel.locks["1"], "000000")
    [webhook] = sent.wait(1)
    assert [post(webhook).status_code for _ in range(3)] == [204] * 3
    assert Event.objects.filter(event_type="lock.access_denied").count() == 1


@pytest.mark.django_db(transaction=True)
def test_while_somebody_has_the_lock_the_doors_word_waits_and_has_no_hand_on_its_code(
    transactional_db, simulator
):
    hotel = make_hotel(simulator)
    one = hotel.locks["1"]
    grant = hotel.grant()
    hotel.visit(one)
    address = reverse("webhook", args=[one.connection.public_id])
    with WebhookReceiver() as receiver:
        adapter(one.connection).register_webhook(receiver.url)
        hotel.opens(one, grant.pin)
        [(headers, body)] = receiver.wait(1)

    def tell():
        try:
            Client().post(address, body, "application/json", headers=signed(headers))
        finally:
            connection.close()

    telling = threading.Thread(target=tell)
    with transaction.atomic():
        wishes.hold([one])
        telling.start()
        wait_until(somebody_waits, what="the webhook waits for the lock's row")
        # Raises where the other has it, who waits for us.
        code = AccessCode.objects.select_for_update(nowait=True).get(grant=grant)
    telling.join()
    code.refresh_from_db()
    assert code.first_used_at == Event.objects.get(event_type="lock.unlocked").occurred_at


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)")
        return cursor.fetchone()[0]


def test_a_code_that_is_not_ours_is_unknown_and_not_guessed(hotel, sent, post):
    one = hotel.locks["1"]
    hotel.grant()
    hotel.simulator.add_code(one.provider_ref, "555111", "Cleaner")
    hotel.opens(one, "555111")
    unlocked = [w for w in sent.wait(2) if b"lock.unlocked" in w[1]]
    assert post(unlocked[0]).status_code == 204
    assert Event.objects.get(event_type="lock.unlocked").access_code is None


def test_what_is_not_signed_is_refused_and_leaves_nothing(hotel, sent, post, client):
    one = hotel.locks["1"]
    hotel.visit(one)
    hotel.opens(one, "000000")
    [(headers, body)] = sent.wait(1)
    before = (Event.objects.count(), Lock.objects.get(pk=one.pk).wakes)
    assert post((headers, body.replace(b"denied", b"danced"))).status_code == 400
    assert post((headers, body), **{"webhook-signature": "v1,AAAA"}).status_code == 400
    assert post(({}, b"\xff\xfe not json")).status_code == 400
    assert post((headers, b"x" * 100_000)).status_code == 413
    assert client.get(reverse("webhook", args=[one.connection.public_id])).status_code == 405
    assert client.post(reverse("webhook", args=[one.public_id]), body, "application/json").status_code == 404
    assert (Event.objects.count(), Lock.objects.get(pk=one.pk).wakes) == before


def test_a_lock_that_nobody_has_mapped_is_not_an_error(hotel, sent, post):
    stray = hotel.simulator.add_lock("New lock", "native")
    hotel.simulator.keypad(stray, "000000")
    [webhook] = sent.wait(1)
    assert post(webhook).status_code == 204
    assert not Event.objects.filter(event_type="lock.access_denied").exists()


DAY = timedelta(days=1)


def received(connection, *ages: timedelta) -> None:
    """Webhooks of that account, each so long ago."""
    for number, age in enumerate(ages):
        kept = connection.received_webhooks.create(
            webhook_id=f"{age}-{number}", kind="lock.locked", device_ref="x", body={}
        )
        ReceivedWebhook.objects.filter(pk=kept.pk).update(received_at=clock.now() - age)


def test_webhooks_older_than_ninety_days_are_forgotten_once_a_day_in_batches(hotel, monkeypatch):
    account = hotel.locks["1"].connection
    received(account, *[91 * DAY] * 5, 89 * DAY, DAY)
    monkeypatch.setattr(webhooks, "BATCH", 2)
    assert webhooks.forget() == 5
    assert account.received_webhooks.filter(received_at__lt=clock.now() - 90 * DAY).count() == 0
    assert account.received_webhooks.count() == 2
    assert webhooks.forget() == 0
    assert {work.minutes for work in schedules.PERIODIC if work.function == "locks.webhooks.forget"} == {
        24 * 60
    }


def test_a_webhook_that_is_told_again_after_it_was_forgotten_is_no_second_event(hotel, sent, post):
    hotel.opens(hotel.locks["1"], "000000")
    [webhook] = sent.wait(1)
    assert post(webhook).status_code == 204
    ReceivedWebhook.objects.update(received_at=clock.now() - 91 * DAY)
    assert webhooks.forget() == 1
    assert post(webhook).status_code == 204
    assert Event.objects.filter(event_type="lock.access_denied").count() == 1
