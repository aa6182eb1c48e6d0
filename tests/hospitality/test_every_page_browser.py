"""Every page in a real browser, light and dark, on a screen and on a telephone: no barrier for anybody, nothing over the
edge, and no complaint in the console, of which a broken content policy would be one."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, Page

from hospitality.models import Property
from hospitality.setup import staff
from locks.models import AccessCode
from reservations import bookings, guest_link, shared_code, stays
from reservations.imports import uploads
from reservations.models import Stay
from tests.browser import barriers
from tests.factories import (
    PASSWORD,
    AccessCodeFactory,
    AccessGrantFactory,
    CalendarEventFactory,
    CalendarFeedFactory,
    CompanionFactory,
    InvitationFactory,
    MessageFactory,
    NoteFactory,
    StayFactory,
    UserFactory,
    now,
    today,
)
from tests.hospitality.test_access import RULES, addresses, expected, furnished, path_of
from tests.hospitality.test_languages import OTHERS
from tests.hospitality.test_pages_browser import DESKTOP, PHONE, book, browser, seeblick, web
from tests.reservations.import_files import List

__all__ = ["browser", "web"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db]

NO_PAGE = (204, 302, 401, 404, 405, 503)
"""Answers that nobody reads in a browser."""
VISITORS = ("anonymous", "manager", "stranger")
"""Whoever of them is answered with a page looks at it; the manager's has the most on it."""
NOWHERE = "no page"
OTHERWISE = {
    "first_manager": 410,
    "new_house": 403,
    "offline_code": 422,
    "training": 502,
    "training_lock": 502,
    NOWHERE: 404,
}
"""What these say here, where every other page is shown: a house that is there already, no offline lock, no simulator."""
ASKED = {"search": "?q=smi", "tape": "?days=28"}
LONG_NAME = "Wolfeschlegelsteinhausenbergerdorff" * 3


def visitor_of(name: str) -> str | None:
    """Who looks at the page of that name; None if there is no page to look at."""
    return next((one for one in VISITORS if expected(RULES[name], one, "get") not in NO_PAGE), None)


PAGES = [(name, route) for name, route in addresses() if visitor_of(name)]


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker) -> Iterator[dict[str, str]]:
    """A hotel with one of everything that a page can show; the address of each page."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # as for the fixture `browser`
    with django_db_blocker.unblock():
        hotel = seeblick()
        ids, of_address = furnished(hotel)
        of_address |= shown(hotel, Stay.objects.get(public_id=ids["stay_id"]))
        UserFactory(username="stranger")
        yield {
            name: path_of(name, route, ids | of_address.get(name, {})) + ASKED.get(name, "")
            for name, route in PAGES
        }
        call_command("flush", verbosity=0, interactive=False)


def shown(hotel: Property, stay: Stay) -> dict[str, dict]:
    """What other pages than the stay's are looked at with, so that each shows what it is there for. The stay itself is
    in house, with all that a stay can have."""
    Stay.objects.filter(pk=stay.pk).update(state="in_house", checked_in_at=now())
    guest = type(stay.reservation.guest).objects.filter(pk=stay.reservation.guest_id)
    guest.update(name=LONG_NAME)
    AccessCode.objects.filter(grant=stay.grant).update(name=f"{LONG_NAME}, {stay.room}")
    NoteFactory(stay=stay)
    along = CompanionFactory(stay=stay, name="Eve Okri", grant=AccessGrantFactory(property=hotel))
    AccessCodeFactory(lock=stay.room.locks.get(), grant=along.grant)
    MessageFactory(stay=stay, about="x", reason="x", state="failed", problem="“12” is no telephone number.")
    manager = hotel.memberships.get(user__username="manager").user
    coming, room = hotel.stays.get(reservation__guest__name="Cy Oh"), hotel.rooms.get(name="102")
    call_off = stays.cancel(book(hotel, "Cora Off", None), by=manager)
    sheet = List(today(hotel))
    upload = uploads.keep(hotel, manager, "list.csv", sheet.data(sheet.row(guest=LONG_NAME, unit_type="102")))
    feed = CalendarFeedFactory(room=room, host="calendar-of-a-portal-with-a-long-name.example", state="good")
    gone = CalendarEventFactory(feed=feed, misses=5, arrival=today(hotel) + timedelta(days=20))
    later = book(hotel, "Flo Gone", room, gone.arrival)
    booking = type(later.reservation).objects.filter(pk=later.reservation_id)
    booking.update(source="airbnb", external_id=gone.number)
    asked = InvitationFactory(property=hotel)
    pairs = [two_rooms(hotel, after, one_pin) for after, one_pin in ((30, False), (40, True))]
    return {
        "check_in": {"stay_id": coming.public_id},
        "cancel_stay": {"stay_id": coming.public_id},
        "no_show": {"stay_id": coming.public_id},
        "reinstate": {"stay_id": call_off.public_id},
        "undo_check_out": {"stay_id": StayFactory(property=hotel, departed=True).public_id},
        "share_code": {"stay_id": pairs[0].public_id},
        "stop_sharing": {"stay_id": pairs[1].public_id},
        "import_preview": {"upload_id": upload.public_id},
        "import_columns": {"upload_id": upload.public_id},
        "feed_cancel": {"event_id": gone.public_id},
        "guest": {"token": guest_link.token(stay)},
        "invitation": {"token": staff.link(asked).rstrip("/").rpartition("/")[2]},
    }


def two_rooms(hotel: Property, after: int, one_pin: bool) -> Stay:
    """The first stay of a booking of two rooms, so many days from now."""
    begins = today(hotel) + timedelta(days=after)
    days = {"arrival": begins, "departure": begins + timedelta(days=2)}
    first = bookings.book(
        hotel, by=None, rooms=2, room=hotel.rooms.get(name="102"), guest_name="Gia Two", **days
    )
    stays.change(first.reservation.stays.get(part=2), by=None, room=hotel.rooms.get(name="104"))
    return shared_code.share(first, by=None) if one_pin else first


@dataclass
class Screen:
    """A page, and what it has said in its console that nobody should have to read."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._hear)

    def _hear(self, said) -> None:
        if said.type in ("error", "warning"):
            self.complaints.append(said.text)


