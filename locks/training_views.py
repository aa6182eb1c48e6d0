"""Training: what goes wrong at the simulator's locks, turned from the desk, and their keypads. Only in a house without a
real lock."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from hospitality import access
from hospitality.access import MANAGER, signed_in
from hospitality.htmx import done, refused, render_page
from hospitality.models import Property
from hospitality.ordering import natural
from locks import simulated
from locks.models import Lock
from locks.providers.base import ProviderError
from locks.providers.http import NoAnswer
from locks.training_forms import KeypadForm, KnobsForm, words
from locks.views import find_lock

EVERY, ONE = "training/locks.html", "training/lock.html"
SILENT = gettext_lazy(
    "The simulator does not answer. Is it running? It is started with the house while a connection leads to it."
)
TROUBLES = (ProviderError, NoAnswer, ValueError)


@signed_in
@require_safe
def every(request: HttpRequest, slug: str) -> HttpResponse:
    """The locks, and what is turned at each."""
    property = _entered(request, slug)
    locks, states, trouble = simulated.doors(property), {}, ""
    try:
        for account in {lock.connection_id: lock for lock in locks}.values():
            states |= simulated.door(account).states()
    except TROUBLES:
        trouble = SILENT
    lines = [(lock, words(states.get(lock.provider_ref))) for lock in locks]
    lines.sort(key=lambda line: natural(line[0].name))
    context = {"property": property, "lines": lines, "trouble": trouble}
    return render_page(request, EVERY, context, status=502 if trouble else 200)


def _entered(request: HttpRequest, slug: str) -> Property:
    property = access.enter(request, slug, MANAGER)
    if not simulated.training([property]):
        raise Http404("This house has a real lock, or none: there is nothing to train with.")
    return property


@signed_in
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, slug: str, lock_id) -> HttpResponse:
    """GET shows the knobs of a lock; POST turns those that were changed, resets it, or types a PIN at its keypad."""
    lock = find_lock(_entered(request, slug), lock_id)
    if lock.replaced_by_id:
        raise Http404("Another lock has taken this one's place.")
    acts: dict[str, Callable] = {"knobs": _turn, "reset": _reset, "keypad": _press}
    try:
        state = simulated.door(lock).state(lock.provider_ref)
        if request.method == "GET":
            return render_page(request, ONE, _context(lock, state), partial="page")
        act = acts.get(request.POST.get("act"))
        if act is None:
            return _refuse(request, lock, state, _("Nothing was turned: use one of the forms."))
        return act(request, lock, state)
    except TROUBLES:
        return refused(request, ONE, _context(lock, None), partial="page", why=str(SILENT), status=502)


def _turn(request: HttpRequest, lock: Lock, state: dict) -> HttpResponse:
    form = KnobsForm(request.POST, initial=KnobsForm.read(state))
    if not form.is_valid():
        return render_page(request, ONE, _context(lock, state, form=form), partial="page", status=422)
    wish = form.wish()
    if wish:
        simulated.turn(lock, wish, by=request.user)
    return _show(request, lock, _("Turned. The desk sees what follows, as with a real lock."))


def _reset(request: HttpRequest, lock: Lock, state: dict) -> HttpResponse:
    simulated.reset(lock, same=request.POST.get("same") == "1", by=request.user)
    return _show(request, lock, _("The lock is reset: all its codes are gone."))


def _press(request: HttpRequest, lock: Lock, state: dict) -> HttpResponse:
    form = KeypadForm(request.POST)
    if not form.is_valid():
        return render_page(request, ONE, _context(lock, state, keypad=form), partial="page", status=422)
    opened = simulated.door(lock).press(lock.provider_ref, form.cleaned_data["pin"])
    context = _context(lock, simulated.door(lock).state(lock.provider_ref))
    return render_page(request, ONE, context | {"opened": opened, "pressed": True}, partial="page")


def _context(lock: Lock, state: dict | None, *, form=None, keypad=None) -> dict:
    return {
        "property": lock.property,
        "lock": lock,
        "state": state,
        "told": words(state),
        "form": form or KnobsForm(initial=KnobsForm.read(state) if state else {}),
        "keypad": keypad or KeypadForm(),
    }


def _show(request: HttpRequest, lock: Lock, toast: str) -> HttpResponse:
    context = _context(lock, simulated.door(lock).state(lock.provider_ref))
    to = reverse("training_lock", args=[lock.property.slug, lock.public_id])
    return done(request, ONE, context, partial="page", to=to, toast=toast)


def _refuse(request: HttpRequest, lock: Lock, state: dict, why: str) -> HttpResponse:
    return refused(request, ONE, _context(lock, state), partial="page", why=why, status=422)
