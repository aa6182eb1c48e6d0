"""What a change will do at a door, said before: as far as it is known, and never as done."""

from dataclasses import replace
from datetime import timedelta

import pytest

from locks.change_words import Ahead, change_words, changes
from tests.locks.test_words import CODE, DOOR, HOUR, MINUTE, NOW, OFFLINE, PRESENT, WALL

AHEAD = Ahead(lead=30 * MINUTE)
NATIVE, NATIVE_OFFLINE = replace(DOOR, keeps_schedules=True), replace(OFFLINE, keeps_schedules=True)
DAY = timedelta(days=1)
ON = replace(CODE, **PRESENT, observed_ends_at=CODE.ends_at, pin_index=7, observed_pin_index=7)
OFF = replace(ON, wanted=False)
TO_COME = replace(CODE, starts_at=NOW + 5 * DAY, ends_at=NOW + 6 * DAY)
LONGER, SHORTER = replace(ON, ends_at=ON.ends_at + 2 * HOUR), replace(ON, ends_at=NOW + HOUR)
LATER = replace(ON, starts_at=NOW + DAY)
ARITHMETIC = replace(CODE, is_offline_access_code=True)
ISSUED = replace(ARITHMETIC, issued_at=NOW, issued_ends_at=NOW + HOUR)
OTHER_DIGITS = replace(ON, pin_index=8)
FULL = replace(
    DOOR,
    warnings=[
        {
            "warning_code": "max_access_codes_reached",
            "active_access_code_count": 9,
            "max_active_access_code_count": 9,
        }
    ],
)

CASES = [
    ("wait", "loses the code at once; it is gone when the lock confirms it", ON, OFF, DOOR),
    ("wait", "loses the code at once; it is gone when the lock confirms it", ON, None, NATIVE),
    (
        "bad",
        "keeps the code until the lock answers again, at the latest until 23 Nov, 14:05: lock offline since 13:50",
        ON,
        OFF,
        OFFLINE,
    ),
    (
        "bad",
        "keeps the code until the lock answers again: lock offline since 13:50",
        replace(ON, observed_ends_at=None),
        OFF,
        OFFLINE,
    ),
    ("off", "does not have the code yet, and does not get it", CODE, replace(CODE, wanted=False), DOOR),
    (
        "bad",
        "goes on opening with its offline code, which cannot be taken back, until 15:05",
        ISSUED,
        replace(ISSUED, wanted=False),
        DOOR,
    ),
    ("off", "has no offline code of the stay out", ARITHMETIC, replace(ARITHMETIC, wanted=False), DOOR),
    ("wait", "gets the code in about a minute, sure when the lock confirms it", None, CODE, DOOR),
    ("bad", "does not open before the lock answers again: lock offline since 13:50", None, CODE, OFFLINE),
    ("warn", "gets the code when a place on the lock is free: it is full", None, CODE, FULL),
    ("wait", "gets the code on 27 Nov, 13:35 (just in time)", None, TO_COME, DOOR),
    (
        "wait",
        "gets the code on 24 Nov, 14:05 (72 hours ahead); it opens from 27 Nov, 14:05",
        None,
        TO_COME,
        NATIVE,
    ),
    (
        "warn",
        "gets the code on 27 Nov, 13:35 (just in time); now lock offline since 13:50",
        None,
        TO_COME,
        OFFLINE,
    ),
    (
        "wait",
        "gets the code in about a minute, sure when the lock confirms it; it opens from 15:05",
        None,
        replace(CODE, starts_at=NOW + HOUR),
        NATIVE,
    ),
    ("warn", "takes an offline code only: issue it afterwards", None, ARITHMETIC, DOOR),
    ("wait", "has the code still, and keeps it until 23 Nov, 14:05", OFF, ON, DOOR),
    ("good", "unchanged", ON, ON, OFFLINE),
    ("good", "unchanged", ON, replace(ON, name="Anna Berg, 204"), DOOR),
    ("wait", "opens until 23 Nov, 16:05 with the same digits, once the lock confirms it", ON, LONGER, NATIVE),
    (
        "bad",
        "opens until 23 Nov, 16:05 with the same digits, only when the lock answers again; "
        "before that until 23 Nov, 14:05, as now: lock offline since 13:50",
        ON,
        LONGER,
        NATIVE_OFFLINE,
    ),
    ("good", "opens until 23 Nov, 16:05 with the same digits", ON, LONGER, DOOR),
    (
        "warn",
        "opens until 15:05 with the same digits; it comes off then only if the lock answers: "
        "lock offline since 13:50",
        ON,
        SHORTER,
        OFFLINE,
    ),
    ("wait", "opens from 23 Nov, 14:05, once the lock confirms it", ON, LATER, NATIVE),
    ("wait", "opens from now on, once the lock confirms it", LATER, ON, NATIVE),
    (
        "wait",
        "gets the code in about a minute, sure when the lock confirms it",
        replace(CODE, starts_at=NOW + HOUR),
        CODE,
        DOOR,
    ),
    (
        "wait",
        "opens with the old digits until it has the new ones, once the lock confirms it",
        ON,
        OTHER_DIGITS,
        DOOR,
    ),
    (
        "warn",
        "has an offline code that does not change: it opens until 15:05",
        ISSUED,
        replace(ISSUED, ends_at=NOW + DAY * 3),
        DOOR,
    ),
    (
        "wait",
        "takes an offline code, which is issued for the new times",
        ARITHMETIC,
        replace(ARITHMETIC, ends_at=NOW + DAY * 3),
        DOOR,
    ),
]


@pytest.mark.parametrize(("tone", "text", "before", "after", "door"), CASES)
def test_a_door_says_what_the_change_does_there(tone, text, before, after, door):
    said = change_words(before, after, door, AHEAD, WALL)
    assert (said.tone, said.text) == (tone, text)


def test_a_door_that_has_nothing_to_do_with_it_says_nothing():
    assert change_words(None, OFF, DOOR, AHEAD, WALL) is None
    assert not changes(OFF, None, WALL)


def test_the_guest_before_is_waited_for():
    ahead = Ahead(lead=30 * MINUTE, not_before=TO_COME.starts_at - 10 * MINUTE)
    said = change_words(None, TO_COME, DOOR, ahead, WALL)
    assert said.text == "gets the code on 27 Nov, 13:55 (when the guest before has gone)"
