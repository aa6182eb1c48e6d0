"""What becomes of answers no decent server gives: each over a real socket on loopback."""

import socket
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from locks.providers import base
from locks.providers.http import HttpSession, NoAnswer
from tests.locks.loopback_server import certificate, raw, reply, server, tls_server

DRIP = 0.1
DRIPS = 100
"""A dripping answer is whole after ten seconds: only a client that counts the whole call gives up."""


def drip(connection: socket.socket, start: bytes, piece: bytes, end: bytes) -> None:
    connection.sendall(start)
    pause = threading.Event()
    for _ in range(DRIPS):
        pause.wait(DRIP)
        connection.sendall(piece)
    connection.sendall(end)


def drip_head(connection: socket.socket, _request: bytes) -> None:
    drip(connection, b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a", b"\r\nContent-Length: 2\r\n\r\n{}")


def drip_body(connection: socket.socket, _request: bytes) -> None:
    drip(connection, b"HTTP/1.1 200 OK\r\nContent-Length: 102\r\n\r\n{", b" ", b"}")


def drip_chunks(connection: socket.socket, _request: bytes) -> None:
    drip(
        connection,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"1\r\n \r\n",
        b"2\r\n{}\r\n0\r\n\r\n",
    )


def drip_interim(connection: socket.socket, _request: bytes) -> None:
    drip(connection, b"", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")


def stall(connection: socket.socket, _request: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{")
    threading.Event().wait(DRIP * DRIPS * 0.8)
    connection.sendall(b"}")


def say_nothing(_connection: socket.socket, _request: bytes) -> None:
    """Close without a word."""


def session(url: str, **limits: float) -> HttpSession:
    return HttpSession(
        url, {"Authorization": "Bearer t"}, lambda status, body: None, **{"call_timeout": 2, **limits}
    )


NO_WHOLE_ANSWER = {
    "nothing": say_nothing,
    "half a status line": raw(b"HTTP/1.1 20"),
    "not HTTP": raw(b"\x00\x01\x02 hello\r\n\r\n"),
    "half a body": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}"),
    "half a chunk": raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{}"),
    "chunk of no size": raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n"),
    "endless headers": raw(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 50_000 + b"\r\n"),
    "endless header": raw(b"HTTP/1.1 200 OK\r\nX-A: " + b"b" * 500_000 + b"\r\n\r\n"),
}
DRIPPING = {
    "head": drip_head,
    "body": drip_body,
    "chunks": drip_chunks,
    "interim": drip_interim,
    "stall": stall,
}
NOT_JSON = {
    "html": b"<html></html>",
    "empty": b"",
    "cut": b'{"a": ',
    "binary": b"\xff\xfe\x00",
    "deep": b"[" * 100_000,
    "large number": b"1" * 10_000,
}


class TestSession:
    @pytest.mark.parametrize("kind", NO_WHOLE_ANSWER)
    def test_without_a_whole_answer_a_write_may_be_done_and_a_read_is_none(self, kind):
        with server(NO_WHOLE_ANSWER[kind]) as url:
            with pytest.raises(NoAnswer):
                session(url).write("POST", "/x", {})
            with pytest.raises(base.HubUnreachable):
                session(url).read("/x")

    @pytest.mark.parametrize("kind", DRIPPING)
    def test_an_answer_that_drips_in_is_given_up_in_the_time_of_the_whole_call(self, kind):
        with server(DRIPPING[kind]) as url:
            with pytest.raises(NoAnswer):
                session(url, call_timeout=0.4).write("POST", "/x", {})
            with pytest.raises(base.HubUnreachable):
                session(url, call_timeout=0.4).read("/x")

    @pytest.mark.parametrize("kind", NOT_JSON)
    def test_a_good_status_without_json_is_a_bad_answer_and_a_write_may_be_done(self, kind):
        with server(reply(body=NOT_JSON[kind])) as url:
            with pytest.raises(base.BadAnswer):
                session(url).read("/x")
            with pytest.raises(NoAnswer):
                session(url).write("POST", "/x", {})

    def test_an_answer_may_be_as_long_as_the_limit_and_no_longer(self):
        body = b'"' + b"a" * 98 + b'"'
        with server(reply(body=body)) as url:
            assert session(url, answer_limit=100).read("/x") == "a" * 98
            with pytest.raises(base.BadAnswer):
                session(url, answer_limit=99).read("/x")
            with pytest.raises(NoAnswer):
                session(url, answer_limit=99).write("POST", "/x", {})

    @pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect"])
    def test_redirects_are_not_followed(self, status):
        asked = []

        def redirect(connection: socket.socket, request: bytes) -> None:
            asked.append(request.split(b" ")[1])
            reply(status, b"", "Location: /elsewhere\r\n")(connection, request)

        with server(redirect) as url:
            for call in (lambda: session(url).read("/x"), lambda: session(url).write("PUT", "/x", {})):
                with pytest.raises(base.BadAnswer):
                    call()
        assert asked == [b"/x", b"/x"]

    @pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
    @pytest.mark.parametrize("body", [b"{}", b"<html></html>"])
    def test_refused_credentials_are_named_in_any_dress(self, status, body):
        with server(reply(status, body)) as url, pytest.raises(base.AuthFailed):
            session(url).read("/x")

    @pytest.mark.parametrize("status", ["500 Oops", "502 Bad Gateway", "503 Unavailable", "599 Strange"])
    @pytest.mark.parametrize("body", [b"{}", b"<html></html>"])
    def test_a_failing_server_is_worth_another_try(self, status, body):
        with server(reply(status, body)) as url:
            for call in (lambda: session(url).read("/x"), lambda: session(url).write("PUT", "/x", {})):
                with pytest.raises(base.ProviderError) as caught:
                    call()
                assert type(caught.value) is base.ProviderError

    @pytest.mark.parametrize(
        ("header", "seconds"),
        [
            ("Retry-After: 7\r\n", 7),
            ("Retry-After: -3\r\n", None),
            ("Retry-After: 999999999\r\n", 3600),
            ("Retry-After: nan\r\n", None),
            ("Retry-After: inf\r\n", None),
            ("Retry-After: soon\r\n", None),
            (f"Retry-After: {format_datetime(datetime(2020, 1, 1, tzinfo=UTC), usegmt=True)}\r\n", None),
            ("", None),
        ],
    )
    def test_too_many_requests_tells_when_to_come_again(self, header, seconds):
        with server(reply("429 Too Many Requests", b"slow down", header)) as url:
            with pytest.raises(base.Busy) as caught:
                session(url).read("/x")
            assert caught.value.retry_after == seconds

    def test_a_date_to_come_again_is_counted_from_now(self):
        later = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)
        with server(reply("429 Too Many Requests", b"", f"Retry-After: {later}\r\n")) as url:
            with pytest.raises(base.Busy) as caught:
                session(url).read("/x")
            assert 0 < caught.value.retry_after <= 600

    def test_a_name_that_does_not_exist_is_not_reached(self):
        with pytest.raises(base.HubUnreachable):
            session("http://no-such-host.invalid").write("POST", "/x", {})

    def test_a_server_without_tls_is_not_spoken_to_in_clear(self):
        asked = []
        refused = pytest.raises((base.HubUnreachable, NoAnswer))
        with server(lambda _connection, request: asked.append(request)) as url, refused:
            session(url.replace("http:", "https:")).write("POST", "/x", {"pin": "735194"})
        assert asked and b"735194" not in asked[0]

    def test_only_a_certificate_that_this_machine_trusts_is_spoken_to(self, tmp_path, monkeypatch):
        own = certificate(tmp_path)
        with tls_server(own, reply(body=b'{"a": 1}')) as url:
            with pytest.raises(base.HubUnreachable):
                session(url).write("POST", "/x", {})
            monkeypatch.setenv("SSL_CERT_FILE", str(own))
            assert session(url).write("POST", "/x", {}).body == {"a": 1}

    def test_a_change_is_sent_once_also_where_a_kept_connection_breaks_before_its_answer(self):
        asked = []

        def answer_reads(connection: socket.socket, request: bytes) -> None:
            while request:
                asked.append(request.split(b" ")[0])
                if asked[-1] != b"GET":
                    return
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
                request = connection.recv(65536)

        with server(answer_reads) as url:
            one = session(url)
            for method, body in (("DELETE", None), ("PUT", {"pin": "735194"})):
                asked.clear()
                assert one.read("/x") == {}
                with pytest.raises(NoAnswer):
                    one.write(method, "/x", body)
                assert asked == [b"GET", method.encode()]

    def test_a_change_may_be_done_where_the_server_went_down_instead_of_answering(self):
        listener = socket.create_server(("127.0.0.1", 0))

        def answer_one_read() -> None:
            connection, _address = listener.accept()
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            connection.recv(65536)
            listener.close()
            connection.close()

        serving = threading.Thread(target=answer_one_read)
        serving.start()
        one = session(f"http://127.0.0.1:{listener.getsockname()[1]}")
        assert one.read("/x") == {}
        with pytest.raises(NoAnswer):
            one.write("DELETE", "/x")
        serving.join()

    def test_a_connection_is_used_again_and_a_closed_one_is_replaced(self):
        connections = []

        def two_answers(connection: socket.socket, request: bytes) -> None:
            connections.append(connection)
            while request:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
                request = connection.recv(65536) if len(connections) < 2 else b""

        with server(two_answers) as url:
            one = session(url)
            assert [one.read("/x"), one.read("/x")] == [{}, {}]
            assert len(connections) == 1
            connections[0].shutdown(socket.SHUT_RDWR)
            assert one.read("/x") == {}
        assert len(connections) == 2
