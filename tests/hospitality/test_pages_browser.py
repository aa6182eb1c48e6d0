"""The pages in a real browser: nothing breaks the policy, and they are live without a reload."""

import os
import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from hospitality import live
from hospitality.models import Property, Role
from locks.models import Lock
from reservations import guest_link, stays
from reservations.models import Stay
from tests.browser import barriers, chromium
from tests.factories import (
    PASSWORD,
    AccessCodeFactory,
    ConnectionFactory,
    LockFactory,
    MembershipFactory,
    PropertyFactory,
    RoomFactory,
    UserFactory,
    today,
)
from tests.hospitality.web_process import WebProcess

pytestmark = pytest.mark.browser

DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def browser():
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = (
        "true"  # Playwright's loop and the tests' rows share this thread
    )
    with chromium() as opened:
        yield opened
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="module")
def web(django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock(), WebProcess(tmp_path_factory.mktemp("web")) as running:
        yield running


@pytest.fixture
def hotel(transactional_db):
    return seeblick()


def seeblick() -> Property:
    """Three arrivals and a guest in house; room 101's lock is offline, room 103 has none."""
    hotel = PropertyFactory(slug="seeblick", name="Hotel Seeblick")
    account = ConnectionFactory(property=hotel)
    rooms = {name: RoomFactory(property=hotel, name=name) for name in ("101", "102", "103", "104")}
    front = LockFactory(
        connection=account, name="Front entrance", kind=Lock.Kind.COMMON, rooms=rooms.values()
    )
    for name, offline in (("101", True), ("102", False), ("104", False)):
        lock = LockFactory(connection=account, name=f"Room {name}", rooms=[rooms[name]], offline=offline)
        AccessCodeFactory(lock=lock, backup=True, pin="907531")
    AccessCodeFactory(lock=front, backup=True)
    for name, guest in (("101", "Anna Smith"), ("102", "Bo Lee"), ("103", "Cy Oh"), (None, "Di Room")):
        book(hotel, guest, rooms.get(name))
    stays.check_in(book(hotel, "Eve Inn", rooms["104"]), by=None)
    for role in Role:
        user = UserFactory(username=role.value, first_name=role.label.title(), is_staff=role == Role.MANAGER)
        MembershipFactory(user=user, property=hotel, role=role)
    return hotel


def book(hotel, guest, room, begin=None) -> Stay:
    begin = begin or today(hotel)
    return stays.book(hotel, by=None, guest_name=guest, arrival=begin, departure=begin + 2 * DAY, room=room)


@pytest.fixture
def screen(browser: Browser, web, hotel):
    """A screen with somebody signed in: `screen("desk", viewport=PHONE)`. No page may complain in its console; one
    whose network is `disturbed` may complain of that."""
    contexts, complaints = [], []

    def open_one(name: str = "desk", *, disturbed: bool = False, **options) -> Page:
        context = browser.new_context(base_url=web.url, locale="en-GB", **{"viewport": DESKTOP, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if not disturbed:
            page.on("console", lambda said: complaints.append(said.text) if _complains(said) else None)
        page.goto("/sign-in/")
        page.get_by_label("Username").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(re.compile("/p/seeblick/|/owner/"))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


def _complains(said) -> bool:
    """An answer of 4xx is a line in Chromium's console too; those are asserted where they are wanted."""
    return said.type in ("error", "warning") and "status of 4" not in said.text


def in_house(hotel) -> Stay:
    return hotel.stays.get(state="in_house")


def test_the_dialog_has_no_barrier_and_gives_the_keyboard_back(screen, hotel):
    page = screen()
    page.get_by_role("link", name="Anna Smith", exact=True).click()
    opener = page.get_by_role("link", name="Cancel the stay")
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert barriers(page) == []
    expect(page.locator("#confirm")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(opener).to_be_focused()


def test_a_check_in_shows_on_the_other_screen_without_a_reload(screen, hotel):
    mine, theirs = screen("desk"), screen("manager")
    theirs.evaluate("window.loadedOnce = true")
    mine.locator("tr.row", has_text="Bo Lee").get_by_role("button", name="Check in").click()
    for page in (mine, theirs):
        expect(page.locator("#in_house tr.row", has_text="Bo Lee")).to_be_visible()
        expect(page.locator("#arrivals tr.row", has_text="Bo Lee")).to_have_count(0)
    expect(mine.locator("#toasts")).to_contain_text("Bo Lee is checked in to 102.")
    assert theirs.evaluate("window.loadedOnce") is True


def test_what_changed_while_the_stream_was_cut_is_made_up_for(screen, hotel, web):
    page = screen(disturbed=True)
    stream = page.locator("#stream")
    expect(stream).to_have_attribute("data-state", "live")
    web.stop()
    expect(stream).to_have_attribute("data-state", "polling")
    stays.check_in(hotel.stays.get(reservation__guest__name="Bo Lee"), by=None)
    web.start()
    expect(page.locator("#in_house tr.row", has_text="Bo Lee")).to_be_visible(timeout=30_000)
    expect(stream).to_have_attribute("data-state", "live")


def test_what_rings_while_the_page_is_fetching_is_not_lost(screen, hotel):
    page = screen()
    expect(page.locator("#stream")).to_have_attribute("data-state", "live")
    page.evaluate(
        "document.body.addEventListener('htmx:trigger', (e) => (window.rung ??= []).push(e.target.id))"
    )
    held = []

    def late(route):
        """The first copy of the lists is delivered only after another bell has rung."""
        answer = route.fetch()
        if not held:
            held.append(route)
            page.evaluate("window.rung = []")
            stays.check_in(hotel.stays.get(reservation__guest__name="Cy Oh"), by=None)
            page.wait_for_function("() => window.rung?.includes('lists')")
        route.fulfill(response=answer)

    page.route("**/p/seeblick/?day=*", late)
    stays.check_in(hotel.stays.get(reservation__guest__name="Bo Lee"), by=None)
    for guest in ("Bo Lee", "Cy Oh"):
        expect(page.locator("#in_house tr.row", has_text=guest)).to_be_visible()
    assert held


def test_a_question_comes_up_whatever_rings_while_it_is_asked_for(screen, hotel):
    page = screen()
    page.get_by_role("link", name="Bo Lee", exact=True).click()
    page.wait_for_url("**/stays/**")
    expect(page.locator("#stream")).to_have_attribute("data-state", "live")
    page.evaluate(
        "document.body.addEventListener('htmx:afterRequest', ({ detail }) => (window.fetched = detail.target.id))"
    )

    def late(route):
        """The question is delivered only after the page has fetched itself again."""
        answer = route.fetch()
        page.evaluate("window.fetched = ''")
        stays.check_in(hotel.stays.get(reservation__guest__name="Bo Lee"), by=None)
        page.wait_for_function("() => window.fetched === 'live'")
        route.fulfill(response=answer)

    page.route("**/companions/", late)
    page.locator("#add-companion").click()
    expect(page.get_by_role("dialog")).to_contain_text("Who comes along with Bo Lee?")
    expect(page.locator("#check-out")).to_be_visible()


def test_digits_come_up_also_where_the_press_before_is_answered_only_while_they_are_asked_for(screen, hotel):
    page = screen()
    page.get_by_role("link", name="Bo Lee", exact=True).click()
    page.wait_for_url("**/stays/**")
    waiting = []

    def late(route):
        """The digits are delivered only after the answer to the check-in, which brings the masked ones along."""
        answer = route.fetch()
        [check_in] = waiting
        check_in.fulfill(response=check_in.fetch())
        expect(page.locator("#check-out")).to_be_visible()
        route.fulfill(response=answer)

    page.route("**/check-in/", lambda route: waiting.append(route))
    page.route("**/pin/", late)
    page.locator("#check-in").click()
    page.locator("#show-pin").click()
    expect(page.locator("#digits")).to_be_visible()


def test_without_a_stream_the_page_asks_once_a_minute(screen, hotel):
    page = screen(disturbed=True)
    page.route("**/live/**", lambda route: route.abort())
    page.clock.install()
    page.reload()
    expect(page.locator("#stream")).to_have_attribute("data-state", "polling")
    stays.check_in(hotel.stays.get(reservation__guest__name="Bo Lee"), by=None)
    page.clock.fast_forward("01:01")
    expect(page.locator("#in_house tr.row", has_text="Bo Lee")).to_be_visible()


def test_the_second_clerk_keeps_the_page_and_is_told(screen, hotel):
    page = screen(disturbed=True)
    page.route("**/live/**", lambda route: route.abort())
    page.reload()
    stays.check_in(
        hotel.stays.get(reservation__guest__name="Bo Lee"), by=UserFactory(first_name="Bea", last_name="Hub")
    )
    page.locator("tr.row", has_text="Bo Lee").get_by_role("button", name="Check in").click()
    expect(page.get_by_role("alert")).to_contain_text("Checked in by Bea Hub")
    expect(page.locator("tr.row", has_text="Bo Lee")).to_contain_text("In house")


def test_after_a_button_the_keyboard_stays_with_the_guest(screen, hotel):
    page = screen()
    button = page.locator("tr.row", has_text="Bo Lee").get_by_role("button", name="Check in")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#in_house").get_by_role("link", name="Bo Lee", exact=True)).to_be_focused()


def test_a_backup_code_is_handed_out_and_hidden_again(screen, hotel):
    page = screen()
    page.goto(f"/p/seeblick/stays/{in_house(hotel).public_id}/")
    page.locator("li.door", has_text="Room 104").get_by_role("button", name="Issue backup").click()
    expect(page.locator("#digits")).to_have_text("907 531")
    expect(page.locator("#digits")).to_be_focused()
    expect(
        page.locator("li.door", has_text="Room 104").get_by_role("button", name="Show it again")
    ).to_be_visible()
    assert barriers(page) == []
    page.get_by_role("button", name="Hide").click()
    expect(page.locator("#digits")).to_have_count(0)


def test_what_is_ticked_for_the_guest_at_the_door_stays_ticked_while_the_panel_refreshes_itself(
    screen, hotel
):
    page = screen()
    stay = in_house(hotel)
    page.goto(f"/p/seeblick/stays/{stay.public_id}/cannot-get-in/")
    expect(page.locator("#stream")).to_have_attribute("data-state", "live")
    seen, why = page.get_by_label("ID checked").first, page.get_by_label("Because").first
    seen.check()
    why.select_option("Another reason")
    page.locator("#live").evaluate("one => one.dataset.before = true")
    live.announce(hotel, f"stay-{stay.public_id}")
    expect(page.locator("#live[data-before]")).to_have_count(0)
    expect(seen).to_be_checked()
    expect(why).to_have_value("Another reason")


@pytest.mark.parametrize("key", ["g", "G"])
def test_one_key_finds_the_guest_at_the_door_from_any_screen_also_from_a_box_just_ticked(screen, hotel, key):
    page = screen("manager")
    panel = f"/p/seeblick/stays/{in_house(hotel).public_id}/cannot-get-in/"
    for start in ("/p/seeblick/", "/owner/", "/p/seeblick/messages/", panel):
        page.goto(start)
        if page.get_by_label("ID checked").count():
            page.get_by_label("ID checked").first.check()
        page.keyboard.press(key)
        page.wait_for_url("**/p/seeblick/cannot-get-in/")
    expect(page.get_by_label("Room or name")).to_be_focused()
    page.keyboard.type("g")
    expect(page.get_by_label("Room or name")).to_have_value("g")


def test_pressed_again_and_again_the_answer_is_said_once_and_the_digits_stay_readable(screen, hotel):
    page = screen(viewport=PHONE)
    page.goto(f"/guest/{guest_link.token(in_house(hotel))}/")
    for _ in range(3):
        with page.expect_response("**/cannot-get-in/"):
            page.get_by_role("button", name="I can’t get in").click()
        expect(page.locator("#toasts")).to_contain_text("The desk has been told.")
    expect(page.locator(".toast")).to_have_count(1)


def test_when_the_server_does_not_answer_a_click_the_page_says_so(screen, hotel):
    page = screen(disturbed=True)
    page.route("**/check-in/", lambda route: route.fulfill(status=500, body="a trace"))
    page.locator("tr.row", has_text="Bo Lee").get_by_role("button", name="Check in").click()
    expect(page.get_by_role("alert")).to_contain_text("The server did not answer")
    expect(page.locator("tr.row", has_text="Bo Lee").get_by_role("button", name="Check in")).to_be_enabled()
    page.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_the_administration_works_under_the_policy(screen, hotel, django_user_model):
    django_user_model.objects.filter(username="manager").update(is_superuser=True)
    page = screen("manager")
    for address in (
        "",
        "hospitality/property/",
        "locks/connection/add/",
        "locks/lock/",
        "reservations/stay/",
    ):
        page.goto(f"/admin/{address}")
        expect(page.locator("#site-name")).to_contain_text("Latchkey")
