"""The plan, arrow by arrow: what is wanted x what was seen x the lock x the time -> what to do and what to say."""

from datetime import UTC, datetime, timedelta

import pytest

from locks.plan import (
    DELAY_AFTER,
    FAILED_AFTER,
    LOOK_EVERY,
    LOOK_EVERY_NEAR,
    Door,
    Presence,
    Seen,
    Step,
    Wanted,
    back_off,
    believable,
    hold_until,
    load_at,
    next_look,
    verdict,
)

NOW = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
H, M = timedelta(hours=1), timedelta(minutes=1)
NATIVE = Door(native_scheduling=True, lead=30 * M)
JIT = Door(native_scheduling=False, lead=30 * M)
PIN, OTHER = 11, 22


def wish(starts=None, ends=None, **more) -> Wanted:
    """A code asked for a week ago, with a window in time from NOW."""
    fields = {"present": True, "pin": PIN, "name": "Anna #1", "asked_at": NOW - 7 * 24 * H} | more
    at = [None if delta is None else NOW + delta for delta in (starts, ends)]
    return Wanted(starts_at=at[0], ends_at=at[1], **fields)


def on_lock(wanted: Wanted, door: Door, **changes) -> Seen:
    window = (wanted.starts_at, wanted.ends_at) if door.native_scheduling else (None, None)
    fields = {"pin": PIN, "name": wanted.name, "starts_at": window[0], "ends_at": window[1]} | changes
    return Seen(Presence.PRESENT, **fields)


ABSENT, UNKNOWN = Seen(), Seen(Presence.UNKNOWN)
FUTURE = wish(4 * 24 * H, 6 * 24 * H)
SOON = wish(48 * H, 96 * H)
STAYING = wish(-24 * H, 24 * H)
ENDED = wish(-48 * H, -1 * M)
ONGOING = wish()
GONE = wish(-24 * H, 24 * H, present=False, asked_at=NOW)

TABLE = [
    # what is wanted, what was seen, the lock: the step, the status, the first pending mutation
    ("native: more than 72 h ahead waits", FUTURE, ABSENT, NATIVE, Step.NONE, "unset", "deferring_creation"),
    ("native: inside 72 h is loaded, and is unset", SOON, ABSENT, NATIVE, Step.CREATE, "unset", "creating"),
    ("native: loaded ahead stays unset", SOON, on_lock(SOON, NATIVE), NATIVE, Step.NONE, "unset", None),
    ("native: not loaded by its start is setting", STAYING, ABSENT, NATIVE, Step.CREATE, "setting", "creating"),
    ("native: loaded and begun is set", STAYING, on_lock(STAYING, NATIVE), NATIVE, Step.NONE, "set", None),
    ("native: prefer just in time", wish(48 * H, 96 * H, prefer_native=False), ABSENT, NATIVE, Step.NONE, "unset", "deferring_creation"),
    ("just in time: two days ahead waits", SOON, ABSENT, JIT, Step.NONE, "unset", "deferring_creation"),
    ("just in time: 31 min ahead waits", wish(31 * M, 24 * H), ABSENT, JIT, Step.NONE, "unset", "deferring_creation"),
    ("just in time: 30 min ahead is set", wish(30 * M, 24 * H), ABSENT, JIT, Step.CREATE, "setting", "creating"),
    ("just in time: on the lock opens at once", wish(20 * M, 24 * H), on_lock(SOON, JIT), JIT, Step.NONE, "set", None),
    ("just in time: held back by the guest before", wish(20 * M, 24 * H, not_before=NOW + M), ABSENT, JIT, Step.NONE, "unset", "deferring_creation"),
    ("just in time: moved later, it comes off", SOON, on_lock(SOON, JIT), JIT, Step.DELETE, "removing", "deleting"),
    ("ongoing: at once", ONGOING, ABSENT, JIT, Step.CREATE, "setting", "creating"),
    ("ongoing: on the lock is set", ONGOING, on_lock(ONGOING, NATIVE), NATIVE, Step.NONE, "set", None),
    ("the answer was lost: look, never create again", STAYING, UNKNOWN, NATIVE, Step.LOOK, "setting", "creating"),
    ("ended: to be removed", ENDED, on_lock(ENDED, JIT), JIT, Step.DELETE, "removing", "deleting"),
    ("ended on a schedule keeper: removed as well", ENDED, on_lock(ENDED, NATIVE), NATIVE, Step.DELETE, "removing", "deleting"),
    ("revoked: to be removed at once", GONE, on_lock(GONE, NATIVE), NATIVE, Step.DELETE, "removing", "deleting"),
    ("revoked with a write unanswered: look", GONE, UNKNOWN, NATIVE, Step.LOOK, "removing", "deleting"),
    ("revoked and seen off the lock: unset", GONE, ABSENT, NATIVE, Step.NONE, "unset", None),
    ("other digits on the lock: setting", STAYING, on_lock(STAYING, NATIVE, pin=OTHER), NATIVE, Step.UPDATE, "setting", "updating_code"),
    ("another name on the lock: still set", STAYING, on_lock(STAYING, NATIVE, name="A"), NATIVE, Step.UPDATE, "set", "updating_name"),
    ("shorter window on the lock, open now: still set", STAYING, on_lock(STAYING, NATIVE, ends_at=NOW + M), NATIVE, Step.UPDATE, "set", "updating_time_frame"),
    ("window on the lock not begun: setting", STAYING, on_lock(STAYING, NATIVE, starts_at=NOW + M), NATIVE, Step.UPDATE, "setting", "updating_time_frame"),
    ("window moved later on a schedule keeper: updated in place", FUTURE, on_lock(SOON, NATIVE), NATIVE, Step.UPDATE, "unset", "updating_time_frame"),
    ("refused for good: not tried again", wish(-H, H, refusal="code_constraints_violated"), ABSENT, NATIVE, Step.NONE, "unset", None),
    ("digits hidden by the lock are no difference", STAYING, on_lock(STAYING, NATIVE, pin=None), NATIVE, Step.NONE, "set", None),
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "seen", "door", "step", "status", "pending"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])  # fmt: skip
def test_arrow(wanted, seen, door, step, status, pending):
    judged = verdict(wanted, seen, door, NOW)
    assert (judged.step, judged.status) == (step, status)
    assert [m["mutation_code"] for m in judged.pending_mutations][:1] == ([pending] if pending else [])


