"""A shift by keyboard alone, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from hospitality import clock
from hospitality.models import Condition, Room
from tests.hospitality.test_pages_browser import barriers, browser, hotel, screen, web

__all__ = ["browser", "hotel", "screen", "web"]

pytestmark = pytest.mark.browser
CYRILLIC_T = """
document.activeElement.blur();
document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "е", code: "KeyT", bubbles: true }));
"""
"""The key of the letter T where the layout is Cyrillic."""


def at_rest(page) -> None:
    """Nothing is asked any more: what is under way when a test ends meets its tables being emptied."""
    expect(page.locator(".htmx-request")).to_have_count(0)
    page.goto("/keys/")


def stay_page(page, guest):
    page.get_by_role("link", name=guest, exact=True).click()
    page.wait_for_url("**/stays/**")
    return page


def test_a_guest_is_found_checked_in_and_checked_out_without_a_mouse(screen, hotel):
    page = screen()
    keys = page.keyboard
    page.bring_to_front()
    keys.press("Shift+?")
    expect(page.get_by_role("dialog")).to_contain_text("Search for a guest")
    assert barriers(page) == []
    keys.press("Escape")
    keys.press("/")
    expect(page.locator("#search-q")).to_be_focused()
    keys.type("bo lea")
    keys.press("Backspace")
    expect(page.locator("#found .place")).to_have_count(1)
    assert barriers(page) == []
    keys.press("ArrowDown")
    keys.press("Enter")
    page.wait_for_url("**/stays/**")
    keys.press("b")
    page.wait_for_url(re.compile(r"/p/seeblick/$"))
    for _ in range(20):
        keys.press("j")
        if page.evaluate("document.activeElement.textContent") == "Bo Lee":
            break
    keys.press("k")
    keys.press("ArrowDown")
    expect(page.get_by_role("link", name="Bo Lee", exact=True)).to_be_focused()
    keys.press("I")  # as with Caps Lock
    expect(page.locator("#toasts")).to_contain_text("Bo Lee is checked in to 102.")
    expect(page.locator("#in_house").get_by_role("link", name="Bo Lee", exact=True)).to_be_focused()
    keys.press("Enter")
    page.wait_for_url("**/stays/**")
    keys.press("o")
    expect(page.get_by_role("button", name="Check out now")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Bo Lee is checked out.")
    at_rest(page)


def test_in_a_row_a_verbs_key_means_that_row_and_elsewhere_none(screen, hotel):
    page = screen()
    page.keyboard.press("i")
    page.locator("tr.row", has_text="Cy Oh").get_by_role("link", name="Cy Oh").focus()
    page.keyboard.press("i")
    expect(page.locator("#in_house tr.row", has_text="Cy Oh")).to_be_visible()
    assert hotel.stays.filter(state="in_house").count() == 2
    at_rest(page)


def test_what_a_key_asks_for_has_the_hand_and_escape_gives_it_back(screen, hotel):
    page = stay_page(screen(), "Eve Inn")
    fields = {"m": "#id_room", "u": "#late", "h": "#note-text"}
    for key, field in fields.items():
        page.keyboard.press(key)
        expect(page.locator(field)).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator(field)).not_to_be_focused()
    dialogs = {
        "&": "#id_name",
        "f": "#id_day",
        "e": "[name=reason] >> nth=0",
        "+": "#confirm",
        "z": "#confirm",  # checked in by mistake
        "o": "#confirm",
    }
    opener = page.locator("#guest-link")
    for key, field in dialogs.items():
        opener.focus()
        page.keyboard.press(key)
        expect(page.get_by_role("dialog").locator(field)).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
        expect(opener).to_be_focused()
    page.keyboard.press("y")
    page.wait_for_url("**/swap/")
    expect(page.locator("#swap-form, .empty")).to_be_visible()
    at_rest(page)


def test_enter_that_is_held_down_answers_no_question(screen, hotel):
    page = stay_page(screen(), "Bo Lee")
    page.get_by_role("link", name="Cancel the stay").focus()
    page.keyboard.down("Enter")
    expect(page.locator("#confirm")).to_be_focused()
    page.keyboard.down("Enter")  # the key repeats
    page.keyboard.up("Enter")
    expect(page.locator("#confirm")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("is cancelled")
    at_rest(page)


def test_a_backup_code_is_not_taken_from_the_next_door_while_the_first_is_waited_for(screen, hotel):
    page = stay_page(screen(), "Eve Inn")
    issue = page.locator("[data-key=c]")
    expect(issue).to_have_count(2)
    page.evaluate("document.querySelector('[data-key=c]').disabled = true")
    page.keyboard.press("c")
    page.evaluate("document.querySelector('[data-key=c]').disabled = false")
    page.keyboard.press("c")
    expect(page.locator("#digits")).to_have_text("907 531")
    page.keyboard.press("c")
    expect(page.locator("#digits")).to_have_text("907 531")
    assert hotel.locks.get(name="Front entrance").codes.filter(is_backup=True, handed_out_at=None).exists()
    at_rest(page)


def test_rows_of_companions_and_rooms_are_walked_and_their_keys_mean_them(screen, hotel):
    page = stay_page(screen(), "Eve Inn")
    page.keyboard.press("&")
    expect(page.locator("#id_name")).to_be_focused()
    page.keyboard.type("Adam Inn")
    page.keyboard.press("Enter")
    expect(page.locator("#companions")).to_contain_text("Adam Inn")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.get_by_role("dialog")).to_contain_text("Adam Inn, with Eve Inn")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Adam Inn is taken off the stay.")
    Room.objects.filter(name="102").update(condition=Condition.DIRTY, condition_at=clock.now())
    page.keyboard.press("r")
    page.wait_for_url("**/rooms/")
    page.keyboard.press("j")
    expect(page.get_by_role("button", name="Mark clean")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("102 is clean.")
    page.keyboard.press("j")
    page.keyboard.press("Shift+H")
    page.wait_for_url("**/handover/")
    at_rest(page)


def test_keys_are_letters_while_somebody_types_and_nothing_where_they_are_switched_off(screen, hotel):
    page = screen()
    page.locator("#choose-text").click()
    page.keyboard.type("tonight")
    expect(page.locator("#choose-text")).to_have_value("tonight")
    expect(page.locator("#arrivals")).to_contain_text("Nobody here fits what was chosen.")
    page.goto("/keys/")
    page.get_by_label("Keys are on in this browser").uncheck()
    page.keyboard.press("t")
    page.reload()
    expect(page.get_by_label("Keys are on in this browser")).not_to_be_checked()
    page.get_by_label("Keys are on in this browser").check()
    page.goto("/p/seeblick/")
    page.evaluate(CYRILLIC_T)
    page.wait_for_url("**/tonight/")
    assert barriers(page) == []
