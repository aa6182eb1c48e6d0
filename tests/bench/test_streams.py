"""A thousand open pages on one web process: how soon a bell is heard, and what an idle page costs."""

import asyncio
import threading
import time
from collections.abc import Coroutine
from datetime import datetime

import psutil
import pytest
from django.db import connection

from hospitality import live
from hospitality.asgi import MOST_AT_ONCE
from hospitality.management.open_files import allow_many_files
from hospitality.models import Property
from tests.bench.gauges import Processor
from tests.factories import MembershipFactory
from tests.hospitality.processes import until
from tests.hospitality.test_live import LISTENER, cookie
from tests.hospitality.web_process import WebProcess

STREAMS, BELLS = 1_000, 100
FIRST = 20
"""Pages that are open already: what the first of all cost is not each one's own."""
PAUSE = 0.1
"""Seconds between two bells: each is heard by everybody before the next one."""
IDLE = 30
WITHIN = 0.250
KILOBYTES = 50
OPENING = 50
"""So many at once, as pages do after the network was away."""

pytestmark = pytest.mark.django_db(transaction=True)


class Pages(WebProcess):
    """`manage.py web` itself, as a house runs it."""

    def _command(self) -> list[str]:
        return ["manage.py", "web"]

    def _environment(self) -> dict[str, str]:
        return super()._environment() | {"LATCHKEY_PORT": str(self.port)}


class Ear:
    """One open stream; `heard` holds each topic's moment of arrival."""

    def __init__(self) -> None:
        self.heard: dict[str, float] = {}

    async def open(self, port: int, path: str, cookies: str) -> None:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port)
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookies}\r\n\r\n"
        self.writer.write(request.encode())
        assert b" 200 " in await self.reader.readline()
        self.listening = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        while line := await self.reader.readline():
            if line.startswith(b"event: "):
                self.heard[line[7:].strip().decode()] = time.monotonic()

    def close(self) -> None:
        self.listening.cancel()
        self.writer.close()


class Ears:
    """Open streams, listening on a thread of their own until the end of the block."""

    def __init__(self) -> None:
        self.all: list[Ear] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def __enter__(self) -> "Ears":
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def open(self, count: int, port: int, path: str, cookies: str) -> None:
        """So many more."""
        self._run(self._open(count, port, path, cookies))

    def _run(self, work: Coroutine) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _open(self, count: int, *where) -> None:
        gate = asyncio.Semaphore(OPENING)

        async def one() -> None:
            ear = Ear()
            async with gate:
                await ear.open(*where)
            self.all.append(ear)

        await asyncio.gather(*(one() for _ in range(count)))

    async def _close(self) -> None:
        for ear in self.all:
            ear.close()
        await asyncio.gather(*(ear.listening for ear in self.all), return_exceptions=True)


def ring(hotel: Property, ears: list[Ear]) -> list[float]:
    """The seconds from each bell's commit until each page has it, the shortest first."""
    took = []
    for number in range(BELLS):
        topic = f"bell-{number}"
        live.announce(hotel, topic)
        committed = time.monotonic()
        time.sleep(PAUSE)  # nothing else runs here while the bell goes round
        until(lambda topic=topic: all(topic in ear.heard for ear in ears), "everybody hears the bell")
        took += [ear.heard[topic] - committed for ear in ears]
    return sorted(took)


def idle() -> tuple[list[str], int]:
    """The names of the other connections to this database in IDLE seconds, and how many queries come by them."""
    before, asked = others(), set()
    for _ in range(IDLE * 4):
        time.sleep(0.25)
        asked |= others()
    return [name for name, _ in {(name, pid) for name, pid, _ in asked}], len(asked - before)


def others() -> set[tuple[str, int, datetime]]:
    """Each other connection to this database, by name and number, and when it asked last."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT application_name, pid, query_start FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return set(cursor.fetchall())


def test_a_thousand_pages_hear_a_bell_and_cost_nothing_between_bells(tmp_path):
    allow_many_files()
    clerk = MembershipFactory()
    address = f"/p/{clerk.property.slug}/live/?since={time.time() + 3600}", cookie(clerk.user)
    with Pages(tmp_path) as web, Ears() as ears:
        process = psutil.Process(web.process.pid)
        ears.open(FIRST, web.port, *address)
        before = process.memory_info().rss
        ears.open(STREAMS, web.port, *address)
        held = (process.memory_info().rss - before) / STREAMS / 1024
        took = ring(clerk.property, ears.all)
        processor = Processor(process)
        connections, queries = idle()
        spent = processor.spent()["all"] / IDLE
    p50, p99 = took[len(took) // 2], took[len(took) * 99 // 100]
    print(f"\n{STREAMS:,} open pages on one process, {BELLS} bells")
    print(f"  heard         p50 {1000 * p50:.0f} ms, p99 {1000 * p99:.0f} ms, last {1000 * took[-1]:.0f} ms")
    listening, reading = connections.count(LISTENER), len(connections) - connections.count(LISTENER)
    print(f"  database      {listening} connection, and {reading} of those that read pages")
    print(f"                {queries} queries in {IDLE} idle seconds")
    print(f"  an idle page  {held:.1f} KB, {1e6 * spent / STREAMS:.1f} millionths of a core")
    assert p99 <= WITHIN
    assert listening == 1
    assert reading <= MOST_AT_ONCE
    assert queries <= 1 + IDLE / live.HEARTBEAT_SECONDS
    assert held <= KILOBYTES
