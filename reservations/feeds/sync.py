"""Reading the portals' calendars when they are due, and doing what they say through the one upsert.

A calendar is a second opinion. It makes stays and moves their dates; it never moves a guest to another room and never
calls one off: what it no longer holds is counted, and after several readings a person is asked (`decide`). A failed
reading says nothing about any stay.
"""

import logging
import time
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import translation

from hospitality import alone, clock, live, sentences, vault
from hospitality.sentences import Sentence, kept
from reservations.feeds import fetch
from reservations.feeds.models import CalendarEvent, CalendarFeed
from reservations.feeds.words import Outcome, There
from reservations.housekeeping.rooms import OutOfOrder
from reservations.imports import ical, upsert
from reservations.imports.ical import Calendar, Entry
from reservations.imports.intake import Intake
from reservations.imports.notes import Note, span
from reservations.imports.refusals import FileRefused
from reservations.imports.report import EXPLAINED, Kind, Line, Report
from reservations.imports.rows import Booking, Reading
from reservations.models import Guest, ImportProfile, Reservation, Stay, StayState

log = logging.getLogger(__name__)

EVERY, LONGEST = timedelta(minutes=30), timedelta(hours=6)
"""How often a calendar is read, and how seldom one that fails."""
LEASE = timedelta(minutes=5)
LASTS = 45.0
"""Seconds after which the rest is left to the next run."""
FEW = 3
"""Of so many stays at least, more than half missing at once is no everyday cancellation."""
SHOWN = 20
LONGEST_NUMBER_IN_NAME = 20
State = CalendarFeed.State


def run() -> int:
    """Read every calendar that is due; returns how many. At most one run per node: slow portals must not take all of
    its workers."""
    with alone.on_this_node("calendars") as mine:
        return _read_all() if mine else 0


def _read_all() -> int:
    ends, done = time.monotonic() + LASTS, 0
    while time.monotonic() < ends:
        due = CalendarFeed.objects.filter(due_at__lte=clock.now()).order_by("due_at", "pk")
        feed = due.select_related("property", "room").first()
        if feed is None:
            break
        if CalendarFeed.objects.filter(pk=feed.pk, due_at=feed.due_at).update(due_at=clock.now() + LEASE):
            done += _served(feed)
    return done


def _served(feed: CalendarFeed) -> bool:
    """One calendar's trouble stays its own. What went wrong is told without the exception's words, which may hold the
    address."""
    try:
        look(feed)
    except Exception as error:  # noqa: BLE001
        log.error("calendar %s is put off: %s", feed.public_id, type(error).__name__)
        return False
    return True


def look(feed: CalendarFeed) -> None:
    """Ask the portal once and do what the answer says; what came of it is on the feed. What stays get for a name is the
    same whoever asks."""
    with translation.override(settings.LANGUAGE_CODE):
        _look(feed)


def _look(feed: CalendarFeed) -> None:
    known = {"etag": feed.etag, "last_modified": feed.last_modified}
    try:
        fetched = fetch.fetch(feed.url, **known)
        calendar = None if fetched.data is None else ical.read(fetched.data, feed.property.zone)
        if calendar is not None:
            _check_portal(feed, calendar)
    except (fetch.NotFetched, FileRefused) as why:
        _failed(feed, *why.args)
        return
    take(feed, calendar)
    CalendarFeed.objects.filter(pk=feed.pk).update(etag=fetched.etag, last_modified=fetched.last_modified)


def _check_portal(feed: CalendarFeed, calendar: Calendar) -> None:
    """The stays of a portal are known again by its name, which the first reading has told. Raises FileRefused."""
    says = calendar.source or CalendarFeed.Source.OTHER
    if feed.source and feed.source != says:
        now = str(CalendarFeed.Source(says).label)
        raise FileRefused(Outcome.OTHER_PORTAL(now=now, before=feed.portal()))


def _failed(feed: CalendarFeed, why: Sentence) -> None:
    now = clock.now()
    feed.state, feed.said, feed.tried_at = State.FAILED, why, now
    feed.failures += 1
    feed.due_at = now + min(EVERY * 2 ** min(feed.failures - 1, 10), LONGEST)
    feed.save(update_fields=["state", "said", "tried_at", "failures", "due_at"])
    live.announce(feed.property, "feeds")


