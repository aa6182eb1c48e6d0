"""What the page of the feeds shows: the calendars with what they last said, what waits for a person, and the nights
that portals have closed. A fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hospitality import sentences
from hospitality.models import Property
from hospitality.wall import Wall
from locks.said import Said
from reservations.feeds.closed import TELL_NO_STAYS
from reservations.feeds.decide import settings_of
from reservations.feeds.models import CalendarEvent, CalendarFeed, ReceivedReservations
from reservations.feeds.sync import asked
from reservations.imports.ical import Unread
from reservations.imports.notes import span
from reservations.models import Stay, StayState

State = CalendarFeed.State
TONES = {
    State.NEW: "wait",
    State.GOOD: "good",
    State.SHRUNKEN: "warn",
    State.EMPTY: "warn",
    State.FAILED: "bad",
}
LIVE = (StayState.BOOKED, StayState.IN_HOUSE)
CALLS_SHOWN, CALLS_FOR = 10, timedelta(days=7)


@dataclass(frozen=True)
class Calendar:
    """One calendar's row. `holds`: how many stays and closed spans from today on."""

    id: UUID
    room: str
    portal: str
    host: str
    said: Said
    why: str
    good: str
    tried: str
    holds: str
    problems: list[str]


@dataclass(frozen=True)
class Question:
    """Something that waits for a person. `follow` is the label of the button that does what the calendar says; `id` is
    empty where nothing can be pressed."""

    id: UUID | None
    room: str
    guest: str
    number: str
    url: str
    said: Said
    remedy: str
    portal: str
    may_cancel: bool = False
    may_keep: bool = False
    may_leave: bool = False
    follow: str = ""


@dataclass(frozen=True)
class Closure:
    """Nights that a portal has closed; `covered` is who has the room here, else empty. `may_be_sold`: some of them may
    be a booking that is missing here."""

    room: str
    span: str
    portal: str
    words: str
    covered: str
    said: Said
    may_be_sold: bool


@dataclass(frozen=True)
class Page:
    calendars: list[Calendar]
    questions: list[Question]
    closures: list[Closure]
    missing: int
    """So many closures may be bookings that are missing here."""


def read(property: Property, wall: Wall) -> Page:
    """Seven queries, however many calendars, stays and blocks there are."""
    misses = settings_of(property).misses
    feeds = list(CalendarFeed.objects.filter(property=property).select_related("room"))
    events = CalendarEvent.objects.filter(feed__property=property, departure__gt=wall.today)
    events = list(events.select_related("feed__room").order_by("arrival", "pk"))
    booked = _booked(property, events)
    questions = _gone(events, booked, misses, wall) + _lines(feeds, events, booked) + _calls(property, wall)
    closures = _closures(property, events, wall)
    return Page(
        calendars=[_calendar(feed, events, wall) for feed in feeds],
        questions=questions,
        closures=closures,
        missing=sum(one.may_be_sold for one in closures),
    )


def _calendar(feed: CalendarFeed, events: Iterable[CalendarEvent], wall: Wall) -> Calendar:
    here = [event for event in events if event.feed_id == feed.pk]
    return Calendar(
        id=feed.public_id,
        room=feed.room.name,
        portal=feed.portal(),
        host=feed.host,
        said=Said(TONES[State(feed.state)], capfirst(State(feed.state).label)),
        why=str(feed.said or ""),
        good=wall.time(feed.read_at) if feed.read_at else "",
        tried=wall.time(feed.tried_at) if feed.tried_at else "",
        holds=_holds(sum(event.is_stay for event in here), sum(not event.is_stay for event in here)),
        problems=[str(why) for why in sentences.of(feed.problems, Unread)],
    )


def _holds(stays: int, closed: int) -> str:
    """`3 stays, 1 closed span`."""
    told = [ngettext("%(count)s stay", "%(count)s stays", stays) % {"count": stays}] * bool(stays)
    spans = ngettext("%(count)s closed span", "%(count)s closed spans", closed)
    told += [spans % {"count": closed}] * bool(closed)
    if not told:
        return _("Nothing from today on")
    return _("%(stays_and_closed_spans)s from today on") % {"stays_and_closed_spans": ", ".join(told)}


def _booked(property: Property, events: Iterable[CalendarEvent]) -> dict[tuple[str, str], list[Stay]]:
    """The stays here by their source and the portal's number."""
    numbers = {event.number for event in events if event.is_stay}
    stays = Stay.objects.filter(property=property, reservation__external_id__in=numbers)
    found = defaultdict(list)
    for stay in stays.select_related("reservation__guest", "room", "property").order_by("part"):
        found[stay.reservation.source, stay.reservation.external_id].append(stay)
    return found


