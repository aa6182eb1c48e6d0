"""Keys of programs in a real browser, with and without JavaScript."""

import pytest
from playwright.sync_api import Page, expect

from locks.models import ApiKey
from locks.programs import keys
from tests.hospitality.test_pages_browser import PHONE, browser, hotel, screen, web

__all__ = ["browser", "hotel", "screen", "web"]
pytestmark = pytest.mark.browser


def make(page: Page) -> str:
    """Make a key that may work with codes; its text as the page shows it."""
    page.goto("/p/seeblick/settings/")
    page.get_by_role("link", name="Programs").click()
    page.get_by_label("Which program works with it").fill("Booking engine")
    page.get_by_label("Makes, changes and ends codes").check()
    page.get_by_role("button", name="Make the key").click()
    expect(page.get_by_role("heading", name="The key of Booking engine: copy it now")).to_be_visible()
    return page.locator("#new-key").text_content()


def revoke(page: Page) -> None:
    page.get_by_role("link", name="Revoke the key of Booking engine").click()
    expect(page.get_by_text("Whatever works with it is refused from now on.")).to_be_visible()
    page.get_by_role("button", name="Revoke the key").click()
    expect(page.locator("#toasts")).to_contain_text("The key of Booking engine opens nothing any more.")
    expect(page.locator("#api-keys")).to_contain_text("No program works here.")


@pytest.mark.parametrize("options", [{}, {"viewport": PHONE}, {"java_script_enabled": False}])
def test_a_key_is_made_copied_and_revoked(screen, options):
    page = screen("manager", **options)
    text = make(page)
    assert keys.find(text) == ApiKey.objects.get()
    expect(page.locator("pre")).to_contain_text(f"export SEAM_API_KEY={text}")
    revoke(page)
    assert keys.find(text) is None
    page.reload()
    assert text not in page.content()
    assert ApiKey.objects.count() == 1


def test_the_keyboard_comes_to_the_new_key_and_to_what_was_wrong(screen):
    page = screen("manager", disturbed=True)  # the browser itself complains of a 422
    make(page)
    expect(page.locator("#new-key-title")).to_be_focused()
    expect(page.locator("#new-key-title")).to_be_in_viewport()
    page.get_by_role("button", name="Make the key").click()
    expect(page.locator("#make-key-title")).to_be_focused()
    expect(page.get_by_text("This field is required.")).to_be_in_viewport()


def test_the_day_is_asked_for_only_where_it_ends_after_one(screen):
    page = screen("manager")
    page.goto("/p/seeblick/settings/programs/")
    day = page.get_by_label("Day", exact=True)
    expect(day).to_be_hidden()
    page.get_by_label("After this day").check()
    expect(day).to_be_visible()
    page.get_by_label("In a year").check()
    expect(day).to_be_hidden()
