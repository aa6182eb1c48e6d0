"""The pages of the rooms: for housekeeping on a telephone, and for the desk one room with when it is out of order."""

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hospitality import access, clock
from hospitality.access import DESK, HOUSEKEEPING, signed_in
from hospitality.htmx import done, refused, render_page, said_yes
from hospitality.models import Property, Room
from hospitality.wall import Wall
from reservations.desk.acts import posted
from reservations.housekeeping import page, rooms
from reservations.housekeeping.forms import ClosureForm, MarkForm
from reservations.housekeeping.models import Closure
from reservations.verbs import AlreadyDone, NeedsConfirmation, Refused


@signed_in
@require_safe
def every(request: HttpRequest, slug: str) -> HttpResponse:
    """All rooms by what is to be done first."""
    access.enter(request, slug, DESK, HOUSEKEEPING)
    return render_page(request, "rooms.html", _context(request), partial="list")


@signed_in
@require_http_methods(["GET", "POST"])
def mark(request: HttpRequest, slug: str, room_id) -> HttpResponse:
    """One button: the room is clean, dirty or inspected now."""
    room = _find(access.enter(request, slug, DESK, HOUSEKEEPING), room_id)
    if request.method == "GET":
        return redirect("rooms", slug)
    form = MarkForm(request.POST)
    if not form.is_valid():
        raise BadRequest(_("A room is clean, dirty or inspected; go back and press one of the buttons."))
    to = (
        reverse("room", args=[slug, room_id])
        if request.POST.get("back") == "room"
        else reverse("rooms", args=[slug])
    )
    try:
        rooms.mark(room, form.cleaned_data["condition"], by=request.user, was=form.cleaned_data["was"])
    except AlreadyDone as refusal:
        return refused(request, "rooms.html", _context(request), partial="list", why=str(refusal), status=409)
    said = _("%(room)s is %(condition)s.") % {
        "room": room,
        "condition": form.cleaned_data["condition"].label,
    }
    return done(request, "rooms.html", _context(request), partial="list", to=to, toast=said)


@signed_in
@require_safe
def one(request: HttpRequest, slug: str, room_id) -> HttpResponse:
    """One room for the desk: its history, and when it is out of order."""
    room = _find(access.enter(request, slug, DESK), room_id)
    wall = Wall(room.property, clock.now())
    return render_page(request, "room.html", _room_context(room, wall, ClosureForm(today=wall.today)))


@signed_in
@require_http_methods(["GET", "POST"])
def close(request: HttpRequest, slug: str, room_id) -> HttpResponse:
    """The room is out of order. Who is booked in it is named first."""
    room = _find(access.enter(request, slug, DESK), room_id)
    if request.method == "GET":
        return redirect("room", slug, room_id)
    wall = Wall(room.property, clock.now())
    form = ClosureForm(request.POST, today=wall.today)
    if not form.is_valid():
        return render_page(request, "room.html", _room_context(room, wall, form), status=422)
    confirmed = said_yes(request)
    try:
        rooms.close(room, by=request.user, confirmed=confirmed, **form.cleaned_data)
    except NeedsConfirmation as question:
        return _ask(request, room, question.warnings)
    except Refused as refusal:
        context = _room_context(room, wall, form)
        return refused(request, "room.html", context, partial="", why=str(refusal), status=422)
    return _back(request, room, _("%(room)s is out of order.") % {"room": room})


@signed_in
@require_http_methods(["GET", "POST"])
def reopen(request: HttpRequest, slug: str, room_id, closure_id) -> HttpResponse:
    """The room is in order again, sooner than was said."""
    room = _find(access.enter(request, slug, DESK), room_id)
    if request.method == "POST":
        closure = Closure.objects.filter(room=room, public_id=closure_id).first()
        if closure is not None:
            rooms.reopen(closure, by=request.user)
        return _back(request, room, _("%(room)s is in order again.") % {"room": room})
    return redirect("room", slug, room_id)


def _back(request: HttpRequest, room: Room, toast: str) -> HttpResponse:
    to = reverse("room", args=[room.property.slug, room.public_id])
    return done(request, "room.html", {}, partial="", to=to, toast=toast)


def _ask(request: HttpRequest, room: Room, warnings: list[str]) -> HttpResponse:
    context = {
        "property": room.property,
        "about": _("Room %(room)s out of order") % {"room": room},
        "warnings": warnings,
        "yes": _("Put out of order"),
        "kept": posted(request),
        "back": reverse("room", args=[room.property.slug, room.public_id]),
    }
    return render_page(request, "confirm.html", context, status=422)


def _context(request: HttpRequest) -> dict:
    """What rooms.html needs; whoever may see one room's page is led there."""
    property = request.property
    read = page.rooms(property, Wall(property, clock.now()))
    return {"property": property, "page": read, "linked": request.role != HOUSEKEEPING}


def _room_context(room: Room, wall: Wall, form: ClosureForm) -> dict:
    return {"property": room.property, "room": room, "page": page.room(room, wall), "form": form}


def _find(property: Property, room_id) -> Room:
    """The room, looked up through the property. Raises Http404."""
    related = Room.objects.select_related("property", "condition_by")
    return get_object_or_404(related, property=property, public_id=room_id)
