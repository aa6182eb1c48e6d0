"""The web process: the live stream in front, Django for everything else.

The stream stands outside Django because a streaming view would hold one thread, and often one database
connection, for every open page.
"""

import io
import os
import re
import select
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import django
from asgiref.sync import sync_to_async

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hospitality.settings")
django.setup(set_prefix=False)

from django.contrib.auth import get_user  # noqa: E402 - needs the loaded apps
from django.contrib.sessions.middleware import SessionMiddleware  # noqa: E402
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation  # noqa: E402
from django.core.handlers.asgi import ASGIHandler, ASGIRequest  # noqa: E402
from django.db import DatabaseError, close_old_connections, connections  # noqa: E402
from django.http import Http404, HttpRequest, HttpResponse  # noqa: E402

from hospitality import access, live  # noqa: E402

LIVE = re.compile(r"^/(?:p/(?P<slug>[-\w]+)|owner)/live/$")
"""The stream of one property, or of all that one owns."""
MOST_AT_ONCE = 4
"""So many answers are worked out at a time: more threads would only take the interpreter from each other. The others
wait, in order, and hold neither a thread nor a database connection."""


class Pages(ASGIHandler):
    """Django, on a few threads that each keep a database connection. Only the work takes turns: a browser that is slow
    to send its form or to take its page keeps nobody waiting."""

    def __init__(self) -> None:
        super().__init__()
        self._threads = ThreadPoolExecutor(MOST_AT_ONCE, "pages", initializer=_keep_connections)

    def load_middleware(self, is_async: bool = False) -> None:
        """All of it for one thread: Django's own way changes the thread before and after each middleware."""
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponse:
        """Django's own, in turn."""
        return await self.in_turn(self.get_response, request)

    async def in_turn(self, work: Callable, *arguments):
        """What `work` gives, done by one of the threads."""
        done = sync_to_async(_with_sound_connections, thread_sensitive=False, executor=self._threads)
        return await done(work, *arguments)


def _keep_connections() -> None:
    """Opening one costs more than a small page."""
    for own in connections.all():
        own.settings_dict = own.settings_dict | {"CONN_MAX_AGE": None}


def _with_sound_connections(work: Callable, *arguments):
    """As Django does around a request on threads of its own; what the database has ended since is opened anew."""
    for own in connections.all(initialized_only=True):
        if own.connection and _has_something_to_say(own.connection.fileno()):
            own.close()
    try:
        return work(*arguments)
    finally:
        close_old_connections()


def _has_something_to_say(line: int) -> bool:
    """Of a connection on which nothing was asked: then the database has ended it. To look takes no time; to ask it each
    time, as Django's health checks do, goes to the database and back."""
    watch = select.poll()
    watch.register(line, select.POLLIN)
    return bool(watch.poll(0))


pages = Pages()


async def application(scope, receive, send):
    """The ASGI entry point."""
    match = LIVE.match(scope["path"]) if scope["type"] == "http" else None
    if match is None:
        return await pages(scope, receive, send)
    status, property_ids, since = await pages.in_turn(_admit, scope, match["slug"])
    if status == 200:
        return await live.stream(property_ids, since, receive, send)
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


def _admit(scope, slug: str | None) -> tuple[int, list[int], float]:
    """(HTTP status, the properties' numbers, the moment the page was made)."""
    try:
        request = ASGIRequest(scope, io.BytesIO())
        _check_origin(request)
        SessionMiddleware(lambda request: None).process_request(request)
        request.user = get_user(request)
        if not request.user.is_authenticated:
            raise PermissionDenied
        return 200, access.heard(request, slug), _since(request)
    except Http404:
        return 404, [], 0
    except PermissionDenied:
        return 403, [], 0
    except (BadRequest, SuspiciousOperation):
        return 400, [], 0
    except DatabaseError:
        return 503, [], 0


def _check_origin(request: ASGIRequest) -> None:
    """Only pages of this house may listen."""
    host = request.get_host()
    if request.method != "GET":
        raise BadRequest
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise PermissionDenied
    if request.headers.get("Origin", host).rpartition("//")[2] != host:
        raise PermissionDenied


def _since(request: ASGIRequest) -> float:
    try:
        return float(request.GET.get("since", "0"))
    except ValueError:
        raise BadRequest from None
