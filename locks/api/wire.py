"""What all calls share: who may call, how parameters are read in every form that an SDK sends them, how answers look,
and that a call with an `Idempotency-Key` is done once.

SDKs differ in how they call. Of today reads go by GET and deletions by DELETE with a query, changes by PATCH or PUT with
JSON; those before send everything by POST, some an empty form where there is nothing to say; the first, `seamapi`, which
the seeds' examples are written for, sends JSON with DELETE as well. A call takes every verb that one of them uses.
"""

import json
import logging
import math
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from functools import partial

import limits
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import OperationalError, transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import override
from ninja import NinjaAPI, Query, Router
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.docs import Swagger
from ninja.parser import Parser
from ninja.security import HttpBearer
from psycopg.errors import DeadlockDetected

from locks.api import kept
from locks.api.errors import REFUSALS, ApiError, invalid, of_refusal
from locks.api.schemas import OLDER, Ask, Failure
from locks.models import ApiKey
from locks.programs import keys

log = logging.getLogger(__name__)

IN_QUERY = ("GET", "DELETE")
VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE")
DESCRIPTION = (
    "Codes on doors, by the calls of Seam's API: its official SDKs work unchanged. Each call is listed by the verb that "
    "today's SDKs use, and is taken by POST as well, as those before send it. An `Idempotency-Key` has a call done once."
)
NO_JSON = "The body is no JSON object. Send the parameters as one: `Content-Type: application/json`."
TRIES = 5
STRICT = "_strict"
"""What today's SDKs add to every query."""


class Key(HttpBearer):
    """`Authorization: Bearer seam_lk_...`."""

    openapi_description = "A key of Settings > Programs."

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey | None:
        key = keys.find(token)
        if key is not None:
            _limit(key)
        return key


_pace = limits.strategies.MovingWindowRateLimiter(limits.storage.MemoryStorage())
_most = limits.RateLimitItemPerMinute(settings.API_CALLS_PER_MINUTE)


def _limit(key: ApiKey) -> None:
    """Each key may call so often in a minute, at each web process. Raises ApiError."""
    if _pace.hit(_most, str(key.pk)):
        return
    reset_at, _left = _pace.get_window_stats(_most, str(key.pk))
    raise TooFast(max(1, math.ceil(reset_at - time.time())))


class TooFast(ApiError):
    """429; `wait` is in seconds."""

    def __init__(self, wait: int):
        super().__init__(429, "rate_limit_exceeded", f"This key calls too often. Wait {wait} s.")
        self.wait = wait


class Forms(Parser):
    """Reads what is sent: JSON objects, empty forms, and queries as the SDKs write them."""

    def parse_body(self, request: HttpRequest) -> dict:
        """The JSON object; nothing at all, null, or an empty form, is an empty one. Raises ValueError."""
        told = json.loads(request.body) if request.body.strip() else None
        if told is None:
            return {}
        if not isinstance(told, dict):
            raise ValueError("The body must be a JSON object.")
        return {OLDER.get(name, name): value for name, value in told.items()}

    def parse_querydict(self, data: QueryDict, list_fields: list[str], request: HttpRequest) -> dict:
        """A name once for each entry of a list, `name=` for null and for an empty list, and dots inside objects."""
        told: dict = {}
        for name in data:
            if name == STRICT:
                continue
            first, rest = _named(name)
            if first in list_fields:
                told.setdefault(first, []).extend(one for one in data.getlist(name) if one != "")
            elif rest:
                inside = told.setdefault(first, {})
                if isinstance(inside, dict):
                    inside[rest] = data[name]
            elif data[name] != "":
                told[first] = data[name]
        return told | in_body(request)


def in_body(request: HttpRequest) -> dict:
    """What a call by GET or DELETE says beside its query: the `seamapi` generation sends JSON. Raises HttpError."""
    try:
        return Forms().parse_body(request)
    except (ValueError, RecursionError) as error:
        raise HttpError(400, NO_JSON) from error


def _named(name: str) -> tuple[str, str]:
    """The parameter, and what is named inside it: of `a.b`, and of `a[b]`, `a[0]` and `a[]`, as some clients write."""
    first, _dot, rest = name.replace("[", ".", 1).removesuffix("]").partition(".")
    return OLDER.get(first, first), rest


class Api(NinjaAPI):
    """The calls, with answers and errors in the shape that the SDKs read."""

    def __init__(self) -> None:
        super().__init__(
            title="Latchkey",
            version="1",
            description=DESCRIPTION,
            auth=Key(),
            parser=Forms(),
            urls_namespace="api",
            docs=Swagger(settings={"persistAuthorization": False}),
        )
        self.add_exception_handler(ApiError, _refused)
        self.add_exception_handler(ValidationError, _invalid)
        self.add_exception_handler(HttpError, _http_error)
        self.add_exception_handler(RequestDataTooBig, _too_much)
        self.add_exception_handler(TooManyFieldsSent, _too_much)
        self.add_exception_handler(OperationalError, _no_database)
        self.add_exception_handler(Exception, _failed)
        for refusal in REFUSALS:
            self.add_exception_handler(refusal, lambda request, error: _refused(request, of_refusal(error)))


def _refused(request: HttpRequest, error: ApiError) -> HttpResponse:
    answer = answered(error.body(), error.status)
    if isinstance(error, TooFast):
        answer["Retry-After"] = str(error.wait)
    return answer


def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """What pydantic found, by parameter."""
    fields = {_place(one["loc"]): _sentence(one) for one in error.errors}
    return _refused(request, ApiError(400, "invalid_input", _summary(fields), fields))


def _place(loc: tuple) -> str:
    """The parameter's own name: without where it stood, and what it is called in the code."""
    return ".".join(str(part) for part in loc if part not in ("body", "query", "given"))


