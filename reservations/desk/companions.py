"""Those who come along with a guest: put on the stay, given a code, shown it, taken off. Each view is one verb of
`reservations.companions`."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from hospitality.access import signed_in
from hospitality.htmx import render_page
from hospitality.ordering import listed
from reservations import companions
from reservations.desk import acts, reveals
from reservations.forms import CompanionForm
from reservations.models import Companion, Stay


@signed_in
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    """GET asks who; POST puts them on the stay."""
    stay = acts.entered(request, slug, stay_id)
    form = CompanionForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _ask(request, stay, form)
    toast = _("%(name)s comes along with %(guest)s.")
    toast %= {"name": form.cleaned_data["name"], "guest": stay.reservation.guest}
    return acts.act(request, stay, companions.add, toast=toast, yes="", **form.cleaned_data)


def _ask(request: HttpRequest, stay: Stay, form: CompanionForm) -> HttpResponse:
    back = reverse("stay", args=[stay.property.slug, stay.public_id])
    context = {"property": stay.property, "stay": stay, "form": form, "back": back}
    headers = {"HX-Retarget": "#dialog", "HX-Reswap": "innerHTML settle:0ms"}
    status = 200 if request.method == "GET" else 422
    return render_page(request, "companion.html", context, partial="dialog", status=status, headers=headers)


@signed_in
@require_POST
def give_code(request: HttpRequest, slug: str, stay_id, companion_id) -> HttpResponse:
    stay, companion = _entered(request, slug, stay_id, companion_id)
    toast = _("%(name)s gets a code of their own.") % {"name": companion.name}
    return acts.act(
        request, stay, lambda one, by: companions.give_code(companion, by=by), toast=toast, yes=""
    )


@signed_in
@require_http_methods(["GET", "POST"])
def take_off(request: HttpRequest, slug: str, stay_id, companion_id) -> HttpResponse:
    """GET names who and which doors; POST takes them off."""
    stay, companion = _entered(request, slug, stay_id, companion_id)
    if request.method == "GET":
        about = _("%(name)s, with %(guest)s")
        about %= {"name": companion.name, "guest": stay.reservation.guest}
        return acts.ask(request, stay, [_off_words(stay, companion)], yes=_("Take off now"), about=about)
    toast = _("%(name)s is taken off the stay.") % {"name": companion.name}
    return acts.act(request, stay, lambda one, by: companions.take_off(companion, by=by), toast=toast, yes="")


def _off_words(stay: Stay, companion: Companion) -> str:
    doors = _doors(companion)
    if not doors:
        return _("%(name)s has no code of their own: no door changes.") % {"name": companion.name}
    text = _(
        "The code of %(name)s comes off %(doors)s now, and may open until each confirms. "
        "The code of %(guest)s stays as it is."
    )
    return text % {"name": companion.name, "doors": listed(doors), "guest": stay.reservation.guest}


@signed_in
@require_http_methods(["GET", "POST"])
def pin(request: HttpRequest, slug: str, stay_id, companion_id) -> HttpResponse:
    """POST shows their PIN and records who saw it."""
    stay, companion = _entered(request, slug, stay_id, companion_id)
    if request.method == "GET":
        return redirect("stay", slug, stay_id)
    doors = listed(_doors(companion)) or _("no door now")
    return reveals.show(
        request,
        stay,
        lambda: companions.reveal_pin(companion, by=request.user),
        _("PIN of %(name)s") % {"name": companion.name},
        doors,
    )


def _doors(companion: Companion) -> list[str]:
    """The doors that open with their PIN."""
    if companion.grant is None:
        return []
    codes = companion.grant.codes.filter(wanted=True, is_offline_access_code=False, has_own_pin=False)
    return list(codes.order_by("-lock__kind", "lock__name").values_list("lock__name", flat=True))


def _entered(request: HttpRequest, slug: str, stay_id, companion_id) -> tuple[Stay, Companion]:
    """Looked up through the property and the stay. Raises Http404, PermissionDenied."""
    stay = acts.entered(request, slug, stay_id)
    found = Companion.objects.select_related("grant", "stay")
    return stay, get_object_or_404(found, stay=stay, public_id=companion_id)
