"""Sealed backup codes on the screen. Their digits are in one answer to one POST of a manager, in no address and no
cache."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hospitality import access, clock
from hospitality.access import DESK, MANAGER, signed_in
from hospitality.htmx import done, refused, render_page
from hospitality.models import Property
from hospitality.ordering import natural
from hospitality.wall import Wall
from locks import sealed
from locks.models import AccessCode
from reservations import given
from reservations.paper import envelope_page, envelopes
from reservations.paper.envelopes import Slip
from reservations.verbs import AlreadyDone, Refused

PAGE, ONE = "reservations/paper/envelopes.html", "reservations/paper/envelope.html"


@signed_in
@require_safe
def every(request: HttpRequest, slug: str) -> HttpResponse:
    """Those that lie in envelopes now."""
    property = access.enter(request, slug, DESK)
    return render_page(request, PAGE, _context(property), partial="page")


@signed_in
@require_POST
def draw(request: HttpRequest, slug: str) -> HttpResponse:
    """New ones, their digits to be printed at once."""
    property = access.enter(request, slug, MANAGER)
    chosen = [lock for lock in property.locks.all() if str(lock.public_id) in request.POST.getlist("door")]
    seen = request.POST.get("seen", "")
    return _slips(
        request,
        property,
        lambda: envelopes.draw(property, chosen, by=request.user, seen=int(seen) if seen.isdecimal() else -1),
    )


@signed_in
@require_POST
def again(request: HttpRequest, slug: str) -> HttpResponse:
    """Those that are sealed, to be printed once more."""
    property = access.enter(request, slug, MANAGER)
    return _slips(request, property, lambda: envelopes.show(property, by=request.user))


def _slips(request: HttpRequest, property: Property, act) -> HttpResponse:
    try:
        slips: list[Slip] = act()
    except Refused as refusal:
        status = 409 if isinstance(refusal, AlreadyDone) else 422
        return refused(request, PAGE, _context(property), partial="page", why=str(refusal), status=status)
    return render_page(request, PAGE, _context(property) | {"slips": slips}, partial="page")


@signed_in
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, slug: str, code_id) -> HttpResponse:
    """GET asks what became of an envelope; POST puts it down: given to a guest, or destroyed."""
    property = access.enter(request, slug, DESK)
    code = get_object_or_404(_sealed(property), public_id=code_id)
    if request.method == "GET":
        if not sealed.waiting(property).filter(pk=code.pk).exists():
            return redirect("envelopes", slug)
        return render_page(request, ONE, _of_one(code), partial="page")
    label, key = sealed.label(code.public_id), request.POST.get("stay", "")
    try:
        if request.POST.get("what") == "destroyed":
            envelopes.destroy(code, by=request.user)
            said = _(
                "Envelope %(label)s is destroyed; its code may open until the lock confirms that it is off."
            )
            toast = said % {"label": label}
        else:
            wall = Wall(property, clock.now())
            stay = next((one for one in given.may_have(code.lock, wall) if str(one.public_id) == key), None)
            if stay is None:
                raise Refused(_("Choose the guest who was given the envelope, or say that it was destroyed."))
            envelopes.give(stay, code, by=request.user)
            said = _("Envelope %(label)s was given to %(guest)s; its code ends with the stay.")
            toast = said % {"label": label, "guest": stay.reservation.guest}
    except Refused as refusal:
        return refused(request, ONE, _of_one(code), partial="page", why=str(refusal), status=422)
    to = reverse("envelopes", args=[slug])
    return done(
        request, PAGE, _context(property), partial="page", to=to, toast=toast, headers={"HX-Push-Url": to}
    )


def _sealed(property: Property) -> QuerySet[AccessCode]:
    found = AccessCode.objects.filter(lock__property=property, sealed_at__isnull=False)
    return found.select_related("lock__property")


def _context(property: Property) -> dict:
    wall = Wall(property, clock.now())
    return {
        "property": property,
        "envelopes": envelope_page.waiting(property, wall),
        "doors": envelope_page.offers(property),
        "seen": envelopes.drawn(property),
        "printed": wall.full(wall.now),
        "zone_name": wall.zone_name,
    }


def _of_one(code: AccessCode) -> dict:
    wall = Wall(code.lock.property, clock.now())
    guests = sorted(given.may_have(code.lock, wall), key=lambda stay: natural(str(stay.room)))
    return {
        "property": code.lock.property,
        "code": code,
        "envelope": envelope_page.one(code, wall),
        "guests": guests,
    }
