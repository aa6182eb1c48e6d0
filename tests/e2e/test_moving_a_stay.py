"""A guest changes rooms and leaves late: the form says what happens at the doors before it is saved, and the simulator's own
log says what did."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import (
    OPENED,
    UNKNOWN,
    book,
    check_in,
    choose_room,
    end_at,
    show_pin,
    typed,
    until_end,
)
from tests.e2e.test_story import code_status, off_the_door
from tests.hospitality.processes import until

pytestmark = pytest.mark.browser

GUEST, ROOM, OTHER = "Mara Voss", "105", "204"
"""Both are free today in the sample hotel; 105 is dirty and keeps schedules, 204 is programmed just in time."""


def test_a_guest_moves_and_leaves_late(demo, desk):
    clerk = desk("clerk")
    page = clerk.page
    book(clerk, GUEST, ROOM)
    check_in(clerk)
    until(lambda: code_status(demo, GUEST, ROOM) == "set", "the code is set")
    pin = show_pin(clerk)
    assert typed(demo, ROOM, pin) == OPENED

    # The form says what the move does; what was read is saved without another question.
    choose_room(page, OTHER, within="#change")
    told = page.locator("#change-preview")
    expect(told.locator("li", has_text=f"Room {ROOM}")).to_contain_text("loses the code at once")
    expect(told.locator("li", has_text=f"Room {OTHER}")).to_contain_text("gets the code in about a minute")
    page.locator("#save-change").click()
    until(lambda: code_status(demo, GUEST, OTHER) == "set", "the code is set on the new door")
    until(lambda: off_the_door(demo, GUEST, ROOM), "and off the old one")
    assert typed(demo, ROOM, pin) == UNKNOWN
    assert typed(demo, OTHER, pin) == OPENED

    # It was a mistake, and is put back after a look at the doors.
    page.locator("#put-back").click()
    expect(page.locator("#dialog li", has_text=f"Room {OTHER}")).to_contain_text("loses the code at once")
    page.locator("#confirm").click()
    until(lambda: off_the_door(demo, GUEST, OTHER), "the code is off the door again")
    until(lambda: code_status(demo, GUEST, ROOM) == "set", "and on the first one")
    assert typed(demo, OTHER, pin) == UNKNOWN
    assert typed(demo, ROOM, pin) == OPENED

    # A late check-out: the same digits, and the lock itself has the agreed end.
    usual = end_at(demo, "front", pin)
    page.locator("#agree-late").click()
    expect(page.locator("#dialog")).to_contain_text("with the same digits")
    page.locator("#confirm").click()
    until_end(demo, "front", pin, usual + timedelta(hours=2))
    expect(page.locator(".stayhead__when")).to_contain_text("13:00")
    page.locator("#check-out").click()
    page.get_by_role("button", name="Check out now").click()
    until(lambda: off_the_door(demo, GUEST, ROOM), "the code is off the door")
    assert typed(demo, ROOM, pin) == UNKNOWN
