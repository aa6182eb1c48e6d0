"""The desk's words: none more certain than what was seen, each with its time on the property's wall."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from hospitality.models import Property
from hospitality.wall import Wall
from locks import words
from locks.models import Event
from locks.queries import Code, Door, Stock

NOW = datetime(2026, 11, 22, 13, 5, tzinfo=UTC)  # 14:05 in Zurich
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WALL = Wall(Property(name="Seeblick", time_zone="Europe/Zurich"), NOW)
DOOR = Door(1, uuid4(), "Room 204", "own", True, NOW - HOUR, NOW, 0.8, "", "")
OFFLINE = replace(DOOR, online=False, online_changed_at=NOW - 15 * MINUTE, error_code="device_disconnected")
CODE = Code(
    id=1,
    public_id=uuid4(),
    lock_id=1,
    grant_id=1,
    name="Anna Smith, 204",
    is_managed=True,
    is_backup=False,
    pulled_backup_id=None,
    handed_out_at=None,
    wanted=True,
    starts_at=NOW - HOUR,
    ends_at=NOW + 24 * HOUR,
    asked_at=NOW - HOUR,
    generation=1,
    observed="absent",
    observed_at=NOW - 3 * MINUTE,
    attempted_at=None,
    refused_generation=None,
    refusal="",
    status="setting",
    is_scheduled_on_device=False,
    pending_mutations=[{"mutation_code": "creating"}],
    errors=[],
    warnings=[],
    live=True,
    is_offline_access_code=False,
    issued_at=None,
    issued_starts_at=None,
    issued_ends_at=None,
    operation="",
    has_own_pin=False,
    is_external_modification_allowed=False,
    external_change=None,
    first_used_at=None,
)
PRESENT = {"observed": "present", "status": "set", "pending_mutations": []}
CHANGING = {"observed": "present", "status": "set"}
OVER = {"wanted": False, "status": "removing", "observed": "present"}


def said(door=DOOR, **facts) -> tuple[str, str]:
    found = words.code_words(replace(CODE, **facts), door, WALL)
    return found.tone, found.text


@pytest.mark.parametrize(
    ("facts", "tone", "text"),
    [
        ({}, "wait", "Going on the lock now"),
        ({"attempted_at": NOW}, "wait", "Sent, not yet confirmed"),
        ({"observed": "unknown"}, "wait", "Sent, not yet confirmed"),
        (PRESENT, "good", "On the lock, confirmed 14:02"),
        (
            PRESENT | {"starts_at": NOW + HOUR},
            "good",
            "On the lock, opens from 15:05; confirmed 14:02",
        ),
        (
            {
                "pending_mutations": [
                    {"mutation_code": "deferring_creation", "scheduled_at": "2026-11-22T13:30+00:00"}
                ]
            },
            "wait",
            "Goes on the lock at 14:30",
        ),
        (
            {
                "pending_mutations": [
                    {"mutation_code": "deferring_creation", "scheduled_at": "2026-11-25T13:30+00:00"}
                ]
            },
            "wait",
            "Goes on the lock on 25 Nov, 14:30",
        ),
        (
            {"warnings": [{"warning_code": "delay_in_setting_on_device"}]},
            "warn",
            "Late: not on the lock yet, asked 13:05",
        ),
        (
            {"errors": [{"error_code": "failed_to_set_on_device"}]},
            "bad",
            "Not on the lock, asked 13:05; still trying",
        ),
        (
            {"errors": [{"error_code": "no_space_for_access_code_on_device"}]},
            "warn",
            "Waiting: no free place on the lock",
        ),
        ({"refused_generation": 1, "refusal": "Too simple."}, "bad", "Refused by the lock: Too simple."),
        (
            CHANGING | {"pending_mutations": [{"mutation_code": "updating_time_frame"}]},
            "warn",
            "On the lock with the old times; new times on their way",
        ),
        (
            CHANGING | {"pending_mutations": [{"mutation_code": "updating_code"}]},
            "warn",
            "On the lock with the old PIN; new PIN on its way",
        ),
        (OVER, "warn", "Removing; still on the door"),
        (
            OVER | {"errors": [{"error_code": "failed_to_remove_from_device"}]},
            "bad",
            "Removing; still on the door",
        ),
        (OVER | {"observed": "unknown"}, "warn", "Removing; still on the door"),
        (OVER | {"observed": "absent", "live": False}, "off", "Off the lock, confirmed 14:02"),
        (PRESENT | {"ends_at": NOW}, "warn", "Removing; still on the door"),
    ],
)
def test_where_a_code_stands(facts, tone, text):
    assert said(**facts) == (tone, text)


@pytest.mark.parametrize(
    ("facts", "tone", "text"),
    [
        ({}, "warn", "Waiting: lock offline since 13:50"),
        ({"errors": [{"error_code": "failed_to_set_on_device"}]}, "bad", "Waiting: lock offline since 13:50"),
        ({"attempted_at": NOW}, "warn", "Sent, not yet confirmed; lock offline since 13:50"),
        (PRESENT, "good", "On the lock, confirmed 14:02"),
        (OVER, "warn", "Removing; still on the door; lock offline since 13:50"),
    ],
)
def test_where_a_code_stands_while_the_lock_is_offline(facts, tone, text):
    assert said(OFFLINE, **facts) == (tone, text)


def test_nothing_is_called_on_the_lock_that_was_not_seen_there():
    for observed in ("absent", "unknown"):
        for status in ("unset", "setting", "set", "removing", "unknown"):
            assert not said(observed=observed, status=status)[1].startswith("On the lock")


@pytest.mark.parametrize(
    ("door", "expected"),
    [
        (DOOR, [("good", "Online, battery 80 %")]),
        (replace(DOOR, battery=None), [("good", "Online")]),
        (replace(DOOR, battery=0.15), [("good", "Online"), ("warn", "Battery low, 15 %")]),
        (replace(DOOR, battery=0.05), [("good", "Online"), ("bad", "Battery nearly empty, 5 %")]),
        (OFFLINE, [("bad", "Offline since 13:50"), ("good", "Battery 80 %")]),
        (replace(DOOR, online=None, battery=None), [("off", "Not seen yet")]),
        (
            replace(OFFLINE, error_code="hub_disconnected", battery=None),
            [("bad", "The locks' hub does not answer since 13:50")],
        ),
        (replace(DOOR, error_code="a_new_kind", error="Strange.", battery=None), [("warn", "Strange.")]),
    ],
)
def test_how_a_lock_is(door, expected):
    assert [(one.tone, one.text) for one in words.health_words(door, WALL)] == expected


@pytest.mark.parametrize(
    ("stock", "size", "tone", "text"),
    [
        (Stock(5, 5), 5, "good", "5 of 5 ready"),
        (Stock(2, 5), 5, "warn", "2 of 5 ready"),
        (Stock(0, 5), 5, "bad", "0 of 5 ready"),
        (None, 5, "bad", "0 of 5 ready"),
        (None, 0, "off", "No backup codes kept"),
    ],
)
def test_how_many_backup_codes_are_ready(stock, size, tone, text):
    assert words.stock_words(stock, size) == words.Said(tone, text)


def test_an_event_of_an_unknown_kind_keeps_its_name():
    assert words.event_words(Event(event_type="lock.unlocked")) == "Door opened"
    assert words.event_words(Event(event_type="lock.sneezed_twice")) == "Lock: sneezed twice"


def test_the_wall_names_the_day_when_it_is_not_today():
    assert WALL.time(NOW) == "14:05"
    assert WALL.time(NOW - timedelta(days=1)) == "21 Nov, 14:05"
    assert WALL.time(NOW - timedelta(days=400)) == "18 Oct 2025, 15:05"
    assert WALL.zone_name == "Europe/Zurich (CET)"
