"""What is called off, and what is taken back: the simulator's own log says what it does at the doors."""

from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import (
    OPENED,
    UNKNOWN,
    book,
    check_in,
    end_at,
    show_pin,
    typed,
    until_off,
    until_on,
    walk_in,
    yes,
)
from tests.hospitality.processes import until

pytestmark = pytest.mark.browser

ROOM = "105"
GRACE = 30


def call_off(page, name: str) -> None:
    page.locator("#change").get_by_role("link", name=name).click()
    page.locator("#confirm").click()
    expect(page.locator("#reinstate")).to_be_visible()


@contextmanager
def grace(demo, minutes: int):
    """The house leaves codes on for so many minutes after an early check-out."""
    say = "UPDATE hospitality_property SET check_out_grace_minutes = %s"
    with psycopg.connect(demo.database_url, autocommit=True) as connection:
        connection.execute(say, [minutes])
        try:
            yield
        finally:
            connection.execute(say, [0])


def test_what_was_called_off_or_done_by_mistake_is_taken_back_at_the_doors_too(demo, desk):
    clerk = desk("clerk")
    page = clerk.page
    book(clerk, "Ona Zurück", ROOM)
    check_in(clerk)
    pin = show_pin(clerk)
    until_on(demo, pin, ROOM)
    assert typed(demo, ROOM, pin) == OPENED

    # Checked in by mistake: cancelled then, and the room is closed to those digits.
    yes(clerk, "#undo-check-in")
    expect(page.locator("#check-in")).to_be_visible()
    call_off(page, "Cancel the stay")
    until_off(demo, pin, ROOM, "front")
    assert typed(demo, ROOM, pin) == UNKNOWN

    # Booked again, not come, and come after all, with the same digits.
    yes(clerk, "#reinstate")
    until_on(demo, pin, ROOM)
    call_off(page, "No-show")
    until_off(demo, pin, ROOM)
    yes(clerk, "#reinstate")
    check_in(clerk)
    assert show_pin(clerk) == pin
    until_on(demo, pin, ROOM, "front")
    assert typed(demo, ROOM, pin) == OPENED

    # Checked out by mistake: the door opens again until they leave.
    yes(clerk, "#check-out")
    until_off(demo, pin, ROOM)
    assert typed(demo, ROOM, pin) == UNKNOWN
    yes(clerk, "#undo-check-out")
    expect(page.locator("#check-out")).to_be_visible()
    back = show_pin(clerk)
    until_on(demo, back, ROOM)
    assert typed(demo, ROOM, back) == OPENED
    yes(clerk, "#check-out")
    until_off(demo, back, ROOM)


def test_after_an_early_check_out_the_door_opens_for_the_grace_of_the_house_and_no_longer(demo, desk):
    clerk = desk("clerk")
    page = clerk.page
    walk_in(clerk, "Gil Frist", ROOM)
    pin = show_pin(clerk)
    until_on(demo, pin, ROOM)
    planned = end_at(demo, ROOM, pin)
    with grace(demo, GRACE):
        page.locator("#check-out").click()
        expect(page.locator("#dialog")).to_contain_text(f"{GRACE} minutes")
        page.locator("#confirm").click()
        expect(page.locator("#undo-check-out")).to_be_visible()
    ends = demo.one(
        "SELECT opens_until FROM reservations_stay s JOIN reservations_reservation r ON r.id = s.reservation_id "
        "JOIN reservations_guest g ON g.id = r.guest_id WHERE g.name = 'Gil Frist'"
    )
    assert ends < planned
    # The lock keeps whole seconds.
    until(
        lambda: ends - timedelta(seconds=1) < end_at(demo, ROOM, pin) <= ends,
        "the lock has the end of the grace",
    )
    assert typed(demo, ROOM, pin) == OPENED
    demo.simulator.travel(minutes=GRACE + 1)
    try:
        opened, _ = typed(demo, ROOM, pin)
    finally:
        demo.simulator.travel()
    assert not opened

    # Back after all, and out where the house has no grace.
    yes(clerk, "#undo-check-out")
    expect(page.locator("#check-out")).to_be_visible()
    back = show_pin(clerk)
    until_on(demo, back, ROOM)
    yes(clerk, "#check-out")
    until_off(demo, back, ROOM)
    until_off(demo, pin, ROOM)
