"""A stranger's walk: a fresh installation, no documentation read, from the link in the terminal to a guest whose PIN
opens the door. What opened is read from the simulator's own log."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import DemoSimulator
from tests.hospitality.processes import House, until, var_folder

pytestmark = pytest.mark.browser


@pytest.fixture
def house():
    with var_folder() as var, House(var, "up") as running:
        yield running


def test_from_the_link_in_the_terminal_to_the_first_guest_through_the_door(house, browser):
    link = until(lambda: re.search(r"http://\S+/first/\S+", house.said()), "the terminal shows the link")[0]
    context = browser.new_context(locale="en-CH", timezone_id="Europe/Zurich")
    page, complaints = context.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)

    page.goto(f"http://127.0.0.1:{house.port}/")
    expect(page.get_by_role("heading", name="Nobody can sign in yet")).to_be_visible()
    page.goto(link)
    page.get_by_label("Your name").fill("Mara Nägeli")
    page.get_by_label("User name").fill("mara")
    page.get_by_label("Password", exact=True).fill("lake-side-42")
    page.get_by_label("The password once more").fill("lake-side-42")
    page.get_by_role("button", name="Make my account").click()

    page.get_by_label("Name of the house").fill("Hotel Alpenblick")
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Zurich")
    page.get_by_role("button", name="Go on to the rooms").click()

    page.get_by_role("textbox", name="Rooms").fill("101-103, 201")
    page.get_by_role("button", name="Show what would be made").click()
    expect(page.get_by_role("heading", name="4 rooms to be made")).to_be_visible()
    page.get_by_role("button", name="Make them").click()

    page.get_by_role("button", name="Use the simulator").click()
    expect(page.get_by_text("a common door of all 4 rooms")).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Place those ticked").click()

    expect(page.get_by_role("heading", name="Hotel Alpenblick can take guests")).to_be_visible()
    page.get_by_role("link", name="Book the first guest").click()
    today = datetime.now(ZoneInfo("Europe/Zurich")).date()
    page.get_by_role("textbox", name="Guest").fill("Anna Berger")
    page.get_by_label("Departure").fill((today + timedelta(days=2)).isoformat())
    page.get_by_role("combobox", name="Room").select_option(label="101")
    page.get_by_role("button", name="Book", exact=True).click()
    page.get_by_role("button", name="Check in").click()
    expect(page.locator("li.door", has_text="Room 101")).to_contain_text(
        "On the lock, confirmed", timeout=30_000
    )
    page.get_by_role("button", name="Show PIN").click()
    pin = "".join(filter(str.isdigit, page.locator("#digits").inner_text()))

    simulator = DemoSimulator(house.simulator_port)
    locks = {lock["name"]: lock["id"] for lock in simulator.get("/locks")["locks"]}
    until(lambda: simulator.codes(locks["Front entrance"]), "the front entrance has codes")
    opened = {}
    for name in ("Room 101", "Front entrance", "Room 102"):
        simulator.keypad(locks[name], pin)
        opened[name] = simulator.log(locks[name], "keypad")[-1]["details"]["opened"]
    assert opened == {"Room 101": True, "Front entrance": True, "Room 102": False}
    assert complaints == []
    context.close()