def _gone(events, booked, misses: int, wall: Wall) -> list[Question]:
    """Stays that their calendar has lacked often enough, of guests who are still to come."""
    found = []
    for event in events:
        if not event.is_stay or event.is_kept or event.misses < misses:
            continue
        coming = [stay for stay in booked[event.feed.source, event.number] if stay.state == StayState.BOOKED]
        here = [stay for stay in booked[event.feed.source, event.number] if stay.state in LIVE]
        if not coming or len(here) != len(coming):
            continue
        due = min(stay.arrival for stay in coming) <= wall.today
        remedy = _("Look at the portal: if it was cancelled there, cancel it here too.")
        if due:
            remedy = _("Due today, so nothing is cancelled from here: ask the guest or the portal.")
        elif event.feed.state in (State.EMPTY, State.SHRUNKEN):
            remedy = _("Much is missing at once, so the portal may be ill. Look there before you cancel.")
        told = _("%(span)s: in the calendar no more since %(time)s") % {
            "span": span(coming[0].arrival, coming[0].departure),
            "time": wall.time(event.seen_at),
        }
        found.append(
            _question(event, coming[0], Said("warn", told), remedy, may_cancel=not due, may_keep=True)
        )
    return found


def _lines(feeds, events, booked) -> list[Question]:
    """What the last reading could not do by itself."""
    by_number = {(event.feed_id, event.number): event for event in events if event.is_stay}
    found = []
    for feed in feeds:
        for line in feed.lines:
            event = by_number.get((feed.pk, line["number"]))
            if event is None:
                continue
            stays = booked[feed.source, event.number]
            tone = "bad" if line["kind"] == "refused" else "warn"
            said = Said(tone, capfirst(asked(line["words"])))
            live = next((stay for stay in stays if stay.state in LIVE), stays[0] if stays else None)
            follow = _("Take the calendar’s dates") if line["kind"] == "held" else ""
            found.append(_question(event, live, said, "", may_leave=True, follow=follow, guest=line["guest"]))
    return found


def _question(
    event: CalendarEvent, stay: Stay | None, said: Said, remedy: str, *, guest="", **may
) -> Question:
    name = stay.reservation.guest.name if stay else guest
    return Question(
        id=event.public_id,
        room=event.feed.room.name,
        guest=name,
        number="" if event.number in name else event.number,
        url=reverse("stay", args=[stay.property.slug, stay.public_id]) if stay else "",
        said=said,
        remedy=remedy,
        portal=event.feed.portal(),
        **may,
    )


def _calls(property: Property, wall: Wall) -> list[Question]:
    """What the webhook was told and could not do by itself: the newest word on each booking."""
    calls = ReceivedReservations.objects.filter(property=property, received_at__gt=wall.now - CALLS_FOR)
    found, seen = [], set()
    for call in calls.order_by("-received_at")[:100]:
        for told in call.answer.get("reservations", ()):
            key = call.source, told["number"]
            fresh, look = key not in seen, [line for line in call.lines if line["item"] == told["item"]]
            seen.add(key)
            if not (fresh and look):
                continue
            notes = capfirst(asked(look[0]["notes"]))
            said = Said("warn", f"{notes} ({wall.time(call.received_at)})")
            found.append(
                Question(None, "", look[0].get("guest", ""), told["number"], "", said, "", call.source)
            )
    return found[:CALLS_SHOWN]


def _closures(property: Property, events, wall: Wall) -> list[Closure]:
    """The closed nights with who has the room here meanwhile."""
    blocks = [event for event in events if not event.is_stay]
    rooms = {event.feed.room_id for event in blocks}
    stays = Stay.objects.filter(
        property=property, room__in=rooms, state__in=LIVE, departure__gt=wall.today
    ).select_related("reservation__guest")
    by_room = defaultdict(list)
    for stay in stays:
        by_room[stay.room_id].append(stay)
    return [_closure(event, by_room[event.feed.room_id], wall) for event in blocks]


def _closure(event: CalendarEvent, stays: list[Stay], wall: Wall) -> Closure:
    meeting = [stay for stay in stays if stay.arrival < event.departure and event.arrival < stay.departure]
    covered = ", ".join(str(stay.reservation.guest) for stay in sorted(meeting, key=lambda one: one.arrival))
    open_nights = _open_nights(event, meeting, wall.today)
    may_be_sold = bool(open_nights) and event.feed.source in TELL_NO_STAYS
    if not open_nights:
        said = Said("good", _("Closed there, reserved here"))
    elif not may_be_sold:
        said = Said("off", _("Closed there"))
    elif covered:
        told = ngettext(
            "Closed or sold there; %(count)s night of it without a reservation here",
            "Closed or sold there; %(count)s nights of it without a reservation here",
            open_nights,
        )
        said = Said("warn", told % {"count": open_nights})
    else:
        said = Said("warn", _("Closed or sold there, and no reservation here"))
    return Closure(
        room=event.feed.room.name,
        span=str(span(event.arrival, event.departure)),
        portal=event.feed.portal(),
        words=event.words,
        covered=covered,
        said=said,
        may_be_sold=may_be_sold,
    )


def _open_nights(event: CalendarEvent, stays: Iterable[Stay], today: date) -> int:
    """The nights from today on that are closed there and free here."""
    nights = {
        event.arrival + timedelta(days=one)
        for one in range((event.departure - event.arrival).days)
        if event.arrival + timedelta(days=one) >= today
    }
    for stay in stays:
        nights -= {stay.arrival + timedelta(days=one) for one in range((stay.departure - stay.arrival).days)}
    return len(nights)
