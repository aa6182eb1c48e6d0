"""What a clerk does beside the change form to where and when a stay is: swap two rooms, and take a step back. Each names
guest, room and doors before it is done."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hospitality.access import signed_in
from hospitality.htmx import render_page, said_yes
from reservations import preview, swapping, taking_back
from reservations.desk.acts import act, ask_with, entered, region_of
from reservations.forms import SwapForm
from reservations.models import Stay


@signed_in
@require_http_methods(["GET", "POST"])
def swap(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    """Choose the other guest; then what happens at the doors; then it is done."""
    stay = entered(request, slug, stay_id)
    form = SwapForm(stay, swapping.candidates(stay), request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {
            "property": stay.property,
            "stay": stay,
            "form": form,
            "back": reverse("stay", args=[slug, stay_id]),
        }
        status = 422 if form.is_bound else 200
        return render_page(request, "reservations/swap.html", context, status=status)
    other = form.cleaned_data["other"]

    def exchange(one: Stay, *, by, confirmed: bool = False) -> Stay:
        return swapping.swap(one, other, by=by, confirmed=confirmed)

    yes = _("Swap the rooms")
    both = {"guest": stay.reservation.guest, "room": other.room}
    both |= {"other_guest": other.reservation.guest, "other_room": stay.room}
    if not said_yes(request):
        foreseen = preview.of(swapping.swap, stay, other, by=request.user)
        words = _("%(guest)s moves to %(room)s, and %(other_guest)s to %(other_room)s.") % both
        return ask_with(request, stay, foreseen, yes=yes, status=422, words=[words], target="")
    toast = _("%(guest)s is in %(room)s now, and %(other_guest)s in %(other_room)s.") % both
    return act(request, stay, exchange, toast=toast, yes=yes, confirmed=True)


@signed_in
@require_http_methods(["GET", "POST"])
def reinstate(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    stay = entered(request, slug, stay_id)
    words = _("%(guest)s is booked again in %(room)s.") if stay.room else _("%(guest)s is booked again.")
    return _step_back(request, stay, taking_back.reinstate, words, yes=_("Book it again"))


@signed_in
@require_http_methods(["GET", "POST"])
def undo_check_in(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    stay = entered(request, slug, stay_id)
    words = _("%(guest)s is not in house any more, but booked as before the check-in.")
    if stay.room:
        words = _("%(guest)s is not in house any more, but booked in %(room)s as before the check-in.")
    return _step_back(request, stay, taking_back.undo_check_in, words, yes=_("Undo the check-in"))


@signed_in
@require_http_methods(["GET", "POST"])
def undo_check_out(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    stay = entered(request, slug, stay_id)
    words = _("%(guest)s has not left, and is in house again.")
    if stay.room:
        words = _("%(guest)s has not left, and is in house in %(room)s again.")
    return _step_back(request, stay, taking_back.undo_check_out, words, yes=_("Undo the check-out"))


def _step_back(request: HttpRequest, stay: Stay, verb: Callable, words: str, *, yes: str) -> HttpResponse:
    """GET says what it does at the doors, POST does it."""
    words %= {"guest": stay.reservation.guest, "room": stay.room}
    if request.method == "GET":
        return ask_with(request, stay, preview.of(verb, stay, by=request.user), yes=yes, words=[words])
    return act(request, stay, verb, toast=words, yes=yes, region=region_of(request, stay, acted=True))
