"""The house's rooms: typed as ranges or read from a file, shown before they are made, taken out while unused."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from hospitality import access
from hospitality.access import MANAGER, signed_in
from hospitality.forms import RoomsForm
from hospitality.htmx import render_page
from hospitality.models import Property
from hospitality.ordering import natural
from hospitality.setup import room_lists, room_making

PAGE = "settings/rooms.html"


@signed_in
@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    property = access.enter(request, slug, MANAGER)
    return _page(request, property)


def _page(request: HttpRequest, property: Property, *, status: int = 200, **more) -> HttpResponse:
    rooms = sorted(property.rooms.all(), key=lambda room: natural(room.name))
    context = {"property": property, "rooms": rooms, "form": RoomsForm(), **more}
    return render_page(request, PAGE, context, status=status)


@signed_in
@require_POST
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """What the list would do; nothing is made yet."""
    property = access.enter(request, slug, MANAGER)
    form = RoomsForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, property, form=form, status=422)
    try:
        reading = _read(form)
    except room_lists.FileRefused as refusal:
        form.add_error("file", str(refusal))
        return _page(request, property, form=form, status=422)
    plan = room_making.plan(property, reading.rooms)
    more = {"plan": plan, "reading": reading, "kept": room_lists.as_csv(reading.rooms)}
    return _page(request, property, form=form, **more)


def _read(form: RoomsForm) -> room_lists.Reading:
    """The text and the file together."""
    typed = room_lists.from_text(form.cleaned_data["rooms"])
    file = form.cleaned_data["file"]
    if not file:
        return typed
    listed = room_lists.from_csv(file.read())
    return room_lists.join(typed, listed)


@signed_in
@require_POST
def make(request: HttpRequest, slug: str) -> HttpResponse:
    """Make what the preview showed, and go on with what is missing next."""
    property = access.enter(request, slug, MANAGER)
    try:
        reading = room_lists.from_csv(request.POST.get("kept", "").encode())
    except room_lists.FileRefused as refusal:
        messages.error(request, str(refusal))
        return _page(request, property, status=422)
    done = room_making.make(property, reading.rooms, by=request.user)
    made = len(done.new)
    said = ngettext("%(count)s room made.", "%(count)s rooms made.", made) % {"count": made}
    messages.success(request, said if made else _("The rooms are as listed."))
    return redirect("rooms_settings" if property.set_up_at else "set_up_next", slug)


@signed_in
@require_POST
def remove(request: HttpRequest, slug: str, room_id) -> HttpResponse:
    property = access.enter(request, slug, MANAGER)
    room = get_object_or_404(property.rooms, public_id=room_id)
    try:
        room_making.remove(room, by=request.user)
    except room_making.Refused as refusal:
        messages.error(request, str(refusal))
        return _page(request, property, status=409)
    messages.success(request, _("Room %(room)s is taken out.") % {"room": room})
    return redirect("rooms_settings", slug)
