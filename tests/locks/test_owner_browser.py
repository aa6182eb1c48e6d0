"""The owner's pages in a real browser: codes are made and given to a guest, with and without JavaScript."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from hospitality import live
from hospitality.models import Role
from locks.models import AccessCode
from locks.wishes import indexes
from tests.factories import (
    AccessCodeFactory,
    ConnectionFactory,
    LockFactory,
    MembershipFactory,
    PropertyFactory,
    now,
)
from tests.hospitality.test_pages_browser import DESKTOP, PHONE, barriers, browser, hotel, screen, web

__all__ = ["browser", "hotel", "screen", "web"]
pytestmark = pytest.mark.browser


def confirmed(pin: str) -> AccessCode:
    """The code that was made by hand, as it is once the lock was seen to hold it."""
    code = AccessCode.objects.get(by_hand=True)
    code.pin = pin
    AccessCode.objects.filter(pk=code.pk).update(
        pin_sealed=code.pin_sealed,
        **indexes(pin),
        status="set",
        observed="present",
        observed_at=now(),
        observed_ref="made by hand",
        observed_pin_index=indexes(pin)["pin_index"],
        pending_mutations=[],
    )
    return code


def make_and_give(page: Page) -> None:
    line = page.locator("tr.row", has_text="Room 104")
    line.get_by_role("button", name="Make").click()
    expect(page.locator("#toasts")).to_contain_text("1 backup code is going on Room 104")
    confirmed("84027531")
    page.locator("tr.row", has_text="Room 104").get_by_role("link", name="ready").click()
    code = page.locator("li.code", has_text="Permanent")
    expect(code).to_contain_text("On the lock, confirmed")
    expect(page.locator("body")).not_to_contain_text("840 275 31")
    code.get_by_role("link", name="Give to a guest").click()
    page.get_by_label("Guest").select_option(index=1)
    page.get_by_role("button", name="Give it and show it").click()
    expect(page.locator("#digits")).to_have_text("840 275 31")
    expect(page.get_by_role("heading", name="Backup code for Eve Inn")).to_be_visible()


@pytest.mark.parametrize("viewport", [None, PHONE], ids=["desktop", "phone"])
def test_an_owner_makes_a_code_in_one_click_and_gives_it_to_a_guest(screen, hotel, viewport):
    page = screen("owner", **({"viewport": viewport} if viewport else {}))
    expect(page.get_by_role("heading", name="Your locks")).to_be_visible()
    make_and_give(page)
    assert barriers(page) == []
    page.get_by_role("button", name="Hide").click()
    expect(page.locator("#digits")).to_have_count(0)
    expect(page.locator("#give")).to_contain_text("This code was given away")
    page.get_by_role("link", name="Back to the backup codes").click()
    given = page.locator("li.code", has_text="Backup for Eve Inn")
    expect(given).to_contain_text("Permanent, spent")
    given.get_by_role("link", name="Keep it after the stay").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Eve Inn, 104 knows this code")
    assert barriers(page) == []
    dialog.get_by_role("button", name="Let it end with the stay").click()
    given.get_by_role("link", name="Take it off now").click()
    dialog.get_by_role("button", name="Take it off").click()
    expect(page.locator("#toasts")).to_contain_text("may open until the lock confirms")
    expect(given).to_contain_text("Removing; still on the door")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_stock_of_every_house_changes_without_a_reload(screen, hotel, viewport):
    page = screen("owner", viewport=viewport)
    other = PropertyFactory(slug="bergblick", name="Hotel Bergblick")
    MembershipFactory(user=User.objects.get(username="owner"), property=other, role=Role.OWNER)
    gate = LockFactory(connection=ConnectionFactory(property=other), name="Gate")
    page.goto("/owner/")
    expect(page.locator("#stream")).to_have_attribute("data-state", "live")
    page.evaluate("window.loadedOnce = true")
    room = page.locator("tr.row", has_text="Room 104")
    expect(room).to_contain_text("1 of 5 ready")
    AccessCodeFactory(lock=hotel.locks.get(name="Room 104"), backup=True)
    live.announce(hotel, f"lock-{hotel.locks.get(name='Room 104').public_id}")
    expect(room).to_contain_text("2 of 5 ready")
    AccessCodeFactory(lock=gate, backup=True)
    live.announce(other, f"lock-{gate.public_id}")
    expect(page.locator("tr.row", has_text="Gate")).to_contain_text("1 of 5 ready")
    assert page.evaluate("window.loadedOnce") is True
    assert barriers(page) == []


def test_an_owner_makes_and_gives_a_code_without_javascript(screen, hotel):
    page = screen("owner", java_script_enabled=False)
    make_and_give(page)
    page.get_by_role("button", name="Hide").click()
    expect(page.locator("#give")).to_contain_text("This code was given away")


def test_an_owner_switches_a_locks_pool_off_and_on_and_says_its_size(screen, hotel):
    lock = hotel.locks.get(name="Room 104")
    page = screen("owner")
    page.goto(f"/p/seeblick/locks/{lock.public_id}/")
    expect(page.locator("#stream")).to_have_attribute("data-state", "live")
    page.get_by_label("Kept ready on this lock").fill("7")
    hotel.locks.filter(pk=lock.pk).update(battery=0.15)
    live.announce(hotel, f"lock-{lock.public_id}")
    expect(page.locator("#live")).to_contain_text("Battery low, 15 %")
    expect(page.get_by_label("Kept ready on this lock")).to_have_value("7")  # not lost under the owner's hand
    page.locator("#pool").get_by_role("button", name="Save").click()
    expect(page.locator("#toasts")).to_contain_text("Room 104 keeps 7 backup codes ready")
    page.get_by_role("link", name="Switch them off").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("that nobody was given will be taken off Room 104")
    assert barriers(page) == []
    dialog.get_by_role("button", name="Switch them off").click()
    expect(page.locator("#pool")).to_contain_text("switched off")
    page.get_by_role("button", name="Keep backup codes on this lock").click()
    expect(page.get_by_label("Kept ready on this lock")).to_have_value("7")
