"""The live stream, on the real web server and PostgreSQL: who may listen, and what is heard."""

import asyncio
import time
from contextlib import closing

import pytest
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.test import Client

from hospitality import live
from hospitality.asgi import MOST_AT_ONCE
from hospitality.models import Role
from tests.factories import MembershipFactory, PropertyFactory, UserFactory
from tests.hospitality.processes import until
from tests.hospitality.web_process import Stream, WebProcess

LISTENER = "latchkey live"


@pytest.fixture(scope="module")
def web(django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock(), WebProcess(tmp_path_factory.mktemp("web")) as running:
        yield running


def cookie(user) -> str:
    client = Client()
    client.force_login(user)
    return f"sessionid={client.cookies['sessionid'].value}"


@pytest.fixture
def clerk(transactional_db):
    return MembershipFactory()


@pytest.fixture
def listen(web, clerk):
    """Open a stream as the clerk, past the refresh with which a page that may have missed something starts."""
    opened = []

    def open_one(since: float | None = None) -> Stream:
        since = time.time() + 60 if since is None else since
        path = f"/p/{clerk.property.slug}/live/?since={since}"
        stream = Stream(web.port, path, Cookie=cookie(clerk.user))
        assert stream.status == 200
        opened.append(stream)
        until(lambda: backends(LISTENER), "the web process listens")
        return stream

    with open_one():
        pass  # the first of all wakes the listener
    yield open_one
    for stream in opened:
        stream.connection.close()


def backends(name: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s",
            [name],
        )
        return [pid for (pid,) in cursor.fetchall()]


def after_marker(stream: Stream, property) -> str:
    """What is heard first after everything that was rung before: the marker itself if that was nothing."""
    live.announce(property, "marker")
    return stream.topic()


def test_a_commit_rings(listen, clerk):
    stream = listen()
    live.announce(clerk.property, "stay-1")
    assert stream.topic() == "stay-1"


def test_a_rollback_rings_nothing(listen, clerk):
    stream = listen()
    with transaction.atomic():
        live.announce(clerk.property, "stay-1")
        transaction.set_rollback(True)
    assert after_marker(stream, clerk.property) == "marker"


def test_nothing_rings_before_the_commit(listen, clerk):
    stream = listen()
    with transaction.atomic():
        live.announce(clerk.property, "stay-1")
        with (
            closing(connections.create_connection(DEFAULT_DB_ALIAS)) as elsewhere,
            elsewhere.cursor() as cursor,
        ):
            cursor.execute("SELECT pg_notify(%s, %s)", [live.CHANNEL, f"{clerk.property.pk}:marker"])
        assert stream.topic() == "marker"
    assert stream.topic() == "stay-1"


def test_one_topic_twice_in_a_transaction_rings_once(listen, clerk):
    stream = listen()
    with transaction.atomic():
        live.announce(clerk.property, "board")
        live.announce(clerk.property, "board")
    assert stream.topic() == "board"
    assert after_marker(stream, clerk.property) == "marker"


def test_another_propertys_topics_are_not_heard(listen, clerk):
    stream = listen()
    live.announce(PropertyFactory(), "stay-1")
    assert after_marker(stream, clerk.property) == "marker"


@pytest.fixture
def chain(listen, clerk):
    """Somebody who owns two houses and works at the desk of a third, and the stream of what is owned."""
    owner = UserFactory()
    roles = (Role.OWNER, Role.MANAGER, Role.DESK)
    houses = [MembershipFactory(user=owner, role=role).property for role in roles]
    listen()
    path = f"/owner/live/?since={time.time() + 60}"
    return owner, houses, path


def test_an_owner_hears_every_house_that_is_theirs_and_no_other(web, chain):
    owner, [first, second, desk_only], path = chain
    with Stream(web.port, path, Cookie=cookie(owner)) as stream:
        assert stream.status == 200
        live.announce(desk_only, "stay-1")
        live.announce(PropertyFactory(), "stay-2")
        live.announce(first, "lock-1")
        assert stream.topic() == "lock-1"
        live.announce(second, "lock-2")
        assert stream.topic() == "lock-2"


def test_who_owns_no_house_has_no_owners_stream(web, clerk):
    with Stream(web.port, "/owner/live/", Cookie=cookie(clerk.user)) as stream:
        assert stream.status == 403
    with Stream(web.port, "/owner/live/", Cookie=cookie(UserFactory())) as stream:
        assert stream.status == 404
    with Stream(web.port, "/owner/live/") as stream:
        assert stream.status == 403


def test_every_open_page_hears_it(listen, clerk):
    streams = [listen() for _ in range(5)]
    live.announce(clerk.property, "board")
    assert [stream.topic() for stream in streams] == ["board"] * 5


def test_many_streams_hold_one_database_connection_beside_those_of_the_pages(listen, clerk, web):
    for _ in range(3 * MOST_AT_ONCE):
        listen()
    assert len(backends(LISTENER)) == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        mine = cursor.fetchone()[0]
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s "
            "AND backend_type = 'client backend' AND application_name <> %s",
            [mine, LISTENER],
        )
        assert cursor.fetchone()[0] <= MOST_AT_ONCE


