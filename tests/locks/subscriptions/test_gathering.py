"""Which events are told to whom."""

from datetime import timedelta
from unittest.mock import patch

import pytest

from locks import tasks
from locks.models import Delivery, Event, Webhook
from locks.subscriptions import gathering, verbs
from tests.factories import PropertyFactory, now
from tests.locks.subscriptions.conftest import SET, happens

URL = "https://program.example/"
UNLOCKED = "lock.unlocked"


def told(webhook: Webhook) -> list[str]:
    return list(
        Delivery.objects.filter(webhook=webhook)
        .order_by("event_id")
        .values_list("event__event_type", flat=True)
    )


def test_each_webhook_is_told_the_kinds_that_it_asked_for_once(house):
    everything = verbs.make(house, by=None, url=URL)
    one_kind = verbs.make(house, by=None, url=URL, event_types=[UNLOCKED])
    happens(house, SET)
    happens(house, UNLOCKED)
    assert gathering.anything_new()
    assert gathering.gather() == 3
    assert not gathering.anything_new()
    assert gathering.gather() == 0
    assert told(everything) == [SET, UNLOCKED]
    assert told(one_kind) == [UNLOCKED]


@pytest.mark.parametrize("private", gathering.DESK_ONLY)
def test_who_saw_digits_is_told_only_where_asked_for_by_name(house, private):
    everything = verbs.make(house, by=None, url=URL)
    both = verbs.make(house, by=None, url=URL, event_types=["*", private])
    happens(house, private)
    gathering.gather()
    assert told(everything) == []
    assert told(both) == [private]


def test_another_house_and_what_was_before_the_webhook_are_none_of_its_business(house):
    happens(house)
    webhook = verbs.make(house, by=None, url=URL)
    happens(PropertyFactory())
    assert not gathering.anything_new()
    assert gathering.gather(gathering.LATE) == 0
    assert told(webhook) == []


def committed_late(house, ago: timedelta) -> Event:
    """An event that was written so long ago, by a transaction that is there only now."""
    with patch("django.utils.timezone.now", return_value=now() - ago):
        return happens(house)


def test_an_event_that_is_committed_after_later_ones_were_told_is_told_too(house):
    webhook = verbs.make(house, by=None, url=URL)
    Webhook.objects.update(created_at=webhook.created_at - timedelta(hours=1))
    happens(house)
    assert gathering.gather() == 1
    committed_late(house, timedelta(seconds=5))
    assert gathering.anything_new()
    assert gathering.gather() == 1
    committed_late(house, timedelta(minutes=9))
    assert gathering.gather() == 0
    assert tasks.gather_late_events() == 1
    assert tasks.gather_late_events() == 0


def test_what_happened_while_no_worker_ran_is_told_when_one_does(house, later):
    verbs.make(house, by=None, url=URL)
    happens(house)
    later(hours=5)
    assert gathering.anything_new()
    assert gathering.gather() == 1
