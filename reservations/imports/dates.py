"""Reading a date as a person or a spreadsheet wrote it, and never guessing.

Which of 03/04/2026's numbers is the day is the property's setting. `evidence` tells when a date can only be
meant the other way round, so that a file in the wrong order is noticed before its ambiguous rows are read.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reservations.imports.refusals import RowRefused, shown

DAY_FIRST, MONTH_FIRST = "dmy", "mdy"
OTHER_ORDER = {
    DAY_FIRST: gettext_lazy(
        "%(text)s is month first, but this property reads dates day first; export dates as 2026-12-31, or change the "
        "property's date order"
    ),
    MONTH_FIRST: gettext_lazy(
        "%(text)s is day first, but this property reads dates month first; export dates as 2026-12-31, or change the "
        "property's date order"
    ),
}
"""What is said of a date that speaks against the property's order."""
FIRST_YEAR, LAST_YEAR = 2000, 2100
LONGEST = 60
"""Characters of the longest date with its time."""

MONTHS = (
    "jan january januar jänner janvier janv gennaio gen enero ene",
    "feb february februar février févr fév febbraio febrero",
    "mar march märz mär mrz mars marzo",
    "apr april avril avr aprile abril abr",
    "may mai maggio mag mayo",
    "jun june juni juin giugno giu junio",
    "jul july juli juillet juil luglio lug julio",
    "aug august août aou agosto ago",
    "sep sept september septembre settembre set septiembre",
    "oct october oktober okt octobre ottobre ott octubre",
    "nov november novembre noviembre",
    "dec december dezember dez décembre déc dicembre dic diciembre",
)
MONTH_OF = {word: number for number, words in enumerate(MONTHS, 1) for word in words.split()}
WEEKDAY = re.compile(r"(mon|tue|wed|thu|fri|sat|sun)[a-z]*$")

CLOCK = r"[T ]+(?P<clock>[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?(\.[0-9]+)?)(?P<half> ?[AaPp]\.?[Mm]\.?)?"
ZONE = r" ?(?P<zone>Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})"
TIME = re.compile(rf"{CLOCK}({ZONE})?$")
ISO = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})$")
NUMERIC = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})$")
SHORT_YEAR = re.compile(r"[0-9]{1,2}([-/.])[0-9]{1,2}\1[0-9]{2}$")
DAY_NUMBER = re.compile(r"[0-9]{5}([.,][0-9]+)?$")
WORD = re.compile(r"[^\W\d_]+|[0-9]+")
SMALL_WORDS = frozenset(["de", "del", "er", "st", "nd", "rd", "th"])


def read_day(text: str, order: str) -> date:
    """The day in `text`; a time of day is dropped. Raises RowRefused, also for a time with a zone, which may
    be another day on the property's wall."""
    day, clock = _apart(text)
    if clock and clock["zone"]:
        raise RowRefused(_("%(text)s has a time zone; export plain dates") % {"text": shown(text)})
    return _day(day, order)


def read_moment(text: str, order: str, zone: ZoneInfo) -> datetime:
    """The moment in `text`, aware; without a zone of its own it is in `zone`, without a time it is midnight.
    Raises RowRefused."""
    day, clock = _apart(text)
    midnight = _day(day, order)
    if not clock:
        return datetime.combine(midnight, time(), tzinfo=zone)
    return datetime.combine(midnight, _time(clock, text), tzinfo=_zone(clock["zone"], zone))


def ambiguous(text: str) -> bool:
    """Whether both orders give a day, and not the same one."""
    numbers = _numbers(text)
    return bool(numbers) and max(numbers) <= 12 and numbers[0] != numbers[1]


def evidence(text: str) -> str | None:
    """The only order in which `text` is a day, or None if it speaks for neither."""
    first, second = _numbers(text) or (0, 0)
    if 12 < first <= 31 and 1 <= second <= 12:
        return DAY_FIRST
    if 12 < second <= 31 and 1 <= first <= 12:
        return MONTH_FIRST
    return None


def other(order: str) -> str:
    """The order that `order` is not."""
    return MONTH_FIRST if order == DAY_FIRST else DAY_FIRST


def _apart(text: str) -> tuple[str, re.Match | None]:
    text = text.strip()
    clock = TIME.search(text) if len(text) <= LONGEST else None
    return (text[: clock.start()].strip() if clock else text), clock


def _numbers(text: str) -> tuple[int, int] | None:
    match = NUMERIC.match(_apart(text)[0])
    return (int(match[1]), int(match[3])) if match else None


def _day(text: str, order: str) -> date:
    if match := ISO.match(text):
        return _checked(text, match[1], match[3], match[4])
    if match := NUMERIC.match(text):
        return _numeric(text, match, order)
    if SHORT_YEAR.match(text):
        raise RowRefused(
            _("%(text)s has a year of two digits; export dates with four") % {"text": shown(text)}
        )
    if DAY_NUMBER.match(text):
        raise RowRefused(
            _("%(text)s is a spreadsheet's day number; format the column as a date and save again")
            % {"text": shown(text)}
        )
    return _spelled(text)


def _numeric(text: str, match: re.Match, order: str) -> date:
    if evidence(text) == other(order):
        raise RowRefused(OTHER_ORDER[order] % {"text": shown(text)})
    day, month = (match[1], match[3]) if order == DAY_FIRST else (match[3], match[1])
    return _checked(text, match[4], month, day)


def _spelled(text: str) -> date:
    words = [word for word in WORD.findall(text.casefold()) if word not in SMALL_WORDS]
    if len(words) == 4 and WEEKDAY.match(words[0]):
        words = words[1:]
    if len(words) == 3 and words[0] in MONTH_OF:
        words[0], words[1] = words[1], words[0]
    if len(words) != 3 or words[1] not in MONTH_OF or not (words[0] + words[2]).isascii():
        raise RowRefused(
            _("%(text)s is no date this reads; export dates as 2026-12-31") % {"text": shown(text)}
        )
    if not words[2].isdigit() or len(words[2]) != 4:
        raise RowRefused(
            _("%(text)s has no year of four digits; export dates as 2026-12-31") % {"text": shown(text)}
        )
    return _checked(text, words[2], MONTH_OF[words[1]], words[0])


def _checked(text: str, year, month, day) -> date:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        raise RowRefused(_("%(text)s is no day of the calendar") % {"text": shown(text)}) from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise RowRefused(
            _("%(text)s is not between %(first)s and %(last)s")
            % {"text": shown(text), "first": FIRST_YEAR, "last": LAST_YEAR}
        )
    return found


def _time(clock: re.Match, text: str) -> time:
    hour, minute, *second = (int(float(part)) for part in clock["clock"].split(":"))
    half = (clock["half"] or "").strip().casefold()
    if half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    try:
        return time(hour, minute, *second)
    except ValueError:
        raise RowRefused(_("%(text)s has no such time of day") % {"text": shown(text)}) from None


def _zone(text: str | None, default: ZoneInfo) -> tzinfo:
    if not text:
        return default
    if text in ("Z", "UTC", "GMT"):
        return UTC
    sign, hours, minutes = text[0], int(text[1:3]), int(text[-2:])
    if hours > 14 or minutes > 59:
        raise RowRefused(_("%(text)s is no distance from UTC") % {"text": shown(text)})
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if sign == "-" else offset)
