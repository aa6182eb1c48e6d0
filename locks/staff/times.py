"""When a staff code opens: its window by the property's wall clock."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from hospitality.wall import clock, weekday_words
from locks.models import StaffCode

When = StaffCode.When
DAY = timedelta(days=1)
ONE_SHOT_LASTS = timedelta(hours=4)


def window(code: StaffCode, now: datetime) -> tuple[datetime, datetime | None] | None:
    """The running window at `now`, else the next one; None where there is none any more. A code that is for once or has
    no end begins at its making, and keeps the window that it was given."""
    if code.when in (When.ONCE, When.ONGOING):
        if code.grant:
            return _running(code.grant.starts_at, code.grant.ends_at, now)
        return now, now + ONE_SHOT_LASTS if code.when == When.ONCE else None
    return next((one for one in _shifts(code, now) if now < one[1]), None)


def _running(starts_at: datetime, ends_at: datetime | None, now: datetime):
    return (starts_at, ends_at) if ends_at is None or now < ends_at else None


def _shifts(code: StaffCode, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    if code.when == When.DAY:
        yield _shift(code, code.day)
        return
    yesterday = code.property.local(now).date() - DAY  # a night's shift of it may still be running
    for day in (yesterday + number * DAY for number in range(9)):
        if day.weekday() in code.weekdays:
            yield _shift(code, day)


def _shift(code: StaffCode, day: date) -> tuple[datetime, datetime]:
    ends_on = day if code.from_time < code.until_time else day + DAY
    return code.property.at(day, code.from_time), code.property.at(ends_on, code.until_time)


def words(code: StaffCode) -> str:
    """`Mon, Tue and Fri, 08:00 to 16:00`."""
    if code.when == When.ONCE:
        return _("Once: comes off after its first use, as soon as the lock tells of it")
    if code.when == When.ONGOING:
        return _("Until it is taken off")
    hours = _("%(start)s to %(end)s") % {"start": clock(code.from_time), "end": clock(code.until_time)}
    if code.when == When.DAY:
        return f"{weekday_words(code.day)}, {hours}"
    return f"{_days(sorted(code.weekdays))}, {hours}"


def _days(days: list[int]) -> str:
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        if len(days) == 7:
            return _("Every day")
        return _("%(start)s to %(end)s") % {"start": WEEKDAYS_ABBR[days[0]], "end": WEEKDAYS_ABBR[days[-1]]}
    return ", ".join(str(WEEKDAYS_ABBR[day]) for day in days)


def in_short(code: StaffCode) -> str:
    """The same behind a name: `once`, `until it is taken off`, else as `words`."""
    return str(code.get_when_display()) if code.when in (When.ONCE, When.ONGOING) else words(code)
