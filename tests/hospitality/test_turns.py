"""Few answers are worked out at a time, each with a database connection that is kept, and nobody waits for a browser that
is slow."""

import json
import socket
from contextlib import ExitStack, closing
from http.client import HTTPConnection

import pytest
from django.db import connection

from hospitality.asgi import MOST_AT_ONCE
from tests.hospitality.processes import until
from tests.hospitality.web_process import WebProcess

SLOW = 3 * MOST_AT_ONCE
FORM = (
    b"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nhalf"
)


@pytest.mark.django_db(transaction=True)
def test_a_page_is_there_while_many_browsers_have_sent_half_a_form(tmp_path):
    with WebProcess(tmp_path) as web, ExitStack() as slow:
        for _ in range(SLOW):
            browser = slow.enter_context(socket.create_connection(("127.0.0.1", web.port)))
            browser.sendall(FORM)
        with socket.create_connection(("127.0.0.1", web.port), timeout=10) as quick:
            quick.sendall(b"GET /sign-in/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert quick.recv(12) == b"HTTP/1.1 200"


@pytest.mark.django_db(transaction=True)
def test_database_connections_are_kept_and_those_that_were_cut_are_opened_anew(tmp_path):
    before = others()
    with WebProcess(tmp_path) as web:
        for _ in range(2 * MOST_AT_ONCE):
            assert database_of(web) == "ok"
        kept = others() - before
        assert 0 < len(kept) <= MOST_AT_ONCE
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s) AS pid", [list(kept)])
        until(lambda: not others() & kept, "the connections are cut")
        for _ in range(2 * MOST_AT_ONCE):
            assert database_of(web) == "ok"
        assert others() - before


def database_of(web: WebProcess) -> str:
    """What the house says of its database."""
    line = HTTPConnection("127.0.0.1", web.port, timeout=10)
    with closing(line):
        line.request("GET", "/healthz")
        return json.loads(line.getresponse().read())["parts"]["database"]


def others() -> set[int]:
    """The numbers of the other connections to this database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        )
        return {pid for (pid,) in cursor.fetchall()}
