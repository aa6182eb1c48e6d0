"""Codes by arithmetic: which digits stand for which window, and what a lock makes of digits it is given."""

import ast
import hashlib
import hmac
import random
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from locks.providers import arithmetic
from locks.providers.arithmetic import DAILY, HOURLY, ONE_TIME, VARIANTS, Found, OutOfRange

KEY = bytes(range(32))
START = datetime(2030, 5, 1, 15, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def pin(kind=HOURLY, start=START, length=HOUR, variant=0, key=KEY) -> str:
    return arithmetic.pin(key, kind, start, start + length, variant)


class TestDigits:
    def test_they_are_what_the_construction_says(self):
        """Worked out here a second time: keys in use must go on meaning the same windows."""
        message = (
            b"virtual offline lock 1\0h"
            + int(START.timestamp() // 3600).to_bytes(4, "big")
            + (48).to_bytes(2, "big")
            + b"\2"
        )
        digest = hmac.digest(KEY, message, hashlib.sha256)
        offset = digest[31] % 16
        number = int.from_bytes(digest[offset : offset + 8], "big") % 2**63 % 10**9
        assert pin(length=48 * HOUR, variant=2) == f"{number:09d}" == "070310187"

    def test_they_differ_with_everything_that_makes_a_window(self):
        others = {
            pin(length=24 * HOUR),
            pin(ONE_TIME, length=24 * HOUR),
            pin(length=25 * HOUR),
            pin(length=24 * HOUR, variant=1),
            pin(start=START + HOUR, length=24 * HOUR),
            pin(length=24 * HOUR, key=bytes(32)),
            pin(DAILY, length=30 * DAY),
        }
        assert len(others) == 7

    def test_they_are_always_nine_and_evenly_spread(self):
        pins = [pin(start=START + hours * HOUR) for hours in range(20_000)]
        assert {len(digits) for digits in pins} == {9}
        first = Counter(digits[0] for digits in pins)
        assert set(first) == set("0123456789")
        # 2,000 of each are expected; the chance that one of ten is off by 250 is below 1 in 10^7.
        assert all(abs(count - 2000) < 250 for count in first.values())

    def test_they_are_the_same_in_every_zone(self):
        assert pin(start=START.astimezone(timezone(timedelta(hours=9)))) == pin()

    def test_a_new_key_is_new(self):
        keys = {arithmetic.new_key() for _ in range(100)}
        assert len(keys) == 100 and {len(key) for key in keys} == {32}


class TestWindows:
    @pytest.mark.parametrize(
        ("kind", "length"),
        [
            (HOURLY, HOUR),
            (HOURLY, 672 * HOUR),
            (DAILY, 29 * DAY),
            (DAILY, 29 * DAY - HOUR),
            (DAILY, 29 * DAY + HOUR),
            (DAILY, 367 * DAY),
            (DAILY, 367 * DAY + HOUR),
            (ONE_TIME, 24 * HOUR),
        ],
    )
    def test_those_that_there_are(self, kind, length):
        found = arithmetic.match(KEY, pin(kind, length=length), START)
        assert found == Found(kind, START, START + length, 0)

    @pytest.mark.parametrize(
        ("kind", "length", "says"),
        [
            (HOURLY, timedelta(0), "1 to 672 hours"),
            (HOURLY, -HOUR, "1 to 672 hours"),
            (HOURLY, 673 * HOUR, "1 to 672 hours"),
            (DAILY, 28 * DAY, "29 to 367 whole days"),
            (DAILY, 29 * DAY - 2 * HOUR, "29 to 367 whole days"),
            (DAILY, 30 * DAY + 2 * HOUR, "29 to 367 whole days"),
            (DAILY, 368 * DAY, "29 to 367 whole days"),
            (ONE_TIME, 23 * HOUR, "24 hours"),
            (ONE_TIME, 25 * HOUR, "24 hours"),
            (HOURLY, timedelta(minutes=90), "full hour"),
            ("weekly", 7 * DAY, "one_time, hourly, daily"),
        ],
    )
    def test_those_that_there_are_not_are_refused_with_what_is_possible(self, kind, length, says):
        with pytest.raises(OutOfRange, match=says):
            pin(kind, length=length)

    @pytest.mark.parametrize("late", [timedelta(minutes=30), timedelta(seconds=1), timedelta(microseconds=1)])
    def test_they_start_on_the_full_hour(self, late):
        with pytest.raises(OutOfRange, match="full hour"):
            pin(start=START + late)

    @pytest.mark.parametrize("kind", list(VARIANTS))
    def test_there_are_three_codes_for_the_same_window_or_five_one_time_ones(self, kind):
        length = {HOURLY: HOUR, DAILY: 30 * DAY, ONE_TIME: DAY}[kind]
        most = {HOURLY: 3, DAILY: 3, ONE_TIME: 5}[kind]
        assert len({pin(kind, length=length, variant=variant) for variant in range(most)}) == most
        for variant in (-1, most):
            with pytest.raises(OutOfRange, match=f"{most} offline codes"):
                pin(kind, length=length, variant=variant)

    def test_a_time_without_a_zone_and_a_key_that_is_none_are_the_callers_mistakes(self):
        with pytest.raises(ValueError, match="aware"):
            pin(start=START.replace(tzinfo=None))
        for act in (lambda: pin(key=b"short"), lambda: arithmetic.match(b"short", "000000000", START)):
            with pytest.raises(ValueError, match="32 bytes") as caught:
                act()
            assert not isinstance(caught.value, OutOfRange)

    def test_before_1970_there_is_nothing(self):
        with pytest.raises(OutOfRange, match="1970"):
            pin(start=datetime(1969, 5, 1, tzinfo=UTC))


class TestLock:
    def test_it_finds_any_window_that_started_in_the_last_day_from_its_digits(self):
        chance = random.Random(7)
        for _ in range(40):
            kind = chance.choice(list(VARIANTS))
            length = {
                HOURLY: chance.randint(1, 672) * HOUR,
                DAILY: chance.randint(29, 367) * DAY + chance.randint(-1, 1) * HOUR,
                ONE_TIME: DAY,
            }[kind]
            variant = chance.randrange(VARIANTS[kind])
            now = START + timedelta(seconds=chance.randrange(86400))
            found = arithmetic.match(KEY, pin(kind, length=length, variant=variant), now)
            assert found == Found(kind, START, START + length, variant)

    @pytest.mark.parametrize(
        ("later", "is_found"),
        [
            (-2 * HOUR - timedelta(seconds=1), False),
            (-HOUR, True),
            (timedelta(0), True),
            (24 * HOUR, True),
            (25 * HOUR, True),
            (27 * HOUR, False),
        ],
    )
    def test_it_looks_a_day_back_and_an_hour_ahead_and_one_more_on_either_side(self, later, is_found):
        found = arithmetic.match(KEY, pin(length=100 * HOUR), START + later)
        assert (found is not None) is is_found

    @pytest.mark.parametrize("digits", ["", "12345678", "1234567890", "12345678x", "\u0661" * 9])
    def test_what_is_not_nine_digits_is_no_code(self, digits):
        assert arithmetic.match(KEY, digits, START) is None

    def test_another_locks_digits_are_no_code(self):
        assert arithmetic.match(bytes(32), pin(), START) is None


def test_it_needs_nothing_but_the_standard_library():
    tree = ast.parse(Path(arithmetic.__file__).read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names
