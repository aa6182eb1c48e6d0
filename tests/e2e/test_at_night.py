"""After midnight: who comes then sleeps the night that began the day before, and leaves this morning."""

from datetime import datetime, time, timedelta

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import (
    OPENED,
    UNKNOWN,
    book,
    check_in,
    demo_at,
    end_at,
    open_stay,
    show_pin,
    typed,
    until_off,
    until_on,
    walk_in,
)

pytestmark = pytest.mark.browser

ROOM, OTHER = "103", "105"
"""Both keep schedules, and are free last night and today in the sample hotel."""
CHECK_OUT = time(11)


@pytest.fixture
def demo():
    """One of its own: it is one in the morning there."""
    with demo_at(hour=1) as made:
        yield made


def opens_until(demo, room: str, pin: str, days: int) -> None:
    """At once, and until the check-out of that day, counted from today; the front door as well."""
    until_on(demo, pin, room, "front")
    assert [typed(demo, door, pin) for door in (room, "front")] == [OPENED, OPENED]
    leaves = datetime.combine(demo.today() + timedelta(days=days), CHECK_OUT, demo.zone)
    assert end_at(demo, room, pin) == leaves


def leaves_unasked(demo, desk, room: str, pin: str) -> None:
    """It is their day: nobody is asked whether they mean it."""
    desk.page.locator("#check-out").click()
    expect(desk.page.locator("#undo-check-out")).to_be_visible()
    until_off(demo, pin, room, "front")
    assert [typed(demo, door, pin) for door in (room, "front")] == [UNKNOWN, UNKNOWN]


def test_who_comes_after_midnight_opens_the_door_until_the_morning_and_leaves_unasked(demo, desk):
    clerk = desk("clerk")
    walk_in(clerk, "Nora Nacht", ROOM)
    pin = show_pin(clerk)
    opens_until(demo, ROOM, pin, 0)
    leaves_unasked(demo, clerk, ROOM, pin)

    # Awaited since the afternoon.
    book(clerk, "Spät Ankunft", ROOM, since=1)
    demo.make_up_rooms()
    open_stay(clerk, "Spät Ankunft")
    check_in(clerk)
    pin = show_pin(clerk)
    opens_until(demo, ROOM, pin, 0)
    leaves_unasked(demo, clerk, ROOM, pin)

    # Awaited this afternoon, and here half a day early: the code starts now and keeps its end.
    book(clerk, "Früh Ankunft", OTHER)
    check_in(clerk)
    opens_until(demo, OTHER, show_pin(clerk), 1)
