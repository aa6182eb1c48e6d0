"""A small HTTP server on loopback that keeps the webhooks it gets. Knows nothing of pytest or Django."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.locks.simulator_process import wait_until


class WebhookReceiver:
    """`with WebhookReceiver() as receiver:` ... `receiver.url`, `receiver.received`: (headers, body) pairs.

    `statuses` are answered one after the other; after the last, 204.
    """

    def __init__(self, statuses: tuple[int, ...] = ()):
        self.received: list[tuple[dict[str, str], bytes]] = []
        self._statuses = list(statuses)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhooks"

    def __enter__(self) -> "WebhookReceiver":
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait(self, count: int = 1) -> list[tuple[dict[str, str], bytes]]:
        """Wait until `count` webhooks have come, and return all. Raises TimeoutError."""
        wait_until(lambda: len(self.received) >= count, what=f"{count} webhooks")
        return list(self.received)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.received.append((dict(self.headers), body))
                self.send_response(receiver._statuses.pop(0) if receiver._statuses else 204)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                """Say nothing."""

        return Handler
