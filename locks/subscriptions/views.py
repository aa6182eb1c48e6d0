"""The pages of a house's webhooks: a manager makes them, looks at what became of their deliveries, and sends again."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hospitality import access, clock
from hospitality.access import MANAGER, signed_in
from hospitality.htmx import render_page
from hospitality.models import Property
from hospitality.wall import Wall
from locks.models import Delivery, Webhook
from locks.subscriptions import page, verbs
from locks.subscriptions.forms import KindsForm, WebhookForm
from locks.subscriptions.verbs import Refused

PAGE, MAKE = "webhooks/page.html", "webhooks/make.html"


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def make(request: HttpRequest, slug: str) -> HttpResponse:
    property = access.enter(request, slug, MANAGER)
    form = WebhookForm(request.POST or None)
    if form.is_valid():
        try:
            webhook = verbs.make(property, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal.field, str(refusal))
        else:
            messages.success(request, _("%(host)s is told from now on.") % {"host": webhook.host()})
            return redirect("outgoing_webhook", slug, webhook.public_id)
    context = {"property": property, "form": form}
    return render_page(request, MAKE, context, status=422 if request.method == "POST" else 200)


@signed_in
@require_safe
def webhook(request: HttpRequest, slug: str, webhook_id) -> HttpResponse:
    """The webhook with its deliveries; `?state=` shows those of one state, `?below=` older ones."""
    property = access.enter(request, slug, MANAGER)
    return _page(request, _webhook(property, webhook_id))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def secret(request: HttpRequest, slug: str, webhook_id) -> HttpResponse:
    """The secret, in this one answer. GET is where somebody comes back to it."""
    property = access.enter(request, slug, MANAGER)
    found = _webhook(property, webhook_id)
    if request.method != "POST":
        return redirect("outgoing_webhook", slug, webhook_id)
    return _page(request, found, secret=verbs.reveal(found, by=request.user))


@signed_in
@require_POST
def change(request: HttpRequest, slug: str, webhook_id) -> HttpResponse:
    """Other kinds of events."""
    property = access.enter(request, slug, MANAGER)
    found = _webhook(property, webhook_id)
    form = KindsForm(request.POST, event_types=found.event_types)
    if form.is_valid():
        try:
            verbs.change(found, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal.field, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("outgoing_webhook", slug, webhook_id)
    return _page(request, found, status=422, form=form)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, slug: str, webhook_id) -> HttpResponse:
    """GET names the program and what becomes of it; POST removes it."""
    property = access.enter(request, slug, MANAGER)
    found = _webhook(property, webhook_id)
    if request.method != "POST":
        return _ask(request, found)
    verbs.remove(found, by=request.user)
    messages.success(request, _("%(host)s is told nothing any more.") % {"host": found.host()})
    return redirect("programs", slug)


@signed_in
@require_POST
def send_again(request: HttpRequest, slug: str, webhook_id, delivery_id) -> HttpResponse:
    """One delivery once more."""
    property = access.enter(request, slug, MANAGER)
    found = _webhook(property, webhook_id)
    delivery = get_object_or_404(Delivery, webhook=found, public_id=delivery_id)
    return _sent_again(request, found, lambda: verbs.send_again(delivery, by=request.user) or 1)


@signed_in
@require_POST
def send_all_again(request: HttpRequest, slug: str, webhook_id) -> HttpResponse:
    """All that were given up."""
    property = access.enter(request, slug, MANAGER)
    found = _webhook(property, webhook_id)
    return _sent_again(request, found, lambda: verbs.send_all_again(found, by=request.user))


def _sent_again(request: HttpRequest, found: Webhook, verb: Callable[[], int]) -> HttpResponse:
    try:
        count = verb()
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        said = ngettext("%(count)s event is sent again.", "%(count)s events are sent again.", count)
        messages.success(request, said % {"count": count})
    return redirect("outgoing_webhook", found.property.slug, found.public_id)


def _webhook(property: Property, webhook_id) -> Webhook:
    return get_object_or_404(page.standing(property).select_related("property"), public_id=webhook_id)


def _page(request: HttpRequest, found: Webhook, *, status: int = 200, **more) -> HttpResponse:
    """`more`: a form as it was filled in, or the secret."""
    wall = Wall(found.property, clock.now())
    state = request.GET.get("state", "")
    state = state if state in Delivery.State.values else ""
    below = request.GET.get("below", "")
    below = int(below) if below.isascii() and below.isdigit() and len(below) < 19 else 0
    context = {
        "property": found.property,
        "zone_name": wall.zone_name,
        "webhook": page.line(found, wall),
        "deliveries": page.deliveries(found, wall, state=state, below=below),
        "state": state,
        "form": KindsForm(event_types=found.event_types),
    }
    return render_page(request, PAGE, context | more, status=status)


def _ask(request: HttpRequest, found: Webhook) -> HttpResponse:
    slug = found.property.slug
    context = {
        "property": found.property,
        "about": _("The webhook to %(host)s") % {"host": found.host()},
        "warnings": [
            _("It is told nothing any more, what still waits included."),
            _("It cannot be brought back: a new webhook has another secret."),
        ],
        "yes": _("Remove the webhook"),
        "back": reverse("outgoing_webhook", args=[slug, found.public_id]),
    }
    return render_page(request, "confirm.html", context, partial="dialog")
