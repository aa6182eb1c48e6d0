"""The maker's API: what an adapter talks to, with the faults of the cloud and of the way to the lock."""

import asyncio
import base64
import binascii
import secrets
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from locks.simulator import wire
from locks.simulator.device import Code, Lock, Refusal
from locks.simulator.maker import Maker

LOCKS_A_PAGE = 100
CODES_A_PAGE = 20
NO_NUMBER = 2**62


class Gate:
    """Lets a request to the API in: the maker's cloud must be up and the token right."""

    def __init__(self, app: ASGIApp, token: str):
        self._app = app
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self._refusal(Request(scope)) if scope["type"] == "http" else None
        await (answer or self._app)(scope, receive, send)

    def _refusal(self, request: Request) -> Response | None:
        store = request.app.state.maker.store
        if store.setting("down", False):
            return HTMLResponse("<html><body><h1>502 Bad Gateway</h1></body></html>", 502)
        given = request.headers.get("authorization", "").encode()
        if not store.setting("auth", True) or not secrets.compare_digest(given, b"Bearer " + self._token):
            return wire.error(401, "unauthorized", "The token is not right: use the account's token.")
        return None


async def list_locks(request: Request) -> Response:
    locks, last = request.app.state.maker.store.locks(after=_page(request), limit=LOCKS_A_PAGE)
    listed = [wire.lock_json(lock) for lock in locks if not lock.knobs.removed]
    return JSONResponse({"locks": listed, "next_page": _next(last)})


async def get_lock(request: Request) -> Response:
    return JSONResponse(wire.lock_json(request.app.state.maker.listed_lock(request.path_params["lock"])))


async def list_codes(request: Request) -> Response:
    maker, page = request.app.state.maker, _page(request)

    def read(lock: Lock) -> dict:
        codes, last = maker.store.code_page(lock.id, after=page, limit=CODES_A_PAGE)
        return {"codes": [wire.code_json(code) for code in codes], "next_page": _next(last)}

    return await _ask_device(request, "list", read)


async def create_code(request: Request) -> Response:
    maker, wanted = request.app.state.maker, wire.read_code(await wire.read_object(request))

    def create(lock: Lock) -> dict:
        return wire.code_json(maker.create_code(lock.id, wanted, by="api"))

    return await _ask_device(request, "create", create, wanted, status=201)


async def update_code(request: Request) -> Response:
    maker = request.app.state.maker
    wanted = wire.read_code(await wire.read_object(request), request.path_params["code"])

    def update(lock: Lock) -> dict:
        return wire.code_json(maker.update_code(lock.id, wanted, by="api"))

    return await _ask_device(request, "update", update, wanted)


async def delete_code(request: Request) -> Response:
    maker, code_id = request.app.state.maker, request.path_params["code"]

    def delete(lock: Lock) -> dict:
        maker.delete_code(lock.id, code_id, by="api")
        return {"id": code_id}

    return await _ask_device(request, "delete", delete)


async def put_webhook(request: Request) -> Response:
    """Where events go from now on."""
    body = await wire.read_object(request)
    url, secret = body.get("url"), body.get("secret")
    if url is not None:
        _check_webhook(url, secret)
    maker = request.app.state.maker
    with maker.store.transaction():
        maker.store.set_setting("webhook", {"url": url, "secret": secret} if url else None)
        maker.store.append(None, "webhook.registered", {"url": url})
    return JSONResponse({"url": url})


async def _ask_device(
    request: Request,
    operation: str,
    act: Callable[[Lock], dict],
    wanted: Code | None = None,
    status: int = 200,
) -> Response:
    """Do `act` on the lock with everything that can go wrong between the cloud and the door."""
    maker: Maker = request.app.state.maker
    lock = maker.listed_lock(request.path_params["lock"])
    await asyncio.sleep(lock.knobs.slow_seconds)
    write = operation != "list"
    try:
        lock = maker.listed_lock(lock.id)
        _refuse_by_fault(maker, lock, write)
        answer = act(lock)
    except Refusal as refusal:
        maker.refused(lock.id, operation, refusal, wanted and wanted.pin)
        raise
    if write and maker.spend(lock.id, "hold_next_answers"):
        await _hold(request, lock.id, operation)
    if write and maker.spend(lock.id, "lose_next_answers"):
        maker.append(lock.id, "answer.lost", {"operation": operation})
        await _hang_up(request)
    if maker.spend(lock.id, "garbage_next_answers"):
        maker.append(lock.id, "answer.garbage", {"operation": operation})
        return HTMLResponse("<html><body>Please sign in</body></html>")
    return JSONResponse(answer, status)


def _refuse_by_fault(maker: Maker, lock: Lock, write: bool) -> None:
    if not lock.online:
        raise Refusal(503, "device_offline", "The lock does not answer.")
    if maker.spend(lock.id, "busy_next_answers"):
        raise Refusal(429, "busy", "The lock is busy: ask again in two seconds.")
    if write and maker.spend(lock.id, "fail_next_writes"):
        raise Refusal(500, "internal_error", "Something went wrong.")


async def _hold(request: Request, lock_id: str, operation: str) -> None:
    """Wait until the answers of the lock are released or the client is gone."""
    maker = request.app.state.maker
    released = maker.hold(lock_id)
    maker.append(lock_id, "answer.held", {"operation": operation})
    waits = {asyncio.ensure_future(released.wait()), asyncio.ensure_future(_client_gone(request))}
    _done, rest = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in rest:
        wait.cancel()
    maker.append(lock_id, "answer.released", {"operation": operation, "client_gone": not released.is_set()})


async def _hang_up(request: Request) -> None:
    """Drop the connection; whatever is answered afterwards reaches nobody."""
    request.state.hang_up()
    await _client_gone(request)


async def _client_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _page(request: Request) -> int:
    return wire.number(request, "page", 0, NO_NUMBER)


def _next(last: int | None) -> str | None:
    return None if last is None else str(last)


def _check_webhook(url: object, secret: object) -> None:
    try:
        parts = urlsplit(url)
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (ValueError, TypeError, AttributeError, binascii.Error):
        parts, key = None, b""
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname or len(key) < 16:
        message = "A webhook needs an http(s) url and a secret: whsec_ and at least 16 bytes in base64."
        raise Refusal(422, "invalid_webhook", message)


def routes(token: str) -> Mount:
    """The API, mounted under /api."""
    router = Router(
        [
            Route("/locks", list_locks),
            Route("/locks/{lock}", get_lock),
            Route("/locks/{lock}/codes", list_codes),
            Route("/locks/{lock}/codes", create_code, methods=["POST"]),
            Route("/locks/{lock}/codes/{code}", update_code, methods=["PUT"]),
            Route("/locks/{lock}/codes/{code}", delete_code, methods=["DELETE"]),
            Route("/webhook", put_webhook, methods=["PUT"]),
        ]
    )
    return Mount("/api", Gate(router, token))
