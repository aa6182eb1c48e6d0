"""Asking a portal: what is asked, what is never asked, and how every failure is told without the address."""

import gzip
import time

import pytest

from hospitality import outward
from reservations.feeds import fetch
from reservations.feeds.fetch import NotFetched
from reservations.feeds.words import Outcome
from reservations.imports.ical import MAX_BYTES
from tests.locks.loopback_server import raw, reply, server

BODY = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


@pytest.fixture
def near(settings):
    settings.FEEDS_FROM_OWN_NETWORK = True


def refusal(url: str) -> str:
    with pytest.raises(NotFetched) as refused:
        fetch.fetch(url)
    assert "secret" not in str(refused.value)
    return str(refused.value)


def test_a_calendar_is_fetched_and_only_again_when_it_has_changed(near, portal):
    portal.says(BODY, tag='"v1"')
    first = fetch.fetch(f"{portal.url}/1.ics")
    assert (first.data, first.etag) == (BODY, '"v1"')
    assert fetch.fetch(f"{portal.url}/1.ics", etag=first.etag).data is None
    portal.says(BODY, tag='"v2"')
    assert fetch.fetch(f"{portal.url}/1.ics", etag=first.etag).etag == '"v2"'


def test_the_date_of_the_last_change_is_told_where_there_is_no_tag(near):
    told = []

    def answer(connection, request):
        told.append(b"If-Modified-Since: Mon, 23 Nov 2026 07:00:00 GMT" in request)
        if told[-1]:
            return reply("304 Not Modified", b"")(connection, request)
        return reply(body=BODY, headers="Last-Modified: Mon, 23 Nov 2026 07:00:00 GMT\r\n")(
            connection, request
        )

    with server(answer) as url:
        first = fetch.fetch(url)
        assert fetch.fetch(url, last_modified=first.last_modified).data is None
    assert told == [False, True]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "0.0.0.0",
        "10.1.2.3",
        "192.168.1.1",
        "169.254.169.254",
        "[::1]",
        "2130706433",
        "[::ffff:127.0.0.1]",
        "[fd00::1]",
    ],
)
def test_this_machine_and_its_network_are_never_connected_to(host):
    assert refusal(f"http://{host}:9/c.ics?s=secret").startswith(str(Outcome.NOT_OUTSIDE()))


def test_nothing_reaches_a_server_on_this_machine(portal, settings):
    settings.FEEDS_FROM_OWN_NETWORK = False
    assert refusal(f"{portal.url}/?s=secret").startswith(str(Outcome.NOT_OUTSIDE()))
    assert portal.asked == []


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("file:///etc/passwd", "begins with https"),
        ("gopher://portal.example/secret", "begins with https"),
        ("portal.example/secret.ics", "begins with https"),
        ("https://", "begins with https"),
        ("http://[::1", "begins with https"),
        ("https://portal.example:99999/secret", "begins with https"),
        ("https://me:secret@portal.example/", "password"),
        ("https://portal.example/a secret", "blanks"),
        ("https://portal.example/s\r\nHost: secret", "blanks"),
        ("https://portal.example/" + "secret" * 500, "blanks"),
    ],
)
def test_addresses_that_cannot_be_are_refused_before_anything_is_asked(url, why):
    assert why in refusal(url)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (reply("404 Not Found"), "no such calendar (404)"),
        (reply("429 Too Many Requests"), "fewer questions"),
        (reply("503 Service Unavailable"), "answered 503"),
        (reply("304 Not Modified", b""), "answered 304"),
        (reply(body=b"x" * (MAX_BYTES + 1)), "2 MB"),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nBEGIN:VCALENDAR"), "no whole answer"),
        (raw(b"not HTTP at all\r\n\r\n"), "no web server's"),
        (reply("302 Found", b"", "Location: file:///etc/passwd\r\n"), "leads away from the web"),
        (reply("302 Found", b"", "Location: /on-and-on\r\n"), "on and on"),
    ],
)
def test_every_bad_answer_is_told_in_a_sentence(near, answer, why):
    with server(answer) as url:
        assert why in refusal(f"{url}/c.ics?s=secret")


def test_a_redirect_to_this_machine_is_not_followed(settings, portal, monkeypatch):
    asked = []

    def outside_first(host) -> bool:
        asked.append(host)
        return len(asked) == 1

    monkeypatch.setattr(outward, "is_outside", outside_first)
    settings.FEEDS_FROM_OWN_NETWORK = False
    target = portal.url.replace("127.0.0.1", "localhost")
    with server(reply("302 Found", b"", f"Location: {target}/secret\r\n")) as url:
        assert refusal(url).startswith(str(Outcome.NOT_OUTSIDE()))
    assert portal.asked == []
    assert len(asked) > 1


def test_a_portal_that_never_ends_its_answer_is_left_after_a_while(near, monkeypatch):
    monkeypatch.setattr(fetch, "SECONDS", 1)

    def endless(connection, _request):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/calendar\r\n\r\n")
        while True:
            connection.sendall(b"X")
            time.sleep(0.05)

    with server(endless) as url:
        assert "no whole answer within 1 seconds" in refusal(url)


def test_a_packed_answer_that_grows_too_large_is_broken_off(near):
    packed = gzip.compress(b"x" * (MAX_BYTES + 1))
    with server(reply(body=packed, headers="Content-Encoding: gzip\r\n")) as url:
        assert "2 MB" in refusal(url)
