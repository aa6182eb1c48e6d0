"""The whole product with its sample hotel, a browser, and the steps that many stories take at the desk and at the doors."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest
from playwright.sync_api import Page, expect

from hospitality import embedded
from tests.browser import chromium
from tests.hospitality.processes import House, manage, until, var_folder
from tests.locks.simulator_process import SimulatorProcess

SETTINGS = {"LATCHKEY_API_CALLS_PER_MINUTE": "100000", "LATCHKEY_WEBHOOKS_TO": "127.0.0.1"}
"""A test that waits asks ten times a second, and hears webhooks on this machine."""


class Demo:
    """`manage.py demo` in a folder of its own: web, worker, simulator and PostgreSQL, each a real process."""

    def __init__(self, house: House, database_url: str, zone: ZoneInfo):
        self.house, self.zone = house, zone
        self.url = f"http://127.0.0.1:{house.port}"
        self.simulator = DemoSimulator(house.simulator_port)
        self.database_url = database_url

    def today(self) -> date:
        """The day it is at the hotel."""
        return datetime.now(self.zone).date()

    def one(self, sql: str, *parameters):
        """The first column of the first row."""
        with psycopg.connect(self.database_url) as connection:
            row = connection.execute(sql, parameters).fetchone()
            return row and row[0]

    def make_up_rooms(self) -> None:
        """Housekeeping was in every room, whatever the tests before left."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute("UPDATE hospitality_room SET condition = 'clean', condition_at = now()")

    def have_done(self, task: str) -> None:
        """Have the house's worker do now what it does every minute."""
        queue = f"from django_q.tasks import async_task; async_task({task!r})"
        done = manage("shell", "--no-imports", "-c", queue, var=self.house.var)
        assert done.returncode == 0, done.stderr

    def until_stocked(self, lock: str, size: int = 5) -> None:
        """Wait until that many backup codes are confirmed on the lock."""
        count = (
            "SELECT count(*) FROM locks_accesscode c JOIN locks_lock l ON l.id = c.lock_id "
            "WHERE l.provider_ref = %s AND c.is_backup AND c.status = 'set' AND c.handed_out_at IS NULL"
        )
        until(lambda: self.one(count, lock) == size, f"{size} backup codes on {lock}")


class DemoSimulator(SimulatorProcess):
    """The door's side of the simulator that the demo runs."""

    def __init__(self, port: int):
        self.port, self.base_url = port, f"http://127.0.0.1:{port}"


def zone_where_it_is(hour: int) -> ZoneInfo:
    """A time zone in which it is that hour of the day now: what a desk asks about differs between day and night, and
    nobody knows when the tests run."""
    east = (hour - datetime.now(UTC).hour + 11) % 24 - 11
    return ZoneInfo(f"Etc/GMT{-east:+d}")  # POSIX counts to the west


@contextmanager
def demo_at(hour: int) -> Iterator[Demo]:
    """The sample hotel, in which it is that hour of the day."""
    zone = zone_where_it_is(hour)
    with var_folder() as var, House(var, "demo", "--time-zone", zone.key, **SETTINGS) as house:
        house.until_healthy()
        made = Demo(house, embedded.database_url(), zone)
        until(
            lambda: made.simulator.get("/knobs")["webhook_url"], "the house hears what happens at the doors"
        )
        yield made


@pytest.fixture(scope="package")
def demo():
    """In the afternoon, when guests come."""
    with demo_at(hour=16) as made:
        yield made


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@dataclass
class Desk:
    """One person at one screen."""

    page: Page
    url: str

    def board(self) -> Page:
        self.page.goto(f"{self.url}/p/seeblick/")
        return self.page

    def row(self, guest: str):
        return self.page.locator("tr.row", has_text=guest)


@pytest.fixture
def desk(demo, browser):
    """Sign somebody in at a screen of their own: `desk("clerk")`. Every room is made up."""
    demo.make_up_rooms()
    opened = []

    def sign_in(name: str, **options) -> Desk:
        context = browser.new_context(locale="en-GB", **options)
        context.set_default_timeout(15_000)
        opened.append(context)
        page = context.new_page()
        page.goto(f"{demo.url}/sign-in/")
        page.get_by_label("Username").fill(name)
        page.get_by_label("Password").fill("latchkey")
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(re.compile("/p/seeblick/|/owner/"))
        return Desk(page, demo.url)

    yield sign_in
    for context in opened:
        context.close()


