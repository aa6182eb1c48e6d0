"""A guest is put on the queue for a room that is not ready, or taken off it again."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hospitality.access import signed_in
from reservations import waiting
from reservations.desk.acts import act, entered


@signed_in
@require_http_methods(["GET", "POST"])
def wait(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    stay = entered(request, slug, stay_id)
    if request.method == "GET":
        return redirect("stay", slug, stay_id)
    toast = _("%(guest)s is on the queue; the board says when the room is ready.")
    toast %= {"guest": stay.reservation.guest}
    return act(request, stay, waiting.wait, toast=toast, yes="")


@signed_in
@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    stay = entered(request, slug, stay_id)
    if request.method == "GET":
        return redirect("stay", slug, stay_id)
    toast = _("%(guest)s is off the queue.") % {"guest": stay.reservation.guest}
    return act(request, stay, waiting.stop_waiting, toast=toast, yes="")
