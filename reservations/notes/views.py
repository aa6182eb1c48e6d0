"""Notes on the screen: on a stay's page, and all open ones of the house."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from hospitality import access, clock
from hospitality.access import DESK, signed_in
from hospitality.htmx import done, refused, render_page
from hospitality.models import Property, Room
from hospitality.ordering import natural
from hospitality.wall import Wall
from reservations.desk import pages
from reservations.models import Stay
from reservations.notes import book
from reservations.notes.models import Note
from reservations.verbs import AlreadyDone, Refused

HOUSE = "reservations/notes/page.html"
KEPT = gettext_lazy("The note is kept.")
DONE = gettext_lazy("The note is done; it stays in the history.")


@signed_in
@require_http_methods(["GET", "POST"])
def of_stay(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    """GET is the list of a stay's notes, for its page; POST writes one more on the stay, or on its room."""
    stay = pages.find_stay(access.enter(request, slug, DESK), stay_id)
    if request.method == "GET":
        if not request.htmx:
            return redirect("stay", slug, stay_id)
        listed = book.of_stay(stay, Wall(stay.property, clock.now()))
        context = {"property": stay.property, "stay": stay, "notes": listed}
        return render_page(request, "reservations/notes/card.html", context, partial="list")
    on_room = request.POST.get("about") == "room" and stay.room
    text = request.POST.get("text", "")
    try:
        book.write(stay.room if on_room else stay, text, by=request.user)
    except Refused as refusal:
        return _refuse(request, stay, refusal, text)
    return _show(request, stay, KEPT)


@signed_in
@require_POST
def done_at_stay(request: HttpRequest, slug: str, stay_id, note_id) -> HttpResponse:
    stay = pages.find_stay(access.enter(request, slug, DESK), stay_id)
    try:
        book.mark_done(_note(stay.property, note_id), by=request.user)
    except AlreadyDone as refusal:
        return _refuse(request, stay, refusal, "")
    return _show(request, stay, DONE)


def _note(property: Property, note_id) -> Note:
    return get_object_or_404(Note, property=property, public_id=note_id)


def _show(request: HttpRequest, stay: Stay, toast: str) -> HttpResponse:
    page = reverse("stay", args=[stay.property.slug, stay.public_id])
    context = pages.stay_context(stay)
    return done(request, "stay.html", context, partial="notes", to=page, toast=toast)


def _refuse(request: HttpRequest, stay: Stay, refusal: Refused, text: str) -> HttpResponse:
    """With what was written still in its field."""
    context = pages.stay_context(stay) | {"note_text": text}
    status = 409 if isinstance(refusal, AlreadyDone) else 422
    return refused(request, "stay.html", context, partial="notes", why=str(refusal), status=status)


@signed_in
@require_http_methods(["GET", "POST"])
def of_house(request: HttpRequest, slug: str) -> HttpResponse:
    """GET shows every open note; POST writes one on a room."""
    property = access.enter(request, slug, DESK)
    if request.method == "GET":
        return render_page(request, HOUSE, _house(property), partial="list")
    text, room = request.POST.get("text", ""), _room(property, request.POST.get("room", ""))
    try:
        if room is None:
            raise Refused(_("Choose the room that the note is on; nothing was saved."))
        book.write(room, text, by=request.user)
    except Refused as refusal:
        context = _house(property) | {"note_text": text, "chosen": room}
        return refused(request, HOUSE, context, partial="notes", why=str(refusal), status=422)
    return _show_house(request, property, KEPT)


@signed_in
@require_POST
def done_in_house(request: HttpRequest, slug: str, note_id) -> HttpResponse:
    property = access.enter(request, slug, DESK)
    try:
        book.mark_done(_note(property, note_id), by=request.user)
    except AlreadyDone as refusal:
        return refused(request, HOUSE, _house(property), partial="notes", why=str(refusal), status=409)
    return _show_house(request, property, DONE)


def _room(property: Property, key: str) -> Room | None:
    return property.rooms.filter(pk=int(key)).first() if key.isdecimal() else None


def _house(property: Property) -> dict:
    """What the page of all open notes needs."""
    wall = Wall(property, clock.now())
    return {
        "property": property,
        "notes": [book.house_line(note, wall) for note in book.open_notes(property)],
        "rooms": sorted(property.rooms.all(), key=lambda room: natural(room.name)),
        "zone_name": wall.zone_name,
    }


def _show_house(request: HttpRequest, property: Property, toast: str) -> HttpResponse:
    page = reverse("notes", args=[property.slug])
    return done(request, HOUSE, _house(property), partial="notes", to=page, toast=toast)
