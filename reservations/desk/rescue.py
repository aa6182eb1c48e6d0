"""The pages for a guest who cannot get in: find the guest, see what is in the way, help. What is handed out is shown by
`reservations.desk.reveals`."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hospitality import access, clock
from hospitality.access import DESK, signed_in
from hospitality.htmx import done, refused, render_page
from hospitality.wall import Wall
from reservations import guests, rescue
from reservations.desk import pages
from reservations.desk.acts import entered, fresh
from reservations.models import Stay
from reservations.verbs import Refused


@signed_in
@require_safe
def find(request: HttpRequest, slug: str) -> HttpResponse:
    """The guests who may be at the door, as one types; the Enter key goes to the first."""
    property = access.enter(request, slug, DESK)
    text = request.GET.get("q", "").strip()[:100]
    found = rescue.find(property, text, Wall(property, clock.now()))
    if found and "go" in request.GET and not request.htmx:
        return redirect("rescue", slug, found[0].stay.public_id)
    context = {"property": property, "found": found, "q": text}
    return render_page(request, "cannot_get_in.html", context, partial="found")


@signed_in
@require_safe
def panel(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    """What is in the way of one guest, and the one thing to do first."""
    return render_page(request, "rescue.html", _context(entered(request, slug, stay_id)), partial="live")


@signed_in
@require_POST
def unlock(request: HttpRequest, slug: str, stay_id, lock_id) -> HttpResponse:
    """Have one door opened from afar. What came of it stands at the door."""
    stay = entered(request, slug, stay_id)
    lock = get_object_or_404(stay.property.locks, public_id=lock_id)
    page = reverse("rescue", args=[slug, stay_id])
    try:
        guests.open_door(stay, lock, by=request.user, is_id_checked=request.POST.get("id_checked") == "1")
    except Refused as refusal:
        context = _context(fresh(stay))
        return refused(request, "rescue.html", context, partial="live", why=str(refusal), status=422)
    toast = _("%(lock)s was asked to open; what comes of it stands at the door.") % {"lock": lock}
    return done(request, "rescue.html", _context(fresh(stay)), partial="live", to=page, toast=toast)


@signed_in
@require_POST
def helped(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    """Somebody has seen to it: the screens stop ringing."""
    stay = entered(request, slug, stay_id)
    guests.helped(stay, by=request.user)
    toast = _("%(guest)s is helped; the screens stop ringing.") % {"guest": stay.reservation.guest}
    return done(
        request,
        "rescue.html",
        _context(fresh(stay)),
        partial="live",
        to=reverse("rescue", args=[slug, stay_id]),
        toast=toast,
        headers={"HX-Trigger": "board:changed"},
    )


def _context(stay: Stay) -> dict:
    return pages.stay_context(stay) | {"panel": rescue.panel(stay, Wall(stay.property, clock.now()))}
