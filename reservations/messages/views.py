"""The page of the messages, for managers: texts, when they go out, how guests are reached."""

from django.contrib import messages as toasts
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_q.tasks import async_task

from hospitality import access, audit, clock
from hospitality.access import MANAGER, signed_in
from hospitality.htmx import render_page
from hospitality.models import Property
from hospitality.wall import Wall
from reservations import stays
from reservations.messages import channels, outbox, previews, rules, texts
from reservations.messages.forms import RuleForm, SettingsForm, TemplateForm
from reservations.messages.house import is_needed, settings_of
from reservations.messages.models import Channel, MessageRule, MessageTemplate
from reservations.models import Stay

OFFERED = 60
"""So many stays are offered for a preview, the nearest first."""
ENGLISH = "en"
"""The record is in one language, whoever acts."""


@signed_in
@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    property = access.enter(request, slug, MANAGER)
    return _page(request, property)


def _page(
    request: HttpRequest, property: Property, *, rule=None, house=None, status: int = 200
) -> HttpResponse:
    known = settings_of(property)
    context = {
        "property": property,
        "templates": property.message_templates.all(),
        "rules": property.message_rules.all(),
        "rule_form": rule or RuleForm(property, auto_id="rule_%s"),
        "settings_form": house or SettingsForm(instance=known, auto_id="house_%s"),
        "channels": [(channel, channels.not_set_up(channel, known)) for channel in Channel],
        "outbox": outbox.folder(property),
        "outbox_days": outbox.KEPT.days,
    }
    return render_page(request, "reservations/messages/page.html", context, status=status)


@signed_in
@require_POST
def set_house(request: HttpRequest, slug: str) -> HttpResponse:
    """How guests are reached. What hung on it is tried again."""
    property = access.enter(request, slug, MANAGER)
    form = SettingsForm(request.POST, instance=settings_of(property), auto_id="house_%s")
    if not form.is_valid():
        return _page(request, property, house=form, status=422)
    kept = form.save()
    audit.record(
        property,
        by=request.user,
        action="messages.settings",
        subject_id=kept.public_id,
        changed=form.changed_data,
    )
    rules.wake_all(property)
    return redirect("messages", slug)


# Texts


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new_text(request: HttpRequest, slug: str) -> HttpResponse:
    property = access.enter(request, slug, MANAGER)
    return _write(request, property, TemplateForm(property, request.POST or None))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def text(request: HttpRequest, slug: str, text_id) -> HttpResponse:
    """Change a text. What was sent with it stands as it was."""
    property = access.enter(request, slug, MANAGER)
    found = _find(property, text_id)
    return _write(request, property, TemplateForm(property, request.POST or None, instance=found))


def _write(request: HttpRequest, property: Property, form: TemplateForm) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        kept = form.save()
        _record(request, property, "messages.text_saved", kept)
        return redirect("message_preview", property.slug, kept.public_id)
    context = {
        "property": property,
        "form": form,
        "text": form.instance if form.instance.pk else None,
        "variables": texts.VARIABLES,
    }
    return render_page(
        request, "reservations/messages/text.html", context, status=422 if request.method == "POST" else 200
    )


@signed_in
@require_POST
def delete_text(request: HttpRequest, slug: str, text_id) -> HttpResponse:
    property = access.enter(request, slug, MANAGER)
    found = _find(property, text_id)
    if is_needed(found):
        why = _("“%(name)s” goes out by a rule; delete that rule first.") % {"name": found.name}
        toasts.error(request, why)
        return _page(request, property, status=409)
    _record(request, property, "messages.text_deleted", found)
    found.delete()
    return redirect("messages", slug)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: HttpRequest, slug: str, text_id) -> HttpResponse:
    """The text for a real stay: a GET masks the digits, a POST shows what would go out now, on the record."""
    property = access.enter(request, slug, MANAGER)
    found = _find(property, text_id)
    offered, wall = list(_offered(property)), Wall(property, clock.now())
    asked = request.POST.get("stay") or request.GET.get("stay") or ""
    stay = next((one for one in offered if asked in ("", str(one.public_id))), None)
    if asked and stay is None:
        raise Http404("This stay is over, or none of this house's.")
    shown, why = None, ""
    if stay is not None:
        shown = previews.preview(found, stay)
        if request.method == "POST":
            try:
                shown = previews.show(found, stay, by=request.user)
            except stays.Refused as refusal:
                why = str(refusal)
    context = {
        "property": property,
        "text": found,
        "stays": [(one, wall.day(one.arrival)) for one in offered],
        "stay": stay,
        "preview": shown,
        "why": why,
    }
    return render_page(request, "reservations/messages/preview.html", context, status=422 if why else 200)


def _offered(property: Property) -> QuerySet[Stay]:
    active = property.stays.filter(state__in=rules.ACTIVE)
    related = ("property", "reservation__guest", "room", "grant")
    return active.select_related(*related).order_by("arrival", "pk")[:OFFERED]


# Rules


@signed_in
@require_POST
def new_rule(request: HttpRequest, slug: str) -> HttpResponse:
    """A text goes out from now on, also to guests who are booked already where its time is still to come."""
    property = access.enter(request, slug, MANAGER)
    form = RuleForm(property, request.POST, auto_id="rule_%s")
    if not form.is_valid():
        return _page(request, property, rule=form, status=422)
    kept = form.save()
    _record(request, property, "messages.rule_made", kept)
    async_task("reservations.messages.tasks.follow_rule", kept.pk)
    return redirect("messages", slug)


@signed_in
@require_POST
def delete_rule(request: HttpRequest, slug: str, rule_id) -> HttpResponse:
    property = access.enter(request, slug, MANAGER)
    found = get_object_or_404(MessageRule, property=property, public_id=rule_id)
    _record(request, property, "messages.rule_deleted", found)
    rules.drop(found)
    return redirect("messages", slug)


def _find(property: Property, text_id) -> MessageTemplate:
    return get_object_or_404(MessageTemplate, property=property, public_id=text_id)


def _record(request: HttpRequest, property: Property, action: str, about) -> None:
    with override(ENGLISH):
        name = str(about)
    audit.record(property, by=request.user, action=action, subject_id=about.public_id, name=name)
