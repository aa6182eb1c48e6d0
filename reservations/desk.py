"""What a clerk does to a stay: each view is one verb of `reservations.stays` and what the screen shows after it.

Every POST is a plain form. The board's rows and the stay page post to the same addresses; the field `back` says
which of them is to be shown afterwards.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from hospitality import access, clock
from hospitality.access import DESK, signed_in
from hospitality.htmx import done, refused, render_page, wants_fragment
from hospitality.models import Property
from hospitality.wall import Wall
from reservations import stays, views
from reservations.forms import ChangeForm
from reservations.models import Stay

CLOSE = "dialog:close"


@dataclass(frozen=True)
class Region:
    """The part of the screen a form stands in: what to render there afterwards, and where a browser goes."""

    template: str
    partial: str
    to: str
    target: str
    context: Callable[[], dict] = field(repr=False)


def _region(request: HttpRequest, stay: Stay) -> Region:
    slug, key = stay.property.slug, f"stay-{stay.public_id}"
    if request.POST.get("back") != "board":
        page = reverse("stay", args=[slug, stay.public_id])
        return Region("stay.html", "live", page, "#live", lambda: views.stay_context(_fresh(stay)))
    wall = Wall(stay.property, clock.now())
    day = views.chosen_day(request.POST.get("day"), wall)

    def context() -> dict:
        one = views.row_context(_fresh(stay), day, wall)
        return one if wants_fragment(request) else one | views.board_context(stay.property, day, wall)

    return Region("board.html", "row", f"{reverse('board', args=[slug])}?day={day}", f"#{key}", context)


def _fresh(stay: Stay) -> Stay:
    return views.find_stay(stay.property, stay.public_id)


def _entered(request: HttpRequest, slug: str, stay_id) -> Stay:
    return views.find_stay(access.enter(request, slug, DESK), stay_id)


def _act(request: HttpRequest, stay: Stay, verb: Callable, *, toast: str, yes: str, **wish) -> HttpResponse:
    """Carry out one verb and show the region it was asked from. `yes` is the confirming button's label."""
    region = _region(request, stay)
    try:
        verb(stay, by=request.user, **wish)
    except stays.NeedsConfirmation as question:
        return _ask(request, stay, question.warnings, yes=yes, target=region.target, status=422)
    except stays.Refused as refusal:
        return _refuse(request, region, refusal)
    headers = {"HX-Trigger": f"{CLOSE}, board:changed, stay:changed"}
    return done(
        request,
        region.template,
        region.context(),
        partial=region.partial,
        to=region.to,
        toast=toast,
        headers=headers,
    )


def _refuse(request: HttpRequest, region: Region, refusal: stays.Refused) -> HttpResponse:
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


def _ask(
    request: HttpRequest,
    stay: Stay,
    warnings: list[str],
    *,
    yes: str,
    target: str = "#live",
    status: int = 200,
) -> HttpResponse:
    """A page, or a dialog, that names what will happen and asks once more. It posts what was posted, and `confirmed`."""
    kept = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in ("csrfmiddlewaretoken", "confirmed")
        for value in values
    ]
    context = {
        "property": stay.property,
        "stay": stay,
        "warnings": warnings,
        "yes": yes,
        "target": target,
        "kept": kept,
        "back": reverse("stay", args=[stay.property.slug, stay.public_id]),
    }
    headers = {"HX-Retarget": "#dialog", "HX-Reswap": "innerHTML settle:0ms"}
    return render_page(request, "confirm.html", context, partial="dialog", status=status, headers=headers)


