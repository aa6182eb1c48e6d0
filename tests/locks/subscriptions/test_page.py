"""Settings, Programs: managers make webhooks, see what became of each event, and send again what was given up."""

import html
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from hospitality.models import AuditEntry, Role
from locks.models import Delivery, Webhook
from locks.subscriptions import page
from tests.factories import (
    DeliveryAttemptFactory,
    DeliveryFactory,
    MembershipFactory,
    PropertyFactory,
    WebhookFactory,
    now,
)

PROGRAMS = "/p/seeblick/settings/programs/"
URL = "https://program.example/hooks"
State = Delivery.State


@pytest.fixture
def hotel(db):
    return PropertyFactory(slug="seeblick", name="Seeblick")


@pytest.fixture
def manager(hotel, client):
    user = MembershipFactory(property=hotel, role=Role.MANAGER, user__first_name="Mara").user
    client.force_login(user)
    return user


@pytest.fixture
def post(client, manager):
    def send(name: str, *ids, **fields):
        return client.post(reverse(name, args=["seeblick", *ids]), fields, follow=True)

    return send


@pytest.fixture
def look(client, manager):
    return lambda address=PROGRAMS: words(client.get(address))


@pytest.fixture
def webhook(hotel):
    return WebhookFactory(property=hotel)


def of(webhook: Webhook) -> str:
    return reverse("outgoing_webhook", args=["seeblick", webhook.public_id])


def words(answer) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.content.decode())))


def test_a_house_that_tells_nobody_says_so(look):
    assert "No address is told." in look()


def test_a_webhook_is_made_and_its_secret_is_shown_on_request_which_is_on_record(post, look, manager):
    answer = post("make_webhook", url=f" {URL}?key=theirs ", everything="on")
    webhook = Webhook.objects.get()
    assert (webhook.url, webhook.event_types, webhook.created_by) == (f"{URL}?key=theirs", ["*"], manager)
    assert "program.example is told from now on." in words(answer)
    assert webhook.secret not in words(answer)
    assert webhook.secret in words(post("webhook_secret", webhook.public_id))
    assert webhook.secret not in look(of(webhook))
    shown = AuditEntry.objects.get(action="webhook.secret_revealed")
    assert (shown.actor, shown.subject_id) == (manager, webhook.public_id)
    listed = look()
    assert "program.example" in listed
    assert "Nothing delivered yet · Told of everything" in listed
    assert "key=theirs" not in listed


@pytest.mark.parametrize(
    ("fields", "types"),
    [
        ({"everything": "on"}, ["*"]),
        ({"everything": "on", "kinds": ["lock.unlocked"]}, ["*"]),
        ({"everything": "on", "kinds": ["access_code.revealed"]}, ["*", "access_code.revealed"]),
        ({"kinds": ["lock.unlocked", "access_code.told"]}, ["access_code.told", "lock.unlocked"]),
    ],
)
def test_it_is_told_of_what_was_chosen(post, fields, types):
    post("make_webhook", url=URL, **fields)
    assert sorted(Webhook.objects.get().event_types) == types


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"url": "http://program.example/", "everything": "on"}, "must begin with https"),
        ({"url": "https://127.0.0.1/", "everything": "on"}, "LATCHKEY_WEBHOOKS_TO"),
        ({"url": "", "everything": "on"}, "This field is required."),
        ({"url": URL}, "Name at least one kind"),
        ({"url": URL, "kinds": "no.such_kind"}, "not one of the available choices"),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_stays(post, fields, why):
    answer = post("make_webhook", **fields)
    assert answer.status_code == 422
    assert why in words(answer)
    assert html.escape(fields["url"]) in answer.content.decode()
    assert not Webhook.objects.exists()


def test_the_kinds_are_changed_and_those_of_no_table_stay_to_be_chosen(post, client, webhook):
    Webhook.objects.update(event_types=["thermostat.turned", "lock.locked"])
    shown = client.get(of(webhook)).content.decode()
    ticked = re.findall(r'value="([a-z_.]+)"[^>]*checked', shown)
    assert sorted(ticked) == ["lock.locked", "thermostat.turned"]
    post("change_webhook", webhook.public_id, kinds=["lock.unlocked", "thermostat.turned"])
    assert Webhook.objects.get().event_types == ["lock.unlocked", "thermostat.turned"]
    answer = post("change_webhook", webhook.public_id)
    assert answer.status_code == 422
    assert "Name at least one kind" in words(answer)