OPENED, UNKNOWN = (True, "opened"), (False, "unknown_code")
"""What the simulator's log says of digits typed at a door."""


def lock(room: str) -> str:
    return f"seeblick-{room}"


def typed(demo: Demo, room: str, pin: str) -> tuple[bool, str]:
    """Type it at the door; what the simulator's log says came of it."""
    demo.simulator.keypad(lock(room), pin)
    entry = demo.simulator.log(lock(room), "keypad")[-1]["details"]
    assert entry["pin"] == pin
    return entry["opened"], entry["reason"]


def until_on(demo: Demo, pin: str, *rooms: str) -> None:
    """Wait until the locks of these rooms hold these digits."""
    for room in rooms:
        until(lambda room=room: pin in demo.simulator.pins(lock(room)), f"{room} has the digits")


def until_off(demo: Demo, pin: str, *rooms: str) -> None:
    """Wait until the locks of these rooms hold them no more."""
    for room in rooms:
        until(lambda room=room: pin not in demo.simulator.pins(lock(room)), f"{room} has lost the digits")


def end_at(demo: Demo, room: str, pin: str) -> datetime | None:
    """Until when the lock of the room takes these digits; None: it takes them without an end, or not at all."""
    ends = [code["ends_at"] for code in demo.simulator.codes(lock(room)) if code["pin"] == pin]
    return datetime.fromisoformat(ends[0]) if any(ends) else None


def until_end(demo: Demo, room: str, pin: str, end: datetime | None) -> None:
    until(lambda: end_at(demo, room, pin) == end, f"{room} takes the digits until {end}")


def digits(desk: Desk) -> str:
    """Those that are shown on the screen."""
    shown = desk.page.locator("#digits")
    expect(shown).to_be_visible()
    return "".join(filter(str.isdigit, shown.inner_text()))


def show_pin(desk: Desk) -> str:
    desk.page.locator("#show-pin").click()
    return digits(desk)


def open_stay(desk: Desk, guest: str) -> None:
    desk.board()
    desk.row(guest).get_by_role("link", name=guest, exact=True).click()
    expect(desk.page.get_by_role("heading", name=guest)).to_be_visible()


def choose_room(page: Page, room: str, *, within: str = "form") -> None:
    """Among rooms that are offered with what there is to say of each."""
    choice = page.locator(f"{within} [name=room]")
    expect(choice).to_be_visible()
    labels = choice.locator("option").all_inner_texts()
    choice.select_option(label=next(label for label in labels if label.startswith(room)))


def walk_in(desk: Desk, guest: str, room: str) -> None:
    """The guest comes without a booking, for one night, and is in house."""
    page = desk.page
    page.goto(f"{desk.url}/p/seeblick/walk-in/")
    page.locator("[name=guest_name]").fill(guest)
    choose_room(page, room, within="#walk-in")
    page.locator("#save-walk-in").click()
    page.wait_for_url("**/stays/*/")


def book(desk: Desk, guest: str, room: str, nights: int = 1, *, since: int = 0, rooms: int = 1) -> None:
    """From today on, or from so many days ago; one night is what the form offers. Of several rooms the others have none
    yet."""
    page = desk.page
    page.goto(f"{desk.url}/p/seeblick/book/")
    page.locator("[name=guest_name]").fill(guest)
    arrives = date.fromisoformat(page.locator("[name=arrival]").input_value()) - timedelta(days=since)
    for name, day, asked in (
        ("arrival", arrives, since),
        ("departure", arrives + timedelta(days=nights), nights > 1),
    ):
        if asked:
            with page.expect_response("**/book/?*"):  # the rooms that are free on these days
                page.locator(f"[name={name}]").fill(day.isoformat())
    choose_room(page, room, within="#book")
    if rooms > 1:
        page.locator("#several summary").click()
        page.locator("[name=rooms]").fill(str(rooms))
    page.locator("#save-booking").click()
    page.wait_for_url("**/stays/*/")


def check_in(desk: Desk) -> None:
    desk.page.locator("#check-in").click()
    expect(desk.page.locator("#check-out")).to_be_visible()


def yes(desk: Desk, opener: str) -> None:
    """Ask for something, and answer the question with yes."""
    desk.page.locator(opener).click()
    desk.page.locator("#confirm").click()
