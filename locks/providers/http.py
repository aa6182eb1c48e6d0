"""JSON over HTTP for adapters: bounded in time and size, no retries, no redirects, errors by name.

What an adapter gets is either an answer, one of `base`'s errors, or, after a write only, `NoAnswer`: the
request went out and nothing usable came back, so it may or may not have been done. No error's text holds
anything of a body or a header: a maker's error message may repeat a PIN.
"""

import http.client
import io
import json
import math
import re
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from locks.providers.base import AuthFailed, BadAnswer, Busy, HubUnreachable, ProviderError

CONNECT_TIMEOUT = 3.0
CALL_TIMEOUT = 10.0
"""Seconds from the request being sent to the last byte of its answer."""
ANSWER_LIMIT = 5_000_000
PIECE = 65536
RETRY_AFTER_LIMIT = 3600.0
POOL_SIZE = 256
"""Connections kept open: about as many as are in use at once (`locks.budget`)."""

Explain = Callable[[int, object], ProviderError | None]
"""An adapter's reading of an error answer: its status and JSON body (None: no JSON)."""

NOT_JSON = object()


class NoAnswer(Exception):
    """A write was sent and no usable answer came: it may or may not have been done."""


@dataclass(frozen=True)
class Written:
    """The 2xx answer to a write. Its status matters where a maker says "accepted" (202) instead of "done"."""

    status: int
    body: object = field(repr=False)


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes | None = field(repr=False)
    """None: larger than allowed."""


class HttpSession:
    """One account's way to its server. May be used by many threads; keeps connections open for reuse.

    `headers` go with every request; `explain` may name an error answer better than its status does.
    Raises ValueError for a base URL or a header that can never work, without repeating it.
    """

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str],
        explain: Explain,
        *,
        connect_timeout: float = CONNECT_TIMEOUT,
        call_timeout: float = CALL_TIMEOUT,
        answer_limit: int = ANSWER_LIMIT,
    ):
        self._base_url = _checked_url(base_url)
        self._headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            **_checked(headers),
        }
        self._explain = explain
        self._limit = answer_limit
        self._pool = urllib3.PoolManager(
            maxsize=POOL_SIZE,
            retries=False,
            timeout=urllib3.Timeout(connect=connect_timeout, read=call_timeout),
        )
        self._pool.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def read(self, path: str, query: Mapping[str, str] | None = None) -> object:
        """GET `path`; returns the JSON of a 2xx answer.

        Raises HubUnreachable, AuthFailed, Busy, BadAnswer, ProviderError, or what `explain` says.
        """
        try:
            answer = self._send("GET", path + ("?" + urlencode(query) if query else ""), None)
        except NoAnswer as exc:
            raise HubUnreachable(str(exc)) from None
        body = _parse(answer.body)
        self._check_status(answer, body)
        if body is NOT_JSON:
            raise BadAnswer(f"Expected JSON of at most {self._limit} bytes, got something else.")
        return body

    def write(self, method: str, path: str, body: object = None) -> Written:
        """Send a change; returns the status and the JSON of a 2xx answer.

        Raises NoAnswer where it may have been done; else as `read`.
        """
        answer = self._send(method, path, None if body is None else json.dumps(body).encode())
        parsed = _parse(answer.body)
        self._check_status(answer, parsed)
        if parsed is NOT_JSON:
            raise NoAnswer("The change was answered, but not in JSON.")
        return Written(answer.status, parsed)

    def _send(self, method: str, path: str, body: bytes | None) -> _Answer:
        try:
            response = self._pool.urlopen(
                method,
                self._base_url + path,
                body=body,
                headers=self._headers,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
            return self._receive(response)
        except (NewConnectionError, ConnectTimeoutError):
            problem = HubUnreachable("The server could not be reached.")
        except HTTPError as exc:
            problem = NoAnswer(f"The server gave no whole answer ({type(exc).__name__}).")
        # Raised out here so that the transport's exception, which knows the request, is not carried along.
        raise problem

    def _receive(self, response: urllib3.BaseHTTPResponse) -> _Answer:
        body = bytearray()
        try:
            # Only the read that finds nothing more notices an answer that was cut short.
            while piece := response.read(PIECE):
                body += piece
                if len(body) > self._limit:
                    response.close()
                    return _Answer(response.status, response.headers, None)
        finally:
            response.release_conn()
        return _Answer(response.status, response.headers, bytes(body))

    def _check_status(self, answer: _Answer, body: object) -> None:
        status = answer.status
        if 200 <= status < 300:
            return
        problem = self._explain(status, None if body is NOT_JSON else body)
        if problem is not None:
            raise problem
        if status in (401, 403):
            raise AuthFailed(f"The account's credentials are refused ({status}).")
        if status == 429:
            raise Busy("The server asks for fewer requests (429).", _retry_after(answer.headers))
        if status < 500 and body is NOT_JSON:
            raise BadAnswer(f"Expected JSON, got something else ({status}).")
        raise ProviderError(f"The server answered {status}.")


class _WithinTime(io.RawIOBase):
    """Reads a socket until the time of the call is over, however slowly the bytes drip in.

    A socket's own time limit starts anew with every byte.
    """

    def __init__(self, sock: socket.socket, raw: io.RawIOBase):
        self._sock = sock
        self._raw = raw
        self._ends = time.monotonic() + (sock.gettimeout() or CALL_TIMEOUT)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int | None:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("The call's time is over.")
        self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedResponse(http.client.HTTPResponse):
    def __init__(self, sock, *args, **kwargs):
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_WithinTime(sock, self.fp.detach()))


class _Connection(HTTPConnection):
    response_class = _TimedResponse


class _SecureConnection(HTTPSConnection):
    response_class = _TimedResponse


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


def _parse(body: bytes | None) -> object:
    """JSON, or NOT_JSON. The parser's error is let go here: it holds the whole text."""
    if body is None:
        return NOT_JSON
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return NOT_JSON


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds from a Retry-After header in either of its forms; None where it says nothing usable."""
    text = headers.get("Retry-After", "")
    try:
        seconds = float(text)
    except ValueError:
        seconds = _seconds_until(text)
    return min(max(seconds, 0.0), RETRY_AFTER_LIMIT) if math.isfinite(seconds) else None


def _seconds_until(text: str) -> float:
    try:
        return (parsedate_to_datetime(text).astimezone(UTC) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return math.nan


def _checked_url(base_url: str) -> str:
    try:
        parts = urlsplit(base_url)
        port_is_right = parts.port != 0
    except (ValueError, AttributeError, TypeError):
        raise ValueError("The base URL is not a URL.") from None
    plain = not (parts.username or parts.password or parts.query or parts.fragment)
    if parts.scheme not in ("http", "https") or not parts.hostname or not plain or not port_is_right:
        raise ValueError("The base URL must be http(s)://host[:port][/path] and no more.")
    if not re.fullmatch(r"[!-~]+", base_url):
        raise ValueError("The base URL must be of plain characters, without spaces.")
    return base_url.rstrip("/")


def _checked(headers: Mapping[str, str]) -> Mapping[str, str]:
    for name, value in headers.items():
        if not re.fullmatch(r"[ -~]*", value):
            raise ValueError(f"The header {name} can only be of plain characters.")
    return headers
