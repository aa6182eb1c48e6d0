"""A server on loopback between an adapter and the server it speaks to: passes everything on, and loses, delays, refuses
or falsifies what it is told to. Knows nothing of pytest or Django."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.locks.loopback_server import http_server

HTML = (200, {"Content-Type": "text/html"}, b"<html>Please log in</html>")
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Between:
    """What is to go wrong. `once`: for the next request that a test of it holds for, and then no more; `always`: for all
    of them."""

    port: int
    endpoint: str = ""
    once: list[tuple[Callable[[str, str], bool], Callable[[Callable[[], Answer]], Answer | None]]] = field(
        default_factory=list
    )
    always: list[tuple[Callable[[str, str], bool], Callable[[Callable[[], Answer]], Answer | None]]] = field(
        default_factory=list
    )
    lock: threading.Lock = field(default_factory=threading.Lock)

    def heal(self) -> None:
        self.once.clear()
        self.always.clear()

    def reply(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer | None:
        """What the client gets; None: nothing."""

        def on() -> Answer:
            return self._pass_on(method, path, headers, body)

        with self.lock:
            wrong = next((one for one in self.once if one[0](method, path)), None)
            if wrong:
                self.once.remove(wrong)
            wrong = wrong or next((one for one in self.always if one[0](method, path)), None)
        return wrong[1](on) if wrong else on()

    def _pass_on(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        there = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            there.request(method, path, body or None, {**headers, "Host": "localhost"})
            answer = there.getresponse()
            kept = {name: value for name, value in answer.getheaders() if name.lower() in KEPT}
            return answer.status, kept, answer.read()
        finally:
            there.close()


KEPT = {"content-type", "retry-after", "seam-request-id"}


def is_write(method: str, _path: str) -> bool:
    return method != "GET"


def is_any(_method: str, _path: str) -> bool:
    return True


def about(*paths: str) -> Callable[[str, str], bool]:
    return lambda _method, path: any(one in path for one in paths)


def lost(on: Callable[[], Answer]) -> None:
    """Done, and not answered."""
    on()


def garbled(on: Callable[[], Answer]) -> Answer:
    """Done, and answered with something unreadable."""
    on()
    return HTML


def said(status: int, type: str = "", **headers: str) -> Callable[[Callable[[], Answer]], Answer]:
    """Not done: an error in Seam's shape, or in HTML without a `type`."""
    if not type:
        return lambda _on: (status, {"Content-Type": "text/html"}, b"<html></html>")
    body = json.dumps({"error": {"type": type, "message": type}}).encode()
    return lambda _on: (status, {"Content-Type": "application/json", **headers}, body)


def late(seconds: float) -> Callable[[Callable[[], Answer]], Answer]:
    def wait(on: Callable[[], Answer]) -> Answer:
        time.sleep(seconds)
        return on()

    return wait


def changed(change: Callable[[list], list]) -> Callable[[Callable[[], Answer]], Answer]:
    """The list of codes otherwise than it is."""

    def falsify(on: Callable[[], Answer]) -> Answer:
        status, headers, body = on()
        told = json.loads(body)
        told["access_codes"] = change(told["access_codes"])
        return status, headers, json.dumps(told).encode()

    return falsify


def paced(per_second: float) -> Callable[[Callable[[], Answer]], Answer]:
    """No more than so many a second."""
    turns, lock = [0.0], threading.Lock()

    def pace(on: Callable[[], Answer]) -> Answer:
        with lock:
            now = time.monotonic()
            if now < turns[0]:
                return said(429, "rate_limit_exceeded", **{"Retry-After": "1"})(on)
            turns[0] = now + 1 / per_second
        return on()

    return pace


@contextmanager
def between(port: int) -> Iterator[Between]:
    passing = Between(port)

    def reply(method, path, headers, body):
        kept = {name: headers[name] for name in ("Authorization", "Content-Type") if name in headers}
        return passing.reply(method, path, kept, body)

    with http_server(reply) as passing.endpoint:
        yield passing
