"""The whole product with its sample hotel, and a browser."""

from dataclasses import dataclass

import psycopg
import pytest
from playwright.sync_api import Page

from hospitality import embedded
from tests.browser import chromium
from tests.hospitality.processes import House, until, var_folder
from tests.locks.simulator_process import SimulatorProcess


class Demo:
    """`manage.py demo` in a folder of its own: web, worker, simulator and PostgreSQL, each a real process."""

    def __init__(self, house: House, database_url: str):
        self.house = house
        self.url = f"http://127.0.0.1:{house.port}"
        self.simulator = DemoSimulator(house.simulator_port)
        self.database_url = database_url

    def one(self, sql: str, *parameters):
        """The first column of the first row."""
        with psycopg.connect(self.database_url) as connection:
            row = connection.execute(sql, parameters).fetchone()
            return row and row[0]

    def make_up_rooms(self) -> None:
        """Housekeeping was in every room, whatever the tests before left."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute("UPDATE hospitality_room SET condition = 'clean', condition_at = now()")

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


@pytest.fixture(scope="package")
def demo():
    with var_folder() as var, House(var, "demo") as house:
        house.until_healthy()
        yield Demo(house, embedded.database_url())


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
        opened.append(context)
        page = context.new_page()
        page.goto(f"{demo.url}/sign-in/")
        page.get_by_label("Username").fill(name)
        page.get_by_label("Password").fill("latchkey")
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/p/seeblick/**")
        return Desk(page, demo.url)

    yield sign_in
    for context in opened:
        context.close()