def test_only_a_code_seen_off_the_lock_is_done_with():
    for seen in (on_lock(GONE, NATIVE), UNKNOWN):
        assert verdict(GONE, seen, NATIVE, NOW).live
    assert not verdict(GONE, ABSENT, NATIVE, NOW).live


def test_a_preloaded_code_is_said_to_be_scheduled_until_it_starts():
    assert verdict(SOON, on_lock(SOON, NATIVE), NATIVE, NOW).is_scheduled_on_device
    assert not verdict(STAYING, on_lock(STAYING, NATIVE), NATIVE, NOW).is_scheduled_on_device


@pytest.mark.parametrize(
    ("wanted", "seen", "door", "due"),
    [
        (FUTURE, ABSENT, NATIVE, FUTURE.starts_at - 72 * H),
        (SOON, ABSENT, JIT, SOON.starts_at - 30 * M),
        (SOON, on_lock(SOON, NATIVE), NATIVE, SOON.starts_at),
        (STAYING, on_lock(STAYING, NATIVE), NATIVE, STAYING.ends_at),
        (ONGOING, on_lock(ONGOING, JIT), JIT, None),
        (GONE, ABSENT, JIT, None),
    ],
    ids=["preload", "just in time", "start", "end", "ongoing: never", "gone: never"],
)
def test_the_next_due_moment(wanted, seen, door, due):
    assert verdict(wanted, seen, door, NOW).due_at == due


LATE = [
    (ABSENT, ONGOING, "delay_in_setting_on_device", "failed_to_set_on_device"),
    (on_lock(GONE, JIT), GONE, "delay_in_removing_from_device", "failed_to_remove_from_device"),
]


@pytest.mark.parametrize(("seen", "wanted", "warning", "error"), LATE, ids=["setting", "removing"])
def test_late_is_first_a_warning_then_an_error(seen, wanted, warning, error):
    wanted = Wanted(wanted.present, PIN, wanted.name, NOW, wanted.starts_at, wanted.ends_at)
    said = [
        (judged.warnings, judged.errors)
        for judged in (
            verdict(wanted, seen, JIT, NOW + wait)
            for wait in (timedelta(), DELAY_AFTER, FAILED_AFTER - M, FAILED_AFTER)
        )
    ]
    assert said == [([], []), ([warning], []), ([warning], []), ([], [error])]


def test_a_late_preload_is_no_failure_days_before_the_guest():
    days_ahead = verdict(SOON, ABSENT, NATIVE, NOW)
    assert (days_ahead.warnings, days_ahead.errors) == (["delay_in_setting_on_device"], [])
    at_the_start = verdict(SOON, ABSENT, NATIVE, SOON.starts_at)
    assert at_the_start.errors == ["failed_to_set_on_device"]


def test_the_error_clears_when_the_door_is_right_again():
    assert verdict(STAYING, ABSENT, JIT, NOW).errors == ["failed_to_set_on_device"]
    assert verdict(STAYING, on_lock(STAYING, JIT), JIT, NOW).errors == []


def test_trouble_with_the_lock_stands_on_its_codes_and_changes_no_step():
    down = Door(native_scheduling=True, lead=30 * M, trouble="device_disconnected")
    judged = verdict(STAYING, on_lock(STAYING, NATIVE), down, NOW)
    assert (judged.step, judged.status, judged.errors) == (Step.NONE, "set", ["device_disconnected"])


def test_a_complaint_is_shown_and_tried_again():
    judged = verdict(wish(complaint="no_space_for_access_code_on_device"), ABSENT, JIT, NOW)
    assert judged.step is Step.CREATE
    assert "no_space_for_access_code_on_device" in judged.errors


def test_the_next_guest_is_held_back_until_the_window_before_has_closed():
    start = NOW + 4 * H
    assert hold_until(start, [NOW, start - 10 * M, start - 20 * M], 30 * M) == start - 10 * M
    assert hold_until(start, [start + M], 30 * M) is None
    assert hold_until(None, [NOW], 30 * M) is None
    held = wish(4 * H, 24 * H, not_before=start - 10 * M)
    assert load_at(held, JIT) == start - 10 * M
    assert load_at(held, NATIVE) == start - 72 * H


def test_several_codes_gone_at_once_are_believed_when_two_listings_agree():
    known = {"a", "b", "c"}
    assert believable(known, {"b", "c"}, set())
    assert not believable({"a"}, set(), set()), "an empty list says nothing the first time"
    assert believable({"a"}, set(), {"a"})
    assert believable(set(), set(), set())
    assert not believable(known, {"c"}, set())
    assert not believable(known, set(), {"a", "b"})
    assert believable(known, set(), known)


def test_the_next_look_is_sooner_near_a_change():
    assert next_look([None, NOW + 24 * H], False, NOW) == NOW + LOOK_EVERY
    assert next_look([None], True, NOW) == NOW + LOOK_EVERY_NEAR
    assert next_look([NOW + M / 2, None], True, NOW) == NOW + M / 2


def test_back_off_doubles_up_to_a_minute():
    assert [back_off(n).total_seconds() for n in (1, 2, 3, 7, 50)] == [1, 2, 4, 60, 60]
