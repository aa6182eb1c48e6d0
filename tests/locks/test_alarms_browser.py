"""Alarms and found codes in a real browser: they come and go without a reload, keep no barrier, and a code is adopted
and taken off again with and without JavaScript."""

import pytest
from playwright.sync_api import expect

from hospitality import live
from locks.models import AccessCode
from tests.factories import AccessCodeFactory, now
from tests.hospitality.test_pages_browser import DAY, barriers, browser, hotel, screen, web

__all__ = ["browser", "hotel", "screen", "web"]
pytestmark = pytest.mark.browser


def old_code(hotel) -> AccessCode:
    """A code of a guest who is long gone, still on the door of room 102."""
    room = hotel.locks.get(name="Room 102")
    return AccessCodeFactory(lock=room, leaving=True, name="Gina Gone", asked_at=now() - DAY)


def stranger(hotel) -> AccessCode:
    room = hotel.locks.get(name="Room 102")
    return AccessCodeFactory(
        lock=room, grant=None, name="Cleaner", is_managed=False, present=True, pin="771166"
    )


def test_an_alarm_comes_and_goes_without_a_reload_and_is_counted(screen, hotel):
    page = screen()
    expect(page.locator("#stream")).to_have_attribute("data-state", "live")
    expect(page.locator("#alarm-count")).to_have_text("1 alarm")  # room 101 is offline
    page.evaluate("window.loadedOnce = true")
    code = old_code(hotel)
    live.announce(hotel, "board")
    alarm = page.locator("#watch li", has_text="Gina Gone")
    expect(alarm).to_contain_text("not confirmed off Room 102")
    expect(alarm).to_contain_text("Do not let the room before the code is off")
    expect(page.locator("#alarm-count")).to_have_text("2 alarms")
    assert barriers(page) == []
    AccessCode.objects.filter(pk=code.pk).update(observed="absent", live=False)
    live.announce(hotel, f"lock-{code.lock.public_id}")
    expect(alarm).to_have_count(0)
    expect(page.locator("#alarm-count")).to_have_text("1 alarm")
    assert page.evaluate("window.loadedOnce") is True


def test_a_row_that_rings_has_the_alarms_looked_at_again(screen, hotel):
    page = screen()
    expect(page.locator("#stream")).to_have_attribute("data-state", "live")
    old_code(hotel)
    live.announce(hotel, f"stay-{hotel.stays.get(state='in_house').public_id}")
    expect(page.locator("#watch li", has_text="Gina Gone")).to_be_visible()


def test_a_code_is_adopted_in_a_dialog_without_a_barrier(screen, hotel):
    code = stranger(hotel)
    page = screen("owner")
    page.goto(f"/p/seeblick/locks/{code.lock.public_id}/")
    page.get_by_role("link", name="Adopt Cleaner").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Adopt “Cleaner” on Room 102?")
    assert barriers(page) == []
    dialog.get_by_label("It may go on being changed").uncheck()
    dialog.get_by_role("button", name="Adopt it").click()
    expect(page.locator("#toasts")).to_contain_text("“Cleaner” on Room 102 is adopted.")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("link", name="Adopt Cleaner")).to_have_count(0)
    code.refresh_from_db()
    assert (code.is_managed, code.is_external_modification_allowed) == (True, False)


def test_a_code_is_adopted_without_javascript(screen, hotel):
    code = stranger(hotel)
    page = screen("owner", java_script_enabled=False)
    page.goto(f"/p/seeblick/locks/{code.lock.public_id}/")
    page.get_by_role("link", name="Adopt Cleaner").click()
    expect(page.get_by_role("heading", name="Adopt “Cleaner” on Room 102?")).to_be_visible()
    page.get_by_role("button", name="Adopt it").click()
    expect(page.locator("#toasts")).to_contain_text("“Cleaner” on Room 102 is adopted.")
    code.refresh_from_db()
    assert (code.is_managed, code.is_external_modification_allowed) == (True, True)


def adopted(hotel) -> AccessCode:
    code = stranger(hotel)
    code.is_managed = True
    code.save()
    return code


def test_an_adopted_code_is_taken_off_in_a_dialog_without_a_barrier(screen, hotel):
    code = adopted(hotel)
    page = screen("owner")
    page.goto(f"/p/seeblick/locks/{code.lock.public_id}/")
    page.get_by_role("link", name="Take it off the lock").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("“Cleaner” on Room 102")
    expect(dialog).to_contain_text("It cannot be brought back here.")
    assert barriers(page) == []
    dialog.get_by_role("button", name="Take it off the lock").click()
    expect(page.locator("#toasts")).to_contain_text("“Cleaner” is being taken off Room 102")
    expect(dialog).to_be_hidden()
    line = page.locator(".code", has_text="Cleaner")
    expect(line).to_contain_text("Removing; still on the door")
    expect(line.get_by_role("link", name="Take it off the lock")).to_have_count(0)
    assert barriers(page) == []
    code.refresh_from_db()
    assert not code.wanted


def test_an_adopted_code_is_taken_off_without_javascript(screen, hotel):
    code = adopted(hotel)
    page = screen("owner", java_script_enabled=False)
    page.goto(f"/p/seeblick/locks/{code.lock.public_id}/")
    page.get_by_role("link", name="Take it off the lock").click()
    expect(page.get_by_role("heading", name="“Cleaner” on Room 102")).to_be_visible()
    page.get_by_role("button", name="Take it off the lock").click()
    expect(page.locator("#toasts")).to_contain_text("“Cleaner” is being taken off Room 102")
    code.refresh_from_db()
    assert not code.wanted
