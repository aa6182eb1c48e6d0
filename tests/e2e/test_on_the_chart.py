"""A stay is moved to another room and made longer on the chart, by hand, and a guest comes before their time: the
simulator's own log says which door opens, and until when."""

from datetime import datetime, time, timedelta

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import (
    OPENED,
    UNKNOWN,
    book,
    check_in,
    end_at,
    lock,
    open_stay,
    show_pin,
    typed,
    until_end,
    until_off,
    until_on,
    yes,
)
from tests.hospitality.processes import until

pytestmark = pytest.mark.browser

GUEST, ROOM, OTHER = "Kai Karte", "103", "105"
TOO_EARLY = (False, "not_yet_valid")
LATE = time(23, 59)


def drag(page, what, across: float, down: float) -> None:
    box = until(what.bounding_box, "it is drawn")
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + across, y + down, steps=4)
    page.mouse.up()


def test_a_stay_that_is_dragged_on_the_chart_moves_at_the_doors(demo, desk):
    clerk = desk("clerk", viewport={"width": 1280, "height": 1200})  # all rooms in sight
    page = clerk.page
    book(clerk, GUEST, ROOM)
    check_in(clerk)
    pin = show_pin(clerk)
    until_on(demo, pin, ROOM)
    usual = end_at(demo, ROOM, pin)
    assert typed(demo, ROOM, pin) == OPENED

    page.goto(f"{clerk.url}/p/seeblick/tape/")
    bar, dialog = page.locator(".bar-stay", has_text=GUEST), page.get_by_role("dialog")
    lines = [page.locator(f"tr[data-name='{room}']") for room in (ROOM, OTHER)]
    here, there = (until(line.bounding_box, "it is drawn")["y"] for line in lines)
    drag(page, bar, 0, there - here)
    expect(dialog.locator("li", has_text=f"Room {ROOM}")).to_contain_text("loses the code at once")
    page.get_by_role("button", name="Save the change").click()
    until_on(demo, pin, OTHER)
    until_off(demo, pin, ROOM)
    assert (typed(demo, ROOM, pin), typed(demo, OTHER, pin)) == (UNKNOWN, OPENED)
    expect(page.locator(f"tr[data-name='{OTHER}'] .bar-stay", has_text=GUEST)).to_be_visible()
    day = page.locator("th[data-day]").first.bounding_box()["width"]
    drag(page, bar.locator(".bar-stay__end"), day, 0)
    expect(dialog).to_contain_text("2 nights.")
    page.get_by_role("button", name="Save the change").click()
    until_end(demo, OTHER, pin, usual + timedelta(days=1))
    open_stay(clerk, GUEST)
    yes(clerk, "#check-out")
    until_off(demo, pin, OTHER)


def until_start(demo, pin: str, agreed: bool) -> None:
    """Wait until the lock has the start that was agreed, or another one."""

    def has_it() -> bool:
        [start] = [code["starts_at"] for code in demo.simulator.codes(lock(ROOM)) if code["pin"] == pin]
        return (datetime.fromisoformat(start).astimezone(demo.zone).time() == LATE) == agreed

    until(has_it, "the lock has the start")


def test_a_guest_who_comes_before_their_time_opens_the_door_from_the_check_in_on(demo, desk):
    clerk = desk("clerk")
    page = clerk.page
    book(clerk, "Fee Früh", ROOM)
    page.locator("#change [name=check_in_time]").fill(f"{LATE:%H:%M}")
    expect(page.locator("#change-preview .foreseen__doors")).to_be_visible()
    page.locator("#save-change").click()
    expect(page.locator(".stayhead__when")).to_contain_text(f"{LATE:%H:%M}")
    pin = show_pin(clerk)
    until_on(demo, pin, ROOM)
    until_start(demo, pin, True)
    assert typed(demo, ROOM, pin) == TOO_EARLY
    page.locator("#see-doors").click()
    expect(page.locator("#dialog li", has_text=f"Room {ROOM}")).to_be_visible()
    page.locator("#confirm").click()
    expect(page.locator("#check-out")).to_be_visible()
    until_start(demo, pin, False)
    assert typed(demo, ROOM, pin) == OPENED
    yes(clerk, "#undo-check-in")
    until_start(demo, pin, True)
    assert typed(demo, ROOM, pin) == TOO_EARLY
    page.locator("#change").get_by_role("link", name="Cancel the stay").click()
    page.locator("#confirm").click()
    until_off(demo, pin, ROOM)
