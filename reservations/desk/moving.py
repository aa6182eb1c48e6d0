"""What a clerk does beside the change form to where and when a stay is: swap two rooms, and take a step back. Each names
guest, room and doors before it is done."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
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

    if not said_yes(request):
        foreseen = preview.of(swapping.swap, stay, other, by=request.user)
        words = [
            f"{stay.reservation.guest} moves to {other.room}, and {other.reservation.guest} to {stay.room}."
        ]
        return ask_with(request, stay, foreseen, yes="Swap the rooms", status=422, words=words, target="")
    toast = f"{stay.reservation.guest} is in {other.room} now, and {other.reservation.guest} in {stay.room}."
    return act(request, stay, exchange, toast=toast, yes="Swap the rooms", confirmed=True)


@signed_in
@require_http_methods(["GET", "POST"])
def reinstate(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    stay = entered(request, slug, stay_id)
    words = f"{stay.reservation.guest} is booked again{_into(stay)}."
    return _step_back(request, stay, taking_back.reinstate, words, yes="Book it again")


@signed_in
@require_http_methods(["GET", "POST"])
def undo_check_in(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    stay = entered(request, slug, stay_id)
    words = (
        f"{stay.reservation.guest} is not in house any more, but booked{_into(stay)} as before the check-in."
    )
    return _step_back(request, stay, taking_back.undo_check_in, words, yes="Undo the check-in")


@signed_in
@require_http_methods(["GET", "POST"])
def undo_check_out(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    stay = entered(request, slug, stay_id)
    words = f"{stay.reservation.guest} has not left, and is in house{_into(stay)} again."
    return _step_back(request, stay, taking_back.undo_check_out, words, yes="Undo the check-out")


def _step_back(request: HttpRequest, stay: Stay, verb: Callable, words: str, *, yes: str) -> HttpResponse:
    """GET says what it does at the doors, POST does it."""
    if request.method == "GET":
        return ask_with(request, stay, preview.of(verb, stay, by=request.user), yes=yes, words=[words])
    return act(request, stay, verb, toast=words, yes=yes, region=region_of(request, stay, acted=True))


def _into(stay: Stay) -> str:
    return f" in {stay.room}" if stay.room else ""
