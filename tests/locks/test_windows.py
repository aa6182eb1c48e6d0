"""Windows fitted to what a lock can keep: grains, listed slots, and the grids of offline codes."""

import random
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from locks import windows
from locks.providers.base import Capabilities, OfflineKind, OfflineWindow, TimeSlot
from locks.windows import NotPossible, fit, kinds_for, offline

ZURICH = ZoneInfo("Europe/Zurich")
KOLKATA = ZoneInfo("Asia/Kolkata")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
CAIRO = ZoneInfo("Africa/Cairo")
GUEST = TimeSlot("Guest", time(15), time(11))
STAFF = TimeSlot("Staff", time(14), time(12))
HOURLY, DAILY, ONE_TIME = OfflineKind.HOURLY, OfflineKind.DAILY, OfflineKind.ONE_TIME
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def at(text: str, zone: ZoneInfo = ZURICH, fold: int = 0) -> datetime:
    """`2026-06-01 15:00` on the wall in `zone`, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


def grain(seconds: int, local: bool = False) -> Capabilities:
    return Capabilities(window_grain=seconds, keeps_local_time=local)


def slots(*listed: TimeSlot) -> Capabilities:
    return Capabilities(time_slots=listed, window_grain=3600)


# Grains


@pytest.mark.parametrize(
    ("seconds", "starts", "ends", "fitted"),
    [
        (1, "15:00:00.000001", "16:00:00.999999", ("15:00:00", "16:00:00")),
        (60, "15:00:01", "15:59:59", ("15:00:00", "15:59:00")),
        (60, "15:00:00", "16:00:00", ("15:00:00", "16:00:00")),
        (900, "15:05", "16:55", ("15:00", "16:45")),
        (3600, "14:30", "17:30", ("14:00", "17:00")),
    ],
)
def test_a_grain_rounds_both_bounds_down(seconds, starts, ends, fitted):
    wanted = (at(f"2026-06-01 {starts}"), at(f"2026-06-01 {ends}"))
    assert fit(*wanted, grain(seconds), ZURICH) == tuple(at(f"2026-06-01 {clock}") for clock in fitted)


def test_a_bound_that_is_not_there_stays_away():
    late = at("2026-06-01 15:00:30")
    assert fit(None, None, grain(60), ZURICH) == (None, None)
    assert fit(late, None, grain(60), ZURICH) == (late - timedelta(seconds=30), None)
    assert fit(None, late, grain(60), ZURICH) == (None, late - timedelta(seconds=30))


@pytest.mark.parametrize(
    ("seconds", "starts", "ends", "steps"),
    [
        (3600, "14:10", "14:50", "whole hours"),
        (60, "14:10:10", "14:10:50", "whole minutes"),
        (900, "14:05", "14:10", "steps of 15 minutes"),
        (90, "14:05:31", "14:05:40", "steps of 90 seconds"),
    ],
)
def test_a_window_that_a_grain_empties_is_refused_with_the_grain(seconds, starts, ends, steps):
    with pytest.raises(NotPossible) as refused:
        fit(at(f"2026-06-01 {starts}"), at(f"2026-06-01 {ends}"), grain(seconds), ZURICH)
    shown = (f"1 Jun, {starts[:5]}", f"1 Jun, {ends[:5]}")
    assert str(refused.value) == (
        f"This lock keeps time in {steps}, and there is none between {shown[0]} and {shown[1]}. "
        "Choose an earlier start or a later end."
    )


@pytest.mark.parametrize("can", [grain(60), slots(GUEST)])
def test_a_window_backwards_is_refused(can):
    with pytest.raises(NotPossible, match=r"^The end must be after the start\.$"):
        fit(at("2026-06-01 15:00"), at("2026-06-01 15:00"), can, ZURICH)


def test_a_lock_that_keeps_local_time_rounds_on_its_own_wall_and_another_in_utc():
    wanted = at("2026-06-01 15:10", KOLKATA), at("2026-06-02 10:50", KOLKATA)
    assert fit(*wanted, grain(3600, local=True), KOLKATA) == (
        at("2026-06-01 15:00", KOLKATA),
        at("2026-06-02 10:00", KOLKATA),
    )
    assert fit(*wanted, grain(3600), KOLKATA) == (
        at("2026-06-01 14:30", KOLKATA),
        at("2026-06-02 10:30", KOLKATA),
    )


@pytest.mark.parametrize("zone", [ZURICH, LORD_HOWE, KOLKATA])
@pytest.mark.parametrize("seconds", [60, 900, 3600, 86400])
def test_local_grains_hold_across_changes_of_the_clocks(zone, seconds):
    dice = random.Random(seconds)
    changes = [datetime(2026, *day, tzinfo=UTC) for day in [(3, 29), (10, 25), (4, 4), (10, 3)]]
    for change in changes:
        for _ in range(200):
            starts = change + timedelta(seconds=dice.randrange(-3 * 86400, 2 * 86400))
            ends = starts + timedelta(seconds=dice.randrange(3 * 86400, 5 * 86400))
            begin, end = fit(starts, ends, grain(seconds, local=True), zone)
            # A day may be an hour longer than its 86400 seconds, and Lord Howe's hour half an hour.
            assert starts - timedelta(seconds=seconds) - HOUR < begin <= starts
            assert ends - timedelta(seconds=seconds) - HOUR < end <= ends
            for bound in (begin, end):
                wall = bound.astimezone(zone)
                assert (wall.hour * 3600 + wall.minute * 60 + wall.second) % seconds == 0
                assert wall.microsecond == 0


def test_the_first_minute_after_the_clocks_were_put_back_is_of_the_second_hour():
    starts = at("2026-10-25 02:00:30", fold=1)
    begin, _ = fit(starts, None, grain(60, local=True), ZURICH)
    assert begin == starts - timedelta(seconds=30) == at("2026-10-25 02:00", fold=1)


# Listed slots


@pytest.mark.parametrize(
    ("starts", "ends", "fitted"),
    [
        ("06-01 15:00", "06-03 11:00", ("06-01 15:00", "06-03 11:00")),
        ("06-01 14:00", "06-03 12:00", ("06-01 14:00", "06-03 12:00")),
        ("06-01 16:00", "06-03 10:30", ("06-01 15:00", "06-03 11:00")),
        ("06-01 15:00", "06-03 11:30", ("06-01 14:00", "06-03 12:00")),
        ("06-01 14:30", "06-03 11:00", ("06-01 14:00", "06-03 12:00")),
        ("06-01 17:00", "06-03 09:00", ("06-01 15:00", "06-03 11:00")),
        ("06-01 15:00:01", "06-03 10:59:59", ("06-01 15:00", "06-03 11:00")),
        ("06-01 14:00", "06-01 12:00", None),
        ("06-01 13:59", "06-03 11:00", None),
        ("06-01 17:01", "06-03 11:00", None),
        ("06-01 15:00", "06-03 12:01", None),
        ("06-01 15:00", "06-03 08:59", None),
        ("06-01 16:00", "06-03 08:30", None),
        ("06-01 15:00", "06-01 17:00", None),
    ],
)
def test_the_slot_that_holds_the_stay_with_least_to_spare_is_taken(starts, ends, fitted):
    wanted = at(f"2026-{starts}"), at(f"2026-{ends}")
    if fitted:
        assert fit(*wanted, slots(STAFF, GUEST), ZURICH) == tuple(at(f"2026-{moment}") for moment in fitted)
    else:
        with pytest.raises(NotPossible):
            fit(*wanted, slots(STAFF, GUEST), ZURICH)


@pytest.mark.parametrize(
    ("listed", "pairs"),
    [
        ([GUEST], "15:00 to 11:00"),
        ([GUEST, STAFF], "15:00 to 11:00 or 14:00 to 12:00"),
        (
            [GUEST, STAFF, TimeSlot("Day", time(8, 30), time(18))],
            "15:00 to 11:00, 14:00 to 12:00 or 08:30 to 18:00",
        ),
    ],
)
def test_a_refusal_names_every_pair_that_the_lock_takes(listed, pairs):
    with pytest.raises(NotPossible) as refused:
        fit(at("2026-06-01 20:00"), at("2026-06-03 11:00"), slots(*listed), ZURICH)
    assert str(refused.value) == f"This lock takes {pairs}."


@pytest.mark.parametrize(
    ("starts", "ends"), [(None, None), (at("2026-06-01 15:00"), None), (None, at("2026-06-03 11:00"))]
)
def test_a_lock_with_slots_takes_no_code_without_both_ends(starts, ends):
    with pytest.raises(NotPossible) as refused:
        fit(starts, ends, slots(GUEST), ZURICH)
    assert str(refused.value) == (
        "This lock takes 15:00 to 11:00. A code without a start or an end cannot be made for it."
    )


def test_slots_are_wall_time_in_the_zone_of_the_lock_on_both_sides_of_a_change():
    wanted = at("2026-10-24 15:00"), at("2026-10-25 11:00")
    assert wanted[1] - wanted[0] == 21 * HOUR
    assert fit(*wanted, slots(GUEST), ZURICH) == wanted
    with pytest.raises(NotPossible):
        fit(*wanted, slots(GUEST), KOLKATA)


def test_a_time_that_comes_twice_is_the_slots_both_times():
    night = TimeSlot("Night", time(2, 30), time(2, 30))
    for fold in (0, 1):
        wanted = at("2026-10-25 02:30", fold=fold), at("2026-10-26 02:30")
        assert fit(*wanted, slots(night), ZURICH) == wanted
    late = at("2026-10-25 02:45", fold=1)
    assert fit(late, wanted[1], slots(night), ZURICH) == (at("2026-10-25 02:30", fold=1), wanted[1])


def test_a_slot_at_a_midnight_that_is_left_out_begins_when_the_day_does():
    midnight = TimeSlot("Day", time(0), time(0))
    day_begins = at("2026-04-24 00:00", CAIRO)
    assert day_begins == at("2026-04-24 01:00", CAIRO)
    wanted = day_begins, at("2026-04-25 00:00", CAIRO)
    assert fit(*wanted, slots(midnight), CAIRO) == wanted
    before = at("2026-04-23 00:00", CAIRO), day_begins
    assert fit(*before, slots(midnight), CAIRO) == before


def test_every_fitted_slot_holds_the_stay_and_is_one_of_the_listed():
    dice = random.Random(11)
    fitted = 0
    for _ in range(2_000):
        starts = datetime(2026, 3, 27, tzinfo=UTC) + timedelta(minutes=dice.randrange(4 * 24 * 60))
        ends = starts + timedelta(minutes=dice.randrange(1, 3 * 24 * 60))
        try:
            begin, end = fit(starts, ends, slots(GUEST, STAFF), ZURICH)
        except NotPossible:
            continue
        fitted += 1
        clocks = begin.astimezone(ZURICH).time(), end.astimezone(ZURICH).time()
        assert clocks in [(slot.check_in, slot.check_out) for slot in (GUEST, STAFF)]
        assert timedelta(0) <= starts - begin <= windows.MOST_EXTRA
        assert timedelta(0) <= end - ends <= windows.MOST_EXTRA
    assert 10 < fitted < 200


# Offline codes


@pytest.mark.parametrize(
    ("kind", "starts", "ends", "window"),
    [
        (HOURLY, "06-01 15:00", "06-03 11:00", ("06-01 15:00", "06-03 11:00")),
        (HOURLY, "06-01 15:20", "06-03 10:40", ("06-01 15:00", "06-03 11:00")),
        (HOURLY, "06-01 15:20", "06-01 15:30", ("06-01 15:00", "06-01 16:00")),
        (HOURLY, "06-01 15:00", "06-29 15:00", ("06-01 15:00", "06-29 15:00")),
        (DAILY, "06-01 15:00", "06-30 15:00", ("06-01 15:00", "06-30 15:00")),
        (DAILY, "06-01 15:30", "06-30 11:00", ("06-01 15:00", "06-30 15:00")),
        (DAILY, "06-01 15:00", "07-20 15:01", ("06-01 15:00", "07-21 15:00")),
        (DAILY, "06-01 15:00", "11-20 11:00", ("06-01 15:00", "11-20 15:00")),
        (ONE_TIME, "06-01 15:20", "06-01 16:00", ("06-01 15:00", "06-02 15:00")),
        (ONE_TIME, "06-01 15:00", "06-02 15:00", ("06-01 15:00", "06-02 15:00")),
        (ONE_TIME, "10-24 15:00", "10-25 11:00", ("10-24 15:00", "10-25 14:00")),
    ],
)
def test_an_offline_code_covers_the_stay_on_its_own_grid(kind, starts, ends, window):
    begin, end = (at(f"2026-{moment}") for moment in window)
    assert offline(kind, at(f"2026-{starts}"), at(f"2026-{ends}"), ZURICH) == OfflineWindow(kind, begin, end)


def test_the_hours_are_those_of_utc_also_where_the_clocks_are_half_an_hour_off():
    window = offline(HOURLY, at("2026-06-01 15:00", KOLKATA), at("2026-06-03 11:00", KOLKATA), KOLKATA)
    assert window.starts_at == at("2026-06-01 14:30", KOLKATA)
    assert window.ends_at == at("2026-06-03 11:30", KOLKATA)


@pytest.mark.parametrize(
    ("starts", "ends", "hours"),
    [
        ("2026-03-01 15:00", "2026-04-05 15:00", 35 * 24 - 1),
        ("2026-10-01 15:00", "2026-11-05 15:00", 35 * 24 + 1),
        ("2026-06-01 15:00", "2026-07-06 15:00", 35 * 24),
    ],
)
def test_a_daily_code_has_the_same_time_on_the_wall_at_both_ends(starts, ends, hours):
    window = offline(DAILY, at(starts), at(ends), ZURICH)
    assert (window.starts_at, window.ends_at) == (at(starts), at(ends))
    assert window.ends_at - window.starts_at == hours * HOUR


def test_where_the_clocks_change_by_half_an_hour_a_daily_code_ends_on_the_hour_after():
    starts, ends = at("2026-03-01 15:00", LORD_HOWE), at("2026-04-15 11:00", LORD_HOWE)
    window = offline(DAILY, starts, ends, LORD_HOWE)
    assert (window.starts_at, window.ends_at) == (starts, at("2026-04-15 15:30", LORD_HOWE))


def test_a_daily_code_into_a_gap_ends_when_the_clocks_have_jumped():
    window = offline(DAILY, at("2026-02-01 02:00"), at("2026-03-28 12:00"), ZURICH)
    assert window.ends_at == at("2026-03-29 03:00")


@pytest.mark.parametrize("fold", [0, 1])
def test_a_daily_code_from_or_to_an_hour_that_comes_twice_covers_the_stay(fold):
    twice = at("2026-10-25 02:00", fold=fold)
    assert offline(DAILY, twice, at("2026-12-01 01:30"), ZURICH).ends_at == at("2026-12-01 02:00")
    assert offline(DAILY, at("2026-09-01 02:00"), twice, ZURICH).ends_at == twice


def test_a_daily_code_between_two_hours_that_come_twice_ends_with_the_first_that_covers_the_stay():
    starts = at("2027-10-31 02:00", fold=1)
    first, second = (at("2028-10-29 02:00", fold=fold) for fold in (0, 1))
    assert offline(DAILY, starts, first, ZURICH).ends_at == first
    assert offline(DAILY, starts, first + timedelta(minutes=1), ZURICH).ends_at == second


@pytest.mark.parametrize(
    ("kind", "starts", "ends", "message"),
    [
        (
            HOURLY,
            "2026-06-01 15:00",
            "2026-06-29 15:01",
            "An hourly code opens for 672 hours (28 days) at most; this stay takes 673. "
            "Choose a daily code, or end the stay earlier.",
        ),
        (
            DAILY,
            "2026-06-01 15:00",
            "2026-06-03 11:00",
            "A daily code opens for 29 to 367 days; this stay takes 2. Choose an hourly code.",
        ),
        (
            DAILY,
            "2026-06-01 15:00",
            "2026-06-29 15:00",
            "A daily code opens for 29 to 367 days; this stay takes 28. Choose an hourly code.",
        ),
        (
            DAILY,
            "2026-06-01 15:00",
            "2027-06-03 15:01",
            "A daily code opens for 29 to 367 days; this stay takes 368. End the stay earlier.",
        ),
        (
            ONE_TIME,
            "2026-06-01 15:20",
            "2026-06-02 15:10",
            "A one-time code opens once, until 2 Jun, 15:00 at the latest; this stay ends at 2 Jun, 15:10. "
            "Choose another kind of code.",
        ),
        *[
            (kind, "2026-06-01 15:00", "2026-06-01 15:00", "The end must be after the start.")
            for kind in OfflineKind
        ],
    ],
)
def test_what_an_offline_code_cannot_cover_is_refused_in_a_sentence(kind, starts, ends, message):
    with pytest.raises(NotPossible) as refused:
        offline(kind, at(starts), at(ends), ZURICH)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("stay", "kinds"),
    [
        (5 * HOUR, [ONE_TIME, HOURLY]),
        (24 * HOUR, [ONE_TIME, HOURLY]),
        (25 * HOUR, [HOURLY]),
        (672 * HOUR, [HOURLY]),
        (673 * HOUR, [DAILY]),
        (28 * DAY + 12 * HOUR, [DAILY]),
        (367 * DAY, [DAILY]),
        (367 * DAY + HOUR, []),
    ],
)
def test_the_kinds_that_can_cover_a_stay_in_the_locks_order(stay, kinds):
    starts = at("2026-06-01 15:00")
    assert kinds_for(starts, starts + stay, [DAILY, ONE_TIME, HOURLY], ZURICH) == kinds
    assert kinds_for(starts, starts + stay, [], ZURICH) == []


@pytest.mark.parametrize("zone", [ZURICH, KOLKATA, LORD_HOWE, CAIRO])
def test_hourly_and_daily_between_them_cover_every_stay_of_up_to_a_year(zone):
    dice = random.Random(zone.key)
    lengths = [timedelta(minutes=dice.randrange(1, 366 * 24 * 60)) for _ in range(500)]
    edges = [28 * DAY + minutes * timedelta(minutes=1) for minutes in range(-150, 151, 5)]
    for length in lengths + edges * 12:
        starts = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=dice.randrange(365 * 24 * 60))
        ends = starts + length
        kinds = kinds_for(starts, ends, [HOURLY, DAILY], zone)
        assert kinds
        for kind in kinds:
            window = offline(kind, starts, ends, zone)
            assert timedelta(0) <= starts - window.starts_at < HOUR
            assert ends <= window.ends_at < ends + (HOUR if kind is HOURLY else 26 * HOUR)
            opens_for = window.ends_at - window.starts_at
            if kind is HOURLY:
                assert HOUR <= opens_for <= 672 * HOUR and opens_for % HOUR == timedelta(0)
            else:
                assert 29 <= round(opens_for / DAY) <= 367
                assert abs(opens_for - round(opens_for / DAY) * DAY) <= HOUR
                assert window.ends_at.minute == 0
                walls = [bound.astimezone(zone) for bound in (window.starts_at, window.ends_at)]
                half = zone is LORD_HOWE and walls[1].utcoffset() != walls[0].utcoffset()
                assert half or walls[0].time() == walls[1].time() or _left_out(walls[1], walls[0].time())


def _left_out(wall: datetime, clock: time) -> bool:
    """Does `clock` not come on the wall on that day?"""
    named = datetime.combine(wall.date(), clock, tzinfo=wall.tzinfo)
    return named.astimezone(UTC).astimezone(wall.tzinfo).time() != clock
