"""The page of the staff's codes. Everybody of the house reads it; owners and managers make codes, see their digits and
take them off."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from hospitality import access, clock
from hospitality.access import DESK, OWNER, signed_in
from hospitality.htmx import done, refused, render_page
from hospitality.models import Property
from hospitality.ordering import listed
from hospitality.wall import Wall
from locks.models import StaffCode
from locks.staff import page, times, verbs
from locks.staff.forms import StaffForm

CLOSE = {"HX-Trigger": "dialog:close"}


@signed_in
@require_safe
def codes(request: HttpRequest, slug: str) -> HttpResponse:
    property = access.enter(request, slug, DESK, OWNER)
    return render_page(request, "staff.html", _context(request, property), partial="live")


@signed_in
@require_http_methods(["GET", "POST"])
def make(request: HttpRequest, slug: str) -> HttpResponse:
    """A new code. A form sent twice is one code."""
    property = access.enter(request, slug, OWNER)
    if request.method == "GET":
        return redirect("staff", slug)
    form = StaffForm(property, request.POST)
    if not form.is_valid():
        context = _context(request, property, form)
        return render_page(request, "staff.html", context, partial="form", status=422)
    try:
        made = verbs.make(property, by=request.user, **form.cleaned_data)
    except verbs.Refused as refusal:
        context = _context(request, property, form)
        return refused(request, "staff.html", context, partial="form", why=str(refusal), status=422)
    return done(
        request,
        "staff.html",
        _context(request, property),
        partial="made",
        to=reverse("staff", args=[slug]),
        toast=_("%(name)s has a code. Show its PIN and pass it on.") % {"name": made.name},
    )


@signed_in
@require_http_methods(["GET", "POST"])
def pin(request: HttpRequest, slug: str, staff_id) -> HttpResponse:
    """POST shows the PIN and records who saw it; GET hides it again."""
    property = access.enter(request, slug, OWNER)
    code = _find(property, staff_id)
    if request.method == "GET":
        if not request.htmx:
            return redirect("staff", slug)
        return render_page(request, "staff.html", _context(request, property), partial="secret")
    try:
        digits = verbs.reveal(code, by=request.user)
    except verbs.Refused as refusal:
        context = _context(request, property)
        return refused(request, "staff.html", context, partial="secret", why=str(refusal), status=422)
    context = _context(request, property) | {
        "secret": {"code": code, "digits": digits, "when": times.words(code)}
    }
    return render_page(request, "staff.html", context, partial="secret")


@signed_in
@require_http_methods(["GET", "POST"])
def take_off(request: HttpRequest, slug: str, staff_id) -> HttpResponse:
    """GET names who and which doors; POST takes the code off them."""
    property = access.enter(request, slug, OWNER)
    code = _find(property, staff_id)
    if request.method == "GET":
        return _ask(request, property, code)
    taken = verbs.take_off(code, by=request.user)
    if taken:
        said = _("The code of %(name)s is being taken off; each door may open until its lock confirms.")
    else:
        said = _("The code of %(name)s was taken off before.")
    return done(
        request,
        "staff.html",
        _context(request, property),
        partial="live",
        to=reverse("staff", args=[slug]),
        toast=said % {"name": code.name},
        headers=CLOSE,
    )


def _ask(request: HttpRequest, property: Property, code: StaffCode) -> HttpResponse:
    doors = [lock.name for lock in verbs.doors(code)]
    many = ngettext("%(count)s door", "%(count)s doors", len(doors)) % {"count": len(doors)}
    where = listed(doors) if len(doors) <= 6 else many
    context = {
        "property": property,
        "about": f"{code.name}, {times.in_short(code)}",
        "warnings": [
            _("The code comes off %(doors)s now; each may open until its lock confirms.") % {"doors": where},
            _("It cannot be brought back: a new code has other digits."),
        ],
        "yes": _("Take it off now"),
        "target": "#live",
        "back": reverse("staff", args=[property.slug]),
    }
    return render_page(request, "confirm.html", context, partial="dialog")


def _find(property: Property, staff_id) -> StaffCode:
    """Looked up through the property. Raises Http404."""
    found = StaffCode.objects.select_related("property", "grant")
    return get_object_or_404(found, property=property, public_id=staff_id)


def _context(request: HttpRequest, property: Property, form: StaffForm | None = None) -> dict:
    may = request.role != DESK
    return {
        "property": property,
        "page": page.read(property, Wall(property, clock.now())),
        "form": (form or StaffForm(property)) if may else None,
        "may": may,
    }