@signed_in
@require_http_methods(["GET", "POST"])
def check_in(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    stay = _entered(request, slug, stay_id)
    if request.method == "GET":
        return redirect("stay", slug, stay_id)
    toast = f"{stay.reservation.guest} is checked in to {stay.room}."
    return _act(
        request, stay, stays.check_in, toast=toast, yes="Check in anyway", confirmed=_confirmed(request)
    )


@signed_in
@require_http_methods(["GET", "POST"])
def check_out(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    """Check out at once on the day; a guest who leaves early is asked about, for the doors close at once."""
    stay = _entered(request, slug, stay_id)
    if request.method == "GET":
        return redirect("stay", slug, stay_id)
    toast = f"{stay.reservation.guest} is checked out."
    confirmed = _confirmed(request)
    return _act(request, stay, stays.check_out, toast=toast, yes="Check out now", confirmed=confirmed)


@signed_in
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    """Other dates, another room or name."""
    stay = _entered(request, slug, stay_id)
    if request.method == "GET":
        return redirect("stay", slug, stay_id)
    form = ChangeForm(stay, request.POST)
    if not form.is_valid():
        return render_page(request, "stay.html", views.stay_context(stay, form), partial="change", status=422)
    try:
        stays.change(stay, by=request.user, confirmed=_confirmed(request), **form.changes())
    except stays.NeedsConfirmation as question:
        return _ask(request, stay, question.warnings, yes="Change anyway", target="#change", status=422)
    except stays.Refused as refusal:
        return _refuse(request, _change_region(stay, form), refusal)
    toast = "Stay changed; its code follows." if form.changed_data else "Nothing was changed."
    region = _change_region(stay)
    headers = {"HX-Trigger": f"{CLOSE}, stay:changed"}
    return done(
        request,
        region.template,
        region.context(),
        partial=region.partial,
        to=region.to,
        toast=toast,
        headers=headers,
    )


def _change_region(stay: Stay, form: ChangeForm | None = None) -> Region:
    page = reverse("stay", args=[stay.property.slug, stay.public_id])
    return Region("stay.html", "change", page, "#change", lambda: views.stay_context(_fresh(stay), form))


@signed_in
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    stay = _entered(request, slug, stay_id)
    if request.method == "GET":
        return _ask(request, stay, [_call_off_words(stay, "Cancelling")], yes="Cancel the stay")
    return _act(
        request, stay, stays.cancel, toast=f"The stay of {stay.reservation.guest} is cancelled.", yes=""
    )


@signed_in
@require_http_methods(["GET", "POST"])
def no_show(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    stay = _entered(request, slug, stay_id)
    if request.method == "GET":
        return _ask(request, stay, [_call_off_words(stay, "Marking as no-show")], yes="Mark as no-show")
    return _act(request, stay, stays.no_show, toast=f"{stay.reservation.guest} is marked as no-show.", yes="")


def _call_off_words(stay: Stay, doing: str) -> str:
    where = (
        f"room {stay.room} is free again and every code of it comes off its doors"
        if stay.room
        else "no door changes"
    )
    return (
        f"{doing} the stay of {stay.reservation.guest}: {where}. It cannot be taken back; book again instead."
    )


@signed_in
@require_http_methods(["GET", "POST"])
def pin(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    """POST shows the guest's PIN and records who saw it; GET hides it again."""
    stay = _entered(request, slug, stay_id)
    if request.method == "GET":
        if not request.htmx:
            return redirect("stay", slug, stay_id)
        return render_page(request, "stay.html", views.stay_context(stay), partial="secret")
    return _show(
        request, stay, lambda: stays.reveal_pin(stay, by=request.user), "PIN", "all doors of the stay"
    )


@signed_in
@require_http_methods(["GET", "POST"])
def backup(request: HttpRequest, slug: str, stay_id, lock_id) -> HttpResponse:
    """Hand out a backup code for one door and show it."""
    stay = _entered(request, slug, stay_id)
    lock = _lock(stay.property, lock_id)
    if request.method == "GET":
        return redirect("stay", slug, stay_id)
    return _show(
        request, stay, lambda: stays.issue_backup(stay, lock, by=request.user).pin, "Backup code", lock.name
    )


@signed_in
@require_http_methods(["GET", "POST"])
def show_backup(request: HttpRequest, slug: str, stay_id, lock_id) -> HttpResponse:
    """Show a backup code that was handed out before."""
    stay = _entered(request, slug, stay_id)
    lock = _lock(stay.property, lock_id)
    if request.method == "GET":
        return redirect("stay", slug, stay_id)
    return _show(
        request, stay, lambda: stays.reveal_backup(stay, lock, by=request.user), "Backup code", lock.name
    )


def _lock(property: Property, lock_id):
    return get_object_or_404(property.locks, public_id=lock_id)


def _show(request: HttpRequest, stay: Stay, reveal: Callable[[], str], what: str, opens: str) -> HttpResponse:
    """Digits on the screen: in this one answer, which nothing keeps."""
    page = reverse("stay", args=[stay.property.slug, stay.public_id])
    try:
        digits = reveal()
    except stays.Refused as refusal:
        region = Region("stay.html", "secret", page, "#secret", lambda: views.stay_context(_fresh(stay)))
        return _refuse(request, region, refusal)
    context = views.stay_context(_fresh(stay)) | {"secret": {"what": what, "digits": digits, "opens": opens}}
    return render_page(
        request, "stay.html", context, partial="secret", headers={"HX-Trigger": "stay:changed"}
    )


def _confirmed(request: HttpRequest) -> bool:
    return request.POST.get("confirmed") == "1"
