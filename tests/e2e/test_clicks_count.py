"""A click counts however often the screen refreshes itself under the pointer, and whatever grows above it."""

import threading
from contextlib import contextmanager

import psycopg
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.hospitality.processes import until

pytestmark = pytest.mark.browser

GUEST, CLICKS = "Oliver Hughes", 25
STATE = (
    "SELECT s.state FROM reservations_stay s JOIN reservations_reservation r ON r.id = s.reservation_id "
    "JOIN reservations_guest g ON g.id = r.guest_id WHERE g.name = %s"
)
BACK = (
    "UPDATE reservations_stay s SET state = 'booked', checked_in_at = NULL FROM reservations_reservation r, "
    "reservations_guest g WHERE r.id = s.reservation_id AND g.id = r.guest_id AND g.name = %s"
)


@contextmanager
def bells_in_a_storm(database_url: str, property_id: int):
    """Ring the board's bell without a pause, as when a whole house changes at once."""
    over = threading.Event()

    def ring():
        with psycopg.connect(database_url, autocommit=True) as connection:
            while not over.wait(0.005):
                connection.execute("SELECT pg_notify('desk', %s)", [f"{property_id}:board"])

    thread = threading.Thread(target=ring)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_every_click_on_check_in_counts_in_a_storm_of_bells(demo, desk):
    clerk = desk("clerk")
    property_id = demo.one("SELECT id FROM hospitality_property")
    clerk.board()
    with bells_in_a_storm(demo.database_url, property_id):
        for click in range(CLICKS):
            with psycopg.connect(demo.database_url, autocommit=True) as connection:
                connection.execute(BACK, [GUEST])
            button = clerk.page.locator("#arrivals tr.row", has_text=GUEST).get_by_role(
                "button", name="Check in"
            )
            expect(button).to_be_visible()
            button.click(delay=80)  # as long as a hand presses
            until(lambda: demo.one(STATE, GUEST) == "in_house", f"click {click} counts")
    expect(clerk.page.locator("#in_house tr.row", has_text=GUEST)).to_be_visible()


def pressed(page: Page, button: Locator) -> bool:
    """Press the mouse on it; what just came up elsewhere may have moved it away: then let go beside everything."""
    button.hover()
    page.mouse.down()
    if button.evaluate("one => one.matches(':active')"):
        return True
    page.mouse.move(0, 0)
    page.mouse.up()
    return False


def test_a_click_counts_while_an_alarm_comes_up_above_its_button(demo, desk, browser):
    clerk = desk("clerk")
    clerk.board()
    clerk.row("Sophie Dubois").get_by_role("link", name="Sophie Dubois", exact=True).click()
    link = clerk.page.locator("#guest-link").get_attribute("href")
    guest = browser.new_context().new_page()
    guest.goto(link)
    with psycopg.connect(demo.database_url, autocommit=True) as connection:
        connection.execute(BACK, [GUEST])
    clerk.board()
    button = clerk.page.locator("#arrivals tr.row", has_text=GUEST).get_by_role("button", name="Check in")
    until(lambda: pressed(clerk.page, button), "it is the button that is pressed")
    with clerk.page.expect_response(lambda answer: "part=watch" in answer.url) as watch:
        guest.get_by_role("button", name="I can’t get in").click()
    watch.value.finished()
    clerk.page.mouse.up()
    expect(clerk.page.locator("#in_house tr.row", has_text=GUEST)).to_be_visible()
    assert demo.one(STATE, GUEST) == "in_house"
    clerk.page.locator("#watch").get_by_role("link", name="Sophie Dubois").click()
    clerk.page.locator("#helped").click()
    expect(clerk.page.locator("#helped")).to_have_count(0)
    guest.context.close()
