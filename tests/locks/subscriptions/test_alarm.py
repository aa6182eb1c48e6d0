"""A program to which nothing arrives any more is an alarm, for as long as nothing arrives."""

import html

import pytest

from hospitality import clock
from hospitality.models import Role
from locks import remedies
from locks.alarms import Alarm, alarms
from locks.subscriptions import sending, verbs
from tests.factories import MembershipFactory
from tests.locks.subscriptions.conftest import happens
from tests.locks.webhook_receiver import WebhookReceiver

FAILS = (500,) * (len(sending.PAUSES) + 1)


def silent(house) -> list[Alarm]:
    return [alarm for alarm in alarms(house, clock.now()) if alarm.kind == remedies.NOT_TOLD]


@pytest.fixture
def try_all(later):
    """Let as much time pass as all attempts take."""
    passed = sending.PAUSES[0] * 0

    def do() -> None:
        nonlocal passed
        sending.run()
        for pause in sending.PAUSES:
            passed += pause + pause / 100
            later(seconds=passed.total_seconds())
            sending.run()

    return do


def test_what_was_given_up_is_an_alarm_until_something_arrives_again(near, house, try_all):
    with WebhookReceiver(FAILS) as receiver:
        webhook = verbs.make(house, by=None, url=receiver.url)
        lost = happens(house)
        sending.run()
        assert silent(house) == [], "it is still being tried"
        try_all()
        [alarm] = silent(house)
        assert (alarm.about, alarm.since, alarm.tone) == ("127.0.0.1", webhook.created_at, "warn")
        verbs.send_again(webhook.deliveries.get(event=lost), by=None)
        sending.run()
        assert len(receiver.received) == len(FAILS) + 1 and silent(house) == []


def test_one_that_is_given_up_while_others_arrive_is_none(near, house):
    with WebhookReceiver((410, 204)) as receiver:
        verbs.make(house, by=None, url=receiver.url)
        happens(house)
        sending.run()
        assert len(silent(house)) == 1
        happens(house)
        sending.run()
        assert silent(house) == []


def test_it_ends_with_the_webhook_and_is_no_other_house_s(near, house):
    other = MembershipFactory().property
    with WebhookReceiver((410,)) as receiver:
        webhook = verbs.make(house, by=None, url=receiver.url)
        happens(house)
        sending.run()
    assert len(silent(house)) == 1 and silent(other) == []
    verbs.remove(webhook, by=None)
    assert silent(house) == []


def test_several_are_one_alarm_which_leads_a_manager_to_the_page_of_the_programs(near, house, client):
    with WebhookReceiver((410, 410)) as receiver:
        for path in ("a", "b"):
            verbs.make(house, by=None, url=f"{receiver.url}/{path}")
        happens(house)
        sending.run()
    assert len(silent(house)) == 1
    programs = f"/p/{house.slug}/settings/programs/"
    told = remedies.of(remedies.NOT_TOLD)
    for role, remedy, leads in ((Role.MANAGER, told.owner, True), (Role.DESK, told.clerk, False)):
        client.force_login(MembershipFactory(property=house, role=role).user)
        shown = html.unescape(client.get(f"/p/{house.slug}/locks/").content.decode())
        assert remedy in shown
        assert (f'href="{programs}">127.0.0.1</a>' in shown) is leads
