"""The door and everything around it that needs no cloud: keypad, owner's app, knobs, and the log."""

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from locks.simulator import knobs, wire
from locks.simulator.device import Lock
from locks.simulator.maker import Maker
from locks.simulator.refusal import bad_request

LIST_LIMIT = 100_000
LOG_LIMIT = 10_000
PIN_LIMIT = 20
SAFE_METHODS = ("GET", "HEAD")


class JsonOnly:
    """Refuses changes that are not JSON: a page of another site cannot send JSON here without being asked."""

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS:
            kind = Request(scope).headers.get("content-type", "").split(";")[0].strip().lower()
            if kind != "application/json":
                app = wire.error(415, "bad_request", "Send Content-Type: application/json.")
        await app(scope, receive, send)


async def list_locks(request: Request) -> Response:
    maker = _maker(request)
    limit = wire.number(request, "limit", LIST_LIMIT, LIST_LIMIT)
    locks, _last = maker.store.locks(limit=limit, text=request.query_params.get("q", ""))
    counts = maker.store.code_counts([lock.id for lock in locks])
    doors = [_door_json(maker, lock, counts.get(lock.id, 0)) for lock in locks]
    return JSONResponse({"locks": doors, "total": maker.store.count_locks()})


async def add_locks(request: Request) -> Response:
    body = await wire.read_json(request)
    locks = [knobs.read_lock(one) for one in (body if isinstance(body, list) else [body])]
    maker = _maker(request)
    maker.add_locks(locks)
    doors = [_door_json(maker, lock, 0) for lock in locks]
    return JSONResponse({"locks": doors} if isinstance(body, list) else doors[0], 201)


async def get_lock(request: Request) -> Response:
    maker, lock = _maker(request), _lock(request)
    codes = maker.store.codes(lock.id)
    door = _door_json(maker, lock, len(codes))
    return JSONResponse({**door, "codes": [wire.code_json(code) for code in codes]})


async def press(request: Request) -> Response:
    """Somebody types a PIN."""
    pin = (await wire.read_object(request)).get("pin")
    if not (isinstance(pin, str) and pin.isascii() and pin.isdigit() and len(pin) <= PIN_LIMIT):
        raise bad_request(f"pin: 1 to {PIN_LIMIT} digits, as text.")
    maker, lock_id = _maker(request), request.path_params["lock"]
    entry = maker.press(lock_id, pin, await maker.search(lock_id, pin))
    return JSONResponse({"opened": entry.opened, "reason": entry.reason, "code_id": entry.code_id})


async def turn_knobs(request: Request) -> Response:
    maker, before = _maker(request), _lock(request)
    asked = await wire.read_object(request)
    after = knobs.turned(before, asked)
    maker.turn(before, after, asked)
    if asked.get("release"):
        maker.faults.release(before.id)
    return JSONResponse(_door_json(maker, after, _count(maker, after)))


async def app_create_code(request: Request) -> Response:
    lock, wanted = _lock(request), wire.read_code(await wire.read_object(request))
    return JSONResponse(wire.code_json(_maker(request).create_code(lock.id, wanted, by="app")), 201)


async def app_update_code(request: Request) -> Response:
    """The owner changes some of a code; what is not given stays."""
    maker, lock = _maker(request), _lock(request)
    before = maker.code(lock.id, request.path_params["code"])
    asked = await wire.read_object(request)
    body = {**wire.code_json(before), **asked}
    if "name" in asked:
        body = {**body, "first_name": "", "last_name": "", **asked}
    return JSONResponse(wire.code_json(maker.update_code(lock.id, wire.read_code(body, before.id), by="app")))


async def app_delete_code(request: Request) -> Response:
    code_id = request.path_params["code"]
    _maker(request).delete_code(_lock(request).id, code_id, by="app")
    return JSONResponse({"id": code_id})


async def factory_reset(request: Request) -> Response:
    maker, lock = _maker(request), _lock(request)
    new_identity = (await wire.read_object(request)).get("new_identity", True)
    if not isinstance(new_identity, bool):
        raise bad_request("new_identity is true or false.")
    return JSONResponse(_door_json(maker, maker.factory_reset(lock.id, new_identity), 0))


async def get_account(request: Request) -> Response:
    return JSONResponse(_account_json(_maker(request)))


async def turn_account(request: Request) -> Response:
    maker = _maker(request)
    maker.account.turn(knobs.read_account(await wire.read_object(request)))
    if maker.account.knob("webhooks") != "shuffle":
        request.app.state.webhooks.let_go()
    return JSONResponse(_account_json(maker))


async def get_calls(request: Request) -> Response:
    return JSONResponse(request.app.state.traffic.told())


async def read_log(request: Request) -> Response:
    store, lock_id = _maker(request).store, request.query_params.get("lock")
    tail = wire.number(request, "tail", 0, LOG_LIMIT)
    since = wire.number(request, "since", 0, 2**62)
    limit = wire.number(request, "limit", 1000, LOG_LIMIT)
    if tail:
        entries = store.log_tail(limit=tail, lock_id=lock_id)
    else:
        entries = store.log(since=since, limit=limit, lock_id=lock_id)
    last = entries[-1]["seq"] if entries else since
    return JSONResponse({"entries": entries, "last": last, "more": not tail and len(entries) == limit})


def _maker(request: Request) -> Maker:
    return request.app.state.maker


def _lock(request: Request) -> Lock:
    return _maker(request).lock(request.path_params["lock"])


def _count(maker: Maker, lock: Lock) -> int:
    return maker.store.code_counts([lock.id]).get(lock.id, 0)


def _door_json(maker: Maker, lock: Lock, codes: int) -> dict:
    return {
        **wire.lock_json(lock),
        "knobs": asdict(lock.knobs),
        "clock": wire.iso(lock.clock(maker.account.now())),
        "locked_until": wire.iso(lock.locked_until),
        "code_count": codes,
        "replaced_by": lock.replaced_by,
    }


def _account_json(maker: Maker) -> dict:
    webhook = maker.account.webhook
    return {**maker.account.knobs(), "webhook_url": webhook and webhook["url"]}


def routes() -> list[BaseRoute]:
    """The door's side, outside the API."""
    lock, code = "/locks/{lock}", "/locks/{lock}/app/codes/{code}"
    return [
        Route("/locks", list_locks, methods=["GET"]),
        Route("/locks", add_locks, methods=["POST"]),
        Route(lock, get_lock, methods=["GET"]),
        Route(f"{lock}/keypad", press, methods=["POST"]),
        Route(f"{lock}/knobs", turn_knobs, methods=["POST"]),
        Route(f"{lock}/factory_reset", factory_reset, methods=["POST"]),
        Route(f"{lock}/app/codes", app_create_code, methods=["POST"]),
        Route(code, app_update_code, methods=["PUT"]),
        Route(code, app_delete_code, methods=["DELETE"]),
        Route("/knobs", get_account, methods=["GET"]),
        Route("/knobs", turn_account, methods=["POST"]),
        Route("/calls", get_calls, methods=["GET"]),
        Route("/log", read_log, methods=["GET"]),
    ]
