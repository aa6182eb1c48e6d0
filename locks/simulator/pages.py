"""The pages: fixed HTML, one script and one stylesheet; the state comes from the same routes tests use."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

STATIC = Path(__file__).parent / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
]


class SafeHeaders:
    """Every answer is kept out of caches and frames, and runs no script but our own."""

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", []), *HEADERS]}
            await send(message)

        await self._app(scope, receive, send_with_headers)


async def locks_page(_request: Request) -> Response:
    return FileResponse(STATIC / "locks.html")


async def keypad_page(request: Request) -> Response:
    request.app.state.maker.lock(request.path_params["lock"])
    return FileResponse(STATIC / "keypad.html")


async def app_page(request: Request) -> Response:
    request.app.state.maker.lock(request.path_params["lock"])
    return FileResponse(STATIC / "app.html")


def routes() -> list[BaseRoute]:
    """The pages and what they load."""
    return [
        Route("/", locks_page),
        Route("/locks/{lock}/", keypad_page),
        Route("/locks/{lock}/app/", app_page),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
