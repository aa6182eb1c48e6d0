"""From the bytes of a portal's calendar (RFC 5545) to what it says of one room: stays and closed nights. Pure; the
`icalendar` library reads, and what the portals mean is known here.

Only what a portal marks as a stay is one: Airbnb's `Reserved`, Vrbo's `Reserved - First L.`. Everything else is a
block. Booking.com says `CLOSED - Not available` of closed nights and of real bookings alike, so it has blocks only.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
from django.utils.translation import gettext_lazy as _

from hospitality.sentences import Sentence, Sentences
from reservations.imports.cells import NUMBER_LENGTH
from reservations.imports.dates import FIRST_YEAR, LAST_YEAR
from reservations.imports.refusals import FileRefused, RowRefused, shown

MAX_BYTES = 2 * 2**20
MAX_EVENTS = 5_000
WORDS_LENGTH = 120
AIRBNB, BOOKING_COM, VRBO = "airbnb", "booking.com", "vrbo"
PORTALS = {
    "-//airbnb inc//": AIRBNB,
    "-//admin.booking.com//": BOOKING_COM,
    "-//homeaway": VRBO,
    "-//vrbo": VRBO,
}
"""What stands in the calendar's PRODID, and the source whose bookings it tells of."""
ADDRESS = re.compile(r"https?://[^\s?#]+")
CODE = re.compile(r"[A-Z0-9]{6,20}$")
PHONE_ENDS = re.compile(r"Phone Number \(Last 4 Digits\):\s*([0-9]{4})(?![0-9])", re.IGNORECASE)
VRBO_STAY = re.compile(r"Reserved\s*(?:-\s*(.+))?$", re.IGNORECASE)
FOLD = re.compile(rb"\r?\n[ \t]")
"""Undone before the letters are read: some programs fold in the middle of one."""
ONE_DAY = timedelta(days=1)


class Unread(Sentences):
    """Why a calendar is not read, or one of its events."""

    TOO_MANY_EVENTS = (
        "too_many_events",
        _("The calendar has more than %(most)s events. Ask for one of a single room."),
    )
    TOO_LARGE = "too_large", _("The answer has more than %(most)s MB: that is no room's calendar.")
    NOTHING = "nothing", _("The answer was empty. The portal may be ill; it is asked again.")
    NO_TEXT = "no_text", _("The answer is damaged: it is no UTF-8 text. It is asked again.")
    WEB_PAGE = (
        "web_page",
        _("The answer is a web page, not a calendar. Copy the calendar's address from the portal again."),
    )
    NO_CALENDAR = (
        "no_calendar",
        _("The answer is no calendar. Copy the calendar's address from the portal again."),
    )
    BREAKS_OFF = "breaks_off", _("The calendar breaks off in the middle. It is asked again.")
    DAMAGED = "damaged", _("The calendar is damaged: %(error)s. It is asked again.")

    REPEATS = "repeats", _("an event that repeats is not read")
    NO_UID = "no_uid", _("a stay from %(arrival)s has no UID, by which it could be known again")
    NO_FIRST_DAY = "no_first_day", _("an event has no first day")
    NO_NIGHT = "no_night", _("an event begins on %(arrival)s and ends on %(departure)s: it has no night")
    OUT_OF_TIME = "out_of_time", _("%(arrival)s to %(departure)s is not between %(first)s and %(last)s")
    NO_DATE = "no_date", _("an event's %(name)s cannot be read")
    NO_DAYS = "no_days", _("an event's DURATION is no number of days")
    SEVERAL_TIMES = (
        "several_times",
        _("%(number)s stands in the calendar several times with different words"),
    )


@dataclass(frozen=True)
class Entry:
    """One event. A stay has the portal's `number` for it; `guest` and `phone_ends` (the last four digits) where the
    portal tells. `words` is its summary. `departure` is the day after the last night. A block's `uid` is made of its
    dates: the portal's own changes from day to day."""

    uid: str
    is_stay: bool
    arrival: date
    departure: date
    words: str
    number: str = ""
    guest: str = ""
    phone_ends: str = ""


@dataclass(frozen=True)
class Calendar:
    """`source` is empty where the portal is not known. `refused` are events that are not read: the UID (or nothing)
    and why."""

    source: str
    entries: tuple[Entry, ...]
    refused: tuple[tuple[str, Sentence], ...] = ()


def read(data: bytes, zone: ZoneInfo) -> Calendar:
    """What `data` says; times of day count in `zone`. Raises FileRefused, with nothing read, for what is no whole
    calendar; an event that cannot be read is refused by itself."""
    calendar = _parsed(_text(data))
    events = calendar.walk("VEVENT")
    if len(events) > MAX_EVENTS:
        raise FileRefused(Unread.TOO_MANY_EVENTS(most=MAX_EVENTS))
    maker = str(calendar.get("PRODID", "")).casefold()
    source = next((source for mark, source in PORTALS.items() if mark in maker), "")
    found, refused = [], []
    for event in events:
        if _text_of(event, "STATUS").upper() == "CANCELLED":
            continue
        try:
            found.append(_entry(event, source, zone))
        except RowRefused as reason:
            refused.append((_text_of(event, "UID"), *reason.args))
    entries, clashing = _once_each(found)
    return Calendar(source, tuple(entries), (*refused, *clashing))


