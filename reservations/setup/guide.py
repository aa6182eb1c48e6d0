"""The guide through setting a house up: what is missing, what comes next, and putting the list away."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hospitality import access, audit, clock
from hospitality.access import MANAGER, signed_in
from hospitality.htmx import render_page, wants_fragment
from hospitality.models import Property, Role
from locks import own_simulator
from reservations.setup import checklist

PAGE = "setup/checklist.html"


def is_guided(request: HttpRequest) -> bool:
    """Is whoever entered a manager of a house whose list is not put away yet?"""
    return request.role == Role.MANAGER and request.property.set_up_at is None


def guide(request: HttpRequest) -> dict:
    """What the board shows of the list, for whom and as long as it does; else nothing, without a query."""
    if not is_guided(request) or wants_fragment(request):
        return {}
    return {"checklist": checklist.read(request.property)}


@signed_in
@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """The whole list; the board asks for its own form of it."""
    property = access.enter(request, slug, MANAGER)
    partial = "board" if request.GET.get("part") == "board" else "checklist"
    return _page(request, property, partial=partial)


def _page(
    request: HttpRequest, property: Property, *, partial: str = "checklist", status: int = 200
) -> HttpResponse:
    own = [one for one in own_simulator.connections() if one.property_id == property.pk]
    context = {
        "property": property,
        "checklist": checklist.read(property),
        "simulator": own_simulator.url() if own else "",
    }
    return render_page(request, PAGE, context, partial=partial, status=status)


@signed_in
@require_safe
def following(request: HttpRequest, slug: str) -> HttpResponse:
    """Where somebody who sets up the house goes now: to what is needed and not there, else to the list."""
    property = access.enter(request, slug, MANAGER)
    line = checklist.read(property).next
    return redirect(line.url) if line else redirect("set_up", slug)


@signed_in
@require_POST
def put_away(request: HttpRequest, slug: str) -> HttpResponse:
    """The board shows the list no more. What is left stays in the settings."""
    property = access.enter(request, slug, MANAGER)
    line = checklist.read(property).next
    if line:
        why = _("%(title)s: %(state)s. Without that no guest gets in; see to it first.")
        messages.error(request, why % {"title": line.title, "state": line.said.text})
        return _page(request, property, status=409)
    with transaction.atomic():
        if Property.objects.filter(pk=property.pk, set_up_at=None).update(set_up_at=clock.now()):
            audit.record(property, by=request.user, action="property.set_up", subject_id=property.public_id)
    return redirect("board", slug)
