"""What a clerk does to a stay: each view is one verb of `reservations.stays` and what the screen shows after it.

Every POST is a plain form. The board's rows and the stay page post to the same addresses; the field `back` says
which of them is to be shown afterwards.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hospitality import access, clock
from hospitality.access import DESK, signed_in
from hospitality.htmx import done, refused, render_page, said_yes, wants_fragment
from hospitality.wall import Wall
from reservations import grants, preview, stays
from reservations.desk import pages
from reservations.forms import ChangeForm
from reservations.models import Stay
from reservations.preview import Preview

CLOSE = "dialog:close"


@dataclass(frozen=True)
class Region:
    """The part of the screen a form stands in: what to render there afterwards, and where a browser goes."""

    template: str
    partial: str
    to: str
    target: str
    context: Callable[[], dict] = field(repr=False)


def region_of(request: HttpRequest, stay: Stay, *, acted: bool = False) -> Region:
    """Where a verb was asked from; where it has `acted`, what stands beside that on the stay's page as well."""
    slug, key = stay.property.slug, f"stay-{stay.public_id}"
    if request.POST.get("back") != "board":
        page = reverse("stay", args=[slug, stay.public_id])
        partial = "acted" if acted else "live"
        return Region("stay.html", partial, page, "#live", lambda: pages.stay_context(fresh(stay)))
    wall = Wall(stay.property, clock.now())
    day = pages.chosen_day(request.POST.get("day"), wall)

    def context() -> dict:
        one = pages.row_context(fresh(stay), day, wall)
        return (
            one if wants_fragment(request) else one | pages.board_context(request, stay.property, day, wall)
        )

    board = f"{reverse('board', args=[slug])}?day={day}&{pages.chosen_rows(request).query}".rstrip("&")
    return Region("board.html", "row", board, f"#{key}", context)


def fresh(stay: Stay) -> Stay:
    """The stay as it is now, for what is shown after a verb."""
    return pages.find_stay(stay.property, stay.public_id)


def entered(request: HttpRequest, slug: str, stay_id) -> Stay:
    """The stay, for somebody of the desk. Raises Http404, PermissionDenied."""
    return pages.find_stay(access.enter(request, slug, DESK), stay_id)


def act(
    request: HttpRequest,
    stay: Stay,
    verb: Callable,
    *,
    toast: str,
    yes: str,
    region: Region | None = None,
    refused_in: Region | None = None,
    instead: tuple[str, str] | None = None,
    **wish,
) -> HttpResponse:
    """Carry out one verb and show the region it was asked from, or `refused_in` if it was refused. `yes` is the
    confirming button's label; `instead` another answer's, and where that is posted."""
    region = region or region_of(request, stay, acted=True)
    try:
        verb(stay, by=request.user, **wish)
    except stays.NeedsConfirmation:
        foreseen = preview.of(verb, stay, by=request.user, **{**wish, "confirmed": False})
        return ask_with(request, stay, foreseen, yes=yes, target=region.target, status=422, instead=instead)
    except stays.Refused as refusal:
        return refuse(request, refused_in or region_of(request, stay), refusal)
    return done(
        request,
        region.template,
        region.context(),
        partial=region.partial,
        to=region.to,
        toast=toast,
        headers={"HX-Trigger": f"{CLOSE}, board:changed, stay:changed"},
    )


def refuse(request: HttpRequest, region: Region, refusal: stays.Refused) -> HttpResponse:
    """The region as it is now, with the sentence that says why not."""
    status = 409 if isinstance(refusal, stays.AlreadyDone) else 422
    return refused(
        request,
        region.template,
        region.context(),
        partial=region.partial,
        why=str(refusal),
        status=status,
        headers={"HX-Trigger": CLOSE, "HX-Retarget": region.target, "HX-Reswap": "outerHTML settle:0ms"},
    )


def ask(
    request: HttpRequest,
    stay: Stay,
    warnings: list[str],
    *,
    yes: str,
    target: str = "#live",
    status: int = 200,
    **more,
) -> HttpResponse:
    """A page, or a dialog, that names what will happen and asks once more. It posts what was posted, and `confirmed`."""
    context = {
        "property": stay.property,
        "about": f"{stay.reservation.guest}, {stay.room}" if stay.room else str(stay.reservation.guest),
        "warnings": warnings,
        "yes": yes,
        "target": target,
        "kept": posted(request),
        "back": reverse("stay", args=[stay.property.slug, stay.public_id]),
    }
    headers = {"HX-Retarget": "#dialog", "HX-Reswap": "innerHTML settle:0ms"}
    return render_page(
        request, "confirm.html", context | more, partial="dialog", status=status, headers=headers
    )


def ask_with(request: HttpRequest, stay: Stay, foreseen: Preview, *, yes: str, **more) -> HttpResponse:
    """The same with what it would do at the doors, after `words` where there are any; where it cannot be done at all, why
    not."""
    if foreseen.refused:
        return refuse(request, region_of(request, stay), stays.Refused(foreseen.refused))
    words = [*more.pop("words", []), *foreseen.warnings]
    return ask(request, stay, words, yes=yes, preview=foreseen, **more)


