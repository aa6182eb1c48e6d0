"""Dates as people and spreadsheets write them: read, or refused with what to do, never guessed."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from reservations.imports.dates import ambiguous, evidence, other, read_day, read_moment
from reservations.imports.refusals import RowRefused

ZURICH = ZoneInfo("Europe/Zurich")
NOVEMBER = date(2026, 11, 22)


@pytest.mark.parametrize("order", ["dmy", "mdy"])
@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22",
        "2026/11/22",
        "2026.11.22",
        "2026-11-22 00:00:00",
        "2026-11-22T14:30",
        "22 Nov 2026",
        "22-Nov-2026",
        "22 november 2026",
        "Nov 22, 2026",
        "November 22 2026",
        "Sun, 22 Nov 2026",
        "Sunday 22nd November 2026",
        "22. November 2026",
        "22 novembre 2026",
        "22 de noviembre de 2026",
    ],
)
def test_a_date_that_can_be_read_one_way_is_read_under_either_order(text, order):
    assert read_day(text, order) == NOVEMBER


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("3 Mär 2026", 3),
        ("3 Mai 2026", 5),
        ("3 Okt 2026", 10),
        ("3. Dezember 2026", 12),
        ("1er août 2026", 8),
        ("3 févr. 2026", 2),
        ("3 gennaio 2026", 1),
        ("3 giu 2026", 6),
        ("3 ene 2026", 1),
        ("3 agosto 2026", 8),
        ("3 dic 2026", 12),
    ],
)
def test_months_are_read_in_german_french_italian_and_spanish(text, month):
    assert read_day(text, "dmy").month == month


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("03/04/2026", "dmy", date(2026, 4, 3)),
        ("03/04/2026", "mdy", date(2026, 3, 4)),
        ("3.4.2026", "dmy", date(2026, 4, 3)),
        ("3-4-2026 15:00", "dmy", date(2026, 4, 3)),
        ("22/11/2026", "dmy", NOVEMBER),
        ("11/22/2026", "mdy", NOVEMBER),
    ],
)
def test_the_property_decides_which_number_is_the_day(text, order, day):
    assert read_day(text, order) == day


@pytest.mark.parametrize(
    ("text", "order", "why"),
    [
        ("13/02/2026", "mdy", "day first, but this property reads dates month first"),
        ("02/13/2026", "dmy", "month first, but this property reads dates day first"),
        ("22/11/26", "dmy", "year of two digits"),
        ("22 Nov 26", "dmy", "year of four digits"),
        ("46348", "dmy", "day number"),
        ("46348.0", "dmy", "day number"),
        ("31/02/2026", "dmy", "no day of the calendar"),
        ("2026-02-30", "dmy", "no day of the calendar"),
        ("0026-11-22", "dmy", "not between"),
        ("2026-11-22T23:00:00Z", "dmy", "time zone"),
        ("2026-11-22 23:00 +02:00", "dmy", "time zone"),
        ("22/11-2026", "dmy", "no date"),
        ("tomorrow", "dmy", "no date"),
        ("before 22 Nov 2026", "dmy", "no date"),
        ("٢٢/١١/٢٠٢٦", "dmy", "no date"),
        ("²2 Nov 2026", "dmy", "no date"),
        ("2026-11-22 25:00", "dmy", None),
    ],
)
def test_what_would_be_a_guess_is_refused_with_the_reason(text, order, why):
    if why is None:
        with pytest.raises(RowRefused, match="time of day"):
            read_moment(text, order, ZURICH)
        return
    with pytest.raises(RowRefused, match=why):
        read_day(text, order)


def test_a_refusal_shows_little_of_a_long_cell():
    with pytest.raises(RowRefused) as refusal:
        read_day("x" * 10_000, "dmy")
    assert len(str(refusal.value)) < 200


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22", datetime(2026, 11, 21, 23, 0, tzinfo=UTC)),
        ("2026-11-22 14:05:30", datetime(2026, 11, 22, 13, 5, 30, tzinfo=UTC)),
        ("22/11/2026 2:05 PM", datetime(2026, 11, 22, 13, 5, tzinfo=UTC)),
        ("2026-11-22 12:00 am", datetime(2026, 11, 21, 23, 0, tzinfo=UTC)),
        ("2026-11-22T13:05:30Z", datetime(2026, 11, 22, 13, 5, 30, tzinfo=UTC)),
        ("2026-11-22T13:05:30.250+01:00", datetime(2026, 11, 22, 12, 5, 30, tzinfo=UTC)),
    ],
)
def test_a_moment_is_on_the_propertys_wall_unless_it_says_otherwise(text, moment):
    assert read_moment(text, "dmy", ZURICH) == moment


def test_an_impossible_zone_is_refused():
    with pytest.raises(RowRefused, match="UTC"):
        read_moment("2026-11-22 10:00+99:99", "dmy", ZURICH)


@pytest.mark.parametrize(
    ("text", "speaks_for", "is_ambiguous"),
    [
        ("13/02/2026", "dmy", False),
        ("02/13/2026", "mdy", False),
        ("03/04/2026 12:00", None, True),
        ("04/04/2026", None, False),
        ("2026-03-04", None, False),
        ("3 Apr 2026", None, False),
        ("99/99/2026", None, False),
    ],
)
def test_a_date_tells_which_order_it_speaks_for(text, speaks_for, is_ambiguous):
    assert (evidence(text), ambiguous(text)) == (speaks_for, is_ambiguous)


def test_there_are_two_orders():
    assert (other("dmy"), other("mdy")) == ("mdy", "dmy")
