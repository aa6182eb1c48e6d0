"""What happens at the locks themselves: somebody puts a code on one in the maker's app, and one is reset and comes back as
another device. The simulator's own log says what opens."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import OPENED, UNKNOWN, lock, open_stay, show_pin, typed, until_off, until_on, yes
from tests.hospitality.processes import until

pytestmark = pytest.mark.browser

ROOM, STRANGERS = "105", "748213"
GUEST, RESET = "Ravi Kapoor", "202"
"""A guest of the sample hotel who is due today, and the room."""


def key_of(demo, room: str) -> str:
    return demo.one("SELECT public_id FROM locks_lock WHERE provider_ref = %s", lock(room))


def test_a_code_from_the_makers_app_is_left_alone_then_kept_on_then_taken_off(demo, desk):
    owner = desk("owner")
    page = owner.page
    page.goto(f"{owner.url}/p/seeblick/locks/{key_of(demo, ROOM)}/")
    demo.simulator.add_code(lock(ROOM), STRANGERS, name="Gärtner")
    found = page.locator("section", has=page.get_by_role("heading", name="Not made here"))
    expect(found).to_contain_text("Gärtner", timeout=20_000)
    assert typed(demo, ROOM, STRANGERS) == OPENED, "nobody's codes are touched unasked"

    # Adopted, it is put back when somebody deletes it in the app.
    found.get_by_role("link", name="Adopt").click()
    page.get_by_role("dialog").get_by_label("It may go on being changed").uncheck()
    page.locator("#confirm").click()
    expect(found).to_have_count(0)
    there = next(code["id"] for code in demo.simulator.codes(lock(ROOM)) if code["pin"] == STRANGERS)
    demo.simulator.delete_code(lock(ROOM), there)
    assert typed(demo, ROOM, STRANGERS) == UNKNOWN
    until_on(demo, STRANGERS, ROOM)
    assert typed(demo, ROOM, STRANGERS) == OPENED

    page.locator(".code", has_text="Gärtner").get_by_role("link", name="Take it off the lock").click()
    page.locator("#confirm").click()
    until_off(demo, STRANGERS, ROOM)
    assert typed(demo, ROOM, STRANGERS) == UNKNOWN


def test_a_lock_that_was_reset_gets_its_guests_codes_once_a_person_says_where_it_hangs(demo, desk):
    clerk, manager = desk("clerk"), desk("manager")
    open_stay(clerk, GUEST)
    yes(clerk, "#check-in")  # somebody is still in the room
    pin = show_pin(clerk)
    until_on(demo, pin, RESET, "front")
    assert typed(demo, RESET, pin) == OPENED

    page = manager.page
    page.goto(f"{manager.url}/p/seeblick/locks/training/{key_of(demo, RESET)}/")
    page.locator("#reset").click()
    expect(page.locator("#toasts")).to_contain_text("all its codes are gone")
    assert not typed(demo, RESET, pin)[0]
    anew = demo.simulator.lock(lock(RESET))["replaced_by"]
    assert demo.simulator.pins(anew) == set()

    demo.have_done("locks.tasks.discover")
    until(
        lambda: demo.one("SELECT count(*) FROM locks_founddevice WHERE provider_ref = %s", anew),
        "it is found",
    )
    page.goto(f"{manager.url}/p/seeblick/new-locks/")
    page.get_by_text("It takes the place of a lock of this house").click()
    old = page.get_by_label("Which one?")
    old.select_option(label=old.locator("option", has_text=f"Room {RESET}").inner_text())
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("main")).to_contain_text("They go on the new lock, and guests keep their PIN.")
    page.locator("#confirm").click()
    until(lambda: pin in demo.simulator.pins(anew), "the new lock has the guest's digits")
    assert demo.simulator.opens(anew, pin)
    open_stay(clerk, GUEST)
    yes(clerk, "#check-out")
    until(lambda: pin not in demo.simulator.pins(anew), "the new lock has lost them")
    assert not demo.simulator.opens(anew, pin)
