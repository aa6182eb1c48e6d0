"""An event reaches the other side, is tried again as promised, and is never sent where it must not go."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from seam import SeamWebhook, SeamWebhookVerificationError

from hospitality import clock
from locks.api import shapes
from locks.models import Delivery, DeliveryAttempt, Webhook
from locks.subscriptions import calls, sending, verbs
from locks.subscriptions.sending import PAUSES
from tests.factories import AccessCodeFactory, LockFactory
from tests.locks.loopback_server import certificate, raw, reply, server, tls_server
from tests.locks.subscriptions.conftest import SET, happens, only, verified
from tests.locks.webhook_receiver import WebhookReceiver

State, Trouble = Delivery.State, DeliveryAttempt.Trouble


def to(house, url: str) -> Webhook:
    return verbs.make(house, by=None, url=url)


def answered_by(house, answer) -> DeliveryAttempt:
    """The one attempt to tell a server that answers so."""
    with server(answer) as url:
        to(house, url)
        happens(house)
        assert sending.run() == 1
    return DeliveryAttempt.objects.get()


def test_the_event_is_the_body_and_seam_s_own_sdk_verifies_it(webhook, house, receiver):
    lock = LockFactory(property=house)
    code = AccessCodeFactory(lock=lock)
    event = happens(house, SET, lock=lock, access_code=code)
    assert sending.run() == 1
    [(headers, body)] = receiver.received
    [told] = verified(webhook, receiver)
    assert (told.event_id, told.event_type) == (str(event.event_id), SET)
    assert (told.device_id, told.access_code_id) == (str(lock.public_id), str(code.public_id))
    assert told.workspace_id == str(house.public_id)
    assert datetime.fromisoformat(told.occurred_at) - event.occurred_at < timedelta(milliseconds=1)
    assert json.loads(body)["event_id"] == headers["webhook-id"] == headers["svix-id"]
    assert headers["Content-Type"] == "application/json"
    assert {name for name in headers if name.startswith(("webhook-", "svix-"))} == {
        f"{brand}-{name}" for brand in ("webhook", "svix") for name in ("id", "timestamp", "signature")
    }


@pytest.mark.parametrize("brand", ["webhook", "svix"])
def test_either_set_of_headers_is_enough_and_another_secret_is_not(webhook, house, receiver, brand):
    happens(house)
    sending.run()
    [(headers, body)] = receiver.received
    own = {name: value for name, value in headers.items() if name.startswith(brand)}
    assert len(own) == 3
    SeamWebhook(webhook.secret).verify(body, own)
    with pytest.raises(SeamWebhookVerificationError):
        SeamWebhook(to(house, receiver.url).secret).verify(body, own)


def test_a_delivery_is_on_record_with_its_attempt(webhook, house, receiver):
    happens(house)
    sending.run()
    delivery = only(webhook)
    assert (delivery.state, delivery.attempts, delivery.lease_until) == (State.DELIVERED, 1, None)
    assert delivery.ended_at is not None
    attempt = delivery.made.get()
    assert (attempt.status_code, attempt.trouble) == (204, "")
    assert attempt.duration_ms is not None
    assert sending.run() == 0


def test_every_event_comes_to_every_webhook_also_when_there_are_many(near, house, receiver):
    both = [to(house, receiver.url) for _ in range(2)]
    events = {str(happens(house).event_id) for _ in range(60)}
    assert sending.run() == 120
    came = [json.loads(body)["event_id"] for _headers, body in receiver.received]
    assert sorted(came) == sorted([*events] * 2)
    for webhook in both:
        assert {each.state for each in webhook.deliveries.all()} == {State.DELIVERED}


def test_it_is_tried_again_as_seam_does_signed_anew_each_time_until_it_is_given_up(near, house, monkeypatch):
    with WebhookReceiver((500,) * 8) as receiver:
        webhook = to(house, receiver.url)
        happens(house)
        started, moved = clock.now(), timedelta()
        real = clock.now
        monkeypatch.setattr(clock, "now", lambda: real() + moved)
        waited = []
        for _ in range(8):
            assert sending.run() == 1
            delivery = only(webhook)
            assert sending.run() == 0, "not before its time"
            if delivery.state == State.WAITING:
                waited.append(round((delivery.next_at - clock.now()) / timedelta(seconds=5)) * 5)
                moved += delivery.next_at - clock.now()
        assert (
            waited == [5, 300, 1800, 7200, 18000, 36000, 36000] == [pause.total_seconds() for pause in PAUSES]
        )
        assert (delivery.state, delivery.attempts) == (State.DEAD, 8)
        moved += timedelta(days=2)
        assert sending.run() == 0
        attempts = list(delivery.made.all())
        assert [attempt.status_code for attempt in attempts] == [500] * 8
        assert attempts[-1].at - started > timedelta(hours=27)
        assert len({headers["webhook-id"] for headers, _body in receiver.received}) == 1
        assert len({body for _headers, body in receiver.received}) == 1
        assert len(verified(webhook, receiver)) == 8


def test_what_was_given_up_is_sent_again_on_request_with_all_attempts(near, house, later):
    with WebhookReceiver((410, 410, 500)) as receiver:
        webhook = to(house, receiver.url)
        events = [happens(house), happens(house)]
        sending.run()
        dead = webhook.deliveries.filter(state=State.DEAD)
        assert dead.count() == 2, "410 is final at once"
        assert set(DeliveryAttempt.objects.values_list("trouble", flat=True)) == {Trouble.GONE}
        assert sending.run() == 0
        verbs.send_again(dead.get(event=events[0]), by=None)
        sending.run()
        assert webhook.deliveries.get(event=events[0]).state == State.WAITING, "it failed, and is tried again"
        later(seconds=6)
        sending.run()
        assert webhook.deliveries.get(event=events[0]).state == State.DELIVERED
        assert verbs.send_all_again(webhook, by=None) == 1
        assert sending.run() == 1
        assert not dead.exists()
        assert len(verified(webhook, receiver)) == 5


@pytest.mark.parametrize(
    ("answer", "status", "trouble"),
    [
        (reply("200 OK", b"taken"), 200, ""),
        (reply("202 Accepted"), 202, ""),
        (reply("400 Bad Request", b"no"), 400, Trouble.REFUSED),
        (reply("404 Not Found"), 404, Trouble.REFUSED),
        (reply("429 Too Many Requests"), 429, Trouble.REFUSED),
        (reply("500 Internal Server Error"), 500, Trouble.REFUSED),
        (reply("410 Gone"), 410, Trouble.GONE),
        (reply("304 Not Modified", b""), 304, Trouble.LEADS_ON),
        (raw(b""), None, Trouble.BROKEN_OFF),
        (raw(b"not HTTP at all\r\n\r\n"), None, Trouble.BROKEN_OFF),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhalf"), 200, Trouble.BROKEN_OFF),
    ],
)
def test_what_an_answer_means_is_on_record(near, house, answer, status, trouble):
    attempt = answered_by(house, answer)
    assert (attempt.status_code, attempt.trouble) == (status, trouble)
    wanted = State.DELIVERED if not trouble else State.DEAD if trouble == Trouble.GONE else State.WAITING
    assert attempt.delivery.state == wanted


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"]
)
def test_a_redirect_is_not_followed(near, house, receiver, status):
    attempt = answered_by(house, reply(status, b"", f"Location: {receiver.url}\r\n"))
    assert attempt.trouble == Trouble.LEADS_ON
    assert receiver.received == []


def test_an_endless_answer_is_read_no_further_than_a_little(near, house):
    sent = []

    def flood(connection, _request):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n")
        for _ in range(1600):
            connection.sendall(b"x" * 65536)
            sent.append(65536)

    attempt = answered_by(house, flood)
    assert attempt.trouble == "", "it said yes"
    assert attempt.said == "x" * 500
    assert sum(sent) < 50 * 2**20


def test_a_target_that_hangs_is_left_after_a_while(near, house, monkeypatch):
    monkeypatch.setattr(calls, "SECONDS", 0.5)
    attempt = answered_by(house, lambda connection, _request: connection.recv(1))
    assert attempt.trouble == Trouble.TOO_SLOW
    assert 400 < attempt.duration_ms < 2000


def test_a_target_that_trickles_is_left_after_a_while(near, house, monkeypatch):
    monkeypatch.setattr(calls, "SECONDS", 0.5)

    def trickle(connection, _request):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
        while True:
            connection.sendall(b"x")
            time.sleep(0.02)

    assert answered_by(house, trickle).trouble == Trouble.TOO_SLOW


def test_nothing_listens_there(near, house):
    with server(reply()) as url:
        """Its port is free afterwards."""
    to(house, url)
    happens(house)
    sending.run()
    assert DeliveryAttempt.objects.get().trouble == Trouble.NOT_REACHED


def test_a_wrong_certificate_is_not_told_anything(near, house, tmp_path):
    seen = []
    with tls_server(certificate(tmp_path), lambda _connection, request: seen.append(request)) as url:
        to(house, url)
        happens(house)
        sending.run()
    assert DeliveryAttempt.objects.get().trouble == Trouble.CERTIFICATE_WRONG
    assert not any(seen)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "0.0.0.0", "[::1]", "2130706433", "[::ffff:127.0.0.1]"]
)
def test_this_machine_is_never_connected_to_whatever_it_is_called(near, house, settings, host, receiver):
    webhook = to(house, receiver.url)
    settings.WEBHOOKS_TO = type(settings.WEBHOOKS_TO)()
    Webhook.objects.filter(pk=webhook.pk).update(url=receiver.url.replace("127.0.0.1", host))
    happens(house)
    assert sending.run() == 1
    assert DeliveryAttempt.objects.get().trouble == Trouble.NOT_OUTSIDE
    assert receiver.received == []


def test_a_permitted_name_is_connected_to_wherever_it_leads(near, house, settings, receiver):
    settings.WEBHOOKS_TO = settings.WEBHOOKS_TO.read(["localhost"])
    to(house, receiver.url.replace("127.0.0.1", "localhost"))
    happens(house)
    sending.run()
    assert len(receiver.received) == 1


def test_a_slow_target_has_one_call_at_a_time_and_the_others_do_not_wait(near, house, receiver, monkeypatch):
    monkeypatch.setattr(calls, "SECONDS", 5)
    monkeypatch.setattr(sending, "LASTS", 4)
    hanging, ended, record = [], [], sending.record

    def hang(connection, _request):
        hanging.append(1)
        connection.recv(1)

    def noted(attempt, answer):
        ended.append(attempt.delivery.webhook)
        record(attempt, answer)

    monkeypatch.setattr(sending, "record", noted)
    with server(hang) as url:
        slow, quick = to(house, url), to(house, receiver.url)
        Webhook.objects.filter(pk=slow.pk).update(is_quick=False)
        for _ in range(10):
            happens(house)
        sending.run()
    assert ended == [quick] * 10 + [slow], "all of the quick one's came to an end while the slow one hung"
    assert len(receiver.received) == 10
    assert len(hanging) == 1


def test_an_answer_that_is_no_text_is_kept_as_far_as_it_can_be(near, house):
    assert (
        answered_by(house, reply(body=b"a\0\xff")).said
        == "a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}"
    )


def test_an_event_that_cannot_be_written_down_is_its_own_trouble(
    webhook, house, receiver, monkeypatch, caplog
):
    good, bad = happens(house), happens(house)
    real = shapes.event

    def shape(event):
        if event == bad:
            raise ValueError(event)
        return real(event)

    monkeypatch.setattr(shapes, "event", shape)
    sending.run()
    assert webhook.deliveries.get(event=good).state == State.DELIVERED
    assert webhook.deliveries.get(event=bad).made.get().trouble == Trouble.NOT_WRITTEN
    assert webhook.deliveries.get(event=bad).state == State.WAITING
    assert str(bad.event_id) in caplog.text


def test_a_call_that_cannot_be_made_at_all_is_its_own_trouble(webhook, house, receiver, monkeypatch, caplog):
    good, bad = happens(house), happens(house)
    real = calls.post

    def post(url, headers, body):
        if headers["webhook-id"] == str(bad.event_id):
            raise ValueError("nobody has thought of this")
        return real(url, headers, body)

    monkeypatch.setattr(calls, "post", post)
    sending.run()
    assert webhook.deliveries.get(event=good).state == State.DELIVERED
    assert webhook.deliveries.get(event=bad).made.get().trouble == Trouble.NOT_WRITTEN
    assert "nobody has thought of this" in caplog.text


# Two at once, and one that dies


def test_what_is_leased_is_nobody_else_s_until_the_lease_is_over(webhook, house, later):
    happens(house)
    sending.gathering.gather()
    [first] = sending.claim(10)
    assert sending.claim(10) == []
    later(seconds=31)
    [second] = sending.claim(10)
    assert (second.delivery_id, second.pk) != (first.delivery_id, first.pk)
    assert second.delivery_id == first.delivery_id


def test_a_no_that_comes_after_the_lease_changes_nothing_and_a_yes_counts(webhook, house, later):
    happens(house)
    sending.gathering.gather()
    [first] = sending.claim(10)
    later(seconds=31)
    [second] = sending.claim(10)
    sending.record(first, calls.Answer(10, Trouble.REFUSED, 500))
    assert only(webhook).lease_until == second.delivery.lease_until
    sending.record(first, calls.Answer(10, None, 200))
    assert only(webhook).state == State.DELIVERED
    sending.record(second, calls.Answer(10, Trouble.REFUSED, 500))
    delivery = only(webhook)
    assert delivery.state == State.DELIVERED, "whatever the second one was told"
    assert list(delivery.made.values_list("status_code", flat=True)) == [200, 500]


def test_a_signature_is_of_the_present_time(webhook, house, receiver):
    happens(house)
    sending.run()
    [(headers, _body)] = receiver.received
    assert abs(datetime.now(UTC).timestamp() - int(headers["svix-timestamp"])) < 5