def posted(request: HttpRequest) -> list[tuple[str, str]]:
    """What was posted, for the form that asks once more."""
    return [
        (name, value)
        for name, values in request.POST.lists()
        if name not in ("csrfmiddlewaretoken", "confirmed", "seen")
        for value in values
    ]


@signed_in
@require_http_methods(["GET", "POST"])
def check_in(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    """GET says what the check-in does at the doors, POST does it."""
    stay = entered(request, slug, stay_id)
    if request.method == "GET":
        foreseen = preview.of(stays.check_in, stay, by=request.user)
        now = _("%(guest)s is checked in now: the code opens from now on.")
        words = [now % {"guest": stay.reservation.guest}]
        return ask_with(request, stay, foreseen, yes=_("Check in"), words=words)
    toast = _("%(guest)s is checked in to %(room)s.")
    toast %= {"guest": stay.reservation.guest, "room": stay.room}
    queue = (_("Put on the queue"), reverse("wait", args=[slug, stay_id]))
    return act(
        request,
        stay,
        stays.check_in,
        toast=toast,
        yes=_("Check in anyway"),
        instead=None if stay.waiting_since else queue,
        confirmed=said_yes(request),
    )


@signed_in
@require_http_methods(["GET", "POST"])
def check_out(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    """Check out at once on the day; a guest who leaves early is asked about, for the doors close at once."""
    stay = entered(request, slug, stay_id)
    if request.method == "GET":
        return redirect("stay", slug, stay_id)
    toast = _("%(guest)s is checked out.") % {"guest": stay.reservation.guest}
    yes = _("Check out now")
    return act(request, stay, stays.check_out, toast=toast, yes=yes, confirmed=said_yes(request))


@signed_in
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    """Other dates or times, another room or name; asked about unless what it does at the doors was seen before."""
    stay = entered(request, slug, stay_id)
    if request.method == "GET":
        return redirect("stay", slug, stay_id)
    form = ChangeForm(stay, request.POST)
    if not form.is_valid():
        return render_page(request, "stay.html", pages.stay_context(stay, form), partial="change", status=422)
    agreed, yes = said_yes(request), _("Save the change")
    if not agreed:
        foreseen = preview.of(stays.change, stay, by=request.user, **form.changes())
        agreed = request.POST.get("seen") == foreseen.key
        if foreseen.moves and not agreed:
            return ask_with(request, stay, foreseen, yes=yes, target="#change", status=422)
    return act(
        request,
        stay,
        stays.change,
        toast=_("Stay changed; its code follows.") if form.changed_data else _("Nothing was changed."),
        yes=yes,
        region=_change_region(stay),
        refused_in=_change_region(stay, form),
        confirmed=agreed,
        **form.changes(),
    )


@signed_in
@require_http_methods(["GET", "POST"])
def preview_change(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    """What the change as it is typed would do at the doors: only ever a fragment, nothing is done."""
    stay = entered(request, slug, stay_id)
    if request.method == "GET" or not wants_fragment(request):
        return redirect("stay", slug, stay_id)
    form = ChangeForm(stay, request.POST)
    foreseen = Preview()
    if form.is_valid() and form.has_changed():
        foreseen = preview.of(stays.change, stay, by=request.user, **form.changes())
    context = {"property": stay.property, "stay": stay, "preview": foreseen}
    return render_page(request, "reservations/change_preview.html", context)


def _change_region(stay: Stay, form: ChangeForm | None = None) -> Region:
    page = reverse("stay", args=[stay.property.slug, stay.public_id])
    return Region("stay.html", "change", page, "#change", lambda: pages.stay_context(fresh(stay), form))


@signed_in
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    stay = entered(request, slug, stay_id)
    if request.method == "GET":
        words = _("Cancelling the stay of %(guest)s.")
        if stay.room:
            words = _("Cancelling the stay of %(guest)s: room %(room)s is free for others from then on.")
        return _ask_call_off(request, stay, stays.cancel, words, yes=_("Cancel the stay"))
    toast = _("The stay of %(guest)s is cancelled.") % {"guest": stay.reservation.guest}
    return act(request, stay, stays.cancel, toast=toast, yes="")


@signed_in
@require_http_methods(["GET", "POST"])
def no_show(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    stay = entered(request, slug, stay_id)
    if request.method == "GET":
        words = _("Marking as no-show the stay of %(guest)s.")
        if stay.room:
            words = _(
                "Marking as no-show the stay of %(guest)s: room %(room)s is free for others from then on."
            )
        return _ask_call_off(request, stay, stays.no_show, words, yes=_("Mark as no-show"))
    toast = _("%(guest)s is marked as no-show.") % {"guest": stay.reservation.guest}
    return act(request, stay, stays.no_show, toast=toast, yes="")


def _ask_call_off(request: HttpRequest, stay: Stay, verb: Callable, words: str, *, yes: str) -> HttpResponse:
    words %= {"guest": stay.reservation.guest, "room": stay.room}
    foreseen = preview.of(verb, stay, by=request.user)
    return ask_with(request, stay, foreseen, yes=yes, words=[words, *grants.lasting_words(stay)])
