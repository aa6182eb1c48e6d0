"""What belongs to no property: the first page after sign-in, and the pages of what went wrong."""

import sys

from django.core.exceptions import BadRequest
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from hospitality import access
from hospitality.access import HOUSEKEEPING, MANAGER, OWNER, signed_in
from hospitality.htmx import render_page
from hospitality.models import Membership


@signed_in
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The properties one works at; straight into it if there is only one."""
    memberships = (
        Membership.objects.filter(user=request.user).select_related("property").order_by("property__name")
    )
    places = [(membership, _first_page(membership)) for membership in memberships]
    if len(places) == 1:
        [(membership, page)] = places
        return redirect("dashboard" if membership.role == OWNER else page)
    owns = any(membership.role in (OWNER, MANAGER) for membership in memberships)
    return render_page(request, "home.html", {"places": places, "owns": owns})


def _first_page(membership: Membership) -> str:
    page = {OWNER: "locks", HOUSEKEEPING: "rooms"}.get(membership.role, "board")
    return reverse(page, args=[membership.property.slug])


@signed_in
@require_safe
def no_stream(request: HttpRequest, slug: str | None = None) -> HttpResponse:
    """The live stream's address where no ASGI server answers it: "nothing here", so that polling carries on."""
    access.heard(request, slug)
    return HttpResponse(status=204)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The 400 page, with the sentence where a view of ours wrote one."""
    why = str(exception) if isinstance(exception, BadRequest) else ""
    return render(request, "400.html", {"why": why}, status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """The 500 page; while the database is away it is a 503, for then the house will soon be well again. Both are
    rendered without anything that needs the database."""
    away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    if away:
        return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": "5"})
    return HttpResponse(render_to_string("500.html"), status=500)
