"""A guest cannot get in: helped from the keyboard alone, and helping oneself on the telephone. What the digits do is read
from the simulator's own log."""

from datetime import date, timedelta

import psycopg
import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import walk_in, yes
from tests.hospitality.processes import until

pytestmark = pytest.mark.browser

AWAY = "seeblick-205"
"""Jonas Lindqvist's lock: it goes offline with his code on it."""


@pytest.fixture
def away(demo):
    """His lock does not answer, and the house knows it."""
    demo.until_stocked(AWAY)
    demo.simulator.knobs(AWAY, offline=True)
    online = "SELECT online FROM locks_lock WHERE provider_ref = %s"
    until(lambda: demo.one(online, AWAY) is False, "the house knows that the lock is offline")
    yield
    demo.simulator.knobs(AWAY, offline=False)


def opens(demo, lock: str, text: str) -> bool:
    pin = "".join(filter(str.isdigit, text))
    demo.simulator.keypad(lock, pin)
    entry = demo.simulator.log(lock, "keypad")[-1]["details"]
    assert entry["pin"] == pin
    return entry["opened"]


def test_four_keys_from_the_board_to_digits_that_open_the_door(demo, desk, away):
    clerk = desk("clerk")
    clerk.board()
    keys = ("g", "Enter", "Enter")
    asked = ("#who", "button[id^=issue-]:first-of-type", "#digits")
    assert len(keys) <= 4
    for key, then in zip(keys, asked, strict=True):
        clerk.page.keyboard.press(key)
        # The page has the hand where the next key is wanted as soon as it is drawn.
        expect(clerk.page.locator(then).first).to_be_focused()
    shown = clerk.page.locator("#digits")
    expect(clerk.page.get_by_role("heading", level=1)).to_contain_text("Jonas Lindqvist")
    assert opens(demo, AWAY, shown.inner_text())


def test_a_guest_rings_from_the_telephone_and_the_desk_sees_it_at_once(demo, desk, browser):
    clerk = desk("clerk")
    clerk.board()
    clerk.row("Sophie Dubois").get_by_role("link", name="Sophie Dubois", exact=True).click()
    link = clerk.page.locator("#guest-link").get_attribute("href")
    clerk.board()
    telephone = browser.new_context(viewport={"width": 360, "height": 640}, color_scheme="dark")
    guest = telephone.new_page()
    guest.goto(link)
    shown = guest.locator(".digits")
    expect(shown).to_be_visible()
    assert opens(demo, "seeblick-203", shown.inner_text())
    assert guest.evaluate("document.documentElement.scrollWidth") <= 360
    guest.get_by_role("button", name="I can’t get in").click()
    expect(guest.get_by_text("The desk has known since")).to_be_visible()
    expect(clerk.page.locator("#watch")).to_contain_text("Sophie Dubois, 203 cannot get in")
    clerk.page.locator("#watch").get_by_role("link", name="Sophie Dubois, 203").click()
    clerk.page.locator("#helped").click()
    expect(clerk.page.locator("#helped")).to_have_count(0)
    expect(guest.get_by_text("The desk has known since")).to_have_count(0, timeout=20_000)
    telephone.close()


@pytest.fixture
def silent(demo):
    """The lock of a free room, which does not answer."""
    room = "seeblick-206"
    demo.until_stocked(room)
    demo.simulator.knobs(room, offline=True)
    yield room
    demo.simulator.knobs(room, offline=False)
    guests_help_themselves(demo, False)


def guests_help_themselves(demo, they_may: bool) -> None:
    with psycopg.connect(demo.database_url) as connection:
        connection.execute("UPDATE hospitality_property SET guests_help_themselves = %s", [they_may])


def test_a_guest_helps_themselves_on_the_telephone(demo, desk, browser, silent):
    clerk = desk("clerk").page
    clerk.goto(f"{demo.url}/p/seeblick/book/")
    clerk.locator("#id_guest_name").fill("Ida Late")
    leaves = date.fromisoformat(clerk.locator("#id_arrival").input_value()) + timedelta(days=2)
    clerk.locator("#id_departure").fill(leaves.isoformat())
    room = clerk.locator("#id_room option", has_text="206").get_attribute("value")
    clerk.locator("#id_room").select_option(room)
    clerk.locator("#save-booking").click()
    clerk.locator("#check-in").click()
    expect(clerk.locator("#check-out")).to_be_visible()
    link = clerk.locator("#guest-link").get_attribute("href")
    wrong = (
        "SELECT count(*) FROM locks_accesscode c JOIN locks_lock l ON l.id = c.lock_id "
        "WHERE l.provider_ref = %s AND c.name LIKE 'Ida Late%%' AND c.errors <> '[]'"
    )
    until(lambda: demo.one(wrong, silent), "the code has an error on the lock that does not answer")
    telephone = browser.new_context(viewport={"width": 360, "height": 640})
    guest = telephone.new_page()
    guest.goto(link)
    expect(guest.get_by_text("We are still preparing")).to_be_visible()
    guests_help_themselves(demo, True)
    guest.get_by_role("button", name="I can’t get in").click()
    key = guest.locator(".guest__key", has_text="This is a backup code.")
    expect(key).to_be_visible()
    assert guest.evaluate("document.documentElement.scrollWidth") <= 360
    assert opens(demo, silent, key.locator(".digits").inner_text())
    telephone.close()


@pytest.fixture
def bare(demo, desk):
    """The lock of a free room, from which the owner has all backup codes taken off, and put on again at the end."""
    room, owner = "seeblick-105", desk("owner")
    demo.until_stocked(room)
    spare = demo.simulator.pins(room)
    key = demo.one("SELECT public_id FROM locks_lock WHERE provider_ref = %s", room)
    owner.page.goto(f"{owner.url}/p/seeblick/locks/{key}/")
    yes(owner, "#pool-off")
    until(lambda: not demo.simulator.pins(room), "no backup code is on the lock")
    assert not demo.simulator.keypad(room, min(spare))["opened"]
    yield room
    owner.page.locator("#pool-on").click()
    expect(owner.page.locator("#pool-off")).to_be_visible()
    until(lambda: len(demo.simulator.pins(room)) >= 5, "backup codes are on the lock again")


def test_where_no_backup_is_left_the_desk_opens_the_door_from_afar_once(demo, desk, bare):
    clerk = desk("clerk")
    page = clerk.page
    walk_in(clerk, "Till Ohne", "105")
    turns = len(demo.simulator.log(bare, "door.unlocked"))
    page.locator("#cannot-get-in").click()
    door = page.locator(".rescue", has_text="Room 105")
    expect(door).to_contain_text("No backup code to hand out here")
    expect(door.get_by_role("button", name="Issue backup code")).to_have_count(0)
    open_it = door.get_by_role("button", name="Open Room 105 from here, once")
    open_it.click()
    assert not door.get_by_label("ID checked").is_checked()
    assert len(demo.simulator.log(bare, "door.unlocked")) == turns, "not before somebody saw the papers"
    door.get_by_label("ID checked").check()
    open_it.click()
    expect(page.locator("#toasts")).to_contain_text("Room 105 was asked to open")
    until(lambda: len(demo.simulator.log(bare, "door.unlocked")) > turns, "the door has opened")
    expect(door).to_contain_text("the maker says that it opened", timeout=20_000)
    expect(door.get_by_label("ID checked")).not_to_be_checked()
    assert len(demo.simulator.log(bare, "door.unlocked")) == turns + 1
    page.get_by_role("link", name="The stay", exact=True).click()
    yes(clerk, "#check-out")
    expect(page.locator("#undo-check-out")).to_be_visible()
