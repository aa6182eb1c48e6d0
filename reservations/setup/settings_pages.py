"""The page of the settings: what a manager changes in daily work, without the administration."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hospitality import access
from hospitality.access import MANAGER, signed_in
from hospitality.htmx import render_page, said_yes
from hospitality.models import Property
from reservations.desk.acts import posted
from reservations.setup import house_settings

PAGE = "settings/house.html"


@signed_in
@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    property = access.enter(request, slug, MANAGER)
    return _page(request, property)


@signed_in
@require_POST
def save(request: HttpRequest, slug: str, section: str) -> HttpResponse:
    """One section. What moves guests' codes is asked about first, with what it means."""
    property = access.enter(request, slug, MANAGER)
    chosen = next((one for one in house_settings.SECTIONS if one.key == section), None)
    if chosen is None:
        raise Http404("There is no such section.")
    form = house_settings.form(chosen, _copy(property), request.POST)
    if not form.is_valid():
        return _page(request, property, refused=(section, form), status=422)
    words = house_settings.meaning(property, form) if not said_yes(request) else []
    if words:
        context = {
            "property": property,
            "about": f"{chosen.title}: {property}",
            "warnings": words,
            "yes": _("Change it"),
            "kept": posted(request),
            "back": reverse("settings", args=[slug]),
        }
        return render_page(request, "confirm.html", context, status=422)
    house_settings.save(form, by=request.user)
    saved = _("%(section)s: saved.") % {"section": chosen.title}
    messages.success(request, saved if form.changed_data else _("Nothing was changed."))
    return redirect("settings", form.instance.slug)


def _page(request: HttpRequest, property: Property, *, refused=None, status: int = 200) -> HttpResponse:
    sections = [
        (
            one,
            refused[1] if refused and refused[0] == one.key else house_settings.form(one, _copy(property)),
        )
        for one in house_settings.SECTIONS
    ]
    return render_page(request, PAGE, {"property": property, "sections": sections}, status=status)


def _copy(property: Property) -> Property:
    """A form writes into its house while it is checked; the page's head is to show the one that is."""
    return Property.objects.get(pk=property.pk)
