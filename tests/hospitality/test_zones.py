"""The property's wall clock in every IANA zone, over every change of its clocks in the coming two years.

What the wall shows is worked out here from the offsets before and after each change, found by bisection, and
compared with `Property.at` and `Property.local`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib import resources
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from hospitality.models import Property

FROM = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
UNTIL = FROM + timedelta(days=2 * 366)
WEEK, DAY, HOUR, SECOND = (timedelta(weeks=1), timedelta(days=1), timedelta(hours=1), timedelta(seconds=1))
QUARTERS = [time(hour, minute) for hour in range(24) for minute in (0, 15, 30, 45)]
PAIRS = [
    (time(15), time(11)),
    (time(14), time(12)),
    (time(12), time(12)),
    (time(16), time(10)),
    (time(23, 30), time(6)),
    (time(0), time(0)),
    (time(1), time(0, 30)),
    (time(23), time(1, 30)),
]
"""Check-in and check-out times of stays of one night, all longer than the longest jump of a clock."""


@dataclass(frozen=True)
class Change:
    """From `moment` on, the clocks of `zone` are `after` ahead of UTC, before it `before`."""

    zone: str
    moment: datetime
    before: timedelta
    after: timedelta

    @property
    def jump(self) -> timedelta:
        return self.after - self.before

    @property
    def days(self) -> tuple[date, ...]:
        """The days on the wall around the change: the day that it falls in, one before and one after."""
        last = (self.moment - SECOND).astimezone(ZoneInfo(self.zone)).date()
        return (last - DAY, last, last + DAY)

    def borne_by(self, wall: datetime) -> list[datetime]:
        """The moments at which the wall near the change shows `wall` (naive): none, one or two."""
        early, late = (wall.replace(tzinfo=UTC) - offset for offset in (self.before, self.after))
        return [early] * (early < self.moment) + [late] * (late >= self.moment)


@cache
def zones() -> list[str]:
    return resources.files("tzdata").joinpath("zones").read_text().split()


def changes_of(zone: str) -> Iterator[Change]:
    """No zone changes its clocks twice in a week."""

    def offset(moment: datetime) -> timedelta:
        return moment.astimezone(there).utcoffset()

    there = ZoneInfo(zone)
    weeks = [FROM + n * WEEK for n in range((UNTIL - FROM) // WEEK + 1)]
    for low, high in pairwise(weeks):
        before, after = offset(low), offset(high)
        while before != after and high - low > SECOND:
            middle = low + (high - low) // SECOND // 2 * SECOND
            low, high = (middle, high) if offset(middle) == before else (low, middle)
        if before != after:
            yield Change(zone, high, before, after)


@cache
def changes() -> list[Change]:
    return [change for zone in zones() for change in changes_of(zone)]


def hotel(zone: str) -> Property:
    return Property(time_zone=zone)


def length(there: Property, day: date) -> timedelta:
    """From the beginning of a day on the wall to that of the next."""
    return there.at(day + DAY, time(0)) - there.at(day, time(0))


def test_the_changes_of_two_years_are_found():
    changing = {change.zone for change in changes()}
    assert len(zones()) > 500
    assert len(changing) > 100 and len(set(zones()) - changing) > 200
    assert len(changes()) >= 3 * len(changing)
    assert {"Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "Antarctica/Troll"} <= changing
    assert {change.jump > timedelta(0) for change in changes()} == {True, False}


def test_every_wall_time_near_a_change_is_the_moment_that_bears_it():
    """The first of two; one that is left out is counted as the clocks were before they jumped."""
    wrong, seen = [], {0: 0, 1: 0, 2: 0}
    for change in changes():
        there = hotel(change.zone)
        for day in change.days:
            for clock in QUARTERS:
                wall = datetime.combine(day, clock)
                moments = change.borne_by(wall)
                seen[len(moments)] += 1
                left_out = wall.replace(tzinfo=UTC) - change.before
                right = moments[0] if moments else left_out
                shown = wall if moments else wall + change.jump
                moment = there.at(day, clock)
                if (moment, there.local(moment).replace(tzinfo=None)) != (right, shown):
                    wrong.append((change, wall, moment))
    assert wrong == []
    assert min(seen.values()) > 300


def test_every_moment_near_a_change_is_found_again_by_its_wall_time():
    """But for the second of two equal ones, which is told as the first."""
    wrong = []
    for change in changes():
        there = hotel(change.zone)
        for quarters in range(-16, 17):
            moment = change.moment + quarters * HOUR / 4
            local = there.local(moment)
            second = change.moment <= moment < change.moment - change.jump
            again = there.at(local.date(), local.time().replace(fold=0))
            if again != (moment + change.jump if second else moment):
                wrong.append((change, moment, again))
    assert wrong == []


def test_the_day_of_a_change_is_longer_or_shorter_by_it_and_its_neighbours_are_not():
    wrong = []
    for change in changes():
        there = hotel(change.zone)
        lengths = sorted((length(there, day) for day in change.days), key=lambda hours: abs(hours - DAY))
        if lengths != [DAY, DAY, DAY - change.jump]:
            wrong.append((change, lengths))
    assert wrong == []


@pytest.mark.parametrize(
    ("zone", "hours"),
    [
        ("Europe/Zurich", {23, 25}),
        ("America/New_York", {23, 25}),
        ("Australia/Lord_Howe", {23.5, 24.5}),
        ("Antarctica/Troll", {22, 26}),
        ("Africa/Cairo", {23, 25}),
        ("Asia/Beirut", {23, 25}),
    ],
)
def test_days_of_a_change_last_as_long_as_they_are_known_to(zone, hours):
    lengths = {length(hotel(zone), day) / HOUR for change in changes_of(zone) for day in change.days}
    assert lengths == hours | {24}


def test_where_midnight_is_left_out_the_day_begins_with_the_change():
    without = [
        change for change in changes() if not change.borne_by(datetime.combine(change.days[2], time(0)))
    ]
    assert {"Africa/Cairo", "Asia/Beirut"} <= {change.zone for change in without}
    for change in without:
        there = hotel(change.zone)
        begins = there.at(change.days[2], time(0))
        assert begins == change.moment
        assert there.local(begins).date() == change.days[2]
        assert there.local(begins).time() == (datetime.min + change.jump).time()


def test_a_night_over_a_change_ends_after_it_began_and_lasts_as_long_as_the_clocks_say():
    wrong = []
    for change in changes():
        there = hotel(change.zone)
        for arrival in change.days:
            for check_in, check_out in PAIRS:
                starts, ends = there.at(arrival, check_in), there.at(arrival + DAY, check_out)
                named = datetime.combine(arrival + DAY, check_out) - datetime.combine(arrival, check_in)
                if starts >= ends or ends - starts - named not in (timedelta(0), -change.jump):
                    wrong.append((change, arrival, check_in, check_out, ends - starts))
    assert wrong == []


def test_a_zone_without_changes_has_24_hours_every_day_and_every_wall_time_once():
    steady = set(zones()) - {change.zone for change in changes()}
    days = [(FROM + n * 30 * DAY).date() for n in range(24)]
    wrong = []
    for zone in steady:
        there = hotel(zone)
        for day in days:
            clocks = (time(0), time(2, 30), time(11), time(15), time(23, 59))
            shown = [there.local(there.at(day, clock)).replace(tzinfo=None) for clock in clocks]
            if length(there, day) != DAY or shown != [datetime.combine(day, clock) for clock in clocks]:
                wrong.append((zone, day))
    assert wrong == []
