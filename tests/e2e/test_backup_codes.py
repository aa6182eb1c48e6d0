"""Backup codes that an owner makes and gives, and those that a manager seals in envelopes: the keypads and the simulator's
own log say until when they open."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import (
    OPENED,
    UNKNOWN,
    digits,
    end_at,
    lock,
    open_stay,
    show_pin,
    typed,
    until_end,
    until_off,
    until_on,
    walk_in,
    yes,
)
from tests.hospitality.processes import until

pytestmark = pytest.mark.browser

ROOM, DOOR = "103", "Room 103"


def backups_of(desk, demo) -> None:
    key = demo.one("SELECT public_id FROM locks_lock WHERE provider_ref = %s", lock(ROOM))
    desk.page.goto(f"{desk.url}/p/seeblick/locks/{key}/backups/")


def choose(select, guest: str) -> None:
    select.select_option(label=select.locator("option", has_text=guest).inner_text())


def test_a_code_that_an_owner_makes_is_on_the_lock_and_opens_for_whom_it_is_given_to(demo, desk):
    clerk, owner = desk("clerk"), desk("owner")
    page = owner.page
    demo.until_stocked(lock(ROOM))
    walk_in(clerk, "Gast Gegeben", ROOM)
    own = show_pin(clerk)
    until_on(demo, own, ROOM)
    leaves = end_at(demo, ROOM, own)

    # Made, and one of the others changed for another: the lock says so.
    before = demo.simulator.pins(lock(ROOM))
    backups_of(owner, demo)
    page.locator("#make").click()
    made = until(lambda: demo.simulator.pins(lock(ROOM)) - before, "another code is on the lock").pop()
    stock = page.locator("section", has=page.get_by_role("heading", name="In stock"))
    code = stock.locator("li.code", has_text="Permanent")
    expect(code).to_contain_text("On the lock, confirmed")
    code.get_by_role("button", name="Rotate").click()
    until_off(demo, made, ROOM)
    assert typed(demo, ROOM, made) == UNKNOWN
    expect(code).to_have_count(1)

    # Given to the guest, whom the desk can show it again.
    code.get_by_role("link", name="Give to a guest").click()
    choose(page.get_by_label("Guest", exact=True), "Gast Gegeben")
    page.locator("#give-it").click()
    given = digits(owner)
    assert given not in before | {made}
    assert typed(demo, ROOM, given) == OPENED
    clerk.page.reload()
    clerk.page.locator("li.door", has_text=DOOR).get_by_role("button", name="Show it again").click()
    expect(clerk.page.get_by_role("heading", name="Backup code")).to_be_visible()
    assert digits(clerk) == given

    # Kept on after the stay it opens, and stands in red, until it is taken off.
    backups_of(owner, demo)
    kept = page.locator("li.code", has_text="Gast Gegeben")
    keep, let_end = (
        kept.get_by_role("link", name="Keep it after the stay"),
        kept.get_by_role("button", name="End it with the stay"),
    )
    until_end(demo, ROOM, given, leaves)
    for opener, end in ((keep, None), (let_end, leaves), (keep, None)):
        opener.click()
        if opener is keep:
            page.locator("#confirm").click()
        until_end(demo, ROOM, given, end)
    yes(clerk, "#check-out")
    until_off(demo, own, ROOM)
    assert (typed(demo, ROOM, own), typed(demo, ROOM, given)) == (UNKNOWN, OPENED)
    page.goto(f"{owner.url}/owner/")
    expect(page.locator(".notice--bad")).to_contain_text("Gast Gegeben")
    backups_of(owner, demo)
    kept.get_by_role("link", name="Take it off now").click()
    page.locator("#confirm").click()
    until_off(demo, given, ROOM)
    assert typed(demo, ROOM, given) == UNKNOWN

    # The one that took its place is not needed.
    spare = until(lambda: demo.simulator.pins(lock(ROOM)) - before, "another took its place").pop()
    code.get_by_role("button", name="Retire").click()
    until_off(demo, spare, ROOM)
    assert demo.simulator.pins(lock(ROOM)) == before - {own}


def seal(manager) -> tuple[str, str]:
    """The number on the envelope, and the digits in it."""
    page = manager.page
    page.get_by_role("checkbox", name=DOOR).check()
    page.locator("#draw").click()
    slip = page.locator(".slip")
    expect(slip).to_contain_text(DOOR)
    number = slip.locator("b").last.inner_text()
    pin = "".join(filter(str.isdigit, slip.locator(".digits").inner_text()))
    page.get_by_role("link", name="Hide").click()
    expect(page.locator(".slip")).to_have_count(0)
    return number, pin


def test_a_sealed_code_opens_until_its_envelope_is_destroyed_or_its_guest_leaves(demo, desk):
    clerk, manager = desk("clerk"), desk("manager")
    page = clerk.page
    demo.until_stocked(lock(ROOM))
    manager.page.goto(f"{manager.url}/p/seeblick/print/envelopes/")
    envelopes = [seal(manager), seal(manager)]
    (for_guest, pin), (lost, lost_pin) = envelopes
    assert [typed(demo, ROOM, one) for one in (pin, lost_pin)] == [OPENED, OPENED]
    walk_in(clerk, "Ute Umschlag", ROOM)

    page.goto(f"{clerk.url}/p/seeblick/print/envelopes/")
    line = page.locator("li.code")
    line.filter(has_text=lost).get_by_role("link", name="Given or destroyed").click()
    page.locator("#destroyed").click()
    until_off(demo, lost_pin, ROOM)
    assert (typed(demo, ROOM, lost_pin), typed(demo, ROOM, pin)) == (UNKNOWN, OPENED)
    line.filter(has_text=for_guest).get_by_role("link", name="Given or destroyed").click()
    choose(page.locator("#stay"), "Ute Umschlag")
    page.locator("#given").click()
    expect(page.locator("#toasts")).to_contain_text(f"Envelope {for_guest} was given to Ute Umschlag")
    assert typed(demo, ROOM, pin) == OPENED
    open_stay(clerk, "Ute Umschlag")
    yes(clerk, "#check-out")
    until_off(demo, pin, ROOM)
    assert typed(demo, ROOM, pin) == UNKNOWN
