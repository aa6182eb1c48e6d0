"""The page of the feeds: calendars of portals, the webhook, and who reads the arrivals. The desk decides what waits for
a person; managers say what is read and who may read."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hospitality import access, audit, clock
from hospitality.access import DESK, MANAGER, signed_in
from hospitality.htmx import render_page
from hospitality.models import Property, Role
from hospitality.wall import Wall
from reservations import preview, stays
from reservations.desk import acts
from reservations.feeds import decide, keys, page, sync
from reservations.feeds.forms import CalendarForm, SettingsForm, TokenForm
from reservations.feeds.models import CalendarEvent, CalendarFeed, FeedToken
from reservations.imports.notes import span
from reservations.models import Stay
from reservations.preview import Preview
from reservations.verbs import Refused


@signed_in
@require_safe
def feeds(request: HttpRequest, slug: str) -> HttpResponse:
    return _page(request, access.enter(request, slug, DESK))


def _page(request: HttpRequest, property: Property, *, status: int = 200, **more) -> HttpResponse:
    """`more`: forms as they were filled in, or a key that is shown this once."""
    house = decide.settings_of(property)
    wall = Wall(property, clock.now())
    context = {
        "property": property,
        "feeds": page.read(property, wall),
        "zone": wall.zone_name,
        "may_set": request.role == Role.MANAGER,
        "house": house,
        "hook_since": wall.time(house.hook_since) if house.hook_since else "",
        "hook_url": settings.URL + reverse("reservations_hook", args=[property.public_id]),
        "arrivals_url": settings.URL + reverse("arrivals_feed", args=[property.public_id]),
        "tokens": [_token(token, wall) for token in property.feed_tokens.filter(revoked_at=None)],
        "calendar_form": CalendarForm(property, auto_id="calendar_%s"),
        "settings_form": SettingsForm(instance=house, auto_id="feeds_%s"),
        "token_form": TokenForm(auto_id="token_%s"),
    }
    return render_page(request, "reservations/feeds.html", context | more, partial="live", status=status)


def _token(token: FeedToken, wall: Wall) -> dict:
    return {
        "token": token,
        "used": wall.time(token.used_at) if token.used_at else "",
    }


# What waits for a person


def _decided(
    request: HttpRequest, slug: str, event_id, verb: Callable, toast: Callable[[object], str]
) -> HttpResponse:
    property = access.enter(request, slug, DESK)
    event = _event(property, event_id)
    try:
        result = verb(event, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return _page(request, property, status=409)
    messages.success(request, toast(result))
    return redirect("feeds", slug)


def _asked(
    request: HttpRequest, slug: str, event_id, foreseen: Callable[..., Preview], doing: str, yes: str
) -> HttpResponse:
    """The page that asks once more and says what becomes of the doors: `foreseen(event, stays, user)` tries it. `doing`
    has places for `guest` and `span`."""
    property = access.enter(request, slug, DESK)
    event = _event(property, event_id)
    involved = list(decide.stays_of(event).filter(state__in=page.LIVE))
    if not involved:
        return redirect("feeds", slug)
    told = foreseen(event, involved, request.user)
    if told.refused:
        messages.error(request, told.refused)
        return _page(request, property, status=409)
    dates = span(event.arrival, event.departure)
    words = [doing % {"guest": involved[0].reservation.guest, "span": dates}]
    back = reverse("feeds", args=[slug])
    return acts.ask_with(request, involved[0], told, yes=yes, words=words, target="", back=back)


def _cancelled(event: CalendarEvent, involved: list[Stay], user) -> Preview:
    return preview.of(lambda *_stays, by: decide.cancel(event, by=by), *involved, by=user)


def _followed(event: CalendarEvent, involved: list[Stay], user) -> Preview:
    dates = {"arrival": event.arrival, "departure": event.departure}
    return preview.of(stays.change, involved[0], by=user, **dates)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, slug: str, event_id) -> HttpResponse:
    """The stay is gone at the portal too: cancel it."""
    if request.method != "POST":
        doing = _("Cancelling the stay of %(guest)s, %(span)s: its calendar lacks it.")
        return _asked(request, slug, event_id, _cancelled, doing, _("Cancel the stay"))
    cancelled = _("The stay of %(guest)s is cancelled.")
    return _decided(request, slug, event_id, decide.cancel, lambda guest: cancelled % {"guest": guest})


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest, slug: str, event_id) -> HttpResponse:
    """The stay gets the calendar's dates."""
    if request.method != "POST":
        doing = _("The stay of %(guest)s is then %(span)s, as in the calendar.")
        return _asked(request, slug, event_id, _followed, doing, _("Take the calendar’s dates"))
    done = _("Done: %(changes)s.")
    return _decided(request, slug, event_id, decide.follow, lambda changes: done % {"changes": changes})


@signed_in
@require_POST
def keep(request: HttpRequest, slug: str, event_id) -> HttpResponse:
    """The stay goes on although the calendar lacks it."""
    return _decided(request, slug, event_id, decide.keep, lambda _none: _("The stay is kept."))


