"""Two guests swap, one goes on to another room, one waits for a room: the simulator's own log says which door opens for
whom."""

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
    open_stay,
    show_pin,
    typed,
    until_end,
    until_off,
    until_on,
    walk_in,
    yes,
)

pytestmark = pytest.mark.browser

ROOM, OTHER = "103", "204"
PHONE = {"width": 390, "height": 844}


def leave(demo, clerk, guest: str, pin: str, room: str) -> None:
    open_stay(clerk, guest)
    yes(clerk, "#check-out")
    until_off(demo, pin, room)


def test_two_guests_swap_rooms_and_each_opens_the_others_door(demo, desk):
    clerk = desk("clerk")
    page, pins = clerk.page, {}
    for guest, room in (("Uma Links", ROOM), ("Vic Rechts", OTHER)):
        walk_in(clerk, guest, room)
        pins[guest] = show_pin(clerk)
        until_on(demo, pins[guest], room)
    page.locator("#swap").click()
    page.locator("#id_other").select_option(
        label=page.locator("#id_other option", has_text="Uma").inner_text()
    )
    page.locator("#show-swap").click()
    expect(page.locator("main")).to_contain_text(f"Room {ROOM}")
    page.locator("#confirm").click()
    expect(page.locator(".stayhead .room")).to_have_text(ROOM)
    for guest, room, before in (("Uma Links", OTHER, ROOM), ("Vic Rechts", ROOM, OTHER)):
        until_on(demo, pins[guest], room)
        until_off(demo, pins[guest], before)
        assert (typed(demo, room, pins[guest]), typed(demo, before, pins[guest])) == (OPENED, UNKNOWN)
    leave(demo, clerk, "Uma Links", pins["Uma Links"], OTHER)
    leave(demo, clerk, "Vic Rechts", pins["Vic Rechts"], ROOM)


def test_from_a_day_on_a_guest_has_another_room_and_the_first_door_forgets_them_then(demo, desk):
    clerk = desk("clerk")
    page = clerk.page
    book(clerk, "Tea Weiter", ROOM, nights=2)
    check_in(clerk)
    pin = show_pin(clerk)
    until_on(demo, pin, ROOM)
    planned = end_at(demo, ROOM, pin)
    page.locator("#split-stay").click()
    dialog = page.get_by_role("dialog")
    leaves = timedelta(days=1)
    dialog.locator("[name=day]").fill((planned - leaves).date().isoformat())
    dialog.locator("[name=room]").select_option(label=dialog.locator("option", has_text=OTHER).inner_text())
    page.locator("#confirm").click()
    page.get_by_role("button", name="Divide the stay").click()
    until_end(demo, ROOM, pin, planned - leaves)
    assert typed(demo, ROOM, pin) == OPENED
    assert typed(demo, OTHER, pin) == UNKNOWN, "not before that day"
    page.locator("#parts").get_by_role("link", name=OTHER).click()
    page.locator("#change").get_by_role("link", name="Cancel the stay").click()
    page.locator("#confirm").click()
    expect(page.locator("#reinstate")).to_be_visible()
    leave(demo, clerk, "Tea Weiter", pin, ROOM)


def test_on_a_telephone_a_guest_waits_for_the_room_comes_in_and_leaves_late(demo, desk):
    clerk, cleaner = desk("clerk", viewport=PHONE), desk("cleaner", viewport=PHONE)
    page = clerk.page
    book(clerk, "Pia Klein", ROOM)
    with psycopg.connect(demo.database_url, autocommit=True) as connection:
        connection.execute("UPDATE hospitality_room SET condition = 'dirty' WHERE name = %s", [ROOM])
    page.locator("#check-in").click()
    expect(page.get_by_role("dialog")).to_contain_text(f"Room {ROOM} is dirty")
    page.locator("#instead").click()
    expect(page.locator(".stayhead")).to_contain_text("Waiting since")
    cleaner.page.goto(f"{cleaner.url}/p/seeblick/rooms/")
    cleaner.page.locator(".hk", has_text=ROOM).get_by_role("button", name="Mark clean").click()
    expect(page.locator(".stayhead")).to_contain_text("Room ready")
    check_in(clerk)
    pin = show_pin(clerk)
    until_on(demo, pin, ROOM, "front")
    assert typed(demo, ROOM, pin) == OPENED
    usual = end_at(demo, ROOM, pin)
    yes(clerk, "#agree-late")
    until_end(demo, ROOM, pin, usual + timedelta(hours=2))
    yes(clerk, "#check-out")
    until_off(demo, pin, ROOM)
    assert typed(demo, ROOM, pin) == UNKNOWN
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
