"""The database is killed under load: clerks get a clear page, nothing is half-done, and the house comes back."""

import http.client
import re
import signal
from concurrent.futures import ThreadPoolExecutor
from http.cookies import SimpleCookie
from os import kill
from urllib.parse import urlencode

import psycopg
import pytest

from hospitality import embedded
from tests.e2e.conftest import demo_at
from tests.hospitality.processes import until

CLERKS = 8
ROUNDS = 60
SENSIBLE = {200, 302, 409, 422, 503}


class Browserless:
    """A clerk's HTTP: cookies and the form token, no more."""

    def __init__(self, port: int):
        self.port, self.cookies = port, {}

    def send(self, method: str, path: str, **form: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if method == "POST":
            body = urlencode(form | {"csrfmiddlewaretoken": self.cookies["csrftoken"]})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            for header in answer.headers.get_all("Set-Cookie") or []:
                self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(header).items()}
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def sign_in(self) -> "Browserless":
        self.send("GET", "/sign-in/")
        status, _ = self.send("POST", "/sign-in/", username="clerk", password="latchkey")
        assert status == 302
        return self


@pytest.fixture
def demo():
    """One of its own: its database is killed."""
    with demo_at(hour=16) as made:
        yield made


def test_the_database_killed_under_load_is_a_clear_page_and_nothing_is_half_done(demo):
    port = demo.house.port
    clerks = [Browserless(port).sign_in() for _ in range(CLERKS)]
    _, board = clerks[0].send("GET", "/p/seeblick/")
    check_ins = sorted(set(re.findall(r'action="(/p/seeblick/stays/[^"]+/check-in/)"', board)))
    assert len(check_ins) >= 3
    postmaster = int((embedded.data_dir() / "postmaster.pid").read_text().split()[0])

    def work(clerk: int) -> list[tuple[int, str]]:
        answers = []
        for round_ in range(ROUNDS):
            if clerk == 0 and round_ == 5:
                kill(postmaster, signal.SIGKILL)
            path = check_ins[round_ % len(check_ins)]
            one = clerks[clerk]
            answers.append(one.send("POST", path) if round_ % 2 else one.send("GET", "/p/seeblick/"))
        return answers

    with ThreadPoolExecutor(CLERKS) as pool:
        answers = [answer for some in pool.map(work, range(CLERKS)) for answer in some]
    until(demo.house.healthy, "the house is well again")

    assert {status for status, _ in answers} <= SENSIBLE
    away = [text for status, text in answers if status == 503]
    assert away and all("database" in text and "Traceback" not in text for text in away)
    with psycopg.connect(demo.database_url) as connection:
        whole = connection.execute(
            "SELECT (s.state = 'in_house') = (s.checked_in_at IS NOT NULL) AND "
            "(s.state = 'in_house') = EXISTS (SELECT 1 FROM hospitality_auditentry a "
            "WHERE a.subject_id = s.public_id AND a.action = 'stay.checked_in') "
            "FROM reservations_stay s WHERE s.state IN ('booked', 'in_house')"
        ).fetchall()
    assert whole and all(row == (True,) for row in whole)
    for path in check_ins:
        status, _ = clerks[0].send("POST", path)
        assert status in (302, 409, 422), "the desk works on"
