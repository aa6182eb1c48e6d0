"""A hotel as the dice make it: its zone and its house rules, and three locks of different makes."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from random import Random
from zoneinfo import ZoneInfo

from locks.providers import base
from tests.simulation.keypad import MINUTE, Keypad, Make
from tests.simulation.memory import Lock

ZONES = ("Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu")
DAYS = timedelta(days=1)
FIRST, LAST = date(2026, 1, 1), date(2027, 12, 31)
HOUSE_TIMES = ((time(15), time(11)), (time(14), time(10, 30)), (time(12), time(12)), (time(3), time(2, 30)))
"""Check-in and check-out; the last ones fall into the night in which the clocks change."""


@cache
def changes(zone: ZoneInfo) -> list[date]:
    """The days on which the clocks of the zone change."""
    days = [FIRST + n * DAYS for n in range((LAST - FIRST).days)]
    return [day for day in days if _offset(day, zone) != _offset(day + DAYS, zone)]


def _offset(day: date, zone: ZoneInfo) -> timedelta:
    return datetime.combine(day, time(), tzinfo=zone).utcoffset()


@dataclass(frozen=True)
class Hotel:
    zone: ZoneInfo
    check_in: time
    check_out: time
    first_day: date

    def at(self, day: int, clock: time) -> datetime:
        """That time on that day of the week (0: the first), on the hotel's wall, in UTC."""
        wall = datetime.combine(self.first_day + day * DAYS, clock, tzinfo=self.zone)
        return wall.astimezone(UTC)


def hotel(rng: Random) -> Hotel:
    """A week of some hotel; in two of five the clocks change."""
    zone = ZoneInfo(rng.choice(ZONES))
    day = FIRST + rng.randrange((LAST - FIRST).days - 10) * DAYS
    if changes(zone) and rng.random() < 0.4:
        day = rng.choice(changes(zone)) - rng.randint(1, 6) * DAYS
    check_in, check_out = rng.choices(HOUSE_TIMES, (6, 3, 3, 2))[0]
    return Hotel(zone, check_in, check_out, day)


def locks(house: Hotel, rng: Random, now: datetime) -> list[Lock]:
    """Two rooms' own doors, and a third room's or one that all rooms share."""
    lead = rng.choice([30, 30, 30, 10, 120]) * MINUTE
    pool = rng.choice([0, 1, 2, 3])
    shared = rng.random() < 0.5
    return [_lock(number, number < 2 or not shared, house, lead, pool, rng, now) for number in range(3)]


def _lock(
    number: int, own: bool, house: Hotel, lead: timedelta, pool: int, rng: Random, now: datetime
) -> Lock:
    native = rng.random() < 0.6
    slots = rng.choice([None, None, 3, 4, 6])
    grain = rng.choices((1, 60, 3600), (5, 3, 1))[0] if native else 1
    times = ()
    if native and rng.random() < 0.08:
        times = (base.TimeSlot("stay", house.check_in, house.check_out),)
    can = base.Capabilities(
        native_scheduling=native,
        window_grain=grain,
        time_slots=times,
        keeps_local_time=rng.random() < 0.3,
        slots=slots,
    )
    make = Make(
        native=native,
        slots=slots,
        offset=rng.choice([0, 0, 0, 1, -1, 2, -2]) * MINUTE,
        numbered=rng.random() < 0.3,
        refuses_copies=rng.random() < 0.75,
        confirms_later=rng.random() < 0.2,
        picky=rng.random() < 0.15,
    )
    keypad = Keypad(make, Random(rng.random()), now)
    # A lock that only takes check-in and check-out times takes no code without an end.
    return Lock(number, own, can, house.zone, lead, 0 if times else pool, keypad, now)
