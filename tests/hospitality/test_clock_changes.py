"""When clocks jump, and by how much: in zones that change, do not change, and do so in their own way."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hospitality import clock_changes

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("zone", "moments"),
    [
        ("Europe/Zurich", [((3, 29, 1, 0), HOUR), ((10, 25, 1, 0), -HOUR)]),
        ("America/New_York", [((3, 8, 7, 0), HOUR), ((11, 1, 6, 0), -HOUR)]),
        ("Australia/Lord_Howe", [((4, 4, 15, 0), -HOUR / 2), ((10, 3, 15, 30), HOUR / 2)]),
        ("Asia/Tokyo", []),
    ],
)
def test_each_change_of_a_year_is_found_to_the_second(zone, moments):
    found = [(change.at, change.shift) for change in clock_changes.in_year(zone, 2026)]
    assert found == [(datetime(2026, *moment, tzinfo=UTC), shift) for moment, shift in moments]


def test_only_what_lies_between_counts():
    change = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)
    for begins, ends, count in ((-HOUR, HOUR, 1), (HOUR, 2 * HOUR, 0), (-2 * HOUR, -HOUR, 0)):
        assert len(clock_changes.between("Europe/Zurich", change + begins, change + ends)) == count


def test_a_stay_over_the_turn_of_the_year_sees_both_years():
    begins, ends = datetime(2026, 10, 1, tzinfo=UTC), datetime(2027, 4, 1, tzinfo=UTC)
    assert len(clock_changes.between("Europe/Zurich", begins, ends)) == 2


@pytest.mark.parametrize(
    ("month", "day", "said", "old"),
    [
        (10, 26, "Clocks go back on 25 Oct, 03:00 becomes 02:00", "12:00"),
        (3, 30, "Clocks go forward on 29 Mar, 02:00 becomes 03:00", "10:00"),
    ],
)
def test_a_change_is_told_with_both_times(month, day, said, old):
    zone = ZoneInfo("Europe/Zurich")
    ends = datetime(2026, month, day, 11, 0, tzinfo=zone)
    begins = ends - timedelta(days=3)
    changes = clock_changes.between(zone.key, begins, ends)
    assert clock_changes.words(changes, zone, begins) == said
    assert f"{clock_changes.in_old_time(ends, changes, zone):%H:%M}" == old
    assert clock_changes.words(changes, zone, ends).startswith("Clocks went")