@signed_in
@require_POST
def leave(request: HttpRequest, slug: str, event_id) -> HttpResponse:
    """What the calendar says of this stay is not done."""
    said = _("It stays as it is here. You are asked again when the calendar has other dates.")
    return _decided(request, slug, event_id, decide.leave, lambda _none: said)


@signed_in
@require_POST
def add_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """Read a calendar from now on; the first time at once, so that a wrong address is seen."""
    property = access.enter(request, slug, MANAGER)
    form = CalendarForm(property, request.POST, auto_id="calendar_%s")
    if not form.is_valid():
        return _page(request, property, calendar_form=form, status=422)
    try:
        feed = decide.add(property, by=request.user, **form.cleaned_data)
    except Refused as refusal:
        form.add_error("url", str(refusal))
        return _page(request, property, calendar_form=form, status=422)
    return _read(request, feed)


@signed_in
@require_POST
def read_calendar(request: HttpRequest, slug: str, feed_id) -> HttpResponse:
    """Try now."""
    property = access.enter(request, slug, MANAGER)
    return _read(request, _calendar(property, feed_id))


def _read(request: HttpRequest, feed: CalendarFeed) -> HttpResponse:
    sync.look(feed)
    if feed.state == CalendarFeed.State.FAILED:
        told = _("The calendar of room %(room)s was not read.") % {"room": feed.room}
        messages.error(request, f"{told} {feed.said}")
    else:
        told = _("%(portal)s’s calendar of room %(room)s was read.")
        told %= {"portal": feed.portal(), "room": feed.room}
        messages.success(request, f"{told} {feed.said or ''}".strip())
    return redirect("feeds", feed.property.slug)


@signed_in
@require_POST
def remove_calendar(request: HttpRequest, slug: str, feed_id) -> HttpResponse:
    property = access.enter(request, slug, MANAGER)
    feed = _calendar(property, feed_id)
    decide.remove(feed, by=request.user)
    messages.success(
        request,
        _("%(portal)s’s calendar of room %(room)s is read no more; its stays stay.")
        % {"portal": feed.portal(), "room": feed.room},
    )
    return redirect("feeds", slug)


@signed_in
@require_POST
def set_house(request: HttpRequest, slug: str) -> HttpResponse:
    property = access.enter(request, slug, MANAGER)
    form = SettingsForm(request.POST, instance=decide.settings_of(property), auto_id="feeds_%s")
    if not form.is_valid():
        return _page(request, property, settings_form=form, status=422)
    kept = form.save()
    audit.record(
        property, by=request.user, action="feeds.settings", subject_id=kept.public_id, misses=kept.misses
    )
    return redirect("feeds", slug)


@signed_in
@require_POST
def renew_secret(request: HttpRequest, slug: str) -> HttpResponse:
    """The webhook's secret, shown once."""
    property = access.enter(request, slug, MANAGER)
    return _page(request, property, secret=keys.renew_secret(property, by=request.user))


@signed_in
@require_POST
def drop_secret(request: HttpRequest, slug: str) -> HttpResponse:
    property = access.enter(request, slug, MANAGER)
    keys.drop_secret(property, by=request.user)
    return redirect("feeds", slug)


@signed_in
@require_POST
def make_token(request: HttpRequest, slug: str) -> HttpResponse:
    """A reader of the arrivals; its token is shown once."""
    property = access.enter(request, slug, MANAGER)
    form = TokenForm(request.POST, auto_id="token_%s")
    if not form.is_valid():
        return _page(request, property, token_form=form, status=422)
    token, text = keys.make_token(property, by=request.user, **form.cleaned_data)
    return _page(request, property, new_token=text, new_token_name=token.name)


@signed_in
@require_POST
def renew_token(request: HttpRequest, slug: str, token_id) -> HttpResponse:
    property = access.enter(request, slug, MANAGER)
    token = _live_token(property, token_id)
    return _page(
        request, property, new_token=keys.renew_token(token, by=request.user), new_token_name=token.name
    )


@signed_in
@require_POST
def revoke_token(request: HttpRequest, slug: str, token_id) -> HttpResponse:
    property = access.enter(request, slug, MANAGER)
    token = _live_token(property, token_id)
    keys.revoke_token(token, by=request.user)
    messages.success(request, _("%(reader)s reads nothing any more.") % {"reader": token.name})
    return redirect("feeds", slug)


def _calendar(property: Property, feed_id) -> CalendarFeed:
    found = CalendarFeed.objects.select_related("property", "room")
    return get_object_or_404(found, property=property, public_id=feed_id)


def _event(property: Property, event_id) -> CalendarEvent:
    found = CalendarEvent.objects.select_related("feed__property", "feed__room")
    return get_object_or_404(found, feed__property=property, is_stay=True, public_id=event_id)


def _live_token(property: Property, token_id) -> FeedToken:
    found = FeedToken.objects.select_related("property")
    return get_object_or_404(found, property=property, public_id=token_id, revoked_at=None)
