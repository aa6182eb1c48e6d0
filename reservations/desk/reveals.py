"""Digits on the screen: the guest's PIN, a door's own, a backup code, an offline code. Each is shown in one answer to
one POST, goes on record, and is in no address and no cache.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from hospitality.access import signed_in
from hospitality.htmx import done, render_page, said_yes
from hospitality.models import Property
from locks import backups
from locks.models import Lock
from locks.providers.base import OfflineKind
from reservations import disclosing, grants, guests, stays
from reservations.desk import pages
from reservations.desk.acts import CLOSE, Region, ask, entered, fresh, refuse
from reservations.forms import OfflineForm
from reservations.models import Stay


@signed_in
@require_http_methods(["GET", "POST"])
def pin(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    """POST shows the guest's PIN and records who saw it; GET hides it again."""
    stay = entered(request, slug, stay_id)
    if request.method == "GET":
        if not request.htmx:
            return redirect("stay", slug, stay_id)
        return render_page(request, "stay.html", pages.stay_context(stay), partial="secret")
    return show(request, stay, lambda: disclosing.reveal_pin(stay, by=request.user), _("PIN"))


class _MakerIsAsked(Exception):
    """There are no digits to show yet: they come from the lock's maker."""


@signed_in
@require_http_methods(["GET", "POST"])
def backup(request: HttpRequest, slug: str, stay_id, lock_id) -> HttpResponse:
    """Hand out a backup code for one door and show it. Where none is left, the lock's maker is asked for one of its own,
    which this shows once it is there; where that cannot help, the desk's screens ring."""
    reason, is_id_checked = request.POST.get("reason", "")[:200], None
    if "reason" in request.POST:
        is_id_checked = request.POST.get("id_checked") == "1"

    def hand_out(stay: Stay, lock: Lock, *, by) -> str:
        try:
            return disclosing.issue_backup(stay, lock, by=by, reason=reason, is_id_checked=is_id_checked).pin
        except stays.Refused as refusal:
            if not isinstance(refusal.__cause__, backups.NoneLeft):
                raise
            if disclosing.ask_maker(stay, lock, by=by):
                raise _MakerIsAsked from refusal
            guests.nothing_left(stay, lock, by=by)
            raise

    try:
        return _show_at_door(request, slug, stay_id, lock_id, hand_out, _("Backup code"))
    except _MakerIsAsked:
        return _wait_for_maker(request, entered(request, slug, stay_id))


def _wait_for_maker(request: HttpRequest, stay: Stay) -> HttpResponse:
    """The screen without digits, and where they will stand."""
    region = _secret_region(stay)
    return done(
        request,
        region.template,
        region.context(),
        partial=region.partial,
        to=region.to,
        toast=_(
            "No backup code of ours is left: the lock's maker is asked for one. What it says stands at the door."
        ),
        headers={"HX-Trigger": f"{CLOSE}, stay:changed"},
    )


@signed_in
@require_http_methods(["GET", "POST"])
def show_backup(request: HttpRequest, slug: str, stay_id, lock_id) -> HttpResponse:
    """Show a backup code that was handed out before."""
    return _show_at_door(request, slug, stay_id, lock_id, disclosing.reveal_backup, _("Backup code"))


@signed_in
@require_http_methods(["GET", "POST"])
def door_pin(request: HttpRequest, slug: str, stay_id, lock_id) -> HttpResponse:
    """Show the digits that one door alone takes."""
    return _show_at_door(
        request, slug, stay_id, lock_id, disclosing.reveal_door_pin, _("This door's PIN"), alone=True
    )


@signed_in
@require_http_methods(["GET", "POST"])
def offline_code(request: HttpRequest, slug: str, stay_id, lock_id) -> HttpResponse:
    """Ask first, for nobody can take such a code back; then issue it and show it. Sent twice, it is one code."""
    stay = entered(request, slug, stay_id)
    lock = _lock(stay.property, lock_id)
    form = OfflineForm(request.POST)
    if not said_yes(request) or not form.is_valid():
        return _ask_offline(request, stay, lock)
    return show(
        request,
        stay,
        lambda: (
            disclosing.issue_offline_code(
                stay, lock, by=request.user, confirmed=True, **form.cleaned_data
            ).pin
        ),
        _("Offline code"),
        _only(lock),
    )


KINDS = {
    OfflineKind.HOURLY: gettext_lazy("For the stay, by the hour"),
    OfflineKind.DAILY: gettext_lazy("For the stay, by the day"),
    OfflineKind.ONE_TIME: gettext_lazy("Once"),
}


def _ask_offline(request: HttpRequest, stay: Stay, lock: Lock) -> HttpResponse:
    """What can be issued, from when to when it would open, and that there is no way back."""
    try:
        code, offers = grants.offline_offers(stay, lock)
    except stays.Refused as refusal:
        return refuse(request, _secret_region(stay), refusal)
    said = {window.kind: grants.offline_words(lock, window) for window in offers}
    beside = grants.lasting_words(stay, lock)
    if len(offers) == 1:
        [(kind, warnings)] = said.items()
        choices, kept = [], [("kind", kind.value)]
    else:
        warnings, kept = [grants.NO_WAY_BACK], []
        choices = [
            {"value": kind.value, "label": KINDS[kind], "text": " ".join(words[:-1])}
            for kind, words in said.items()
        ]
    return ask(
        request,
        stay,
        [*warnings, *beside],
        yes=_("Issue offline code"),
        target="#secret",
        status=200 if request.method == "GET" else 422,
        kept=[*kept, ("instead_of", code.public_id if code.issued_at else "")],
        choices=choices,
    )


def _lock(property: Property, lock_id) -> Lock:
    return get_object_or_404(property.locks, public_id=lock_id)


def _secret_region(stay: Stay) -> Region:
    page = reverse("stay", args=[stay.property.slug, stay.public_id])
    return Region("stay.html", "secret", page, "#secret", lambda: pages.stay_context(fresh(stay)))


def _show_at_door(
    request: HttpRequest, slug: str, stay_id, lock_id, reveal: Callable, what: str, *, alone: bool = False
) -> HttpResponse:
    """A POST shows the digits that `reveal` gives for one door; a GET, after a sign-in on the way, only the stay.
    `alone`: they open no other."""
    stay = entered(request, slug, stay_id)
    lock = _lock(stay.property, lock_id)
    if request.method == "GET":
        return redirect("stay", slug, stay_id)
    opens = _only(lock) if alone else lock.name
    return show(request, stay, lambda: reveal(stay, lock, by=request.user), what, opens)


def _only(lock: Lock) -> str:
    # Translators: what digits open: this door only
    return _("%(door)s only") % {"door": lock.name}


def show(
    request: HttpRequest, stay: Stay, reveal: Callable[[], str], what: str, opens: str = ""
) -> HttpResponse:
    """Digits on the screen: in this one answer, which nothing keeps. `opens`: which door, if not those of the PIN."""
    try:
        digits = reveal()
    except stays.Refused as refusal:
        return refuse(request, _secret_region(stay), refusal)
    context = pages.stay_context(fresh(stay))
    shown = {"what": what, "digits": digits, "opens": opens or context["page"].pin_opens}
    return render_page(
        request,
        "stay.html",
        context | {"secret": shown},
        partial="secret",
        headers={"HX-Trigger": f"{CLOSE}, stay:changed"},
    )
