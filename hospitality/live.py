"""Live pages: a verb announces a topic, every open page of that property hears it within moments.

A bell carries a topic (`board`, `stay-<id>`, `lock-<id>`), never data: the page fetches what it shows again,
through its normal view. Each process holds one LISTEN connection and fans out to its streams.
"""

import asyncio
import contextlib
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection

import psycopg
from django.db import connection

from hospitality.models import Property

logger = logging.getLogger(__name__)

CHANNEL = "desk"
REFRESH = "refresh"
"""The topic that says: something may have been missed, fetch everything again."""

PING_SECONDS = 15
LIFETIME_SECONDS = 15 * 60
"""A stream ends after this long, so that a revoked login is noticed when the page comes back."""
QUEUE_LENGTH = 100
HEARTBEAT_SECONDS = 20
LONGEST_BACK_OFF = 30
CLOCK_SKEW = 2
"""Seconds by which the clocks of two web machines may differ."""

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
]


def announce(property: Property, topic: str) -> None:
    """Ring `topic` on the property's pages, when and only when the caller's transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, f"{property.pk}:{topic}"])


def announce_all(bells: Collection[tuple[int, str]]) -> None:
    """The same for many pairs of a property's number and a topic, in one query."""
    if bells:
        with connection.cursor() as cursor:
            rung = [f"{property_id}:{topic}" for property_id, topic in bells]
            cursor.execute("SELECT pg_notify(%s, bell) FROM unnest(%s::text[]) AS bell", [CHANNEL, rung])


class Switchboard:
    """One LISTEN for the process, fanned out to bounded queues. Lives on one event loop."""

    def __init__(self):
        self._queues: dict[int, set[asyncio.Queue[str]]] = defaultdict(set)
        self._last_rung: dict[int, float] = {}
        self._listening_since: float | None = None
        self._task: asyncio.Task | None = None

    def start(self) -> None:
        """Have the listener running; again is a no-op."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._listen())

    def ring(self, property_id: int, topic: str) -> None:
        """Put `topic` into the property's queues; one that is full gets a REFRESH in place of all it holds."""
        self._last_rung[property_id] = time.time()
        for queue in self._queues.get(property_id, ()):
            if queue.full():
                _empty(queue)
                queue.put_nowait(REFRESH)
            else:
                queue.put_nowait(topic)

    @contextlib.asynccontextmanager
    async def topics(self, property_ids: Collection[int], since: float):
        """A queue of these properties' topics. It starts with REFRESH if any may have been missed since the
        moment `since` (seconds of the Unix clock), at which the page was made."""
        queue: asyncio.Queue[str] = asyncio.Queue(QUEUE_LENGTH)
        for property_id in property_ids:
            self._queues[property_id].add(queue)
        if any(self._missed(property_id, since) for property_id in property_ids):
            queue.put_nowait(REFRESH)
        try:
            yield queue
        finally:
            for property_id in property_ids:
                self._queues[property_id].discard(queue)
                if not self._queues[property_id]:
                    del self._queues[property_id]

    def _missed(self, property_id: int, since: float) -> bool:
        if self._listening_since is None:
            return False  # the listener rings REFRESH itself once it listens
        return max(self._listening_since, self._last_rung.get(property_id, 0)) > since - CLOCK_SKEW

    async def _listen(self) -> None:
        delay = 0.5
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    **_listen_params(), autocommit=True
                ) as listener:
                    await listener.execute(f"LISTEN {CHANNEL}")
                    self._start_listening()
                    delay = 0.5
                    await self._hear(listener)
            except (psycopg.Error, OSError, TimeoutError) as error:
                logger.warning("live pages: no ear at the database, next try in %.1f s: %s", delay, error)
            self._listening_since = None
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_BACK_OFF)

    def _start_listening(self) -> None:
        self._listening_since = time.time()
        for property_id in list(self._queues):
            self.ring(property_id, REFRESH)

    async def _hear(self, listener: psycopg.AsyncConnection) -> None:
        """Pass on what comes in; asks the server for a sign of life now and then, for a connection whose
        other end has vanished is silent for ever."""
        while True:
            async for notice in listener.notifies(timeout=HEARTBEAT_SECONDS):
                property_id, _, topic = notice.payload.partition(":")
                if property_id.isdecimal():
                    self.ring(int(property_id), topic)
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                await listener.execute("SELECT 1")


def _empty(queue: asyncio.Queue) -> None:
    while not queue.empty():
        queue.get_nowait()


def _listen_params() -> dict:
    params = connection.get_connection_params() | {"application_name": "latchkey live", "connect_timeout": 10}
    return {name: value for name, value in params.items() if name not in ("cursor_factory", "context")}


switchboard = Switchboard()


async def stream(
    property_ids: Collection[int],
    since: float,
    receive: Callable[[], Awaitable[dict]],
    send: Callable[[dict], Awaitable[None]],
) -> None:
    """Answer one ASGI request, already admitted, with these properties' topics as server-sent events."""
    switchboard.start()
    async with switchboard.topics(property_ids, since) as queue:
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send({"type": "http.response.body", "body": b"retry: 2000\n\n", "more_body": True})
        tasks = [asyncio.create_task(_until_gone(receive)), asyncio.create_task(_write(queue, send))]
        try:
            await asyncio.wait(tasks, timeout=LIFETIME_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_gone(receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _write(queue: asyncio.Queue[str], send) -> None:
    while True:
        try:
            topic = await asyncio.wait_for(queue.get(), PING_SECONDS)
        except TimeoutError:
            body = ": ping\n\n"
        else:
            body = f"event: {topic}\ndata: 1\n\n"
        await send({"type": "http.response.body", "body": body.encode(), "more_body": True})
