"""JSON in and out: reading bodies strictly, writing locks and codes the one way."""

import json
from datetime import UTC, datetime

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse

from locks.simulator import features
from locks.simulator.device import Code, Lock
from locks.simulator.refusal import Refusal, bad_request
from locks.simulator.values import flag

BODY_LIMIT = 4_000_000


async def read_json(request: Request) -> object:
    """The body as JSON, at most BODY_LIMIT bytes. Raises Refusal."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_LIMIT:
                raise Refusal(413, "bad_request", f"A body has at most {BODY_LIMIT} bytes.")
    except ClientDisconnect:
        raise bad_request("The body broke off.") from None
    try:
        return json.loads(bytes(body))
    except (ValueError, RecursionError):
        raise bad_request("The body is not JSON.") from None


async def read_object(request: Request) -> dict:
    """The body as a JSON object. Raises Refusal."""
    body = await read_json(request)
    if not isinstance(body, dict):
        raise bad_request("The body is not a JSON object.")
    return body


def number(request: Request, name: str, default: int, most: int) -> int:
    """A query parameter between 0 and `most`. Raises Refusal."""
    return whole(name, request.query_params.get(name, str(default)), most)


def whole(name: str, text: str, most: int) -> int:
    """`text` as a number between 0 and `most`. Raises Refusal."""
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= most):
        raise bad_request(f"{name} is a whole number from 0 to {most}.")
    return int(text)


def read_code(body: dict, code_id: str = "") -> Code:
    """A NEW_CODE as the docstring of the package describes it. Raises Refusal."""
    first, last = body.get("first_name", ""), body.get("last_name", "")
    name = body.get("name", "" if first or last else None)
    if not all(isinstance(text, str) for text in (name, first, last, body.get("pin"))):
        raise bad_request("A code needs a name and a pin, both as text.")
    return Code(
        id=code_id,
        name=name,
        pin=body["pin"],
        starts_at=_moment(body, "starts_at"),
        ends_at=_moment(body, "ends_at"),
        active=flag("active", body.get("active", True)),
        first_name=first,
        last_name=last,
    )


def _moment(body: dict, name: str) -> datetime | None:
    value = body.get(name)
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
        # At the very ends of the calendar there is no other zone's time any more.
        if moment.tzinfo is not None and 1 < moment.year < 9999:
            return moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        pass
    raise Refusal(422, "invalid_window", f"{name} is an ISO 8601 time with its offset, or null.")


def iso(moment: datetime | None) -> str | None:
    """A moment as it goes over the wire: UTC with a Z."""
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def code_json(code: Code) -> dict:
    """The whole truth of a code."""
    return {
        "id": code.id,
        "name": code.name,
        "first_name": code.first_name,
        "last_name": code.last_name,
        "pin": code.pin,
        "starts_at": iso(code.starts_at),
        "ends_at": iso(code.ends_at),
        "active": code.active,
    }


def shown(lock: Lock, code: dict) -> dict:
    """What the maker's API tells of a code: some locks keep the digits to themselves."""
    return {**code, "pin": None} if lock.can.read_back == "presence" else code


def lock_json(lock: Lock) -> dict:
    return {
        "id": lock.id,
        "name": lock.name,
        "model": lock.model,
        "online": lock.online,
        "battery": lock.battery,
        "native_scheduling": lock.native,
        **features.to_json(lock.can),
        **({"pin_lengths": []} if lock.knobs.hide_pin_lengths else {}),
        "hub_online": lock.hub_online,
    }


def error(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": message}}, status, headers)


def refused(refusal: Refusal) -> JSONResponse:
    headers = None if refusal.retry_after is None else {"Retry-After": str(refusal.retry_after)}
    return error(refusal.status, refusal.code, refusal.message, headers)


async def on_refusal(_request: Request, exc: Refusal) -> JSONResponse:
    return refused(exc)


async def on_http_exception(_request: Request, exc: HTTPException) -> JSONResponse:
    return error(
        exc.status_code, "not_found" if exc.status_code == 404 else "bad_request", exc.detail, exc.headers
    )
