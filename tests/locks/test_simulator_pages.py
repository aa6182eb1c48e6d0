"""The pages: served whole, with nothing from elsewhere, and a person can open the door on them."""

import re
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import chromium
from tests.locks.simulator_process import SimulatorProcess


@pytest.fixture(scope="module")
def simulator(tmp_path_factory) -> Iterator[SimulatorProcess]:
    with SimulatorProcess(tmp_path_factory.mktemp("simulator")) as process:
        yield process


@pytest.fixture
def room(simulator) -> str:
    return simulator.add_lock('Room <b>"204"</b>', slots=9)


@pytest.fixture
def page() -> Iterator[Page]:
    with chromium() as browser:
        shown = browser.new_page()
        shown.complaints = []
        shown.on("console", lambda message: shown.complaints.append(message.text))
        shown.on("pageerror", lambda error: shown.complaints.append(str(error)))
        yield shown


@pytest.mark.parametrize("path", ["/", "/locks/{room}/", "/locks/{room}/app/"])
def test_every_page_is_there_and_runs_only_its_own_script(simulator, room, path):
    with urllib.request.urlopen(simulator.base_url + path.format(room=room)) as answer:
        html, policy = answer.read().decode(), answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert "<style" not in html and "style=" not in html
    assert re.findall(r"<script(?![^>]*src=)", html) == []
    loaded = re.findall(r'(?:src|<link[^>]*href)="([^"]+)"', html)
    assert loaded and all(link.startswith("/static/") for link in loaded)
    for link in loaded:
        with urllib.request.urlopen(simulator.base_url + link) as answer:
            assert answer.status == 200


@pytest.mark.browser
def test_a_person_types_a_pin_and_sees_whether_the_door_opens(simulator, room, page):
    simulator.add_code(room, "4729")
    page.goto(f"{simulator.base_url}/locks/{room}/")
    expect(page.get_by_role("heading", name='Room <b>"204"</b>')).to_be_visible()
    for digit in "4728":
        page.get_by_role("button", name=digit, exact=True).click()
    page.get_by_role("button", name="Enter").click()
    expect(page.get_by_role("status")).to_contain_text("The door stays shut.")
    expect(page.get_by_role("status")).to_contain_text("No code with these digits")
    page.keyboard.type("47290")
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("The door is open.")
    expect(page.locator("#log li")).to_have_count(2)
    assert [entry["details"]["pin"] for entry in simulator.log(room, "keypad")] == ["4728", "4729"]
    assert page.complaints == []


@pytest.mark.browser
def test_the_owner_edits_codes_and_causes_trouble(simulator, room, page):
    simulator.add_code(room, "4729", "Cleaning", starts_at="2030-05-01T12:00:07Z")
    page.goto(f"{simulator.base_url}/locks/{room}/app/")
    page.get_by_role("button", name="Edit Cleaning").click()
    page.get_by_label("PIN", exact=True).fill("1357")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#codes")).to_contain_text("1357")
    assert simulator.codes(room)[0]["starts_at"] == "2030-05-01T12:00:07Z"
    page.get_by_label("Name", exact=True).fill("Boiler man")
    page.get_by_label("PIN", exact=True).fill("1357")
    page.get_by_role("button", name="Add code").click()
    expect(page.locator("#said")).to_contain_text("Another code on this lock")
    page.get_by_role("button", name="Delete Cleaning").click()
    expect(page.get_by_text("No codes on this lock.")).to_be_visible()
    page.get_by_label("Offline", exact=True).check()
    page.get_by_label("Next writes that fail").fill("3")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.locator("#facts")).to_contain_text("Offline")
    knobs = simulator.lock(room)["knobs"]
    assert (knobs["offline"], knobs["fail_next_writes"], knobs["lockout"]) == (True, 3, True)
    # Refused on purpose above; the browser notes the status.
    assert [text for text in page.complaints if "409" not in text] == []


@pytest.mark.browser
def test_the_list_follows_what_happens(simulator, room, page):
    page.goto(simulator.base_url)
    page.get_by_label("Find by name or id").fill(room)
    expect(page.locator("#locks tr")).to_have_count(1)
    expect(page.locator("#locks")).to_contain_text("Online")
    simulator.knobs(room, offline=True, battery=0.1)
    expect(page.locator("#locks")).to_contain_text("Offline")
    expect(page.locator("#locks")).to_contain_text("10 % (low)")
    assert page.complaints == []


