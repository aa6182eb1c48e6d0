"""The page of the programs that work at a house: a manager makes their keys and revokes them."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hospitality import access, clock
from hospitality.access import MANAGER, signed_in
from hospitality.htmx import done, render_page
from hospitality.models import Property
from hospitality.wall import Wall
from locks.models import ApiKey
from locks.programs import keys, page
from locks.programs.forms import KeyForm
from locks.subscriptions import page as webhooks

PAGE = "programs/page.html"
KEYS = "keys"
"""The part of the page that an answer about keys exchanges."""


@signed_in
@require_safe
def programs(request: HttpRequest, slug: str) -> HttpResponse:
    property = access.enter(request, slug, MANAGER)
    return render_page(request, PAGE, _context(property))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def make_key(request: HttpRequest, slug: str) -> HttpResponse:
    """A key; its text is in this one answer. GET is where somebody comes back to it."""
    property = access.enter(request, slug, MANAGER)
    if request.method != "POST":
        return redirect("programs", slug)
    form = KeyForm(property, request.POST)
    if not form.is_valid():
        return render_page(request, PAGE, _context(property, key_form=form), partial=KEYS, status=422)
    made, text = keys.make(property, by=request.user, **form.cleaned_data)
    context = _context(property, new_key=made, new_key_text=text)
    return render_page(request, PAGE, context, partial=KEYS)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def revoke_key(request: HttpRequest, slug: str, key_id) -> HttpResponse:
    """GET names the program and what becomes of it; POST revokes its key."""
    property = access.enter(request, slug, MANAGER)
    key = get_object_or_404(ApiKey.objects.select_related("property"), property=property, public_id=key_id)
    if request.method != "POST":
        return _ask(request, key)
    keys.revoke(key, by=request.user)
    return done(
        request,
        PAGE,
        _context(property),
        partial=KEYS,
        to=reverse("programs", args=[slug]),
        toast=_("The key of %(program)s opens nothing any more.") % {"program": key.name},
        headers={"HX-Trigger": "dialog:close"},
    )


def _ask(request: HttpRequest, key: ApiKey) -> HttpResponse:
    context = {
        "property": key.property,
        "about": _("The key of %(program)s, %(begins)s…") % {"program": key.name, "begins": key.begins},
        "warnings": [
            _("Whatever works with it is refused from now on."),
            _("Codes that it made stay on their doors."),
            _("It cannot be brought back: a new key has another text."),
        ],
        "yes": _("Revoke the key"),
        "target": "#api-keys",
        "back": reverse("programs", args=[key.property.slug]),
    }
    return render_page(request, "confirm.html", context, partial="dialog")


def _context(property: Property, **more) -> dict:
    """All sections of the page. `more`: a form as it was filled in, or a key that is shown this once."""
    wall = Wall(property, clock.now())
    return {
        "property": property,
        "zone_name": wall.zone_name,
        "keys": page.read(property, wall),
        "webhooks": webhooks.read(property, wall),
        "key_form": KeyForm(property),
        "may_read": page.MAY[ApiKey.Scope.READ],
        "endpoint": f"{settings.URL}/api",
    } | more
