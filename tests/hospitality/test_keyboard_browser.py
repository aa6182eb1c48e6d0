"""A shift by keyboard alone, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

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
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Check out now").focus()
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
