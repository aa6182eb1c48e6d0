"""What a clerk does about a stay's messages: send one again, and say how the guest is reached."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hospitality.access import signed_in
from hospitality.htmx import render_page
from reservations import stays
from reservations.desk.acts import entered
from reservations.messages import addresses, again, previews, reaching
from reservations.messages.card import what
from reservations.messages.forms import AgainForm, ReachForm
from reservations.messages.house import settings_of, template_for


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def send_again(request: HttpRequest, slug: str, stay_id, message_id) -> HttpResponse:
    """A GET shows what would go where; a POST has it sent."""
    stay = entered(request, slug, stay_id)
    message = get_object_or_404(stay.messages, public_id=message_id)
    house = settings_of(stay.property)
    template = template_for(stay, message.name, house)
    gone = _("The text “%(name)s” was deleted; a manager writes it anew.") % {"name": message.name}
    why = "" if template else gone
    form = AgainForm(request.POST if request.method == "POST" else {"copy": again.copies(message) + 1})
    if request.method == "POST" and template and form.is_valid():
        try:
            again.again(stay, message, by=request.user, copy=form.cleaned_data["copy"])
        except stays.Refused as refusal:
            why = str(refusal)
        else:
            return redirect("stay", slug, stay_id)
    context = {
        "property": stay.property,
        "stay": stay,
        "message": message,
        "what": what(message),
        "form": form,
        "to": addresses.address_of(stay.reservation.guest, message.channel, house),
        "preview": previews.preview(template, stay) if template else None,
        "why": why,
    }
    status = 422 if request.method == "POST" else 200
    return render_page(request, "reservations/messages/again.html", context, status=status)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def reach(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    """The guest's address, number and language; what failed for want of them is tried again."""
    stay = entered(request, slug, stay_id)
    house = settings_of(stay.property)
    form = ReachForm(house, request.POST or None, instance=stay.reservation.guest)
    if request.method == "POST" and form.is_valid():
        reaching.reach(stay, by=request.user, **form.cleaned_data)
        return redirect("stay", slug, stay_id)
    context = {"property": stay.property, "stay": stay, "form": form}
    return render_page(
        request, "reservations/messages/reach.html", context, status=422 if request.method == "POST" else 200
    )