def take(feed: CalendarFeed, calendar: Calendar | None) -> Report:
    """A good reading; `calendar` None: it holds what it held the last time."""
    now = clock.now()
    today = feed.property.local(now).date()
    with transaction.atomic():
        CalendarFeed.objects.select_for_update(no_key=True).get(pk=feed.pk)
        if calendar is not None:
            feed.source = calendar.source or CalendarFeed.Source.OTHER
            feed.problems = kept([why for _uid, why in calendar.refused[:SHOWN]])
        feed.state, feed.said = _compare(feed, calendar, now, today)
        feed.tried_at = feed.read_at = now
        feed.failures, feed.due_at = 0, now + EVERY
        saved = ["source", "problems", "state", "said", "tried_at", "read_at", "failures", "due_at"]
        feed.save(update_fields=saved)
    report, apart = _upsert(feed, today)
    feed.lines = apart + [told(line) for line in report.lines if not EXPLAINED.isdisjoint(line.kinds)]
    feed.lines = feed.lines[:SHOWN]
    feed.save(update_fields=["lines"])
    live.announce(feed.property, "feeds")
    return report


def _compare(
    feed: CalendarFeed, calendar: Calendar | None, now: datetime, today: date
) -> tuple[State, Sentence | None]:
    """Keep what the calendar holds, count what it lacks, and say how that looks."""
    feed.events.filter(departure__lte=today).delete()
    known = {event.uid_index: event for event in feed.events.all()}
    if calendar is None:
        here = {index for index, event in known.items() if not event.misses}
        feed.events.filter(uid_index__in=here).update(seen_at=now)
        unread = set()
    else:
        coming = [entry for entry in calendar.entries if entry.departure > today]
        here = {_keep(feed, entry, known, now) for entry in coming}
        unread = {vault.index(uid) for uid, _why in calendar.refused if uid}
    lacking = [event for index, event in known.items() if index not in here | unread]
    gone = [event for event in lacking if event.is_stay]
    for event in gone:
        event.misses += 1
        event.save(update_fields=["misses"])
    stays = [event for event in known.values() if event.is_stay and not event.is_kept]
    missing = [event for event in gone if not event.is_kept]
    if known and not here and lacking and any(not event.is_kept for event in lacking):
        return State.EMPTY, Outcome.EMPTY()
    feed.events.filter(pk__in=[event.pk for event in lacking if not event.is_stay]).delete()
    if len(missing) >= FEW and 2 * len(missing) > len(stays):
        return State.SHRUNKEN, Outcome.SHRUNKEN(missing=len(missing), stays=len(stays))
    return State.GOOD, None


def _keep(feed: CalendarFeed, entry: Entry, known: dict[int, CalendarEvent], now: datetime) -> int:
    """The event as the calendar has it now, and its index. A stay keeps the number by which it came in."""
    index = vault.index(entry.uid)
    said = {name: getattr(entry, name) for name in ("is_stay", "arrival", "departure", "words")}
    told = {name: getattr(entry, name) for name in ("number", "guest", "phone_ends") if getattr(entry, name)}
    event = known.get(index)
    if event is None:
        feed.events.create(uid=entry.uid, uid_index=index, seen_at=now, **said, **told)
        return index
    if event.is_stay and entry.is_stay:
        told.pop("number")
    for name, value in (said | told).items():
        setattr(event, name, value)
    event.seen_at, event.misses, event.is_kept = now, 0, False
    event.save()
    return index


def _upsert(feed: CalendarFeed, today: date) -> tuple[Report, list[dict]]:
    """Carry out what the calendar's present stays say; and the lines of those that are left apart."""
    events = list(feed.events.filter(is_stay=True, misses=0, departure__gt=today))
    events = [event for event in events if event.left_as != event.dates]
    elsewhere = _elsewhere(feed, events)
    here = _stays_of(feed, events)
    wanted, apart = [], []
    for event in events:
        stay = here.get(event.number)
        if event.number in elsewhere:
            too = There.IN_TWO_CALENDARS(room=elsewhere[event.number])
            apart.append(_line(feed, event, Kind.REFUSED, too))
        elif stay and _desk_has_other_dates(stay, event):
            here_and_there = There.OTHER_DATES(
                here=span(stay.arrival, stay.departure), there=span(event.arrival, event.departure)
            )
            apart.append(_line(feed, event, Kind.HELD, here_and_there))
        else:
            wanted.append(event)
    report = upsert.apply(feed.property, intake_of(feed, wanted), by=None)
    agreed(wanted, report)
    return report, apart


