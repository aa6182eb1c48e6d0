"""Asking for a calendar over HTTP: one address that a manager has typed. Bounded in time, size and redirects, and kept
away from this machine and its own network (`hospitality.outward`)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pycurl
from django.conf import settings

from hospitality import outward
from hospitality.sentences import Sentence
from reservations.feeds.words import Outcome
from reservations.imports.ical import MAX_BYTES, Unread

CONNECT_SECONDS, SECONDS = 5, 15
MOST_REDIRECTS = 3
NOT_MODIFIED = 304
URL_LENGTH = 2000


class NotFetched(Exception):
    """No calendar came. The sentence is for the manager and never holds the address, which is a key."""


@dataclass(frozen=True)
class Fetched:
    """`data` is None where the portal says that nothing has changed."""

    data: bytes | None = field(repr=False)
    etag: str = ""
    last_modified: str = ""


def check(url: str) -> str:
    """The host of an address that can be asked. Raises NotFetched with what to do."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host = None
    if host is None or parts.scheme.lower() not in ("http", "https"):
        raise NotFetched(Outcome.NO_ADDRESS())
    if parts.username or parts.password:
        raise NotFetched(Outcome.WITH_PASSWORD())
    if len(url) > URL_LENGTH or not url.isascii() or any(letter <= " " for letter in url):
        raise NotFetched(Outcome.WITH_BLANKS())
    return host


def fetch(url: str, *, etag: str = "", last_modified: str = "") -> Fetched:
    """The calendar, unless it is the one we have (`etag`, `last_modified`: from the last time). Raises NotFetched."""
    check(url)
    body, headers = bytearray(), {}
    curl = outward.handle(url, connect_seconds=CONNECT_SECONDS, seconds=SECONDS)
    try:
        _follow(curl, url)
        refused = outward.keep_outside(curl, lambda host: settings.FEEDS_FROM_OWN_NETWORK)
        asked = [f"If-None-Match: {etag}"] if etag else []
        asked += [f"If-Modified-Since: {last_modified}"] if last_modified else []
        curl.setopt(pycurl.HTTPHEADER, ["Accept: text/calendar, */*;q=0.5", *asked])
        curl.setopt(pycurl.HEADERFUNCTION, _into(headers))
        curl.setopt(pycurl.WRITEFUNCTION, _collect(body))
        number = outward.perform(curl)
        status = curl.getinfo(pycurl.RESPONSE_CODE)
    finally:
        curl.close()
    if refused:
        raise NotFetched(Outcome.NOT_OUTSIDE())
    if number:
        raise NotFetched(_broken_off(number))
    if status == NOT_MODIFIED and asked:
        return Fetched(None, etag, last_modified)
    if status != 200:
        raise NotFetched(_answered(status))
    return Fetched(bytes(body), headers.get("etag", "")[:300], headers.get("last-modified", "")[:100])


def _follow(curl: pycurl.Curl, url: str) -> None:
    """Some redirects, and never from an encrypted address to a plain one."""
    encrypted = url.lower().startswith("https")
    curl.setopt(pycurl.REDIR_PROTOCOLS, pycurl.PROTO_HTTPS if encrypted else outward.WEB)
    curl.setopt(pycurl.FOLLOWLOCATION, 1)
    curl.setopt(pycurl.MAXREDIRS, MOST_REDIRECTS)
    curl.setopt(pycurl.ACCEPT_ENCODING, "")


def _into(headers: dict[str, str]) -> Callable[[bytes], None]:
    """Keeps the headers of the last answer: a redirect's are thrown away with it."""

    def take(line: bytes) -> None:
        text = line.decode("latin-1").strip()
        if text.upper().startswith("HTTP/"):
            headers.clear()
        name, colon, value = text.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()

    return take


def _collect(body: bytearray) -> Callable[[bytes], int]:
    """Collects the body, unpacked; one that grows too large is broken off."""

    def take(piece: bytes) -> int:
        if len(body) + len(piece) > MAX_BYTES:
            return 0
        body.extend(piece)
        return len(piece)

    return take


def _broken_off(number: int) -> Sentence:
    """What libcurl's number for what went wrong means."""
    known = {
        pycurl.E_COULDNT_RESOLVE_HOST: Outcome.HOST_UNKNOWN(),
        pycurl.E_COULDNT_CONNECT: Outcome.NOT_REACHED(),
        pycurl.E_OPERATION_TIMEDOUT: Outcome.TOO_SLOW(seconds=SECONDS),
        pycurl.E_WRITE_ERROR: Unread.TOO_LARGE(most=MAX_BYTES // 2**20),
        pycurl.E_TOO_MANY_REDIRECTS: Outcome.LEADS_ON(),
        pycurl.E_UNSUPPORTED_PROTOCOL: Outcome.NO_WEB_SERVER(),
        pycurl.E_PEER_FAILED_VERIFICATION: Outcome.CERTIFICATE_WRONG(),
    }
    return known.get(number) or Outcome.LIBRARY(number=number)


def _answered(status: int) -> Sentence:
    if status in (401, 403, 404, 410):
        return Outcome.NO_SUCH_CALENDAR(status=status)
    return Outcome.TOO_OFTEN() if status == 429 else Outcome.ANSWERED(status=status)
