"""A portal on loopback that answers what a test wants, and calendars in the forms of the real ones."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from tests.locks.loopback_server import reply, server

AIRBNB = "PRODID;X-RICAL-TZSOURCE=TZINFO:-//Airbnb Inc//Hosting Calendar 1.0//EN"
BOOKING_COM = "PRODID:-//admin.booking.com//EN"
VRBO = "PRODID:-//HomeAway.com, Inc.//EN"
HTML = b"<!DOCTYPE html><html><body>We will be back soon</body></html>"


def day(when: date) -> str:
    return f"{when:%Y%m%d}"


def event(arrival: date, nights: int, summary: str, uid: str, description: str = "") -> list[str]:
    lines = [
        "BEGIN:VEVENT",
        "DTSTAMP:20261120T101010Z",
        f"DTSTART;VALUE=DATE:{day(arrival)}",
        f"DTEND;VALUE=DATE:{day(arrival + timedelta(days=nights))}",
        f"UID:{uid}",
        f"SUMMARY:{summary}",
    ]
    return [*lines, *([f"DESCRIPTION:{description}"] if description else []), "END:VEVENT"]


def reserved(code: str, arrival: date, nights: int = 2, ends: str = "4321", uid: str = "") -> list[str]:
    """A stay as Airbnb tells of it."""
    address = f"https://www.airbnb.com/hosting/reservations/details/{code}"
    words = f"Reservation URL: {address}\\nPhone Number (Last 4 Digits): {ends}"
    return event(arrival, nights, "Reserved", uid or f"{code.lower()}@airbnb.com", words)


def blocked(arrival: date, nights: int = 2, uid: str = "b1") -> list[str]:
    return event(arrival, nights, "Airbnb (Not available)", uid)


def closed(arrival: date, nights: int = 2, uid: str = "c1") -> list[str]:
    return event(arrival, nights, "CLOSED - Not available", uid)


def calendar(*events: list[str], maker: str = AIRBNB, newline: str = "\r\n") -> bytes:
    """Folded as RFC 5545 wants it."""
    lines = [
        "BEGIN:VCALENDAR",
        maker,
        "VERSION:2.0",
        *(line for one in events for line in one),
        "END:VCALENDAR",
    ]
    return "".join(newline.join(folded(line)) + newline for line in lines).encode()


def folded(line: str) -> list[str]:
    return [line[:60], *(f" {line[at : at + 60]}" for at in range(60, len(line), 60))]


class Portal:
    """What it answers now, and what it was asked. It answers 304 where it is told the tag that it gave."""

    def __init__(self):
        self.body, self.status, self.tag, self.asked = b"", "200 OK", "", []

    def says(self, body: bytes, status: str = "200 OK", tag: str = "") -> None:
        self.body, self.status, self.tag = body, status, tag

    def __call__(self, connection, request: bytes) -> None:
        self.asked.append(request)
        if self.tag and f"If-None-Match: {self.tag}".encode() in request:
            return reply("304 Not Modified", b"", f"ETag: {self.tag}\r\n")(connection, request)
        tag = f"ETag: {self.tag}\r\n" if self.tag else ""
        return reply(self.status, self.body, f"Content-Type: text/calendar\r\n{tag}")(connection, request)


@contextmanager
def running() -> Iterator[Portal]:
    portal = Portal()
    with server(portal) as portal.url:
        yield portal


def text(response) -> str:
    """A page's words."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))
