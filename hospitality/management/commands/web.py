import asyncio

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections

from hospitality.asgi import LIVE, application
from hospitality.management.house import require_free_port, require_settled
from hospitality.management.open_files import allow_many_files

GRACE = 3  # seconds for requests under way at the end


class Command(BaseCommand):
    help = "Serve the pages."

    def handle(self, **options) -> None:
        require_free_port(settings.HOST, settings.PORT, "LATCHKEY_PORT")
        require_settled()
        connections.close_all()  # this thread serves and asks nothing any more
        allow_many_files()
        pages = Pages()
        config = uvicorn.Config(
            pages,
            host=settings.HOST,
            port=settings.PORT,
            log_config=None,
            log_level="warning",
            access_log=False,
            proxy_headers=True,
            server_header=False,
            timeout_graceful_shutdown=GRACE,
        )
        Server(config, pages).run()


class Pages:
    """The application; when the server ends, its live streams, which never end by themselves, hear that their
    browser is gone. The browser comes back by itself."""

    def __init__(self) -> None:
        self.ending = asyncio.Event()

    async def __call__(self, scope, receive, send) -> None:
        streams = scope["type"] == "http" and LIVE.match(scope["path"])

        async def receive_or_end() -> dict:
            heard = asyncio.ensure_future(receive())
            ended = asyncio.ensure_future(self.ending.wait())
            try:
                await asyncio.wait([heard, ended], return_when=asyncio.FIRST_COMPLETED)
                return heard.result() if heard.done() else {"type": "http.disconnect"}
            finally:
                heard.cancel()
                ended.cancel()

        await application(scope, receive_or_end if streams else receive, send)


class Server(uvicorn.Server):
    """Ends the live streams first."""

    def __init__(self, config: uvicorn.Config, pages: Pages):
        super().__init__(config)
        self.pages = pages

    async def shutdown(self, sockets=None) -> None:
        """uvicorn's orderly end."""
        self.pages.ending.set()
        await super().shutdown(sockets)
