"""One HTTP call at a time over connections that are kept open, by libcurl: bounded in time and size, and never made
twice.

libcurl, because a call costs a third of the processor time of one by Python's own HTTP client, and hundreds are under
way at once.
"""

import ssl
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pycurl

MOST_KEPT = 256
"""Connections kept open by one account: about as many as are in use at once (`locks.budget`)."""


class NotReached(Exception):
    """The server could not be connected to: the request was never sent."""


class NoWholeAnswer(Exception):
    """The request was sent, at least in part, and no whole answer came. Holds nothing of either."""


@dataclass(frozen=True)
class Answer:
    """`retry_after`: whole seconds, 0 where nothing usable was said."""

    status: int
    retry_after: int
    body: bytes | None = field(repr=False)
    """None: larger than allowed."""


class Connections:
    """Kept connections to servers. May be used by many threads, each of which has a connection for itself meanwhile.
    Times are seconds; `call_timeout` is for a whole call, connecting included; `answer_limit` in bytes."""

    def __init__(self, *, connect_timeout: float, call_timeout: float, answer_limit: int):
        self._connect_ms, self._call_ms = int(1000 * connect_timeout), int(1000 * call_timeout)
        self._limit = answer_limit
        self._trusted = ssl.get_default_verify_paths()  # the machine's, which the library does not look for
        self._idle: deque[pycurl.Curl] = deque()

    def call(self, method: str, url: str, headers: Sequence[str], body: bytes | None) -> Answer:
        """Make one call. Redirects are answers. Raises NotReached, NoWholeAnswer."""
        curl = self._take()
        try:
            return self._perform(curl, method, url, headers, body)
        finally:
            self._give_back(curl)

    def _take(self) -> pycurl.Curl:
        """The one that was used last: so no more are kept open than are needed."""
        try:
            return self._idle.pop()
        except IndexError:
            return pycurl.Curl()

    def _give_back(self, curl: pycurl.Curl) -> None:
        if len(self._idle) < MOST_KEPT:
            self._idle.append(curl)
        else:
            curl.close()

    def _perform(
        self, curl: pycurl.Curl, method: str, url: str, headers: Sequence[str], body: bytes | None
    ) -> Answer:
        answer = bytearray()
        self._prepare(curl, method, url, headers, body)
        curl.setopt(pycurl.WRITEFUNCTION, _into(answer, self._limit))
        try:
            curl.perform()
        except pycurl.error as error:
            number = error.args[0]
            if number == pycurl.E_WRITE_ERROR:
                return Answer(curl.getinfo(pycurl.RESPONSE_CODE), 0, None)
            if curl.getinfo(pycurl.REQUEST_SIZE):
                problem = NoWholeAnswer(f"The server gave no whole answer (libcurl's error {number}).")
            else:
                problem = NotReached(f"The server could not be reached (libcurl's error {number}).")
        else:
            return Answer(curl.getinfo(pycurl.RESPONSE_CODE), curl.getinfo(pycurl.RETRY_AFTER), bytes(answer))
        # Raised out here so that libcurl's own error, which may tell of the request, is not carried along.
        raise problem

    def _prepare(
        self, curl: pycurl.Curl, method: str, url: str, headers: Sequence[str], body: bytes | None
    ) -> None:
        curl.reset()  # keeps its connection
        curl.setopt(pycurl.URL, url)
        curl.setopt(pycurl.HTTPHEADER, headers)
        if body is not None:
            curl.setopt(pycurl.POSTFIELDS, body)
        curl.setopt(pycurl.CUSTOMREQUEST, method)
        curl.setopt(pycurl.CONNECTTIMEOUT_MS, self._connect_ms)
        curl.setopt(pycurl.TIMEOUT_MS, self._call_ms)
        curl.setopt(pycurl.NOSIGNAL, 1)  # this is not the only thread
        curl.setopt(pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS)
        curl.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)
        curl.setopt(pycurl.PATH_AS_IS, 1)
        curl.setopt(pycurl.PROXY, "")
        if self._trusted.cafile:
            curl.setopt(pycurl.CAINFO, self._trusted.cafile)
        if self._trusted.capath:
            curl.setopt(pycurl.CAPATH, self._trusted.capath)
        if method != "GET":
            curl.setopt(pycurl.PREREQFUNCTION, _once())


def _into(answer: bytearray, limit: int) -> Callable[[bytes], int]:
    """Collects the body; an answer that grows too large is broken off."""

    def take(piece: bytes) -> int:
        if len(answer) + len(piece) > limit:
            return 0
        answer.extend(piece)
        return len(piece)

    return take


def _once() -> Callable[..., int]:
    """Asked before the request is sent. libcurl sends it again where a kept connection breaks before the answer: what
    it changed may have been done by then."""
    first = iter([pycurl.PREREQFUNC_OK])
    return lambda *_connection: next(first, pycurl.PREREQFUNC_ABORT)