def _text(data: bytes) -> str:
    """The calendar's text, whole. Raises FileRefused."""
    if len(data) > MAX_BYTES:
        raise FileRefused(Unread.TOO_LARGE(most=MAX_BYTES // 2**20))
    if not data.strip():
        raise FileRefused(Unread.NOTHING())
    try:
        text = FOLD.sub(b"", data).decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise FileRefused(Unread.NO_TEXT()) from None
    if text[:1] == "<" or "<html" in text[:2000].casefold():
        raise FileRefused(Unread.WEB_PAGE())
    if not text[:15].upper().startswith("BEGIN:VCALENDAR"):
        raise FileRefused(Unread.NO_CALENDAR())
    if not text.upper().endswith("END:VCALENDAR"):
        raise FileRefused(Unread.BREAKS_OFF())
    return text


def _parsed(text: str) -> icalendar.Calendar:
    try:
        found = icalendar.Calendar.from_ical(text.replace("\r\n", "\n").replace("\n", "\r\n"))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise FileRefused(Unread.DAMAGED(error=shown(str(error), 80))) from None
    if found.name != "VCALENDAR":
        raise FileRefused(Unread.NO_CALENDAR())
    return found


def _entry(event: icalendar.Event, source: str, zone: ZoneInfo) -> Entry:
    """Raises RowRefused."""
    if any(name in event for name in ("RRULE", "RDATE", "RECURRENCE-ID")):
        raise RowRefused(Unread.REPEATS())
    arrival, departure = _span(event, zone)
    uid, words = _text_of(event, "UID"), _text_of(event, "SUMMARY")
    stay = _stay(source, words, _text_of(event, "DESCRIPTION"))
    if stay is None:
        return Entry(f"{arrival}/{departure}", False, arrival, departure, words[:WORDS_LENGTH])
    if not uid:
        raise RowRefused(Unread.NO_UID(arrival=arrival))
    number, guest, phone_ends = stay
    number = number or (uid if len(uid) <= NUMBER_LENGTH else hashlib.sha256(uid.encode()).hexdigest())
    return Entry(uid, True, arrival, departure, words[:WORDS_LENGTH], number, guest, phone_ends)


def _stay(source: str, words: str, description: str) -> tuple[str, str, str] | None:
    """The number, the guest's name and the end of the telephone number, as far as told; None for a block."""
    if source == AIRBNB and words.casefold() == "reserved":
        ends = PHONE_ENDS.search(description)
        return _code(description), "", ends[1] if ends else ""
    if source == VRBO and (match := VRBO_STAY.match(words)):
        return "", (match[1] or "").strip()[:WORDS_LENGTH], ""
    return None


def _code(description: str) -> str:
    """The last part of the reservation's address."""
    for address in ADDRESS.findall(description):
        last = address.rstrip("/").rpartition("/")[2]
        if CODE.match(last):
            return last
    return ""


def _span(event: icalendar.Event, zone: ZoneInfo) -> tuple[date, date]:
    """The first day, and the day after the last night. Raises RowRefused."""
    arrival = _day(event, "DTSTART", zone)
    if arrival is None:
        raise RowRefused(Unread.NO_FIRST_DAY())
    departure = _day(event, "DTEND", zone)
    if departure is None:
        departure = arrival + _lasts(event)
    if departure <= arrival:
        raise RowRefused(Unread.NO_NIGHT(arrival=arrival, departure=departure))
    if not FIRST_YEAR <= arrival.year <= departure.year <= LAST_YEAR:
        raise RowRefused(
            Unread.OUT_OF_TIME(arrival=arrival, departure=departure, first=FIRST_YEAR, last=LAST_YEAR)
        )
    return arrival, departure


def _day(event: icalendar.Event, name: str, zone: ZoneInfo) -> date | None:
    """Raises RowRefused for one that cannot be read, or stands there twice."""
    if name not in event:
        return None
    day = _value(event, name)
    if isinstance(day, datetime):
        return (day.astimezone(zone) if day.tzinfo else day).date()
    if not isinstance(day, date):
        raise RowRefused(Unread.NO_DATE(name=name))
    return day


def _lasts(event: icalendar.Event) -> timedelta:
    """Of an event without an end: what it says, or the day it begins on. Raises RowRefused."""
    if "DURATION" not in event:
        return ONE_DAY
    lasts = _value(event, "DURATION")
    if not isinstance(lasts, timedelta) or lasts.total_seconds() % ONE_DAY.total_seconds():
        raise RowRefused(Unread.NO_DAYS())
    return lasts


def _value(event: icalendar.Event, name: str) -> object:
    """What the library has read; None for what it could not, and for what stands there several times."""
    try:
        return getattr(event[name], "dt", None)
    except icalendar.error.BrokenCalendarProperty:
        return None


def _text_of(event: icalendar.Event, name: str) -> str:
    """One property's text without control characters at its ends; empty where there is none, or several."""
    value = event.get(name, "")
    return "" if isinstance(value, list) else str(value).replace("\0", "").strip()


def _once_each(entries: list[Entry]) -> tuple[list[Entry], list[tuple[str, Sentence]]]:
    """Each stay and each closed span once. A stay that stands there several times with different words is refused:
    which of them holds is not for a program to guess."""
    by_key: dict[str, list[Entry]] = {}
    for entry in entries:
        by_key.setdefault(entry.number or entry.uid, []).append(entry)
    kept, clashing = [], []
    for key, same in by_key.items():
        if same[0].is_stay and len(set(same)) > 1:
            why = Unread.SEVERAL_TIMES(number=shown(key))
            clashing += [(one.uid, why) for one in same]
        else:
            kept.append(same[0])
    return kept, clashing
