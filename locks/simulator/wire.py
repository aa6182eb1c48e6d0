"""JSON in and out: reading bodies strictly, writing locks and codes the one way."""

import json
from datetime import UTC, datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from locks.simulator.device import NAME_LENGTH, Code, Lock, Refusal

BODY_LIMIT = 4_000_000


def bad_request(message: str) -> Refusal:
    return Refusal(400, "bad_request", message)


async def read_json(request: Request) -> object:
    """The body as JSON, at most BODY_LIMIT bytes. Raises Refusal."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise Refusal(413, "bad_request", f"A body has at most {BODY_LIMIT} bytes.")
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
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= most):
        raise bad_request(f"{name} is a whole number from 0 to {most}.")
    return int(text)


def read_code(body: dict, code_id: str = "") -> Code:
    """A NEW_CODE as the docstring of the package describes it. Raises Refusal."""
    name, pin = body.get("name"), body.get("pin")
    if not isinstance(name, str) or not isinstance(pin, str):
        raise bad_request("A code needs a name and a pin, both as text.")
    return Code(
        id=code_id,
        name=name,
        pin=pin,
        starts_at=_moment(body, "starts_at"),
        ends_at=_moment(body, "ends_at"),
    )


def _moment(body: dict, name: str) -> datetime | None:
    value = body.get(name)
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        pass
    raise Refusal(422, "invalid_window", f"{name} is an ISO 8601 time with its offset, or null.")


def iso(moment: datetime | None) -> str | None:
    """A moment as it goes over the wire: UTC with a Z."""
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def code_json(code: Code) -> dict:
    return {
        "id": code.id,
        "name": code.name,
        "pin": code.pin,
        "starts_at": iso(code.starts_at),
        "ends_at": iso(code.ends_at),
    }


def lock_json(lock: Lock) -> dict:
    return {
        "id": lock.id,
        "name": lock.name,
        "model": lock.model,
        "online": lock.online,
        "battery": lock.battery,
        "native_scheduling": lock.native,
        "pin_lengths": list(lock.pin_lengths),
        "slots": lock.slots,
        "name_length": NAME_LENGTH,
    }


def error(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": message}}, status, headers)


async def on_refusal(_request: Request, exc: Refusal) -> JSONResponse:
    headers = {"Retry-After": "2"} if exc.status == 429 else None
    return error(exc.status, exc.code, exc.message, headers)


async def on_http_exception(_request: Request, exc: HTTPException) -> JSONResponse:
    return error(
        exc.status_code, "not_found" if exc.status_code == 404 else "bad_request", exc.detail, exc.headers
    )
