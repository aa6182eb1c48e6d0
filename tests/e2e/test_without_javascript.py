"""A guest's stay at a desk without JavaScript, with all that can happen to it; the simulator's own log says what each
verb does at the doors."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import (
    OPENED,
    UNKNOWN,
    choose_room,
    digits,
    end_at,
    show_pin,
    typed,
    until_end,
    until_off,
    until_on,
    walk_in,
    yes,
)

pytestmark = pytest.mark.browser

GUEST, ROOM, OTHER = "Noa Schlicht", "103", "204"


def test_every_verb_of_a_stay_works_with_plain_forms(demo, desk):
    clerk = desk("clerk", java_script_enabled=False)
    page = clerk.page
    demo.until_stocked(f"seeblick-{OTHER}")
    walk_in(clerk, GUEST, ROOM)
    yes(clerk, "#undo-check-in")
    clerk.board()
    clerk.row(GUEST).get_by_role("button", name="Check in").click()
    expect(page.locator("#toasts")).to_contain_text(f"{GUEST} is checked in to {ROOM}.")
    page.locator("#in_house").get_by_role("link", name=GUEST, exact=True).click()
    pin = show_pin(clerk)
    until_on(demo, pin, ROOM, "front")
    assert typed(demo, ROOM, pin) == OPENED
    page.get_by_role("button", name="Hide").click()
    expect(page.locator("#digits")).to_have_count(0)

    # One more night, put back, and another room.
    usual = end_at(demo, "front", pin)
    yes(clerk, "#longer")
    until_end(demo, "front", pin, usual + timedelta(days=1))
    yes(clerk, "#put-back")
    until_end(demo, "front", pin, usual)
    choose_room(page, OTHER, within="#change")
    yes(clerk, "#save-change")
    until_on(demo, pin, OTHER)
    until_off(demo, pin, ROOM)
    assert (typed(demo, ROOM, pin), typed(demo, OTHER, pin)) == (UNKNOWN, OPENED)

    # A backup code, a new PIN, who comes along, a note.
    page.locator("li.door", has_text=f"Room {OTHER}").get_by_role("button", name="Issue backup").click()
    assert typed(demo, OTHER, digits(clerk)) == OPENED
    page.get_by_role("button", name="Hide").click()
    page.locator("#new-pin").click()
    page.get_by_label("The guest wishes another").check()
    page.locator("#confirm").click()
    new = show_pin(clerk)
    until_on(demo, new, OTHER)
    until_off(demo, pin, OTHER)
    assert (typed(demo, OTHER, pin), typed(demo, OTHER, new)) == (UNKNOWN, OPENED)
    page.get_by_role("button", name="Hide").click()
    page.locator("#add-companion").click()
    page.locator("#id_name").fill("Eli Schlicht")
    page.locator("#confirm").click()
    expect(page.locator("#companions")).to_contain_text("Eli Schlicht")
    page.locator("#note-text").fill("Wants a quiet table")
    page.locator("#write-note").click()
    expect(page.locator("#notes")).to_contain_text("Wants a quiet table")

    # Out, back by mistake, out.
    yes(clerk, "#check-out")
    until_off(demo, new, OTHER, "front")
    assert typed(demo, OTHER, new) == UNKNOWN
    yes(clerk, "#undo-check-out")
    back = show_pin(clerk)
    until_on(demo, back, OTHER)
    assert typed(demo, OTHER, back) == OPENED
    page.get_by_role("button", name="Hide").click()
    yes(clerk, "#check-out")
    expect(page.locator("#toasts")).to_contain_text(f"{GUEST} is checked out.")
    until_off(demo, back, OTHER)
