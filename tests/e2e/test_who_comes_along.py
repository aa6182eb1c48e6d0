"""Those who come along with a guest, each with digits of their own or with the guest's: the simulator's own log says whose
open, until one is taken off and until all leave."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import (
    OPENED,
    UNKNOWN,
    digits,
    open_stay,
    show_pin,
    typed,
    until_off,
    until_on,
    walk_in,
    yes,
)

pytestmark = pytest.mark.browser

GUEST, ROOM = "Isa Gruppe", "204"
ADA, BEN, CLEO = "Ada Gruppe", "Ben Gruppe", "Cleo Gruppe"


def comes_along(page, name: str, *, own_code: bool) -> None:
    page.locator("#add-companion").click()
    page.locator("#id_name").fill(name)
    page.get_by_label("A code of their own").set_checked(own_code)
    page.locator("#confirm").click()
    expect(page.locator("#toasts")).to_contain_text(f"{name} comes along with {GUEST}.")


def pin_of(clerk, member) -> str:
    name = member.get_by_role("heading").inner_text()
    member.get_by_role("button", name="Show PIN").click()
    expect(clerk.page.locator("#secret-title")).to_have_text(f"PIN of {name}")
    return digits(clerk)


def test_everybody_along_opens_the_door_with_their_own_digits_until_they_leave(demo, desk):
    clerk = desk("clerk")
    page = clerk.page
    members = {name: page.locator("#companions .member", has_text=name) for name in (ADA, BEN, CLEO)}
    walk_in(clerk, GUEST, ROOM)
    pins = {GUEST: show_pin(clerk)}
    for name in (ADA, BEN):
        comes_along(page, name, own_code=True)
        pins[name] = pin_of(clerk, members[name])
    comes_along(page, CLEO, own_code=False)
    expect(members[CLEO]).to_contain_text(f"Shares the code of {GUEST}")
    expect(members[CLEO].get_by_role("button", name="Show PIN")).to_have_count(0)
    assert len(set(pins.values())) == 3
    for pin in pins.values():
        until_on(demo, pin, ROOM, "front")
        assert (typed(demo, ROOM, pin), typed(demo, "front", pin)) == (OPENED, OPENED)

    # Who shared the guest's gets digits of their own, and the guest keeps theirs.
    members[CLEO].get_by_role("button", name="Own code").click()
    pins[CLEO] = pin_of(clerk, members[CLEO])
    assert pins[CLEO] not in (pins[GUEST], pins[ADA], pins[BEN])
    until_on(demo, pins[CLEO], ROOM)
    assert [typed(demo, ROOM, pins[name]) for name in (CLEO, GUEST)] == [OPENED] * 2

    # One leaves early: only theirs ends.
    members[BEN].get_by_role("link", name="Take off").click()
    page.locator("#confirm").click()
    until_off(demo, pins[BEN], ROOM, "front")
    assert (typed(demo, ROOM, pins[BEN]), typed(demo, "front", pins[BEN])) == (UNKNOWN, UNKNOWN)
    del pins[BEN]
    assert [typed(demo, ROOM, pin) for pin in pins.values()] == [OPENED] * 3

    # All leave.
    open_stay(clerk, GUEST)
    yes(clerk, "#check-out")
    for pin in pins.values():
        until_off(demo, pin, ROOM, "front")
        assert typed(demo, ROOM, pin) == UNKNOWN