def _stays_of(feed: CalendarFeed, events: list[CalendarEvent]) -> dict[str, Stay]:
    """The stay that is booked or in house by the portal's number."""
    found = Stay.objects.filter(
        property=feed.property,
        reservation__source=feed.source,
        reservation__external_id__in=[event.number for event in events],
        state__in=[StayState.BOOKED, StayState.IN_HOUSE],
    )
    found = found.select_related("reservation").order_by("-part")
    return {stay.reservation.external_id: stay for stay in found}


def _desk_has_other_dates(stay: Stay, event: CalendarEvent) -> bool:
    """Does the stay differ otherwise than by what the calendar has changed since both agreed? What a person has
    written here is not taken back every half hour."""
    ours = f"{stay.arrival}/{stay.departure}"
    return ours not in (event.dates, event.agreed_as)


def agreed(events: list[CalendarEvent], report: Report) -> None:
    """Note with which dates the stays now stand here as in the calendar, and how their guests' numbers end."""
    done = {line.number for line in report.lines if EXPLAINED.isdisjoint(line.kinds)}
    for event in events:
        if event.number in done and event.agreed_as != event.dates:
            CalendarEvent.objects.filter(pk=event.pk).update(agreed_as=event.dates)
        if event.number in done and event.phone_ends:
            booked = {"source": event.feed.source, "external_id": event.number}
            booking = Reservation.objects.filter(property=event.feed.property_id, **booked)
            guests = Guest.objects.filter(reservations__in=booking)
            guests.exclude(phone_ends=event.phone_ends).update(phone_ends=event.phone_ends)


def _elsewhere(feed: CalendarFeed, events: list[CalendarEvent]) -> dict[str, str]:
    """The numbers that another room's calendar has now too, and that room."""
    others = CalendarEvent.objects.filter(
        feed__property=feed.property,
        feed__source=feed.source,
        is_stay=True,
        misses=0,
        number__in=[event.number for event in events],
    ).exclude(feed=feed)
    return dict(others.values_list("number", "feed__room__name"))


def intake_of(feed: CalendarFeed, events: Iterable[CalendarEvent]) -> Intake:
    """These stays as the upsert takes them. The room is only told of one that has none: where the desk, or a list,
    has put the guest, the guest stays."""
    source = feed.source
    profile = ImportProfile.objects.filter(property=feed.property, source=source).first()
    events = list(events)
    placed = Stay.objects.filter(
        property=feed.property,
        reservation__source=source,
        reservation__external_id__in=[event.number for event in events],
        room__isnull=False,
    )
    placed = set(placed.values_list("reservation__external_id", flat=True))
    bookings = [
        Booking(
            line=line,
            number=event.number,
            arrival=event.arrival,
            departure=event.departure,
            guest=name_of(feed, event),
            is_named=False,
            unit_type="" if event.number in placed else feed.room.name,
        )
        for line, event in enumerate(events, 1)
    ]
    known = profile or ImportProfile(property=feed.property, source=source)
    return Intake(known, Reading(tuple(bookings), ()), roomless=True)


def name_of(feed: CalendarFeed, event: CalendarEvent) -> str:
    """The guest's name, or what stands for it until somebody knows: `Airbnb guest HMABC12345`."""
    short = event.number if len(event.number) <= LONGEST_NUMBER_IN_NAME else ""
    return event.guest or f"{feed.portal()} guest {short}".strip()


def told(line: Line) -> dict:
    """One line of a report as a feed keeps it."""
    kind = line.kinds[0].name.lower()
    return {"number": line.number, "guest": line.guest, "kind": kind, "words": kept(line.notes)}


def asked(notes: list) -> str:
    """What was kept of one stay to be asked about, in one sentence."""
    return "; ".join(str(note) for note in sentences.of(notes, There, Note, OutOfOrder))


def _line(feed: CalendarFeed, event: CalendarEvent, kind: Kind, why: Sentence) -> dict:
    return told(Line(0, event.number, name_of(feed, event), (kind,), (), (why,)))
