"""Deliveries are kept for a while: those that arrived for a month, those that were given up for three."""

from datetime import timedelta

import pytest

from hospitality import clock, schedules
from locks.models import Delivery, DeliveryAttempt
from locks.subscriptions import forgetting, gathering, sending, verbs
from tests.locks.subscriptions.conftest import happens, only

State = Delivery.State


@pytest.mark.parametrize(
    ("state", "days", "kept"),
    [
        (State.DELIVERED, 29, True),
        (State.DELIVERED, 31, False),
        (State.DEAD, 31, True),
        (State.DEAD, 91, False),
        (State.WAITING, 91, True),
    ],
)
def test_each_is_kept_as_long_as_somebody_may_ask(webhook, house, state, days, kept):
    happens(house)
    sending.run()
    Delivery.objects.update(state=state, ended_at=clock.now() - timedelta(days=days))
    assert forgetting.forget() == (not kept)
    assert DeliveryAttempt.objects.count() == Delivery.objects.count() == kept
    assert gathering.gather(gathering.LATE) == (not kept), "as the event is of today"


def test_what_waited_for_a_removed_webhook_goes_too(webhook, house, later):
    happens(house)
    gathering.gather()
    verbs.remove(webhook, by=None)
    assert forgetting.forget() == 0
    assert only(webhook)
    later(days=31)
    assert forgetting.forget() == 1


def test_it_is_done_every_day():
    assert ("locks.subscriptions.forgetting.forget", 24 * 60) in {
        (work.function, work.minutes) for work in schedules.PERIODIC
    }
