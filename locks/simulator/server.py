"""Puts the parts together and serves them from one process and one event loop."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from locks.simulator import api, door, pages, wire
from locks.simulator.account import Account
from locks.simulator.maker import Maker
from locks.simulator.refusal import Refusal
from locks.simulator.store import Store
from locks.simulator.traffic import Traffic
from locks.simulator.webhooks import Webhooks

OPEN_HOSTS = ("", "0.0.0.0", "::")


def build(store: Store, token: str, host: str = "127.0.0.1") -> Starlette:
    """The whole simulator as an ASGI application over `store`."""
    account = Account(store)
    webhooks = Webhooks(store, account)
    maker = Maker(store, account, webhooks.report)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await webhooks.start()
        maker.operations.start()
        yield
        maker.operations.stop()
        await webhooks.stop()

    app = Starlette(
        routes=[api.routes(token), *door.routes(), *pages.routes()],
        lifespan=lifespan,
        exception_handlers={Refusal: wire.on_refusal, HTTPException: wire.on_http_exception},
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=_hosts(host), www_redirect=False),
            Middleware(pages.SafeHeaders),
            Middleware(door.JsonOnly),
        ],
    )
    app.router.redirect_slashes = False
    app.state.maker = maker
    app.state.traffic = Traffic()
    app.state.webhooks = webhooks
    return app


def serve(store: Store, token: str, host: str, port: int) -> None:
    """Serve until SIGTERM or Ctrl-C. Raises OSError where the address cannot be had."""
    listener = socket.create_server((host, port), family=_family(host), backlog=1024)
    config = uvicorn.Config(
        build(store, token, host),
        http=Protocol,
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    address = f"[{host}]" if ":" in host else host
    Server(config, f"http://{address}:{listener.getsockname()[1]}").run(sockets=[listener])


class Protocol(AutoHTTPProtocol):
    """Lets a handler drop its connection: `request.state.hang_up()`."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(Joined(transport))
        # asyncio does this itself only for sockets it has made; without it each answer waits 40 ms.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.app_state = {**self.app_state, "hang_up": transport.abort}


class Joined:
    """A transport that sends in one piece what is written in one go: an answer's head and body. Sending is the
    dearest part of a short answer."""

    def __init__(self, transport: asyncio.Transport):
        self._transport = transport
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> None:
        if not self._pieces:
            asyncio.get_running_loop().call_soon(self._flush)
        self._pieces.append(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        pieces, self._pieces = self._pieces, []
        if pieces and not self._transport.is_closing():
            self._transport.write(b"".join(pieces))

    def __getattr__(self, name: str) -> object:
        return getattr(self._transport, name)


class Server(uvicorn.Server):
    """Says where it listens, once it does."""

    def __init__(self, config: uvicorn.Config, url: str):
        super().__init__(config)
        self._url = url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        sys.stdout.write(f"simulator ready on {self._url}\n")
        sys.stdout.flush()


def _hosts(host: str) -> list[str]:
    return ["*"] if host in OPEN_HOSTS else ["127.0.0.1", "localhost", "[::1]", "::1", host]


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
