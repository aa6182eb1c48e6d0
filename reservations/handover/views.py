"""The handover on the screen: the one to be signed, and those that were."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hospitality import access, clock
from hospitality.access import DESK, signed_in
from hospitality.htmx import done, refused, render_page
from hospitality.models import Property
from hospitality.wall import Wall
from reservations.handover import draft, signing
from reservations.handover.models import Handover
from reservations.verbs import Refused

DRAFT, SIGNED = "reservations/handover/draft.html", "reservations/handover/signed.html"


@signed_in
@require_http_methods(["GET", "POST"])
def current(request: HttpRequest, slug: str) -> HttpResponse:
    """GET composes it; POST signs what was read."""
    property = access.enter(request, slug, DESK)
    if request.method == "GET":
        return render_page(request, DRAFT, _context(property), partial="open")
    remarks = request.POST.get("remarks", "")
    try:
        made = signing.sign(property, by=request.user, remarks=remarks, digest=request.POST.get("digest", ""))
    except Refused as refusal:
        status = 409 if isinstance(refusal, signing.Outdated) else 422
        context = _context(property) | {"remarks": remarks}
        return refused(request, DRAFT, context, partial="page", why=str(refusal), status=status)
    page = reverse("signed_handover", args=[slug, made.public_id])
    return done(
        request,
        SIGNED,
        _signed(made),
        partial="page",
        to=page,
        toast=_("The handover is signed and kept."),
        headers={"HX-Push-Url": page},
    )


@signed_in
@require_safe
def signed(request: HttpRequest, slug: str, handover_id) -> HttpResponse:
    property = access.enter(request, slug, DESK)
    found = get_object_or_404(Handover, property=property, public_id=handover_id)
    return render_page(request, SIGNED, _signed(found))


def _context(property: Property) -> dict:
    wall = Wall(property, clock.now())
    earlier = Handover.objects.filter(property=property).defer("sections")
    return {
        "property": property,
        "draft": draft.compose(property, wall),
        "now": wall.full(wall.now),
        "earlier": [(one, wall.full(one.signed_at)) for one in earlier],
        "kept_days": signing.KEPT.days,
        "longest": signing.LONGEST,
    }


def _signed(found: Handover) -> dict:
    wall = Wall(found.property, clock.now())
    return {
        "property": found.property,
        "handover": found,
        "when": wall.full(found.signed_at),
        "since": wall.full(found.since),
        "zone_name": wall.zone_name,
    }
