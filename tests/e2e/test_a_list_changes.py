"""A booking comes in with a list, moves to another room with the next one and is cancelled with the last: the simulator's
locks have the digits where the list says."""

import pytest

from tests.e2e.conftest import UNKNOWN, open_stay, show_pin, typed, until_off, until_on
from tests.e2e.test_story import bookings, import_file

pytestmark = pytest.mark.browser

NUMBER, GUEST, ROOM, OTHER = "4712001", "Lea Liste", "103", "105"


def test_what_a_list_moves_or_cancels_is_moved_and_taken_off_at_the_doors(demo, desk):
    clerk = desk("clerk")
    today = demo.today()
    import_file(clerk, bookings(today, (NUMBER, GUEST, ROOM)), "1 new")
    open_stay(clerk, GUEST)
    stay, pin = clerk.page.url, show_pin(clerk)
    until_on(demo, pin, ROOM, "front")
    import_file(clerk, bookings(today, (NUMBER, GUEST, OTHER)), "1 room move")
    until_on(demo, pin, OTHER)
    until_off(demo, pin, ROOM)
    assert typed(demo, ROOM, pin) == UNKNOWN
    assert typed(demo, OTHER, pin) != UNKNOWN, "it opens from the time of arrival on"
    import_file(clerk, bookings(today, (NUMBER, GUEST, OTHER, "cancelled_by_guest")), "1 cancelled")
    until_off(demo, pin, OTHER, "front")
    assert (typed(demo, OTHER, pin), typed(demo, "front", pin)) == (UNKNOWN, UNKNOWN)
    clerk.page.goto(stay)
    assert clerk.page.locator("#reinstate").is_visible()