def test_a_listener_that_was_cut_off_comes_back_and_has_pages_refreshed(listen, clerk):
    stream = listen()
    [before] = backends(LISTENER)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [before])
    assert stream.topic() == live.REFRESH
    assert backends(LISTENER) != [before]
    assert after_marker(stream, clerk.property) == "marker"


def test_a_page_that_missed_a_bell_while_it_opened_its_stream_is_refreshed(listen, clerk):
    made = time.time()
    heard = listen()
    live.announce(clerk.property, "board")
    assert heard.topic() == "board"
    assert listen(since=made).topic() == live.REFRESH


def test_a_page_that_missed_nothing_is_left_alone(listen, clerk):
    assert after_marker(listen(), clerk.property) == "marker"


def test_a_visitor_without_a_session_is_refused(web, clerk):
    with Stream(web.port, f"/p/{clerk.property.slug}/live/") as stream:
        assert stream.status == 403


def test_a_session_that_was_signed_out_is_refused(web, clerk):
    client = Client()
    client.force_login(clerk.user)
    kept = f"sessionid={client.cookies['sessionid'].value}"
    client.post("/sign-out/")
    with Stream(web.port, f"/p/{clerk.property.slug}/live/", Cookie=kept) as stream:
        assert stream.status == 403


def test_a_stranger_and_a_wrong_address_get_404(web, clerk):
    stranger = cookie(UserFactory())
    with Stream(web.port, f"/p/{clerk.property.slug}/live/", Cookie=stranger) as stream:
        assert stream.status == 404
    with Stream(web.port, "/p/no-such-hotel/live/", Cookie=cookie(clerk.user)) as stream:
        assert stream.status == 404


def test_only_pages_of_this_house_may_listen(web, clerk):
    path, mine = f"/p/{clerk.property.slug}/live/", cookie(clerk.user)
    with Stream(web.port, path, Cookie=mine, Sec_Fetch_Site="cross-site") as stream:
        assert stream.status == 403
    with Stream(web.port, path, Cookie=mine, Origin="https://elsewhere.example") as stream:
        assert stream.status == 403
    with Stream(web.port, path, Cookie=mine, Host="elsewhere.example") as stream:
        assert stream.status == 400
    with Stream(web.port, path, method="POST", Cookie=mine) as stream:
        assert stream.status == 400


def test_a_stream_is_not_cached_and_tells_how_soon_to_come_back(listen):
    stream = listen()
    assert stream.response.headers["Content-Type"].startswith("text/event-stream")
    assert stream.response.headers["Cache-Control"] == "no-cache"
    assert stream.response.readline() == b"retry: 2000\n"


def test_a_page_that_reads_too_slowly_is_told_to_refresh():
    async def overflow() -> list[str]:
        board = live.Switchboard()
        async with board.topics([1], since=time.time()) as queue:
            for number in range(live.QUEUE_LENGTH + 1):
                board.ring(1, f"stay-{number}")
            return [queue.get_nowait() for _ in range(queue.qsize())]

    assert asyncio.run(overflow()) == [live.REFRESH]


def test_a_silent_stream_shows_that_it_lives_and_ends_in_time(monkeypatch):
    monkeypatch.setattr(live, "PING_SECONDS", 0.01)
    monkeypatch.setattr(live, "LIFETIME_SECONDS", 0.1)
    monkeypatch.setattr(live.Switchboard, "start", lambda self: None)
    sent = []

    async def never():
        await asyncio.Event().wait()

    async def keep(message):
        sent.append(message)

    asyncio.run(live.stream([1], time.time(), never, keep))
    assert b": ping\n\n" in [message.get("body") for message in sent]
    assert sent[-1]["more_body"] is False