@pytest.fixture(scope="module")
def screens(browser: Browser, web, house) -> Iterator[dict[str, Screen]]:
    """The screen of each visitor."""
    contexts = {name: browser.new_context(base_url=web.url, locale="en-GB") for name in VISITORS}
    opened = {name: Screen(context.new_page()) for name, context in contexts.items()}
    for name in VISITORS[1:]:
        page = opened[name].page
        page.goto("/sign-in/")
        page.get_by_label("Username").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(re.compile("/p/seeblick/|/$"))
    yield opened
    for context in contexts.values():
        context.close()


@pytest.mark.parametrize("name", [*(name for name, _ in PAGES), NOWHERE])
def test_no_page_has_a_barrier_or_runs_over_the_edge_or_complains(screens, house, name):
    screen = screens["manager" if name == NOWHERE else visitor_of(name)]
    screen.complaints.clear()
    status = OTHERWISE.get(name, 200)
    look_at(screen.page, house.get(name, "/p/nowhere/"), status)
    assert [
        said for said in screen.complaints if f"the server responded with a status of {status}" not in said
    ] == []


def look_at(page: Page, address: str, status: int) -> None:
    """Colours are all that differs between light and dark."""
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(DESKTOP)
    assert page.goto(address).status == status
    for viewport in (DESKTOP, PHONE):
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme="light")
        assert barriers(page) == [], viewport
        page.emulate_media(color_scheme="dark")
        assert barriers(page, "color-contrast") == [], viewport
        assert over_the_edge(page) <= 0, viewport


def over_the_edge(page: Page) -> int:
    """So many pixels of the page are to be scrolled to sideways."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.fixture
def in_language(web, screens) -> Iterator[Callable[[Page, str], None]]:
    """`in_language(page, "de")`: what it shows next is in that language."""

    def choose(page: Page, language: str) -> None:
        page.context.add_cookies([{"name": "django_language", "value": language, "url": web.url}])

    yield choose
    for screen in screens.values():
        screen.page.context.clear_cookies(name="django_language")


@pytest.mark.parametrize("name", [name for name, _ in PAGES])
def test_longer_words_and_the_other_direction_keep_to_the_page(screens, house, in_language, name):
    page = screens[visitor_of(name)].page
    for language in OTHERS:
        in_language(page, language)
        page.goto(house[name])
        assert page.locator("html").get_attribute("lang") == language
        for direction in ("ltr", "rtl"):
            page.evaluate("way => document.documentElement.dir = way", direction)
            for viewport in (DESKTOP, PHONE):
                page.set_viewport_size(viewport)
                assert over_the_edge(page) <= 0, (language, direction, viewport)
