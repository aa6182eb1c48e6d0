"""Codes for the staff: for once, for a day, for some days of each week. The keypads and the simulator's own log say when
they open."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import OPENED, UNKNOWN, typed, until_off, until_on

pytestmark = pytest.mark.browser

ROOM, OTHER = "103", "204"
"""103 keeps schedules, 204 is programmed just in time."""
EARLY, EXPIRED = (False, "not_yet_valid"), (False, "expired")
MIDNIGHT = "00:00"


def make(page, name: str, when: str, *doors: str, hours: bool = False) -> str:
    """A new code for these doors, or all; `hours`: the whole day long. Returns its digits."""
    page.get_by_role("textbox", name="Who").fill(name)
    if doors:
        page.get_by_label("These doors").check()
    for door in doors:
        page.locator("#make").get_by_label(door, exact=True).check()
    page.get_by_label(when).check()
    for field in ("From", "Until") if hours else ():
        page.locator("#make").get_by_label(field, exact=True).fill(MIDNIGHT)
    page.locator("#make-code").click()
    return shown(page, name)


def shown(page, name: str) -> str:
    page.locator(".member", has_text=name).get_by_role("button", name="Show PIN").click()
    expect(page.locator("#secret-title")).to_have_text(f"PIN of {name}")
    return "".join(filter(str.isdigit, page.locator("#digits").inner_text()))


def test_a_staff_code_opens_for_once_for_its_day_or_on_its_days(demo, desk):
    owner = desk("owner")
    page = owner.page
    today = demo.today()
    page.goto(f"{owner.url}/p/seeblick/locks/staff/")
    once = make(page, "Ivo Einmal", "Once", f"Room {ROOM}")
    page.get_by_label("One day").check()
    page.get_by_label("Day", exact=True).fill(today.isoformat())
    day = make(page, "Tina Tag", "One day", hours=True)
    for weekday in page.locator(".shift--days input").all():
        weekday.set_checked(weekday.get_attribute("value") == str((today + timedelta(days=1)).weekday()))
    page.get_by_label("Every week").check()
    weekly = make(page, "Wim Woche", "Every week", f"Room {ROOM}", f"Room {OTHER}", hours=True)

    # Today opens who comes once, on the door that was said, and who is here today, everywhere.
    until_on(demo, once, ROOM)
    until_on(demo, day, ROOM, OTHER, "front")
    until_on(demo, weekly, ROOM)
    assert [typed(demo, door, day) for door in (ROOM, OTHER, "front")] == [OPENED] * 3
    assert (typed(demo, OTHER, once), typed(demo, "front", once)) == (UNKNOWN, UNKNOWN)
    assert (typed(demo, ROOM, weekly), typed(demo, OTHER, weekly)) == (EARLY, UNKNOWN)
    assert typed(demo, ROOM, once) == OPENED

    # Tomorrow it is the other's turn.
    demo.simulator.travel(days=1)
    try:
        assert (typed(demo, ROOM, day), typed(demo, ROOM, weekly)) == (EXPIRED, OPENED)
    finally:
        demo.simulator.travel()

    # It was for once: used, it comes off.
    demo.have_done("locks.tasks.staff_codes")
    until_off(demo, once, ROOM)
    assert typed(demo, ROOM, once) == UNKNOWN
    expect(page.locator("section", has_text="Ended")).to_contain_text("Ivo Einmal")
    for name in ("Tina Tag", "Wim Woche"):
        page.locator(".member", has_text=name).get_by_role("link", name="Take off").click()
        page.locator("#confirm").click()
    until_off(demo, day, ROOM, OTHER, "front")
    until_off(demo, weekly, ROOM)
    assert (typed(demo, ROOM, day), typed(demo, ROOM, weekly)) == (UNKNOWN, UNKNOWN)
