"""A new PIN on purpose: what becomes of each door is said first, then a person says why."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hospitality import clock
from hospitality.access import signed_in
from hospitality.htmx import render_page
from hospitality.wall import Wall
from reservations import new_pin
from reservations.desk import acts
from reservations.models import Stay
from reservations.verbs import Refused


@signed_in
@require_http_methods(["GET", "POST"])
def renew(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    """GET names guest and doors and asks why; POST draws the PIN."""
    stay = acts.entered(request, slug, stay_id)
    try:
        new_pin.check(stay)
    except Refused as refusal:
        return acts.refuse(request, acts.region_of(request, stay), refusal)
    reason, seen = request.POST.get("reason", ""), request.POST.get("seen", "")
    if reason not in new_pin.REASONS or not seen.isdecimal():
        return _ask(request, stay, status=200 if request.method == "GET" else 422)
    toast = _("%(guest)s has a new PIN. Show it and pass it on.") % {"guest": stay.reservation.guest}
    return acts.act(request, stay, new_pin.renew, toast=toast, yes="", reason=reason, seen=int(seen))


def _ask(request: HttpRequest, stay: Stay, status: int) -> HttpResponse:
    context = {
        "property": stay.property,
        "stay": stay,
        "doors": new_pin.preview(stay, Wall(stay.property, clock.now())),
        "reasons": new_pin.REASONS.items(),
        "seen": new_pin.renewals(stay).count(),
        "unsaid": status == 422,
        "back": reverse("stay", args=[stay.property.slug, stay.public_id]),
    }
    headers = {"HX-Retarget": "#dialog", "HX-Reswap": "innerHTML settle:0ms"}
    return render_page(request, "new_pin.html", context, partial="dialog", status=status, headers=headers)
