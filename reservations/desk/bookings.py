"""What a clerk does to all rooms of a booking, and dividing a stay between two rooms."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from hospitality.access import signed_in
from hospitality.htmx import done, render_page, said_yes
from hospitality.ordering import listed
from hospitality.wall import day_words
from reservations import bookings
from reservations.desk import acts
from reservations.forms import SplitForm
from reservations.models import Stay


@signed_in
@require_POST
def check_in_all(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    stay = acts.entered(request, slug, stay_id)
    return _all(request, stay, bookings.check_in_all, _("Checked in: %(rooms)s."))


@signed_in
@require_POST
def check_out_all(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    stay = acts.entered(request, slug, stay_id)
    return _all(request, stay, bookings.check_out_all, _("Checked out: %(rooms)s."))


def _all(request: HttpRequest, stay: Stay, do: Callable, toast: str) -> HttpResponse:
    """Which `rooms` it was done for is good news; each that was refused says why, and stays until it is read."""
    outcomes = do(stay, by=request.user)
    rooms = [str(one.stay.room) for one in outcomes if not one.refused]
    for one in outcomes:
        if one.refused:
            left = _("%(room)s was left as it is: %(why)s")
            messages.error(request, left % {"room": one.stay.room, "why": one.refused})
    region = acts.region_of(request, stay, acted=True)
    return done(
        request,
        region.template,
        region.context(),
        partial=region.partial,
        to=region.to,
        toast=toast % {"rooms": listed(rooms)} if rooms else "",
        headers={"HX-Trigger": "board:changed, stay:changed"},
    )


@signed_in
@require_http_methods(["GET", "POST"])
def split(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    """GET asks for the day and the room; POST says what opens what, and divides the stay once that is confirmed."""
    stay = acts.entered(request, slug, stay_id)
    form = SplitForm(stay, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _ask(request, stay, form)
    toast = _("From %(day)s %(guest)s has another room: a stay of its own.")
    return acts.act(
        request,
        stay,
        bookings.split,
        toast=toast % {"day": day_words(form.cleaned_data["day"]), "guest": stay.reservation.guest},
        yes=_("Divide the stay"),
        confirmed=said_yes(request),
        **form.cleaned_data,
    )


def _ask(request: HttpRequest, stay: Stay, form: SplitForm) -> HttpResponse:
    back = reverse("stay", args=[stay.property.slug, stay.public_id])
    context = {
        "property": stay.property,
        "stay": stay,
        "arrival": day_words(stay.arrival),
        "departure": day_words(stay.departure),
        "form": form,
        "back": back,
    }
    headers = {"HX-Retarget": "#dialog", "HX-Reswap": "innerHTML settle:0ms"}
    status = 200 if request.method == "GET" else 422
    return render_page(request, "split.html", context, partial="dialog", status=status, headers=headers)