def test_a_removed_webhook_is_gone_from_the_pages(post, look, client, webhook):
    question = look(reverse("remove_webhook", args=["seeblick", webhook.public_id]))
    assert "It is told nothing any more, what still waits included." in question
    assert "program.example is told nothing any more." in words(post("remove_webhook", webhook.public_id))
    assert "No address is told." in look()
    assert client.get(of(webhook)).status_code == 404


def test_what_became_of_each_event_is_told_with_every_attempt(look, webhook):
    dead = DeliveryFactory(webhook=webhook, state=State.DEAD)
    DeliveryAttemptFactory(delivery=dead, status_code=410, trouble="gone", said="<b>moved</b>")
    waiting = DeliveryFactory(webhook=webhook, attempts=2, next_at=now() + timedelta(minutes=30))
    DeliveryAttemptFactory(delivery=waiting, status_code=503, duration_ms=87)
    DeliveryAttemptFactory(delivery=waiting, status_code=None, trouble="too_slow", said="")
    delivered = DeliveryFactory(webhook=webhook, state=State.DELIVERED)
    DeliveryAttemptFactory(
        delivery=delivered, at=now() - timedelta(minutes=1), duration_ms=None, trouble="", said=""
    )
    DeliveryAttemptFactory(delivery=delivered, status_code=200, trouble="", said="ok")
    under_way = DeliveryFactory(webhook=webhook, lease_until=now() + timedelta(seconds=20))
    DeliveryAttemptFactory(delivery=under_way, duration_ms=None, status_code=None, trouble="", said="")
    said = look(of(webhook))
    for sentence in (
        "The program says that it is gone for good (410).",
        "<b>moved</b>",
        "The program did not take it. (503) 87 ms",
        "No answer in time.",
        "Attempt 3 of 8",
        "Cut off: it may have arrived",
        "Taken (200) 120 ms ok",
        "Being sent",
        str(dead.event.event_id),
    ):
        assert sentence in said, sentence
    assert said.count("Send again") == 2, "of what waits there is nothing to send again"
    assert "1 event given up" in look()


def test_what_is_shown_can_be_narrowed_and_has_an_end(look, webhook, monkeypatch):
    monkeypatch.setattr(page, "AT_ONCE", 2)
    waiting = [DeliveryFactory(webhook=webhook) for _ in range(3)]
    dead = DeliveryFactory(webhook=webhook, state=State.DEAD)
    ids = [str(one.event.event_id) for one in (*waiting, dead)]

    def shown(query: str) -> list[int]:
        said = look(f"{of(webhook)}?{query}")
        return [number for number, one in enumerate(ids) if one in said]

    assert shown("") == [2, 3]
    assert shown("state=dead") == [3]
    assert shown("state=waiting") == [1, 2]
    assert shown(f"state=waiting&below={waiting[1].pk}") == [0]
    assert shown("state=forged&below=-1") == [2, 3]
    assert "Older ones" in look(of(webhook))
    assert "Older ones" not in look(f"{of(webhook)}?state=dead")


def test_one_or_all_that_were_given_up_are_sent_again(post, webhook):
    one, *others = [DeliveryFactory(webhook=webhook, state=State.DEAD, attempts=8) for _ in range(3)]
    assert "1 event is sent again." in words(post("send_again", webhook.public_id, one.public_id))
    one.refresh_from_db()
    assert (one.state, one.attempts, one.ended_at) == (State.WAITING, 0, None)
    assert "2 events are sent again." in words(post("send_all_again", webhook.public_id))
    assert not Delivery.objects.filter(state=State.DEAD).exists()
    assert AuditEntry.objects.filter(action="webhook.sent_again").count() == 2


def test_another_webhook_s_delivery_is_not_found(client, manager, webhook):
    other = DeliveryFactory(webhook__property=webhook.property, state=State.DEAD)
    address = reverse("send_again", args=["seeblick", webhook.public_id, other.public_id])
    assert client.post(address).status_code == 404


@pytest.mark.parametrize("count", [3, 30])
def test_a_page_asks_as_often_for_many_deliveries_as_for_few(
    client, manager, webhook, count, django_assert_max_num_queries
):
    for _ in range(count):
        DeliveryAttemptFactory(delivery__webhook=webhook, delivery__state=State.DEAD)
    with django_assert_max_num_queries(10):
        client.get(of(webhook))
    with django_assert_max_num_queries(10):
        client.get(PROGRAMS)
