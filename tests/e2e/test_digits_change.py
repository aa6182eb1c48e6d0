"""New digits for a guest, digits for who comes along, and for the staff: the simulator's own log says which open."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import (
    OPENED,
    UNKNOWN,
    digits,
    lock,
    show_pin,
    typed,
    until_off,
    until_on,
    walk_in,
    yes,
)

pytestmark = pytest.mark.browser

ROOM = "103"


@pytest.fixture
def silent(demo):
    """Turns the room's lock off, and on again at the end."""
    yield lambda offline: demo.simulator.knobs(lock(ROOM), offline=offline)
    demo.simulator.knobs(lock(ROOM), offline=False)


def test_the_old_digits_open_a_door_until_it_has_the_new_ones(demo, desk, silent):
    clerk = desk("clerk")
    page = clerk.page
    walk_in(clerk, "Nea Ziffer", ROOM)
    old = show_pin(clerk)
    until_on(demo, old, ROOM, "front")
    page.locator("#hide-pin").click()
    silent(True)
    page.locator("#new-pin").click()
    page.get_by_role("dialog").get_by_label("Somebody else knows it").check()
    page.locator("#confirm").click()
    expect(page.locator("#toasts")).to_contain_text("has a new PIN")
    new = show_pin(clerk)
    assert new != old
    until_on(demo, new, "front")
    until_off(demo, old, "front")
    assert (typed(demo, "front", old), typed(demo, "front", new)) == (UNKNOWN, OPENED)
    assert (typed(demo, ROOM, new), typed(demo, ROOM, old)) == (UNKNOWN, OPENED)
    expect(page.locator(".doors__news")).to_contain_text(f"Room {ROOM}")
    silent(False)
    until_on(demo, new, ROOM)
    until_off(demo, old, ROOM)
    assert (typed(demo, ROOM, old), typed(demo, ROOM, new)) == (UNKNOWN, OPENED)
    expect(page.locator(".doors__news")).to_have_count(0)

    # Who comes along has digits of their own, until they are taken off.
    page.locator("#add-companion").click()
    page.locator("#id_name").fill("Ben Ziffer")
    page.locator("#confirm").click()
    member = page.locator("#companions .member", has_text="Ben Ziffer")
    member.get_by_role("button", name="Show PIN").click()
    expect(page.get_by_role("heading", name="PIN of Ben Ziffer")).to_be_visible()
    along = digits(clerk)
    assert along != new
    until_on(demo, along, ROOM)
    assert typed(demo, ROOM, along) == OPENED
    member.get_by_role("link", name="Take off").click()
    page.locator("#confirm").click()
    until_off(demo, along, ROOM, "front")
    assert (typed(demo, ROOM, along), typed(demo, ROOM, new)) == (UNKNOWN, OPENED)
    yes(clerk, "#check-out")
    until_off(demo, new, ROOM)


def test_a_code_for_the_staff_opens_every_door_until_it_is_taken_off(demo, desk):
    owner = desk("owner")
    page = owner.page
    page.goto(f"{owner.url}/p/seeblick/locks/staff/")
    page.get_by_role("textbox", name="Who").fill("Ida Putz")
    page.get_by_label("Until it is taken off").check()
    page.locator("#make-code").click()
    person = page.locator(".member", has_text="Ida Putz")
    person.get_by_role("button", name="Show PIN").click()
    pin = digits(owner)
    until_on(demo, pin, ROOM, "front")
    assert (typed(demo, ROOM, pin), typed(demo, "front", pin)) == (OPENED, OPENED)
    person.get_by_role("link", name="Take off").click()
    page.locator("#confirm").click()
    until_off(demo, pin, ROOM, "front")
    assert typed(demo, ROOM, pin) == UNKNOWN