def _sentence(one: Mapping) -> str:
    if one["loc"] == ("body", "given"):
        return "Send the parameters as a JSON object."
    if one["type"] == "extra_forbidden":
        return "There is no such parameter."
    return one["msg"].removeprefix("Value error, ")


def _summary(fields: Mapping[str, str]) -> str:
    return " ".join(f"{name}: {text}" if name else text for name, text in fields.items())


def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What ninja itself refuses: no key, or a body that is no JSON."""
    if isinstance(error, AuthenticationError):
        message = "No valid key. Send `Authorization: Bearer seam_lk_...`, made at Settings > Programs."
        return _refused(request, ApiError(401, "unauthorized", message))
    return _refused(request, ApiError(error.status_code, "invalid_input", NO_JSON))


def _too_much(request: HttpRequest, error: Exception) -> HttpResponse:
    """What Django will not read."""
    message = "This is more than one call may hold. Send less at once; long lists as JSON, by POST."
    return _refused(request, ApiError(413, "request_too_large", message))


def _no_database(request: HttpRequest, error: OperationalError) -> HttpResponse:
    log.error("%s was not done: %s", request.path, error)
    return _refused(request, ApiError(503, "not_available", "The database does not answer. Try again soon."))


def _failed(request: HttpRequest, error: Exception) -> HttpResponse:
    """A mistake of ours. What stands in the log is found by the request's id."""
    answer = _refused(request, ApiError(500, "internal_error", "This went wrong here, and nothing was done."))
    log.exception("%s failed, request %s", request.path, answer["seam-request-id"], exc_info=error)
    return answer


def answered(body: Mapping, status: int = 200) -> HttpResponse:
    """An answer, with the id that the SDKs show for it."""
    text = json.dumps(body, separators=(",", ":"))
    headers = {"seam-request-id": str(uuid.uuid4()), "Cache-Control": "no-store"}
    return HttpResponse(text, status=status, content_type="application/json", headers=headers)


class Calls(Router):
    """The calls under one first word."""

    def __init__(self, word: str):
        super().__init__(tags=[word])
        self.word = word

    def call(
        self,
        name: str,
        *verbs: str,
        scope: str,
        gives: type,
        deprecated: bool = False,
        asks_a_lock: bool = False,
    ):
        """Register `function(key, given) -> dict` as the call `name`: by each of `verbs` (that of today's SDKs first),
        for keys of `scope`. Its annotation of `given` says what it takes; `gives` what it answers. It is one transaction,
        unless it `asks_a_lock`, which nothing is to be held for."""

        def register(function: Callable[[ApiKey, Ask], dict]):
            takes = function.__annotations__["given"]
            for verb in VERBS:
                known = verb in verbs
                view = _view(function, takes, verb, scope, asks_a_lock) if known else _wrong_verb(verbs)
                self.add_api_operation(
                    f"/{self.word}/{name}",
                    [verb],
                    view,
                    response={200: gives, (400, 401, 403, 404, 409, 413, 429, 503): Failure},
                    operation_id=f"{self.word}_{name}_{verb}".lower().replace("/", "_"),
                    summary=name.replace("_", " ").replace("/", ": ").capitalize(),
                    description=function.__doc__,
                    deprecated=deprecated,
                    include_in_schema=verb == verbs[0],
                )
            return function

        return register


def _view(function: Callable, takes: type[Ask], verb: str, scope: str, asks_a_lock: bool) -> Callable:
    whole = scope != ApiKey.Scope.READ and not asks_a_lock

    def view(request: HttpRequest, given=None):
        key: ApiKey = request.auth
        if scope not in key.scopes:
            raise ApiError(
                403, "insufficient_scope", f"This key may not do that: it needs the scope {scope!r}."
            )
        if verb in IN_QUERY:
            _refuse_unknown([*request.GET, *in_body(request)], takes)
        given = given or takes()
        do = partial(_once, request, key, given, function)
        with override("en"):
            return _in_one(do) if whole else do()

    if verb in IN_QUERY:
        view.__annotations__["given"] = Query[takes]
    elif any(field.is_required() for field in takes.model_fields.values()):
        view.__annotations__["given"], view.__defaults__ = takes, None
    else:
        view.__annotations__["given"] = takes | None
    return view


def _in_one(do: Callable[[], HttpResponse]) -> HttpResponse:
    """Do it in one transaction. Two that hold locks' rows which the other wants cannot both go on: the database ends one,
    which did nothing then and is done again."""
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic():
                return do()
        except OperationalError as error:
            if not (left and isinstance(error.__cause__, DeadlockDetected)):
                raise


def _once(request: HttpRequest, key: ApiKey, given: Ask, function: Callable) -> HttpResponse:
    """Do the call; one with an `Idempotency-Key` that was done before is answered as it was."""
    name = request.headers.get("Idempotency-Key")
    if name is None or request.method == "GET":
        body = function(key, given)
    else:
        asked = given.model_dump(mode="json")
        body = kept.once(key, name, request.path, asked, lambda: function(key, given))
    return answered({**body, "ok": True})


def _refuse_unknown(names: Iterable[str], takes: type[Ask]) -> None:
    """A parameter that is misspelt must not be taken for one that was left out."""
    unknown = {_named(name)[0] for name in names} - set(takes.model_fields) - {STRICT}
    if unknown:
        raise invalid(**dict.fromkeys(sorted(unknown), "There is no such parameter."))


def _wrong_verb(verbs: tuple[str, ...]) -> Callable:
    def view(request: HttpRequest):
        answer = answered(ApiError(405, "method_not_allowed", f"Use {' or '.join(verbs)}.").body(), 405)
        answer["Allow"] = ", ".join(verbs)
        return answer

    return view
