"""A family books two rooms with one PIN for both beside the rooms' own; one room leaves early. The keypads and the
simulator's own log say what it opens."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import choose_room, digits, lock, typed
from tests.e2e.test_story import off_the_door
from tests.hospitality.processes import until

pytestmark = pytest.mark.browser

GUEST, ROOM, OTHER = "Ida Roth", "105", "204"
"""105 keeps schedules, 204 is programmed just in time; both are free today in the sample hotel."""
DOORS = (ROOM, OTHER, "front")


def on_lock(demo, door: str, pin: str) -> bool:
    """Does the lock hold it for now? One without a start opens as long as it is there."""
    held = [code["starts_at"] for code in demo.simulator.codes(lock(door)) if code["pin"] == pin]
    return any(start is None or datetime.fromisoformat(start) <= datetime.now(UTC) for start in held)


def test_one_pin_opens_both_rooms_until_each_is_left(demo, desk):
    clerk = desk("clerk")
    page = clerk.page
    page.goto(f"{clerk.url}/p/seeblick/book/")
    page.locator("[name=guest_name]").fill(GUEST)
    leaves = demo.today() + timedelta(days=2)
    with page.expect_response("**/book/?*"):  # the rooms that are free on these days
        page.locator("[name=departure]").fill(leaves.isoformat())
    choose_room(page, ROOM, within="main")
    page.locator("#several summary").click()
    page.locator("[name=rooms]").fill("2")
    page.get_by_label("One PIN for all rooms as well").check()
    page.locator("#save-booking").click()
    page.wait_for_url("**/stays/*/")
    first = page.url

    page.locator("#parts").get_by_role("link", name="No room yet").click()
    choose_room(page, OTHER, within="#change")
    expect(page.locator("#change-preview li", has_text="all rooms")).to_contain_text(f"Room {OTHER}")
    page.locator("#save-change").click()
    page.locator("#check-in-all").click()
    expect(page.get_by_text(f"Checked in: {ROOM} and {OTHER}.")).to_be_visible()
    page.locator("#shared-pin").click()
    pin = digits(clerk)
    until(lambda: all(on_lock(demo, door, pin) for door in DOORS), "the PIN is on every door")
    assert [typed(demo, door, pin) for door in DOORS] == [(True, "opened")] * 3

    page.goto(first)
    page.locator("#check-out").click()
    page.locator("#confirm").click()
    until(lambda: not on_lock(demo, ROOM, pin), "it is off the room that was left")
    assert typed(demo, ROOM, pin) == (False, "unknown_code")
    assert typed(demo, OTHER, pin) == (True, "opened")

    expect(page.locator("#shared-code .line", has_text=f"Room {ROOM}")).to_contain_text("Off the lock")
    page.locator("#stop-sharing").click()
    expect(page.locator("#dialog li", has_text=f"Room {OTHER}")).to_contain_text("loses the code at once")
    page.locator("#confirm").click()
    until(lambda: not any(on_lock(demo, door, pin) for door in DOORS), "it is off every door")
    assert typed(demo, OTHER, pin) == (False, "unknown_code")
    page.locator("#parts").get_by_role("link", name=OTHER).click()
    page.locator("#check-out").click()
    page.locator("#confirm").click()
    until(lambda: off_the_door(demo, GUEST, OTHER), "the room's own code is off its door")
