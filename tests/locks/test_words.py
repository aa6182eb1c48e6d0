"""The desk's words: none more certain than what was seen, each with its time on the property's wall."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import uuid4

import pytest

from hospitality.models import Property
from hospitality.wall import Wall
from locks import event_words, words
from locks.known import Code, Door, Stock
from locks.models import Event

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
OVER = {"wanted": False, "status": "removing", "observed": "present", "asked_at": NOW - MINUTE}


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
            PRESENT | {"starts_at": NOW + HOUR, "observed_starts_at": NOW + 50 * MINUTE},
            "good",
            "On the lock, opens from 14:55; confirmed 14:02",
        ),
        (
            PRESENT | {"observed_ends_at": NOW - 5 * MINUTE},
            "warn",
            "On the lock, confirmed 14:02; the lock let its time end 14:00",
        ),
        (
            PRESENT | {"starts_at": NOW + 20 * MINUTE},
            "good",
            "On the lock and open before its time, 14:25; confirmed 14:02",
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
            {"errors": [{"error_code": "access_code_grew_a_beard"}]},
            "warn",
            "Waiting: access_code_grew_a_beard",
        ),
        ({"refused_generation": 1, "refusal": "Too simple."}, "bad", "Refused by the lock: Too simple."),
        (
            PRESENT | {"refused_generation": 1, "refusal": "Too late."},
            "bad",
            "On the lock as it was before; the lock refused the change: Too late.",
        ),
        (
            PRESENT | {"errors": [{"error_code": "code_constraints_violated"}]},
            "bad",
            "On the lock as it was before; it does not take the change",
        ),
        ({"operation": "op-1", "attempted_at": NOW}, "wait", "Accepted by the maker, not yet confirmed"),
        (
            PRESENT | {"has_own_pin": True},
            "good",
            "On the lock, confirmed 14:02; this door has its own PIN",
        ),
        (
            {"has_own_pin": True, "refused_generation": 1, "refusal": "Too simple."},
            "bad",
            "Refused by the lock: Too simple; this door has its own PIN",
        ),
        (
            PRESENT | {"settled_generation": 1, "generation": 2},
            "wait",
            "On the lock as it was before; a change is on its way",
        ),
        (
            PRESENT | {"pin_index": 7, "observed_pin_index": 8},
            "warn",
            "On the lock with the old PIN; new PIN on its way",
        ),
        (PRESENT | {"observed_active": False}, "warn", "Switched off at the lock; being switched on"),
        (
            CHANGING | {"starts_at": NOW + HOUR, "pending_mutations": [{"mutation_code": "deleting"}]},
            "wait",
            "Comes off until its time: on the lock too early",
        ),
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
        (OVER | {"observed": "unknown"}, "warn", "Removing; may still be on the door"),
        (OVER | {"attempted_at": NOW}, "warn", "Removing; may still be on the door"),
        (
            OVER | {"attempted_at": NOW, "observed": "absent"},
            "warn",
            "Removing; may still be on the door",
        ),
        (
            OVER | {"operation": "op-1"},
            "warn",
            "Removing; accepted by the maker, not yet confirmed",
        ),
        (OVER | {"asked_at": NOW - 15 * MINUTE}, "bad", "Removing; still on the door"),
        (OVER | {"has_own_pin": True}, "warn", "Removing; still on the door"),
        (
            {"wanted": False, "observed_at": None},
            "off",
            "Off the lock, never sent there",
        ),
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
        (
            {"errors": [{"error_code": "no_space_for_access_code_on_device"}]},
            "warn",
            "Waiting: lock offline since 13:50",
        ),
    ],
)
def test_where_a_code_stands_while_the_lock_is_offline(facts, tone, text):
    assert said(OFFLINE, **facts) == (tone, text)


WAITS = {"pending_mutations": [{"mutation_code": "deferring_creation", "scheduled_at": None}]}
NO_SPACE = {"errors": [{"error_code": "no_space_for_access_code_on_device"}]}
FULL = {
    "warning_code": "max_access_codes_reached",
    "active_access_code_count": 10,
    "max_active_access_code_count": 10,
}


@pytest.mark.parametrize("facts", [WAITS, NO_SPACE])
def test_a_code_without_a_place_says_how_full_the_lock_is(facts):
    full = replace(DOOR, warnings=[FULL])
    assert said(full, **facts) == ("warn", "Waits for a free place: 10 of 10 taken")
    kept = replace(DOOR, warnings=[FULL | {"active_access_code_count": 8}])
    assert said(kept, **facts)[1] == "Waits for a free place: others need the lock's last places sooner"
    assert said(DOOR, **facts)[1] == "Waits for a free place: others need the lock's last places sooner"


def test_a_code_that_gives_its_place_to_others_says_so():
    leaves = [{"mutation_code": "deleting"}, *WAITS["pending_mutations"]]
    facts = {"observed": "present", "pending_mutations": leaves, "starts_at": NOW + HOUR}
    assert said(**facts)[1] == "Comes off until its time: others need its place sooner"


def outside(*fields: str, kind="modified", allowed=False, at=NOW - 4 * MINUTE, generation=1) -> dict:
    """What somebody else did, with the error or the warning that stands for it."""
    change = {
        "change_type": kind,
        "modified_fields": [{"field": name, "from": "135790", "to": "246801"} for name in fields],
        "at": at.isoformat(),
        "generation": generation,
    }
    if allowed:
        warning = [{"warning_code": "external_modification_in_effect"}]
        return {"external_change": change, "warnings": warning, "is_external_modification_allowed": True}
    return {"external_change": change, "errors": [{"error_code": "conflicting_external_modification"}]}


FAILED = [{"error_code": "failed_to_set_on_device"}]


@pytest.mark.parametrize(
    ("facts", "tone", "text"),
    [
        (
            CHANGING
            | {"pending_mutations": [{"mutation_code": "updating_code"}]}
            | outside("code", "ends_at"),
            "warn",
            "Changed at the lock by somebody else (digits, end); being put back",
        ),
        (
            CHANGING | {"pending_mutations": [{"mutation_code": "creating"}]} | outside("is_active"),
            "warn",
            "Changed at the lock by somebody else (switched on or off); being put back",
        ),
        (
            PRESENT | outside("name"),
            "good",
            "On the lock, confirmed 14:02; changed (name) by somebody else 14:01, put back",
        ),
        (
            PRESENT | outside(kind="removed"),
            "good",
            "On the lock, confirmed 14:02; taken off by somebody else 14:01, put back",
        ),
        (outside(kind="removed"), "warn", "Taken off the lock by somebody else; being put back"),
        (
            outside(kind="removed") | {"external_removals": [(NOW - HOUR).isoformat(), NOW.isoformat()]},
            "warn",
            "Taken off 2 times in a day by somebody else; being put back",
        ),
        (
            {"external_removals": [(NOW - n * HOUR).isoformat() for n in (9, 5, 1)], "errors": FAILED},
            "bad",
            "Taken off again and again by somebody else; being put back",
        ),
        (
            PRESENT | {"external_removals": [(NOW - n * HOUR).isoformat() for n in (9, 5, 1)]},
            "warn",
            "On the lock, confirmed 14:02; taken off again and again by somebody else",
        ),
        (
            PRESENT | {"external_removals": [(NOW - n * HOUR).isoformat() for n in (90, 50, 25)]},
            "good",
            "On the lock, confirmed 14:02",
        ),
        (
            PRESENT | outside("ends_at", allowed=True),
            "warn",
            "On the lock as its owner changed it (end); left so",
        ),
        (
            PRESENT | outside("name", allowed=True) | {"pin_index": 7, "observed_pin_index": 8},
            "warn",
            "On the lock as its owner changed it (name); our PIN does not open it",
        ),
        (
            PRESENT | outside("is_active", allowed=True) | {"status": "unset", "observed_active": False},
            "warn",
            "On the lock as its owner changed it (switched on or off); does not open now",
        ),
        (outside(kind="removed", allowed=True), "warn", "Taken off the lock by its owner; left so"),
        (
            PRESENT | outside("ends_at", generation=0),
            "good",
            "On the lock, confirmed 14:02",
        ),
    ],
)
def test_what_somebody_else_did_is_said_without_what_it_was(facts, tone, text):
    assert said(**facts) == (tone, text)


def test_a_code_that_is_missing_from_the_last_list_is_not_called_on_the_lock():
    doubted = replace(DOOR, suspect_refs=["ref-1"])
    facts = PRESENT | {"observed_ref": "ref-1"}
    assert said(doubted, **facts) == (
        "warn",
        "Was on the lock 14:02; missing from its last list, looked for again",
    )
    assert said(doubted, **PRESENT, observed_ref="ref-2")[0] == "good"
    assert (
        said(doubted, **OVER, observed_ref="ref-1")[1]
        == "Removing; missing from the lock's last list, looked for again"
    )


LOST = replace(OFFLINE, error_code="account_disconnected")


@pytest.mark.parametrize(
    ("door", "facts", "text"),
    [
        (
            LOST,
            PRESENT,
            "Unknown: the maker refuses our account since 13:50; on the lock when last seen, 14:02",
        ),
        (
            LOST,
            OVER,
            "Unknown whether it is off: the maker refuses our account since 13:50; on the lock when last seen, 14:02",
        ),
        (
            replace(OFFLINE, error_code="device_removed"),
            {"observed": "unknown"},
            "Unknown: the lock is gone from the maker's account since 13:50; never confirmed",
        ),
        (
            replace(DOOR, replaced_by_id=2),
            OVER,
            "Unknown whether it is off: another lock has taken its place; on the lock when last seen, 14:02",
        ),
    ],
)
def test_of_a_lock_that_cannot_be_asked_any_more_nothing_is_known(door, facts, text):
    assert said(door, **facts | {"status": "unknown"}) == ("warn", text)


ISSUED = {
    "is_offline_access_code": True,
    "status": "set",
    "issued_at": NOW - 90 * MINUTE,
    "issued_starts_at": NOW - 2 * HOUR,
    "issued_ends_at": NOW + 24 * HOUR,
}
LONG = {"issued_starts_at": NOW - HOUR, "issued_ends_at": NOW + 24 * HOUR, "issued_at": NOW}


@pytest.mark.parametrize(
    ("facts", "tone", "text"),
    [
        ({"starts_at": NOW + HOUR}, "wait", "Not issued yet; this lock takes codes made by arithmetic"),
        ({}, "warn", "Not issued yet; this lock takes codes made by arithmetic"),
        ({"wanted": False}, "off", "Never issued"),
        (
            ISSUED
            | {
                "issued_starts_at": NOW + HOUR,
                "starts_at": NOW + 2 * HOUR,
                "issued_ends_at": NOW + 24 * HOUR,
            },
            "wait",
            "Made by arithmetic, opens from 15:05 until 23 Nov, 14:05; the lock was not asked",
        ),
        (
            ISSUED | LONG,
            "wait",
            "Made by arithmetic, opens from 13:05 until 23 Nov, 14:05; the lock was not asked"
            "; must be used for the first time before 23 Nov, 13:05",
        ),
        (
            ISSUED | {"issued_starts_at": NOW - 30 * HOUR, "issued_at": NOW - 30 * HOUR},
            "wait",
            "Made by arithmetic, opens from 21 Nov, 08:05 until 23 Nov, 14:05; the lock was not asked"
            "; only if it was used before 08:05",
        ),
        (
            ISSUED | LONG | {"first_used_at": NOW - MINUTE},
            "wait",
            "Made by arithmetic, opens from 13:05 until 23 Nov, 14:05; the lock was not asked",
        ),
        (
            ISSUED
            | {"is_one_time_use": True, "issued_starts_at": NOW, "issued_at": NOW, "ends_at": NOW + HOUR},
            "wait",
            "Made by arithmetic, opens once from 14:05 until 23 Nov, 14:05; the lock was not asked",
        ),
        (
            ISSUED | {"issued_ends_at": NOW + 23 * HOUR},
            "warn",
            "Does not cover the stay. Made by arithmetic, opens from 12:05 until 23 Nov, 13:05; the lock was not asked",
        ),
        (
            ISSUED | {"issued_starts_at": NOW - 30 * MINUTE},
            "warn",
            "Does not cover the stay. Made by arithmetic, opens from 13:35 until 23 Nov, 14:05; the lock was not asked",
        ),
        (ISSUED | {"wanted": False}, "warn", "Cannot be revoked, opens until 23 Nov, 14:05"),
        (ISSUED | {"ends_at": NOW}, "warn", "Cannot be revoked, opens until 23 Nov, 14:05"),
        (ISSUED | {"issued_ends_at": NOW}, "warn", "Its time ended 14:05; issue another one"),
        (
            ISSUED | {"issued_ends_at": NOW, "wanted": False},
            "off",
            "Its time ended 14:05; the lock was not asked",
        ),
    ],
)
def test_of_a_code_made_by_arithmetic_only_its_times_are_told(facts, tone, text):
    assert said(**{"is_offline_access_code": True} | facts) == (tone, text)


def test_nothing_is_called_on_the_lock_that_was_not_seen_there():
    for observed in ("absent", "unknown"):
        for status in ("unset", "setting", "set", "removing", "unknown"):
            assert not said(observed=observed, status=status)[1].startswith("On the lock")


def test_only_what_was_seen_on_the_lock_as_wanted_looks_good():
    seen = {
        "observed": ("absent", "present", "unknown"),
        "attempted_at": (None, NOW),
        "operation": ("", "op-1"),
    }
    wanted = {
        "wanted": (True, False),
        "refused_generation": (None, 1),
        "is_offline_access_code": (True, False),
    }
    states = {"status": ("set", "unknown"), "settled_generation": (1, 0), "observed_active": (True, False)}
    names = {**seen, **wanted, **states}
    good = [
        facts
        for values in product(*names.values())
        if said(**(facts := dict(zip(names, values, strict=True)) | {"pending_mutations": []}))[0] == "good"
    ]
    assert good == [
        {
            "observed": "present",
            "attempted_at": None,
            "operation": "",
            "wanted": True,
            "refused_generation": None,
            "is_offline_access_code": False,
            "status": "set",
            "settled_generation": 1,
            "observed_active": True,
            "pending_mutations": [],
        }
    ]


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
        (replace(DOOR, error_code="a_new_kind", error="Strange.", battery=None), [("warn", "a_new_kind")]),
        (
            replace(DOOR, error_code="provider_issue", battery=None),
            [("warn", "The maker has trouble, or its answers make no sense")],
        ),
        (
            replace(DOOR, online=None, programmable=False, battery=None),
            [("off", "Never asked: its codes are arithmetic")],
        ),
        (replace(OFFLINE, replaced_by_id=2, battery=None), [("off", "Another lock has taken its place")]),
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
        (Stock(2, 2), 0, "good", "2 ready"),
        (Stock(7, 7), 5, "good", "7 ready"),
    ],
)
def test_how_many_backup_codes_are_ready(stock, size, tone, text):
    assert words.stock_words(stock, size) == words.Said(tone, text)


def test_an_event_of_an_unknown_kind_keeps_its_name():
    assert event_words.of(Event(event_type="lock.unlocked")) == "Door opened"
    assert event_words.of(Event(event_type="lock.sneezed_twice")) == "Lock: sneezed twice"


def test_the_wall_names_the_day_when_it_is_not_today():
    assert WALL.time(NOW) == "14:05"
    assert WALL.time(NOW - timedelta(days=1)) == "21 Nov, 14:05"
    assert WALL.time(NOW - timedelta(days=400)) == "18 Oct 2025, 15:05"
    assert WALL.zone_name == "Europe/Zurich (CET)"
