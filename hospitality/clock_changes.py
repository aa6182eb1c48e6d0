"""When a time zone's clocks are put forward or back, and what that does to a time on the wall."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from hospitality.wall import clock, day_words

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@dataclass(frozen=True)
class ClockChange:
    """At the moment `at` (UTC) the wall clock jumps by `shift`: forward if it is more than nothing."""

    at: datetime
    shift: timedelta


@lru_cache(maxsize=256)
def in_year(zone_name: str, year: int) -> tuple[ClockChange, ...]:
    """Every change of the zone's clock in that year (UTC), in order."""
    zone, day, found = ZoneInfo(zone_name), datetime(year, 1, 1, tzinfo=UTC), []
    while day.year == year:
        if _offset(zone, day) != _offset(zone, day + DAY):
            at = _moment(zone, day, day + DAY)
            found.append(ClockChange(at, _offset(zone, at) - _offset(zone, at - SECOND)))
        day += DAY
    return tuple(found)


def between(zone_name: str, begins: datetime, ends: datetime) -> list[ClockChange]:
    """The changes after `begins` and before `ends` (aware)."""
    years = range(begins.astimezone(UTC).year, ends.astimezone(UTC).year + 1)
    return [change for year in years for change in in_year(zone_name, year) if begins < change.at < ends]


def words(changes: Iterable[ClockChange], zone: ZoneInfo, now: datetime) -> str:
    """`Clocks go back on 25 Oct, 03:00 becomes 02:00`, one after the other."""
    return capfirst("; ".join(_change_words(change, zone, now) for change in changes))


def _change_words(change: ClockChange, zone: ZoneInfo, now: datetime) -> str:
    new = change.at.astimezone(zone)
    old = new.replace(tzinfo=None) - change.shift
    facts = {"day": day_words(new.date()), "old": clock(old), "new": clock(new)}
    forward = change.shift > timedelta()
    if change.at > now:
        if forward:
            return _("clocks go forward on %(day)s, %(old)s becomes %(new)s") % facts
        return _("clocks go back on %(day)s, %(old)s becomes %(new)s") % facts
    if forward:
        return _("clocks went forward on %(day)s, %(old)s became %(new)s") % facts
    return _("clocks went back on %(day)s, %(old)s became %(new)s") % facts


def in_old_time(moment: datetime, changes: Iterable[ClockChange], zone: ZoneInfo) -> datetime:
    """What a clock that was not changed shows at `moment`: wall time without a zone."""
    return moment.astimezone(zone).replace(tzinfo=None) - sum(
        (change.shift for change in changes), timedelta()
    )


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset()


def _moment(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first second with the new offset, by halving."""
    while after - before > SECOND:
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if _offset(zone, middle) == _offset(zone, before):
            before = middle
        else:
            after = middle
    return after
