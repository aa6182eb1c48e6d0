"""JSON over HTTP for adapters: bounded in time and size, no retries, no redirects, errors by name.

What an adapter gets is either an answer, one of `base`'s errors, or, after a write only, `NoAnswer`: the
request went out and nothing usable came back, so it may or may not have been done. No error's text holds
anything of a body or a header: a maker's error message may repeat a PIN.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from locks.providers import curl
from locks.providers.base import AuthFailed, BadAnswer, Busy, HubUnreachable, ProviderError

CONNECT_TIMEOUT = 3.0
CALL_TIMEOUT = 10.0
"""Seconds from the beginning of a call to the last byte of its answer."""
ANSWER_LIMIT = 5_000_000
RETRY_AFTER_LIMIT = 3600

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
        self._base_url = checked_url(base_url)
        self._headers = [
            "Accept: application/json",
            "Content-Type: application/json",
            *_checked(headers),
        ]
        self._explain = explain
        self._limit = answer_limit
        self._connections = curl.Connections(
            connect_timeout=connect_timeout, call_timeout=call_timeout, answer_limit=answer_limit
        )

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

    def _send(self, method: str, path: str, body: bytes | None) -> curl.Answer:
        try:
            return self._connections.call(method, self._base_url + path, self._headers, body)
        except curl.NotReached as problem:
            raise HubUnreachable(str(problem)) from None
        except curl.NoWholeAnswer as problem:
            raise NoAnswer(str(problem)) from None

    def _check_status(self, answer: curl.Answer, body: object) -> None:
        status = answer.status
        if 200 <= status < 300:
            return
        problem = self._explain(status, None if body is NOT_JSON else body)
        if problem is not None:
            raise problem
        if status in (401, 403):
            raise AuthFailed(f"The account's credentials are refused ({status}).")
        if status == 429:
            wait = min(answer.retry_after, RETRY_AFTER_LIMIT)
            raise Busy("The server asks for fewer requests (429).", wait or None)
        if status < 500 and body is NOT_JSON:
            raise BadAnswer(f"Expected JSON, got something else ({status}).")
        raise ProviderError(f"The server answered {status}.")


def _parse(body: bytes | None) -> object:
    """JSON, or NOT_JSON. The parser's error is let go here: it holds the whole text."""
    if body is None:
        return NOT_JSON
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return NOT_JSON


def checked_url(base_url: str) -> str:
    """Without a slash at its end. Raises ValueError, without repeating it."""
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


def _checked(headers: Mapping[str, str]) -> list[str]:
    for name, value in headers.items():
        if not re.fullmatch(r"[ -~]*", value):
            raise ValueError(f"The header {name} can only be of plain characters.")
    return [f"{name}: {value}" for name, value in headers.items()]