@pytest.mark.browser
def test_the_owner_switches_a_code_off_and_on(simulator, room, page):
    simulator.add_code(room, "4729", "Cleaning")
    page.goto(f"{simulator.base_url}/locks/{room}/app/")
    page.get_by_role("button", name="Switch Cleaning off").click()
    expect(page.locator("#codes")).to_contain_text("Switched off")
    assert simulator.keypad(room, "4729")["reason"] == "inactive"
    page.get_by_role("button", name="Switch Cleaning on").click()
    expect(page.get_by_role("button", name="Switch Cleaning off")).to_be_visible()
    assert simulator.opens(room, "4729")
    assert page.complaints == []


@pytest.mark.browser
def test_a_name_nobody_touched_keeps_its_parts(simulator, page):
    room = simulator.add_lock(names={"two_parts": True})
    simulator.post(
        f"/locks/{room}/app/codes", {"first_name": "Anna Maria", "last_name": "Smith", "pin": "4729"}
    )
    page.goto(f"{simulator.base_url}/locks/{room}/app/")
    page.get_by_role("button", name="Edit Anna Maria Smith").click()
    page.get_by_label("PIN", exact=True).fill("1357")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#codes")).to_contain_text("1357")
    (code,) = simulator.codes(room)
    assert (code["first_name"], code["last_name"]) == ("Anna Maria", "Smith")


@pytest.mark.browser
def test_knobs_of_every_kind_are_set_emptied_and_only_where_they_were_touched(simulator, room, page):
    simulator.knobs(room, truncate_names=7, clock_offset_seconds=5)
    page.goto(f"{simulator.base_url}/locks/{room}/app/")
    expect(page.get_by_label("Letters it keeps of a name")).to_have_value("7")
    page.get_by_label("Letters it keeps of a name").fill("")
    page.get_by_label("Time zone").fill("Europe/Zurich")
    page.get_by_label("PINs that are refused (with commas)").fill("1111, 2222")
    page.get_by_label("An error of the maker's own").fill("flux")
    page.get_by_label("Accepts writes").check()
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.locator("#turned")).to_contain_text("Set.")
    lock = simulator.lock(room)
    knobs = lock["knobs"]
    assert (lock["time_zone"], lock["confirms_later"]) == ("Europe/Zurich", True)
    assert (knobs["truncate_names"], knobs["provider_error"]) == (None, "flux")
    assert (knobs["reject_pins"], knobs["clock_offset_seconds"]) == (["1111", "2222"], 5)
    (turned,) = [entry["details"] for entry in simulator.log(room, "knobs")][1:]
    assert "slots" not in turned
    assert page.complaints == []


@pytest.mark.browser
def test_an_offline_lock_is_added_and_shows_what_it_is(simulator, page):
    page.goto(simulator.base_url)
    page.get_by_label("Name", exact=True).fill("Garden gate")
    page.get_by_label("Kind").select_option("Virtual offline lock")
    page.get_by_role("button", name="Add lock").click()
    row = page.locator("#locks tr", has_text="Garden gate")
    expect(row).to_contain_text("Never connected")
    row.get_by_role("link", name="Owner's app").click()
    expect(page.get_by_text("This lock is never connected")).to_be_visible()
    expect(page.get_by_role("button", name="Add code")).to_be_hidden()
    expect(page.get_by_label("Next writes that fail")).to_be_hidden()
    expect(page.get_by_label("Battery")).to_be_visible()
    assert page.complaints == []


@pytest.mark.browser
def test_the_accounts_knobs_are_set(simulator, page):
    page.goto(simulator.base_url)
    page.get_by_label("Requests take").fill("0.01, 0.02")
    page.get_by_label("Events").select_option("come twice")
    page.get_by_label("All clocks are ahead by").fill("3600")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.locator("#turned")).to_contain_text("Set.")
    account = simulator.get("/knobs")
    assert (account["latency_seconds"], account["webhooks"], account["clock_offset_seconds"]) == (
        [0.01, 0.02],
        "double",
        3600,
    )
    page.get_by_label("Requests take").fill("")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.get_by_label("Requests take")).to_have_value("")
    simulator.account(webhooks="deliver", clock_offset_seconds=0)
    assert simulator.get("/knobs")["latency_seconds"] is None
    assert page.complaints == []
