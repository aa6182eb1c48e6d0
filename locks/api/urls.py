"""Every call under /api, its OpenAPI document at /api/openapi.json and a page to read that at /api/docs. The calls
alone also stand at the site's root (`at_root`): SDKs of the 1.x generation for Python drop a path from their endpoint.
"""

from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path
from django.views.defaults import page_not_found

from locks.api import access_codes, attempts, devices, events, simulate, unmanaged, webhooks, wire, workspaces
from locks.api.errors import ApiError

JSON = "application/json"
api = wire.Api()
for calls in (
    access_codes.calls,
    unmanaged.calls,
    simulate.access_codes,
    devices.devices,
    simulate.devices,
    devices.locks,
    simulate.locks,
    events.calls,
    attempts.calls,
    webhooks.calls,
    workspaces.calls,
):
    api.add_router("", calls)


def or_page(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A path of nothing at all, at the site's root as well: programs are told as elsewhere, people by a page."""
    of_program = "Authorization" in request.headers or request.content_type == JSON
    if of_program or request.get_preferred_type(["text/html", JSON]) == JSON:
        return no_such_call(request)
    return page_not_found(request, exception)


def no_such_call(request: HttpRequest) -> HttpResponse:
    """In the shape of the other errors; no redirect to a path with a slash."""
    refusal = ApiError(
        404, "not_found", f"There is no call {request.path}. The calls are listed at /api/docs."
    )
    return wire.answered(refusal.body(), refusal.status)


_under_api, *_name = api.urls
urlpatterns = [path("", (_under_api, *_name)), re_path("^", no_such_call)]
at_root = [entry for entry in _under_api if "/" in str(entry.pattern)]
no_such_call.csrf_exempt = True
