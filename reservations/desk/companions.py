"""Those who come along with a guest: put on the stay, given a code, shown it, taken off. Each view is one verb of
`reservations.companions`."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from hospitality.access import signed_in
from hospitality.htmx import render_page
from hospitality.ordering import listed
from reservations import companions
from reservations.desk import acts, reveals
from reservations.forms import CompanionForm
from reservations.models import Companion, Stay

TAKE_OFF = "Take off now"


@signed_in
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, slug: str, stay_id) -> HttpResponse:
    """GET asks who; POST puts them on the stay."""
    stay = acts.entered(request, slug, stay_id)
    form = CompanionForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _ask(request, stay, form)
    name = form.cleaned_data["name"]
    toast = f"{name} comes along with {stay.reservation.guest}."
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
    toast = f"{companion.name} gets a code of their own."
    return acts.act(request, stay, lambda _, by: companions.give_code(companion, by=by), toast=toast, yes="")


@signed_in
@require_http_methods(["GET", "POST"])
def take_off(request: HttpRequest, slug: str, stay_id, companion_id) -> HttpResponse:
    """GET names who and which doors; POST takes them off."""
    stay, companion = _entered(request, slug, stay_id, companion_id)
    if request.method == "GET":
        about = f"{companion.name}, with {stay.reservation.guest}"
        return acts.ask(request, stay, [_off_words(stay, companion)], yes=TAKE_OFF, about=about)
    toast = f"{companion.name} is taken off the stay."
    return acts.act(request, stay, lambda _, by: companions.take_off(companion, by=by), toast=toast, yes="")


def _off_words(stay: Stay, companion: Companion) -> str:
    doors = _doors(companion)
    if not doors:
        return f"{companion.name} has no code of their own: no door changes."
    others = f"The code of {stay.reservation.guest} stays as it is."
    return f"The code of {companion.name} comes off {listed(doors)} now, and may open until each confirms. {others}"


@signed_in
@require_http_methods(["GET", "POST"])
def pin(request: HttpRequest, slug: str, stay_id, companion_id) -> HttpResponse:
    """POST shows their PIN and records who saw it."""
    stay, companion = _entered(request, slug, stay_id, companion_id)
    if request.method == "GET":
        return redirect("stay", slug, stay_id)
    doors = listed(_doors(companion)) or "no door now"
    return reveals.show(
        request,
        stay,
        lambda: companions.reveal_pin(companion, by=request.user),
        f"PIN of {companion.name}",
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
