"""A lock that is never connected: its codes are made by arithmetic, and nobody can take them back. The screen says so, and
the simulator's own log shows that it is so."""

from datetime import timedelta

import psycopg
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import (
    OPENED,
    check_in,
    digits,
    lock,
    open_stay,
    show_pin,
    typed,
    until_off,
    until_on,
    yes,
)
from tests.e2e.test_clicks_count import BACK

pytestmark = pytest.mark.browser

GUEST, ROOM = "Oliver Hughes", "104"
"""The guest who is due in the sample hotel's room without a connection."""
EXPIRED = (False, "expired")
ENDS = "SELECT issued_ends_at FROM locks_accesscode c JOIN locks_lock l ON l.id = c.lock_id WHERE l.provider_ref = %s AND issued_at IS NOT NULL ORDER BY issued_at DESC"


@pytest.fixture
def due(demo):
    """The guest is still to come, whatever the tests before left."""
    with psycopg.connect(demo.database_url, autocommit=True) as connection:
        connection.execute(BACK, [GUEST])


def hidden_and_at_once_asked_for_again(page: Page, show: Locator) -> None:
    """The answer to the hiding, which comes first, does not take away the place of the other."""
    expect(show).to_be_visible()  # while an answer is outstanding, fresh copies are laid aside
    asked, ended = {}, []
    page.on("requestfinished", lambda request: ended.append(request))
    page.on("requestfailed", lambda request: ended.append(request))
    page.route("**/pin/", lambda route: asked.update({route.request.method: route}))
    for button, method in ((page.locator("#hide-pin"), "GET"), (show, "POST")):
        with page.expect_request(lambda request, method=method: request.method == method):
            button.click()
    for method in ("GET", "POST"):
        asked[method].continue_()
        while asked[method].request not in ended:
            page.wait_for_timeout(20)
    page.unroute("**/pin/")


def test_an_offline_code_opens_until_its_end_also_after_an_early_check_out(demo, desk, due):
    clerk = desk("clerk")
    page = clerk.page
    open_stay(clerk, GUEST)
    check_in(clerk)
    door = page.locator("li.door", has_text=f"Room {ROOM}")
    pin = show_pin(clerk)
    until_on(demo, pin, "front")
    assert not typed(demo, ROOM, pin)[0], "the guest's PIN is for the other doors"

    # Before anything is issued it is said that there is no way back.
    door.get_by_role("link", name="Issue offline code").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("cannot be changed or taken back before its end, not at check-out either")
    expect(dialog).to_contain_text(f"The code opens Room {ROOM} from ")
    dialog.get_by_role("button", name="Leave it").click()
    expect(door.get_by_role("button", name="Show offline code")).to_have_count(0)
    yes(clerk, f"li.door:has-text('Room {ROOM}') a:has-text('Issue offline code')")
    expect(page.locator("#secret-title")).to_have_text("Offline code")
    code = digits(clerk)
    assert typed(demo, ROOM, code) == OPENED
    hidden_and_at_once_asked_for_again(page, door.get_by_role("button", name="Show offline code"))
    assert digits(clerk) == code

    # They leave early: what is said beforehand and afterwards is so at the door.
    page.locator("#check-out").click()
    lasting = f"The offline code for Room {ROOM} cannot be changed or revoked: it opens until "
    expect(dialog).to_contain_text(lasting)
    page.locator("#confirm").click()
    expect(page.locator("#undo-check-out")).to_be_visible()
    expect(door).to_contain_text("Cannot be revoked, opens until")
    until_off(demo, pin, "front")
    assert typed(demo, ROOM, code) == OPENED
    end = demo.one(ENDS, lock(ROOM))
    demo.simulator.travel(
        seconds=(end - demo.simulator.clock(lock(ROOM)) + timedelta(minutes=1)).total_seconds()
    )
    try:
        assert typed(demo, ROOM, code) == EXPIRED
    finally:
        demo.simulator.travel()

    # They have not left after all, and the code is theirs again.
    yes(clerk, "#undo-check-out")
    expect(page.locator("#check-out")).to_be_visible()
    door.get_by_role("button", name="Show offline code").click()
    assert digits(clerk) == code
