"""Asking for a calendar over HTTP: one address that a manager has typed, so it may be anything. Bounded in time, size
and redirects, and kept away from this machine and its own network.

libcurl asks `_open` for each connection it is about to make, redirects included, with the address that the name has
led to: what is refused there is never connected to, whatever the name says the next moment.
"""

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

import pycurl
from django.conf import settings

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
    body, headers, refused = bytearray(), {}, []
    curl = pycurl.Curl()
    try:
        _prepare(curl, url)
        asked = [f"If-None-Match: {etag}"] if etag else []
        asked += [f"If-Modified-Since: {last_modified}"] if last_modified else []
        curl.setopt(pycurl.HTTPHEADER, ["Accept: text/calendar, */*;q=0.5", *asked])
        curl.setopt(pycurl.OPENSOCKETFUNCTION, _open(refused))
        curl.setopt(pycurl.HEADERFUNCTION, _into(headers))
        curl.setopt(pycurl.WRITEFUNCTION, _collect(body))
        number = _perform(curl)
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


def _perform(curl: pycurl.Curl) -> int:
    """0, or libcurl's number of what went wrong: its own words repeat the address."""
    try:
        curl.perform()
    except pycurl.error as error:
        return error.args[0]
    return 0


def _prepare(curl: pycurl.Curl, url: str) -> None:
    trusted = ssl.get_default_verify_paths()  # the machine's, which the library does not look for
    both = pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS
    curl.setopt(pycurl.URL, url)
    curl.setopt(pycurl.PROTOCOLS, both)
    # A redirect never leads from an encrypted address to a plain one.
    curl.setopt(pycurl.REDIR_PROTOCOLS, pycurl.PROTO_HTTPS if url.lower().startswith("https") else both)
    curl.setopt(pycurl.FOLLOWLOCATION, 1)
    curl.setopt(pycurl.MAXREDIRS, MOST_REDIRECTS)
    curl.setopt(pycurl.CONNECTTIMEOUT, CONNECT_SECONDS)
    curl.setopt(pycurl.TIMEOUT, SECONDS)
    curl.setopt(pycurl.NOSIGNAL, 1)  # this is not the only thread
    curl.setopt(pycurl.PROXY, "")
    curl.setopt(pycurl.NETRC, 0)
    curl.setopt(pycurl.ACCEPT_ENCODING, "")
    curl.setopt(pycurl.USERAGENT, "Latchkey")
    if trusted.cafile:
        curl.setopt(pycurl.CAINFO, trusted.cafile)
    if trusted.capath:
        curl.setopt(pycurl.CAPATH, trusted.capath)


def _open(refused: list[str]) -> Callable:
    """Makes the socket for one connection, or notes that it must not be made."""

    def connect(purpose: int, address) -> socket.socket | int:
        family, kind, protocol, where = address
        if not settings.FEEDS_FROM_OWN_NETWORK and not _is_outside(where):
            refused.append("own network")
            return pycurl.SOCKET_BAD
        return socket.socket(family, kind, protocol)

    return connect


def _is_outside(where) -> bool:
    host = where[0] if isinstance(where, tuple) else where
    host = host.decode() if isinstance(host, bytes) else host
    try:
        found = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    inner = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    return all(one.is_global and not one.is_multicast for one in (found, inner) if one)


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
