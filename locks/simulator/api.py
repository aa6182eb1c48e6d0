"""The maker's API: what an adapter talks to."""

import base64
import binascii
import math
import secrets
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from locks.simulator import listings, wire
from locks.simulator.calls import ask
from locks.simulator.device import Code, Lock
from locks.simulator.maker import Maker
from locks.simulator.refusal import Refusal

LOCKS_A_PAGE = 100


class Gate:
    """Lets a request in: the maker's cloud must be up, the token right, and the account not too busy."""

    def __init__(self, app: ASGIApp, token: str):
        self._app = app
        self._token = b"Bearer " + token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        request = Request(scope)
        with request.app.state.traffic.call(request.method, request.url.path):
            answer = self._refusal(request)
            await request.app.state.maker.account.delay()
            await (answer or self._app)(scope, receive, send)

    def _refusal(self, request: Request) -> Response | None:
        maker: Maker = request.app.state.maker
        if maker.account.knob("down"):
            return HTMLResponse("<html><body><h1>502 Bad Gateway</h1></body></html>", 502)
        given = request.headers.get("authorization", "").encode()
        if not maker.account.knob("auth") or not secrets.compare_digest(given, self._token):
            return wire.error(401, "unauthorized", "The token is not right: use the account's token.")
        wait = maker.account.over_rate()
        if wait:
            busy = Refusal(429, "busy", "The account asks too much: ask again later.", math.ceil(wait))
            maker.faults.refused(None, f"{request.method} {request.url.path}", busy, None)
            return wire.refused(busy)
        return None


async def list_locks(request: Request) -> Response:
    after = wire.number(request, "page", 0, 2**62)
    locks, last = _maker(request).store.locks(after=after, limit=LOCKS_A_PAGE)
    listed = [wire.lock_json(lock) for lock in locks if not lock.knobs.removed]
    return JSONResponse({"locks": listed, "next_page": None if last is None else str(last)})


async def get_lock(request: Request) -> Response:
    return JSONResponse(wire.lock_json(_listed_lock(request)))


async def list_codes(request: Request) -> Response:
    maker, token = _maker(request), request.query_params.get("page", "0")
    return await ask(request, "list", lambda lock: (listings.page(maker, lock, token), 200))


async def create_code(request: Request) -> Response:
    return await _write(request, "create", wire.read_code(await wire.read_object(request)), status=201)


async def update_code(request: Request) -> Response:
    code_id = request.path_params["code"]
    return await _write(request, "update", wire.read_code(await wire.read_object(request), code_id))


async def delete_code(request: Request) -> Response:
    return await _write(request, "delete", Code(name="", pin="", id=request.path_params["code"]))


async def _write(request: Request, do: str, wanted: Code, status: int = 200) -> Response:
    """Change the codes of the request's lock, or accept the change for later."""
    maker = _maker(request)

    def act(lock: Lock) -> tuple[dict, int]:
        if lock.can.confirms_later:
            return {"operation": maker.operations.accept(lock, do, wanted)}, 202
        code = maker.perform(lock.id, do, wanted)
        return (wire.shown(lock, wire.code_json(code)) if code else {"id": wanted.id}), status

    return await ask(request, do, act, wanted.pin or None)


async def unlock(request: Request) -> Response:
    """Open the door once."""
    return await ask(request, "unlock", lambda lock: (_maker(request).unlock(lock.id), 200))


async def get_operation(request: Request) -> Response:
    """How an accepted write is coming on."""
    lock, operation_id = _listed_lock(request), request.path_params["operation"]
    operation = _maker(request).store.operation(operation_id)
    unknown = operation is None or operation.lock != lock.id
    if unknown or lock.knobs.forget_operations:
        raise Refusal(404, "operation_not_found", f"There is no operation {operation_id!r} on this lock.")
    result = operation.result or {"code": None, "error": None}
    code = result["code"] and wire.shown(lock, result["code"])
    return JSONResponse({"state": operation.state, **result, "code": code})


async def get_offline_key(request: Request) -> Response:
    """What the lock's arithmetic is made with."""
    lock = _listed_lock(request)
    if not lock.can.can_program_offline_access_codes:
        raise Refusal(422, "unsupported", "This lock does no arithmetic.")
    return JSONResponse({"key": base64.b64encode(lock.key).decode()})


async def put_webhook(request: Request) -> Response:
    """Where events go from now on."""
    body = await wire.read_object(request)
    url, secret = body.get("url"), body.get("secret")
    if url is not None:
        _check_webhook(url, secret)
    store = _maker(request).store
    with store.transaction():
        store.set_setting("webhook", {"url": url, "secret": secret} if url else None)
        store.append(None, "webhook.registered", {"url": url})
    return JSONResponse({"url": url})


def _check_webhook(url: object, secret: object) -> None:
    try:
        parts = urlsplit(url)
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (ValueError, TypeError, AttributeError, binascii.Error):
        parts, key = None, b""
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname or len(key) < 16:
        message = "A webhook needs an http(s) url and a secret: whsec_ and at least 16 bytes in base64."
        raise Refusal(422, "invalid_webhook", message)


def _maker(request: Request) -> Maker:
    return request.app.state.maker


def _listed_lock(request: Request) -> Lock:
    return _maker(request).listed_lock(request.path_params["lock"])


def routes(token: str) -> Mount:
    """The API, mounted under /api."""
    codes, code = "/locks/{lock}/codes", "/locks/{lock}/codes/{code}"
    router = Router(
        [
            Route(code, delete_code, methods=["DELETE"]),
            Route(codes, list_codes),
            Route(codes, create_code, methods=["POST"]),
            Route(code, update_code, methods=["PUT"]),
            Route("/locks/{lock}/operations/{operation}", get_operation),
            Route("/locks/{lock}/unlock", unlock, methods=["POST"]),
            Route("/locks/{lock}", get_lock),
            Route("/locks/{lock}/offline_key", get_offline_key),
            Route("/locks", list_locks),
            Route("/webhook", put_webhook, methods=["PUT"]),
        ]
    )
    return Mount("/api", Gate(router, token))
