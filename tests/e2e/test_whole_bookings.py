"""All rooms of a booking come in at once, get one PIN more, and leave at once: the keypads and the simulator's own log say
which digits open which door."""

from datetime import datetime, time

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import (
    OPENED,
    UNKNOWN,
    book,
    choose_room,
    digits,
    show_pin,
    typed,
    until_end,
    until_off,
    until_on,
    yes,
)

pytestmark = pytest.mark.browser

GUEST, ROOM, OTHER = "Familie Ganz", "103", "204"
"""103 keeps schedules, 204 is programmed just in time; both are free in the sample hotel."""
LATE = time(23, 59)


def leaves_today(clerk, room: str) -> None:
    """The stay ends today instead, as late as can be."""
    clerk.page.locator("#late").fill(f"{LATE:%H:%M}")
    yes(clerk, "#agree-late")
    expect(clerk.page.locator(".stayhead__when")).to_contain_text(f"{LATE:%H:%M}")
    clerk.page.locator("#shorter").click()
    ends = f"Room {room} opens until {LATE:%H:%M}"  # the room's own PIN, and the one for all rooms
    expect(clerk.page.locator("#dialog li", has_text=ends)).to_have_count(2)
    clerk.page.locator("#confirm").click()
    expect(clerk.page.locator("#shorter")).to_have_count(0)


def test_all_rooms_of_a_booking_come_in_and_leave_at_once(demo, desk):
    clerk = desk("clerk")
    page = clerk.page
    book(clerk, GUEST, ROOM, 2, since=1, rooms=2)
    first = page.url
    page.locator("#parts").get_by_role("link", name="No room yet").click()
    choose_room(page, OTHER, within="#change")
    expect(page.locator("#change-preview .foreseen__doors")).to_be_visible()
    page.locator("#save-change").click()
    page.locator("#check-in-all").click()
    expect(page.locator("#toasts")).to_contain_text(f"Checked in: {ROOM} and {OTHER}.")

    # Each room has a PIN of its own, for its door and the front door.
    pins = {OTHER: show_pin(clerk)}
    page.goto(first)
    pins[ROOM] = show_pin(clerk)
    for room, neighbour in ((ROOM, OTHER), (OTHER, ROOM)):
        until_on(demo, pins[room], room, "front")
        assert (typed(demo, room, pins[room]), typed(demo, "front", pins[room])) == (OPENED, OPENED)
        assert typed(demo, neighbour, pins[room]) == UNKNOWN

    # One PIN more that opens both.
    page.locator("#share-code").click()
    expect(page.locator("#dialog")).to_contain_text(f"Room {OTHER}")
    page.locator("#confirm").click()
    page.locator("#shared-pin").click()
    expect(page.locator("#secret-title")).to_have_text("PIN for all rooms")
    shared = digits(clerk)
    until_on(demo, shared, ROOM, OTHER, "front")
    assert [typed(demo, door, shared) for door in (ROOM, OTHER, "front")] == [OPENED] * 3

    # A day early nobody is checked out unasked, and every door still opens.
    page.locator("#check-out-all").click()
    for room in (ROOM, OTHER):
        expect(page.locator("#toasts")).to_contain_text(
            f"{room} was left as it is: {GUEST} is booked in {room}"
        )
        assert typed(demo, room, pins[room]) == OPENED

    # They leave today after all: the locks have the new end, and both rooms are left at once.
    leaves_today(clerk, ROOM)
    until_end(demo, ROOM, pins[ROOM], datetime.combine(demo.today(), LATE, demo.zone))
    page.locator("#parts").get_by_role("link", name=OTHER).click()
    leaves_today(clerk, OTHER)
    page.locator("#check-out-all").click()
    expect(page.locator("#toasts")).to_contain_text("Checked out: ")
    for room, pin in pins.items():
        until_off(demo, pin, room, "front")
        assert (typed(demo, room, pin), typed(demo, "front", pin)) == (UNKNOWN, UNKNOWN)
    until_off(demo, shared, ROOM, OTHER, "front")
    assert [typed(demo, room, shared) for room in pins] == [UNKNOWN, UNKNOWN]
