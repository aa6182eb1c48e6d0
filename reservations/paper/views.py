"""Pages to be printed: lists of a day, the paper of a shift, a guest's registration card. The browser prints them; the
styles for paper are the stylesheet's."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from hospitality import access, clock
from hospitality.access import DESK, signed_in
from hospitality.htmx import refused, render_page
from hospitality.wall import Wall
from reservations import disclosing
from reservations.desk import pages
from reservations.models import Stay
from reservations.paper.lists import LISTS, paper
from reservations.verbs import Refused

CARD = "reservations/paper/card.html"


@signed_in
@require_safe
def listed(request: HttpRequest, slug: str, which: str = "shift") -> HttpResponse:
    property = access.enter(request, slug, DESK)
    if which not in LISTS:
        raise Http404("There is no such list to print.")
    wall = Wall(property, clock.now())
    day = pages.chosen_day(request.GET.get("day"), wall)
    context = {
        "property": property,
        "paper": paper(property, which, day, wall),
        "which": which,
        "day": day.isoformat(),
        "choices": [
            (key, title, reverse("print_list", args=[slug, key])) for key, (title, _) in LISTS.items()
        ],
        "signs": which == "shift",
    }
    return render_page(request, "reservations/paper/list.html", context)


@signed_in
@require_http_methods(["GET", "POST"])
def card(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    """A guest's registration card, without a PIN; a POST asks for it with the PIN, which goes on record."""
    stay = pages.find_stay(access.enter(request, slug, DESK), stay_id)
    if request.method == "GET":
        return render_page(request, CARD, _card(stay), partial="page")
    try:
        pin = disclosing.reveal_pin(stay, by=request.user)
    except Refused as refusal:
        return refused(request, CARD, _card(stay), partial="page", why=str(refusal), status=422)
    return render_page(request, CARD, _card(stay) | {"pin": pin}, partial="page")


def _card(stay: Stay) -> dict:
    context = pages.stay_context(stay)
    wall = Wall(stay.property, clock.now())
    return {
        "property": stay.property,
        "stay": stay,
        "page": context["page"],
        "companions": [one.name for one in stay.companions.filter(left_at__isnull=True)],
        "printed": wall.full(wall.now),
    }
