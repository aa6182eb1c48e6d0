"""The one PIN for all rooms of a booking, on the page of any of them: made, shown, taken off. Each view is one verb of
`reservations.shared_code`."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hospitality.access import signed_in
from hospitality.ordering import listed
from reservations import party, preview, shared_code
from reservations.desk import acts, reveals


@signed_in
@require_http_methods(["GET", "POST"])
def share(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    """GET says which doors it will open, POST makes it."""
    stay = acts.entered(request, slug, stay_id)
    if request.method == "GET":
        words = _(
            "It opens every room of this booking, each in the time of its stay, and the common doors. "
            "The rooms keep their own PINs."
        )
        foreseen = preview.of(shared_code.share, stay, by=request.user)
        about = _("One PIN for all rooms of %(guest)s") % {"guest": stay.reservation.guest}
        return acts.ask_with(request, stay, foreseen, yes=_("Make the PIN"), words=[words], about=about)
    toast = _("%(guest)s gets one PIN for all rooms. Show it and pass it on.")
    guest = {"guest": stay.reservation.guest}
    return acts.act(request, stay, shared_code.share, toast=toast % guest, yes="")


@signed_in
@require_http_methods(["GET", "POST"])
def take_off(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    """GET names the doors that it leaves, POST takes it off."""
    stay = acts.entered(request, slug, stay_id)
    if request.method == "GET":
        words = _("It comes off every door now. The PIN of each room goes on opening it.")
        foreseen = preview.of(shared_code.take_off, stay, by=request.user)
        about = _("One PIN for all rooms of %(guest)s") % {"guest": stay.reservation.guest}
        return acts.ask_with(request, stay, foreseen, yes=_("Take it off now"), words=[words], about=about)
    toast = _("The PIN for all rooms is taken off.")
    return acts.act(request, stay, shared_code.take_off, toast=toast, yes="")


@signed_in
@require_http_methods(["GET", "POST"])
def pin(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    """POST shows it and records who saw it."""
    stay = acts.entered(request, slug, stay_id)
    if request.method == "GET":
        return redirect("stay", slug, stay_id)
    codes = shared_code.opened(stay.reservation.grant_id).order_by("-lock__kind", "lock__name")
    doors = listed(list(codes.values_list("lock__name", flat=True))) or _("no door now")
    return reveals.show(
        request, stay, lambda: shared_code.reveal_pin(stay, by=request.user), party.all_rooms(), doors
    )
