"""The page, or the dialog, on which a guest is looked for as one types."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hospitality import access, clock
from hospitality.access import DESK, MANAGER, signed_in
from hospitality.htmx import render_page
from hospitality.models import Property
from hospitality.wall import Wall
from reservations import search
from reservations.models import StayState


@signed_in
@require_safe
def find(request: HttpRequest, slug: str) -> HttpResponse:
    """Who fits what was typed, here or in every property where one works at the desk; the Enter key goes to the first."""
    property = access.enter(request, slug, DESK)
    text = search.cleaned(request.GET.get("q", ""))
    houses = _houses(request)
    everywhere = len(houses) > 1 and request.GET.get("everywhere") == "1"
    wall = Wall(property, clock.now())
    found = search.find(houses if everywhere else [property], text, wall)
    lines = _lines(found, {house.pk: house for house in [property, *houses]}, wall)
    if lines and "go" in request.GET and not request.htmx:
        return redirect(lines[0]["url"])
    context = {
        "property": property,
        "q": text,
        "found": found,
        "lines": lines,
        "everywhere": everywhere,
        "several": len(houses) > 1,
    }
    partial = "dialog" if request.htmx and request.htmx.target == "dialog" else "found"
    return render_page(request, "search.html", context, partial=partial)


def _houses(request: HttpRequest) -> list[Property]:
    """Where the signed-in person works at the desk."""
    here = request.user.memberships.filter(role__in=[DESK, MANAGER]).select_related("property")
    return [membership.property for membership in here]


def _lines(found: search.Found, houses: dict[int, Property], wall: Wall) -> list[dict]:
    """The guests in words."""
    lines = []
    for hit in found.hits:
        stay, house = hit.stay, houses[hit.stay["property_id"]]
        lines.append(
            {
                "url": reverse("stay", args=[house.slug, stay["public_id"]]),
                "room": stay["room__name"] or "",
                "guest": stay["reservation__guest__name"],
                "beside": hit.beside,
                "reference": stay["reservation__external_id"],
                "house": house.name,
                "state": stay["state"],
                "state_words": capfirst(StayState(stay["state"]).label),
                "days": _("%(begins)s to %(ends)s")
                % {"begins": wall.day(stay["arrival"]), "ends": wall.day(stay["departure"])},
            }
        )
    return lines
