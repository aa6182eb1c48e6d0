"""Webhooks are made, changed and removed; what cannot be sent to is refused with the remedy."""

import base64

import pytest

from hospitality.models import AuditEntry
from locks.models import Delivery, Webhook
from locks.subscriptions import gathering, sending, verbs
from locks.subscriptions.verbs import Refused
from tests.factories import UserFactory
from tests.locks.subscriptions.conftest import SET, happens, only

URL = "https://program.example/hooks?key=of-theirs"


def audit(webhook: Webhook) -> list[str]:
    return list(
        AuditEntry.objects.filter(subject_id=webhook.public_id).values_list("action", flat=True)[::-1]
    )


def test_a_webhook_has_a_secret_of_its_own_that_is_sealed(house):
    by = UserFactory()
    one, other = verbs.make(house, by=by, url=URL), verbs.make(house, by=by, url=URL)
    assert one.secret.startswith("whsec_")
    assert len(base64.b64decode(one.secret.removeprefix("whsec_"), validate=True)) == 24
    assert one.secret != other.secret
    one.refresh_from_db()
    assert one.secret.encode() not in bytes(one.secret_sealed)
    assert (one.event_types, one.created_by) == (["*"], by)


def test_the_record_tells_the_host_and_neither_address_nor_secret(house):
    webhook = verbs.make(house, by=None, url=URL)
    assert verbs.reveal(webhook, by=None) == webhook.secret
    entries = AuditEntry.objects.filter(subject_id=webhook.public_id)
    assert [entry.action for entry in entries] == ["webhook.secret_revealed", "webhook.made"]
    told = str([entry.detail for entry in entries])
    assert "program.example" in told
    assert "of-theirs" not in told
    assert webhook.secret not in told


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "begins with https"),
        ("program.example/hooks", "begins with https"),
        ("ftp://program.example/", "begins with https"),
        ("file:///etc/passwd", "begins with https"),
        ("https://", "begins with https"),
        ("http://[::1", "begins with https"),
        ("https://program.example:99999/", "begins with https"),
        ("http://program.example/", "must begin with https"),
        ("https://me:secret@program.example/", "password"),
        ("https://me@program.example/", "password"),
        ("https://program.example/a b", "blanks"),
        ("https://program.example/\r\nX-Forged: 1", "blanks"),
        ("https://program.example/\N{LATIN SMALL LETTER E WITH ACUTE}", "blanks"),
        ("https://program.example/" + "x" * 2000, "too long"),
        ("https://localhost/", "LATCHKEY_WEBHOOKS_TO"),
        ("https://127.0.0.1/", "LATCHKEY_WEBHOOKS_TO"),
        ("https://10.1.2.3/", "LATCHKEY_WEBHOOKS_TO"),
        ("https://169.254.169.254/latest/meta-data", "LATCHKEY_WEBHOOKS_TO"),
        ("https://[::1]/", "LATCHKEY_WEBHOOKS_TO"),
        ("https://[::ffff:192.168.0.1]/", "LATCHKEY_WEBHOOKS_TO"),
    ],
)
def test_an_address_that_cannot_be_is_refused_with_the_remedy(house, url, why):
    with pytest.raises(Refused, match=why) as refused:
        verbs.make(house, by=None, url=url)
    assert refused.value.field == "url"
    assert not Webhook.objects.exists()


def test_for_development_a_permitted_host_is_taken_also_without_encryption(near, house):
    assert verbs.make(house, by=None, url="http://127.0.0.1:8080/hooks").url == "http://127.0.0.1:8080/hooks"
    with pytest.raises(Refused, match="LATCHKEY_WEBHOOKS_TO"):
        verbs.make(house, by=None, url="https://10.1.2.3/")


@pytest.mark.parametrize(
    "types", [[], ["Access Code"], ["access_code"], ["access_code.*"], ["a." + "b" * 80], [""]]
)
def test_kinds_that_cannot_be_are_refused_with_the_remedy(house, types):
    with pytest.raises(Refused, match=r"\* for all") as refused:
        verbs.make(house, by=None, url=URL, event_types=types)
    assert refused.value.field == "event_types"


def test_kinds_are_kept_as_they_came_each_once_also_ones_that_there_are_not_yet(house):
    types = [SET, "thermostat.setpoint_changed", SET]
    assert verbs.make(house, by=None, url=URL, event_types=types).event_types == types[:2]


def test_there_is_an_end_to_how_many_a_property_has(house, monkeypatch):
    monkeypatch.setattr(verbs, "MOST", 1)
    first = verbs.make(house, by=None, url=URL)
    with pytest.raises(Refused, match="remove one"):
        verbs.make(house, by=None, url=URL)
    verbs.remove(first, by=None)
    verbs.make(house, by=None, url=URL)


def test_a_removed_webhook_is_told_nothing_more_and_its_secret_is_gone(webhook, house, receiver):
    happens(house)
    gathering.gather()
    verbs.remove(webhook, by=None)
    verbs.remove(webhook, by=None)
    happens(house)
    assert sending.run() == 0
    assert not sending.anything_due()
    assert not gathering.anything_new()
    assert receiver.received == []
    webhook.refresh_from_db()
    assert webhook.secret is None
    assert list(verbs.standing(house)) == []
    assert audit(webhook) == ["webhook.made", "webhook.removed"]
    for verb in (
        lambda: verbs.change(webhook, by=None, event_types=["*"]),
        lambda: verbs.reveal(webhook, by=None),
        lambda: verbs.send_again(only(webhook), by=None),
        lambda: verbs.send_all_again(webhook, by=None),
    ):
        with pytest.raises(Refused, match="removed"):
            verb()


def test_what_happened_before_a_change_is_told_as_it_was_wanted_then(webhook, house):
    happens(house, "lock.unlocked")
    verbs.change(webhook, by=None, event_types=[SET])
    happens(house, "lock.unlocked")
    happens(house, SET)
    gathering.gather()
    told = Delivery.objects.order_by("event_id").values_list("event__event_type", flat=True)
    assert list(told) == ["lock.unlocked", SET]
    assert audit(webhook) == ["webhook.made", "webhook.changed"]
