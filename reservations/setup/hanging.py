"""Where a lock hangs: its name, its kind and the rooms it opens for, as an owner corrects them later. Stays follow."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hospitality import access
from hospitality.access import OWNER, signed_in
from hospitality.htmx import render_page, said_yes
from locks import placing
from locks.models import Lock
from locks.views import find_lock
from reservations.desk.acts import posted
from reservations.forms import HangingForm
from reservations.models import Stay, StayState
from reservations.setup.suggested_locks import told, with_stays


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def hanging(request: HttpRequest, slug: str, lock_id) -> HttpResponse:
    """Asked once more where guests who are booked or in house lose the door."""
    property = access.enter(request, slug, OWNER)
    lock = find_lock(property, lock_id)
    # A form writes into its lock while it is checked; what is said is about the one that is.
    form = HangingForm(find_lock(property, lock_id), request.POST or None)
    if request.method != "POST":
        return _page(request, lock, form)
    if not form.is_valid():
        return _page(request, lock, form, status=422)
    rooms = list(form.cleaned_data["rooms"])
    losing = set(lock.rooms.all()) - set(rooms)
    words = _losing_words(lock, losing)
    if words and not said_yes(request):
        context = {
            "property": property,
            "about": lock.name,
            "warnings": words,
            "yes": _("Change it"),
            "kept": posted(request),
            "back": reverse("lock", args=[slug, lock_id]),
        }
        return render_page(request, "confirm.html", context, status=422)
    name, kind = form.cleaned_data["name"], form.cleaned_data["kind"]
    try:
        with_stays(
            [*rooms, *losing],
            lambda: placing.rehang(lock, by=request.user, name=name, kind=kind, rooms=rooms),
        )
    except placing.NotPossible as refusal:
        messages.error(request, str(refusal))
        return _page(request, lock, form, status=409)
    messages.success(request, told(_("%(lock)s is placed.") % {"lock": name}, [lock]))
    return redirect("lock", slug, lock_id)


def _losing_words(lock: Lock, rooms: set) -> list[str]:
    """Whose codes come off this lock. One query."""
    here = Stay.objects.filter(
        room__in=rooms, state__in=[StayState.BOOKED, StayState.IN_HOUSE], grant__isnull=False
    )
    guests = here.select_related("reservation__guest", "room").order_by("arrival")
    return [
        _("The code of %(guest)s, room %(room)s, comes off %(lock)s.")
        % {"guest": stay.reservation.guest, "room": stay.room, "lock": lock}
        for stay in guests[:10]
    ]


def _page(request: HttpRequest, lock: Lock, form: HangingForm, *, status: int = 200) -> HttpResponse:
    context = {"property": lock.property, "lock": lock, "form": form}
    return render_page(request, "settings/hanging.html", context, status=status)
