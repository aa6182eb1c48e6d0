"""The page that says of each guest to come whether they can go up and get in."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from hospitality import access, clock
from hospitality.access import DESK, signed_in
from hospitality.htmx import render_page
from hospitality.wall import Wall
from reservations import tonight


@signed_in
@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Today's arrivals and tomorrow's."""
    property = access.enter(request, slug, DESK)
    wall = Wall(property, clock.now())
    context = {"property": property, "nights": tonight.nights(property, wall), "zone_name": wall.zone_name}
    return render_page(request, "tonight.html", context, partial="nights")
