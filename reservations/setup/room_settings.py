"""The page on which a manager gives a room another name or another unit type."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from hospitality import access
from hospitality.access import MANAGER, signed_in
from hospitality.htmx import render_page
from hospitality.models import Property, Room
from reservations.setup import room_names


class RoomForm(forms.ModelForm):
    """What a room is called and sold as."""

    class Meta:
        model = Room
        fields = ["name", "unit_type"]
        labels = {"name": gettext_lazy("Name"), "unit_type": gettext_lazy("Unit type")}
        help_texts = {
            "name": gettext_lazy("As the desk says it: 204, Garden suite."),
            "unit_type": gettext_lazy("The name under which portals sell it: Double room."),
        }
        widgets = {
            "name": forms.TextInput({"autocomplete": "off", "autofocus": True}),
            "unit_type": forms.TextInput({"autocomplete": "off"}),
        }

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, slug: str, room_id) -> HttpResponse:
    property = access.enter(request, slug, MANAGER)
    room = get_object_or_404(property.rooms, public_id=room_id)
    form = RoomForm(request.POST if request.method == "POST" else None, instance=_copy(room))
    if request.method != "POST":
        return _page(request, property, room, form)
    if not form.is_valid():
        return _page(request, property, room, form, status=422)
    try:
        now = room_names.change(room, by=request.user, **form.cleaned_data)
    except room_names.Refused as refusal:
        form.add_error("name", str(refusal))
        return _page(request, property, room, form, status=409)
    if now.name != room.name:
        said = _("Room %(was)s is called %(name)s now.") % {"was": room, "name": now}
    else:
        said = _("Room %(room)s: saved.") % {"room": now}
    messages.success(request, said)
    return redirect("rooms_settings", slug)


def _copy(room: Room) -> Room:
    """What the form may write on; the page names the room as it is."""
    return Room(pk=room.pk, property=room.property, name=room.name, unit_type=room.unit_type)


def _page(
    request: HttpRequest, property: Property, room: Room, form: RoomForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "property": property,
        "room": room,
        "form": form,
        "locks": room.locks.order_by("-kind", "name"),
    }
    return render_page(request, "settings/room.html", context, status=status)
