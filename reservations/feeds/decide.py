"""What a person decides about calendars: which are read, and what becomes of what they say. Each is one transaction
and on the record; the addresses are not."""

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from hospitality import audit, clock, live, vault
from hospitality.models import Property, Room
from hospitality.sentences import kept
from reservations import stays
from reservations.feeds import fetch, sync
from reservations.feeds.models import CalendarEvent, CalendarFeed, FeedSettings
from reservations.imports import upsert
from reservations.imports.report import Kind
from reservations.models import Stay, StayState
from reservations.verbs import Refused, verb


def settings_of(property: Property) -> FeedSettings:
    """As a manager set them; else the defaults, which are no row yet."""
    return FeedSettings.objects.filter(property=property).first() or FeedSettings(property=property)


def add(property: Property, *, by, room: Room, url: str) -> CalendarFeed:
    """Have a portal's calendar read for this room, from now on. Raises Refused."""
    url = url.strip()
    if url.lower().startswith("webcal://"):
        url = f"https://{url[len('webcal://') :]}"
    try:
        host = fetch.check(url)
    except fetch.NotFetched as why:
        raise Refused(str(why)) from None
    now = clock.now()
    feed = CalendarFeed(property=property, room=room, host=host[:253], created_at=now, due_at=now)
    feed.url, feed.url_index = url, vault.index(url)
    try:
        with transaction.atomic():
            feed.save()
            _record(feed, by, "calendar.added")
    except IntegrityError:
        other = CalendarFeed.objects.filter(property=property, url_index=feed.url_index).first()
        if other is None:
            raise Refused(
                _(
                    "This calendar is read already. Each room has its own: copy the other one's address, or remove this "
                    "one there first."
                )
            ) from None
        raise Refused(
            _(
                "This calendar is read for room %(room)s already. Each room has its own: copy the other one's address, "
                "or remove this one there first."
            )
            % {"room": other.room}
        ) from None
    return feed


@verb
def remove(feed: CalendarFeed, *, by) -> None:
    """Read it no more. The stays that it told of stay as they are."""
    _record(feed, by, "calendar.removed")
    feed.delete()
    live.announce(feed.property, "feeds")


@verb
def cancel(event: CalendarEvent, *, by) -> str:
    """The stay that the calendar no longer holds is cancelled; the guest's name. Raises Refused where it came back,
    where the guest is here or arrives today, and where nobody has waited long enough."""
    event = _held(event)
    feed = event.feed
    if event.misses < settings_of(feed.property).misses:
        raise Refused(
            _("The calendar holds this stay again, or has not lacked it often enough; nothing was done.")
        )
    booked = list(stays_of(event).filter(state=StayState.BOOKED))
    today = feed.property.local(clock.now()).date()
    if not booked:
        raise Refused(_("This stay is not only booked any more: see to it on its own page."))
    if any(stay.arrival <= today for stay in booked):
        raise Refused(
            _("This guest is due today: ask the guest or the portal, and cancel on the stay's own page.")
        )
    if stays_of(event).filter(state=StayState.IN_HOUSE).exists():
        raise Refused(_("A guest of this booking is in house: see to it on the stay's own page."))
    for stay in booked:
        stays.cancel(stay, by=by)
    _record(feed, by, "calendar.stay_cancelled", number=event.number)
    event.delete()
    return booked[0].reservation.guest.name


@verb
def keep(event: CalendarEvent, *, by) -> None:
    """The stay goes on although the calendar lacks it; nobody is asked again unless it comes back and goes again."""
    event = _held(event)
    event.is_kept = True
    event.save(update_fields=["is_kept"])
    _record(event.feed, by, "calendar.stay_kept", number=event.number)


@verb
def leave(event: CalendarEvent, *, by) -> None:
    """What the calendar says of this stay is not done; asked again when it says other dates."""
    event = _held(event)
    event.left_as = event.dates
    event.save(update_fields=["left_as"])
    _forget_line(event)
    _record(event.feed, by, "calendar.left", number=event.number)


def follow(event: CalendarEvent, *, by) -> str:
    """The second yes: the stay gets the calendar's dates, also of a guest in house; what was done, in words. Raises
    Refused with why it cannot be."""
    feed = event.feed
    report = upsert.apply(feed.property, sync.intake_of(feed, [event]), by=by, second_yes=True)
    line = report.lines[0]
    if Kind.REFUSED in line.kinds:
        raise Refused(sync.asked(kept(line.notes)))
    sync.agreed([event], report)
    with transaction.atomic():
        _forget_line(event)
    return "; ".join(map(str, line.changes)) or _("Nothing was to be done any more")


def stays_of(event: CalendarEvent):
    """The stays of the booking that the event tells of."""
    found = Stay.objects.filter(
        property=event.feed.property_id,
        reservation__source=event.feed.source,
        reservation__external_id=event.number,
    )
    return found.select_related("property", "reservation__guest", "room", "grant").order_by("part")


def _held(event: CalendarEvent) -> CalendarEvent:
    """Fresh, its row locked. Raises Refused if it is gone."""
    held = CalendarEvent.objects.select_for_update(no_key=True, of=["self"]).filter(pk=event.pk)
    found = held.select_related("feed__property", "feed__room").first()
    if found is None:
        raise Refused(_("This was decided a moment ago by somebody else; look again."))
    return found


def _forget_line(event: CalendarEvent) -> None:
    feed = CalendarFeed.objects.select_for_update(no_key=True).filter(pk=event.feed_id).first()
    if feed:
        feed.lines = [line for line in feed.lines if line["number"] != event.number]
        feed.save(update_fields=["lines"])


def _record(feed: CalendarFeed, by, action: str, **detail) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        portal = feed.portal()
    told = {"room": feed.room.name, "portal": portal, **detail}
    audit.record(feed.property, by=by, action=action, subject_id=feed.public_id, **told)
