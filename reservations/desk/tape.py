"""The tape chart, and moving a stay on it: by hand or by key, both ask for the same change, which says what it does at
the doors before it is made."""

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from hospitality import access, clock
from hospitality.access import DESK, signed_in
from hospitality.htmx import render_page
from hospitality.models import Property
from hospitality.wall import Wall
from reservations import preview, stays, tape
from reservations.desk.acts import Region, act, ask, entered, refuse
from reservations.desk.pages import chosen_day
from reservations.feeds.closed import closed_nights
from reservations.forms import ChangeForm
from reservations.models import Stay

LENGTHS = (14, 28)
BEFORE = 2
"""So many days before today the chart begins where nobody has chosen another day."""


@signed_in
@require_safe
def chart(request: HttpRequest, slug: str) -> HttpResponse:
    """Rooms down, days across. Where one was is remembered while one is signed in, for each house."""
    property = access.enter(request, slug, DESK)
    wall = Wall(property, clock.now())
    _remember(request, property, wall)
    return render_page(request, "tape.html", _context(request, property, wall), partial="chart")


@signed_in
@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    """Asks for the change that was drawn on the chart, by the fields of the change form that differ, and what it does at
    the doors; a POST that is `confirmed` makes it."""
    stay = entered(request, slug, stay_id)
    wished = request.POST if request.method == "POST" else request.GET
    region = _region(request, stay.property)
    form, yes = ChangeForm(stay, wished), _("Save the change")
    if not form.is_valid():
        why = " ".join(error for errors in form.errors.values() for error in errors)
        return refuse(request, region, stays.Refused(why))
    if request.method == "GET" or wished.get("confirmed") != "1":
        foreseen = preview.of(stays.change, stay, by=request.user, **form.changes())
        if foreseen.refused:
            return refuse(request, region, stays.Refused(foreseen.refused))
        kept = [(name, wished[name]) for name in form.fields]
        more = {"preview": foreseen, "kept": kept, "target": region.target, "back": region.to}
        return ask(request, stay, [_words(stay, form), *foreseen.warnings], yes=yes, **more)
    toast = f"{stay.reservation.guest}: {_words(stay, form)}"
    return act(
        request,
        stay,
        stays.change,
        toast=toast,
        yes=yes,
        region=region,
        refused_in=region,
        confirmed=True,
        **form.changes(),
    )


def _words(stay: Stay, form: ChangeForm) -> str:
    """What the stay would be: room and days."""
    new = {"room": stay.room, "arrival": stay.arrival, "departure": stay.departure} | form.changes()
    wall = Wall(stay.property, clock.now())
    nights = (new["departure"] - new["arrival"]).days
    # Translators: "No room, 21 Nov to 23 Nov, 2 nights."
    text = ngettext(
        "No room, %(begins)s to %(ends)s, %(count)s night.",
        "No room, %(begins)s to %(ends)s, %(count)s nights.",
        nights,
    )
    if new["room"]:
        # Translators: "Room 12, 21 Nov to 23 Nov, 2 nights."
        text = ngettext(
            "Room %(room)s, %(begins)s to %(ends)s, %(count)s night.",
            "Room %(room)s, %(begins)s to %(ends)s, %(count)s nights.",
            nights,
        )
    begins, ends = wall.day(new["arrival"]), wall.day(new["departure"])
    return text % {"room": new["room"], "begins": begins, "ends": ends, "count": nights}


def _region(request: HttpRequest, property: Property) -> Region:
    to = reverse("tape", args=[property.slug])
    wall = Wall(property, clock.now())
    return Region("tape.html", "chart", to, "#tape", lambda: _context(request, property, wall))


def _remember(request: HttpRequest, property: Property, wall: Wall) -> None:
    """Keep what the address asks for; today's own place is not kept, for it moves with the day."""
    kept = dict(request.session.get(_key(property), {}))
    if "from" in request.GET:
        day = chosen_day(request.GET["from"], wall)
        kept["from"] = "" if day == _usual(wall) else day.isoformat()
    if (days := request.GET.get("days", "")) in map(str, LENGTHS):
        kept["days"] = int(days)
    if kept != request.session.get(_key(property), {}):
        request.session[_key(property)] = kept


def _context(request: HttpRequest, property: Property, wall: Wall) -> dict:
    kept = request.session.get(_key(property), {})
    first = date.fromisoformat(kept["from"]) if kept.get("from") else _usual(wall)
    days = kept.get("days", LENGTHS[0])
    step = timedelta(days=days // 2)
    closed = closed_nights(property, first, first + timedelta(days=days))
    return {
        "property": property,
        "tape": tape.tape(property, first, days, wall, closed),
        "length": days,
        "lengths": LENGTHS,
        "before": (first - step).isoformat(),
        "after": (first + step).isoformat(),
        "usual": _usual(wall).isoformat(),
    }


def _usual(wall: Wall) -> date:
    return wall.today - timedelta(days=BEFORE)


def _key(property: Property) -> str:
    return f"tape-{property.pk}"
