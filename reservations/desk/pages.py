"""The desk's pages: the board, a stay, a new booking. What changes a stay is in `reservations.desk.acts`."""

from datetime import date, timedelta
from urllib.parse import urlsplit

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hospitality import access, clock
from hospitality.access import DESK, signed_in
from hospitality.htmx import refused, render_page, wants_fragment
from hospitality.models import Property
from hospitality.wall import Wall
from reservations import board as boards
from reservations import bookings, guest_link, quick_changes, stay_page, stays
from reservations.forms import BookForm, ChangeForm
from reservations.models import Stay
from reservations.notes import book as note_book
from reservations.rows import row as rows
from reservations.rows import signs
from reservations.rows.choice import Choice, chosen, places
from reservations.setup.guide import guide

VIEW, DENSE = "latchkey_board", "dense"
YEAR = 365 * 24 * 3600
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)


@signed_in
@require_safe
def board(request: HttpRequest, slug: str) -> HttpResponse:
    property = access.enter(request, slug, DESK)
    wall = Wall(property, clock.now())
    if request.GET.get("part") == "watch" and wants_fragment(request):
        context = {"property": property, "watch": boards.watch(property, wall)}
        return render_page(request, "board.html", context, partial="news")
    day = chosen_day(request.GET.get("day"), wall)
    context = board_context(request, property, day, wall)
    context |= guide(request)
    answer = render_page(request, "board.html", context, partial="lists")
    if "view" in request.GET:
        answer.set_cookie(
            VIEW, DENSE if context["dense"] else "", max_age=YEAR, samesite="Lax", httponly=True
        )
    return answer


@signed_in
@require_safe
def row(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    """One row of the board: only ever a fragment; a browser that comes here by itself gets the stay."""
    property = access.enter(request, slug, DESK)
    if not request.htmx:
        return redirect("stay", slug, find_stay(property, stay_id).public_id)
    wall = Wall(property, clock.now())
    day = chosen_day(request.GET.get("day"), wall)
    found = rows.by_key(property, stay_id, day, wall)
    if found is None:
        raise Http404
    context = {"property": property, "row": found, "day": day.isoformat()}
    return render_page(request, "board.html", context, partial="row", headers={"HX-Trigger": "row:changed"})


@signed_in
@require_safe
def stay(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    property = access.enter(request, slug, DESK)
    return render_page(request, "stay.html", stay_context(find_stay(property, stay_id)), partial="live")


@signed_in
def book(request: HttpRequest, slug: str) -> HttpResponse:
    """A new booking, for a guest at the desk or on the telephone. Sent twice, the second shows the first's stay."""
    property = access.enter(request, slug, DESK)
    wall = Wall(property, clock.now())
    looks = request.method != "POST" or "look" in request.POST
    typed = request.POST if request.method == "POST" else request.GET
    form = (
        BookForm(property, initial=typed.dict(), wall=wall) if looks else BookForm(property, typed, wall=wall)
    )
    context = {"property": property, "form": form}
    if looks:
        return render_page(request, "book.html", context, partial="rooms")
    if not form.is_valid():
        return render_page(request, "book.html", context, partial="form", status=422)
    wish = dict(form.cleaned_data)
    reference = wish.pop("reference")
    try:
        made = bookings.book(property, by=request.user, external_id=reference, **wish)
    except stays.Refused as refusal:
        made = property.stays.filter(reservation__source="desk", reservation__external_id=reference).first()
        if made is None:
            return refused(request, "book.html", context, partial="form", why=str(refusal), status=422)
    page = reverse("stay", args=[slug, made.public_id])
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": page})
    return redirect(page)


def find_stay(property: Property, stay_id) -> Stay:
    """The stay, looked up through the property. Raises Http404."""
    related = ("property", "reservation__guest", "reservation__grant", "room", "grant")
    related = (*related, "checked_in_by", "checked_out_by")
    return get_object_or_404(Stay.objects.select_related(*related), property=property, public_id=stay_id)


def chosen_day(text: str | None, wall: Wall) -> date:
    """`2026-11-22`, or today if nothing was chosen. Raises BadRequest."""
    if not text:
        return wall.today
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = LATEST
    if not EARLIEST <= day < LATEST:
        why = _("%(text)s is no day of this century; write it like %(day)s.")
        raise BadRequest(why % {"text": repr(text), "day": wall.today.isoformat()})
    return day


def board_context(request: HttpRequest, property: Property, day: date, wall: Wall) -> dict:
    """What board.html needs to show `day`, as the address or, after a form in a row, the page before it asks."""
    choice = chosen_rows(request)
    read = boards.board(property, day, wall, choice)
    rooms = [] if wants_fragment(request) else property.rooms.values_list("name", "unit_type")
    return {
        "property": property,
        "board": read,
        "watch": read.watch,
        "day": day.isoformat(),
        "before": (day - timedelta(days=1)).isoformat(),
        "after": (day + timedelta(days=1)).isoformat(),
        "choice": choice,
        "places": places(rooms),
        "dense": request.GET.get("view", request.COOKIES.get(VIEW)) == DENSE,
    }


def chosen_rows(request: HttpRequest) -> Choice:
    """Which rows of the board the address asks for; of a form in one of them, the address of the page it stands on."""
    if request.method == "POST":
        return chosen(QueryDict(urlsplit(request.headers.get("Referer", "")).query))
    return chosen(request.GET)


def row_context(stay: Stay, day: date, wall: Wall) -> dict:
    """What board.html's row needs."""
    return {"property": stay.property, "row": rows.row(stay, day, wall), "day": day.isoformat()}


def stay_context(stay: Stay, form: ChangeForm | None = None) -> dict:
    """What stay.html needs."""
    wall = Wall(stay.property, clock.now())
    return {
        "property": stay.property,
        "stay": stay,
        "page": stay_page.read(stay, wall),
        "form": form or ChangeForm(stay),
        "quick": quick_changes.read(stay, wall),
        "since": wall.time(stay.reservation.created_at),
        "guest_link": guest_link.url(stay),
        "notes": note_book.of_stay(stay, wall),
        "signs": signs.of_clocks(stay, wall),
    }
