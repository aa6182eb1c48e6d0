"""The real server with the floors beside its pages, somebody who is signed in there, and how long they wait."""

import threading
import time
from http.client import HTTPConnection

from django.conf import settings
from django.test import Client

from tests.hospitality.web_process import WebProcess

RUNS = 40


class Served(WebProcess):
    """The real server, with the floor beside the board."""

    def _environment(self) -> dict[str, str]:
        return super()._environment() | {"DJANGO_SETTINGS_MODULE": "tests.bench.served"}


class Caller:
    """Somebody who is signed in, at the server; the line is kept as browsers keep it, one for each thread."""

    def __init__(self, web: WebProcess, user):
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.port, self.cookie = web.port, f"{settings.SESSION_COOKIE_NAME}={cookie}"
        self.here = threading.local()

    def get(self, address: str, *, part: bool = False) -> bytes:
        if not hasattr(self.here, "line"):
            self.here.line = HTTPConnection("127.0.0.1", self.port)
        line = self.here.line
        headers = {"Cookie": self.cookie} | ({"HX-Request": "true"} if part else {})
        line.request("GET", address, headers=headers)
        answer = line.getresponse()
        body = answer.read()
        assert answer.status == 200, (address, answer.status)
        return body


def seconds(views) -> dict[str, float]:
    """The shortest of many times, the views by turns: whoever else uses the machine only makes it longer."""
    times = {name: [] for name in views}
    for _ in range(RUNS):
        for name, ask in views.items():
            began = time.perf_counter()
            ask()
            times[name].append(time.perf_counter() - began)
    return {name: min(some) for name, some in times.items()}
