"""A mail server and a receiver of text messages, real ones on loopback. Know nothing of pytest or Django."""

import email
import email.policy
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller

HANG_UP = "take it, and hang up instead of saying so"


class MailServer:
    """`with MailServer() as server:`. `answers` are for the data of the next messages, which it does not take then,
    HANG_UP apart; `refuses` are addresses."""

    def __init__(self):
        with socket.create_server(("127.0.0.1", 0)) as found:
            self.port = found.getsockname()[1]
        self.mails: list[EmailMessage] = []
        self.to: list[str] = []
        self.refuses: set[str] = set()
        self.answers: list[str] = []
        self._controller: Controller | None = None

    def __enter__(self) -> "MailServer":
        return self.start()

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    def start(self) -> "MailServer":
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()
        return self

    def stop(self) -> None:
        if self._controller:
            self._controller.stop()
            self._controller = None

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        if address in self.refuses:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer in ("250 OK", HANG_UP):
            self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
            self.to += envelope.rcpt_tos
        if answer == HANG_UP:
            server.transport.abort()
        return answer

    def bodies(self) -> list[str]:
        return [mail.get_content().replace("\r\n", "\n").rstrip("\n") for mail in self.mails]


@dataclass
class TextService:
    """Takes JSON as Apprise's json:// sends it, and as hosted mail services do. `answers`: statuses for the next
    requests; 0: hang up in silence. `says`: what it answers in words."""

    url: str = ""
    base: str = ""
    says: bytes = b""
    got: list[dict] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)


@contextmanager
def text_service() -> Iterator[TextService]:
    """Its `url` is what a manager enters."""
    service = TextService()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status = service.answers.pop(0) if service.answers else 200
            if status in (0, 200):
                service.got.append(body)
            if status:
                self.send_response(status)
                self.send_header("Content-Length", str(len(service.says)))
                self.end_headers()
                self.wfile.write(service.says)
            self.close_connection = True

        def log_message(self, *_arguments: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    service.base = f"http://127.0.0.1:{server.server_port}/"
    service.url = f"json://127.0.0.1:{server.server_port}/send?:to={{phone}}"
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
