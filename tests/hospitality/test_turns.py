"""Few answers are worked out at a time, and nobody waits for a browser that is slow."""

import socket
from contextlib import ExitStack

import pytest

from hospitality.asgi import MOST_AT_ONCE
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
