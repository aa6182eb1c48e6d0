"""The plan, arrow by arrow: what is wanted x what was seen x the lock x the time -> what to do and what to say."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from locks.facts import Door, Outside, Presence, Seen, Step, Wanted
from locks.lock_plan import (
    Claim,
    Pool,
    back_off,
    believable,
    hold_until,
    lock_signals,
    next_look,
    without_place,
)
from locks.plan import is_given_up, load_at, offline_verdict, verdict
from locks.thresholds import (
    DELAY_AFTER,
    DRIFT_SHOWN,
    FAILED_AFTER,
    LOOK_EVERY,
    LOOK_EVERY_NEAR,
    NO_PLACE,
    OPERATION_AWAITED,
    OPERATION_LASTS,
    POLL_AFTER,
    REMOVAL_DELAY_AFTER,
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
    ("digits hidden by the lock and never confirmed: written again", STAYING, on_lock(STAYING, NATIVE, pin=None), NATIVE, Step.UPDATE, "setting", "updating_code"),
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
    (ABSENT, ONGOING, DELAY_AFTER, "delay_in_setting_on_device", "failed_to_set_on_device"),
    (
        on_lock(GONE, JIT),
        GONE,
        REMOVAL_DELAY_AFTER,
        "delay_in_removing_from_device",
        "failed_to_remove_from_device",
    ),
]


@pytest.mark.parametrize(("seen", "wanted", "after", "warning", "error"), LATE, ids=["setting", "removing"])
def test_late_is_first_a_warning_then_an_error(seen, wanted, after, warning, error):
    wanted = Wanted(wanted.present, PIN, wanted.name, NOW, wanted.starts_at, wanted.ends_at)
    said = [
        (judged.warnings, judged.errors)
        for judged in (
            verdict(wanted, seen, JIT, NOW + wait)
            for wait in (timedelta(), after, FAILED_AFTER - M, FAILED_AFTER)
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


def test_a_missing_code_is_believed_gone_when_two_listings_agree():
    known = {"a", "b", "c"}
    assert believable(known, known | {"stranger"}, set())
    assert not believable(known, {"b", "c"}, set())
    assert not believable({"a"}, set(), set()), "an empty list says nothing the first time"
    assert believable({"a"}, set(), {"a"})
    assert believable(set(), set(), set())
    assert not believable(known, set(), {"a", "b"})
    assert believable(known, set(), known)
    assert believable(known, {"a"}, known), "what came back is there, what was missing twice is gone"


def test_the_next_look_is_sooner_near_a_change():
    assert next_look([None, NOW + 24 * H], False, NOW) == NOW + LOOK_EVERY
    assert next_look([None], True, NOW) == NOW + LOOK_EVERY_NEAR
    assert next_look([NOW + M / 2, None], True, NOW) == NOW + M / 2


def test_back_off_doubles_up_to_a_minute():
    assert [back_off(n).total_seconds() for n in (1, 2, 3, 7, 50)] == [1, 2, 4, 60, 60]


def outside(kind="modified", ago=timedelta(), **more) -> Outside:
    return Outside(change_type=kind, at=NOW - ago, **more)


def test_a_code_changed_from_outside_is_put_back_and_the_error_stands_for_a_while():
    changed = on_lock(STAYING, NATIVE, ends_at=NOW + 2 * H)
    wanted = wish(-24 * H, 24 * H, outside=outside())
    judged = verdict(wanted, changed, NATIVE, NOW)
    assert (judged.step, judged.errors) == (Step.UPDATE, ["conflicting_external_modification"])
    put_back = verdict(wanted, on_lock(STAYING, NATIVE), NATIVE, NOW + M)
    assert (put_back.step, put_back.status) == (Step.NONE, "set")
    assert put_back.errors == ["conflicting_external_modification"]
    assert put_back.due_at == NOW + DRIFT_SHOWN
    assert verdict(wanted, on_lock(STAYING, NATIVE), NATIVE, put_back.due_at).errors == []


def test_where_the_owner_may_change_it_the_locks_state_stands():
    allowed = wish(-24 * H, 24 * H, outside=outside(allowed=True))
    shorter = on_lock(STAYING, NATIVE, ends_at=NOW + 2 * H)
    judged = verdict(allowed, shorter, NATIVE, NOW)
    assert (judged.step, judged.status, judged.errors) == (Step.NONE, "set", [])
    assert judged.warnings == ["external_modification_in_effect"]
    assert verdict(allowed, shorter, NATIVE, NOW + 3 * H).status == "unset", "it has ended on the lock"
    gone = wish(-24 * H, 24 * H, outside=outside("removed", allowed=True))
    judged = verdict(gone, ABSENT, NATIVE, NOW)
    assert (judged.step, judged.status) == (Step.NONE, "unset")
    assert verdict(allowed, shorter, NATIVE, NOW + 25 * H).step is Step.DELETE, (
        "its time is over all the same"
    )


def test_taken_off_again_and_again_is_a_delay_then_a_persons_task():
    def said(removals):
        away = outside("removed", removals=tuple(NOW - n * H for n in reversed(range(removals))))
        judged = verdict(wish(-24 * H, 24 * H, outside=away), on_lock(STAYING, NATIVE), NATIVE, NOW)
        return judged.warnings, judged.errors

    conflict = "conflicting_external_modification"
    assert said(1) == ([], [conflict])
    assert said(2) == (["delay_in_setting_on_device"], [conflict])
    assert said(3) == ([], [conflict, "failed_to_set_on_device"])


def test_a_code_switched_off_at_the_lock_does_not_open_and_is_switched_on_again():
    judged = verdict(STAYING, on_lock(STAYING, NATIVE, active=False), NATIVE, NOW)
    assert (judged.step, judged.status) == (Step.UPDATE, "setting")
    assert "access_code_inactive" in judged.errors


def test_a_code_that_the_maker_keeps_and_has_not_put_on_its_lock_yet_is_no_trouble_and_does_not_count_as_there():
    kept = on_lock(STAYING, NATIVE, active=False, pending_since=NOW)
    judged = verdict(wish(-24 * H, 24 * H, asked_at=NOW), kept, NATIVE, NOW)
    assert (judged.step, judged.status, judged.errors) == (Step.LOOK, "setting", [])
    gone = verdict(GONE, replace(kept, pending_since=None), NATIVE, NOW)
    assert (gone.step, gone.live) == (Step.DELETE, True), "it could still be put there"


def test_an_accepted_write_is_asked_after_and_nothing_is_written_meanwhile():
    for wanted, seen in ((STAYING, ABSENT), (GONE, on_lock(GONE, NATIVE)), (GONE, ABSENT)):
        judged = verdict(wanted, replace(seen, pending_since=NOW), NATIVE, NOW)
        assert (judged.step, judged.due_at, judged.live) == (Step.LOOK, NOW + POLL_AFTER, True)


@pytest.mark.parametrize("trouble", ["account_disconnected", "device_removed"])
def test_on_a_lost_lock_codes_are_unknown_not_set(trouble):
    lost = Door(native_scheduling=True, lead=30 * M, trouble=trouble)
    assert verdict(STAYING, on_lock(STAYING, NATIVE), lost, NOW).status == "unknown"
    assert verdict(GONE, on_lock(GONE, NATIVE), lost, NOW).status == "unknown"


def test_times_that_a_lock_rounds_to_its_minute_are_no_difference():
    rounded = on_lock(STAYING, NATIVE, starts_at=STAYING.starts_at - timedelta(seconds=59))
    assert verdict(STAYING, rounded, NATIVE, NOW).step is Step.NONE
    shifted = on_lock(STAYING, NATIVE, starts_at=STAYING.starts_at - timedelta(seconds=60))
    assert verdict(STAYING, shifted, NATIVE, NOW).step is Step.UPDATE


def test_a_window_that_a_lock_can_only_keep_otherwise_is_written_so():
    fitted = wish(48 * H, 96 * H, on_device=(NOW + 47 * H, NOW + 97 * H))
    seen = on_lock(fitted, NATIVE, starts_at=NOW + 47 * H, ends_at=NOW + 97 * H)
    assert verdict(fitted, seen, NATIVE, NOW).step is Step.NONE


def claim(key, starts, present=False, kept=False):
    return Claim(key, present, begun=starts <= timedelta(), kept=kept, starts_at=NOW + starts)


def test_slots_go_to_codes_in_use_then_to_kept_backups_then_to_the_nearest_arrivals():
    claims = [claim(1, -H), claim(2, 5 * H), claim(3, 9 * H, present=True), claim(4, 2 * H)]
    assert without_place(claims, None, 0) == set()
    assert without_place(claims, 4, 0) == set()
    assert without_place(claims, 3, 0) == {3}, "a preloaded code gives way to one that comes sooner"
    assert without_place(claims, 3, 1) == {2, 3}, "strangers' slots are gone"
    backups = [claim(key, -H, kept=True) for key in (11, 12, 13)]
    assert without_place([*claims, *backups], 4, 0) == {2, 3, 13}, "half of the slots at most are kept"
    assert without_place(claims, 0, 3) == {1, 2, 3, 4}


def test_who_waits_for_a_place_is_told_near_the_stay_and_makes_room_before():
    waiting = wish(48 * H, 96 * H, has_place=False)
    judged = verdict(waiting, ABSENT, NATIVE, NOW)
    assert (judged.step, judged.status, judged.errors) == (Step.NONE, "unset", [])
    assert verdict(waiting, on_lock(waiting, NATIVE), NATIVE, NOW).step is Step.DELETE
    near = verdict(waiting, ABSENT, NATIVE, NOW + 48 * H - 10 * M)
    assert NO_PLACE in near.errors
    begun = wish(-H, 96 * H, has_place=False)
    assert verdict(begun, on_lock(begun, NATIVE), NATIVE, NOW).step is Step.NONE, "in use, it stays"
    assert NO_PLACE in verdict(begun, ABSENT, NATIVE, NOW).errors


def test_a_code_made_by_arithmetic_cannot_be_taken_back():
    wanted = wish(-H, 20 * H)
    assert offline_verdict(wanted, None, NOW).status == "unset", "nobody was given it"
    issued = (NOW - H, NOW + 20 * H)
    assert offline_verdict(wanted, issued, NOW).status == "set"
    ended = wish(-H, 20 * H, present=False, asked_at=NOW)
    judged = offline_verdict(ended, issued, NOW)
    assert (judged.status, judged.warnings, judged.live) == ("removing", ["cannot_be_revoked"], True)
    assert judged.due_at == NOW + 20 * H
    assert not offline_verdict(ended, issued, NOW + 20 * H).live
    longer = offline_verdict(wish(-H, 30 * H), issued, NOW)
    assert "window_not_covered" in longer.warnings


def test_what_is_wrong_with_a_lock_is_said_by_the_seeds_names():
    def signals(**facts):
        usual = {"trouble": "", "slots": 10, "on_lock": 3, "waiting": False, "zone_missing": False}
        usual["pool"] = Pool(size=5, ready=5, in_use=0)
        errors, warnings = lock_signals(**(usual | facts))
        return [e["error_code"] for e in errors], [w["warning_code"] for w in warnings]

    assert signals() == ([], [])
    assert signals(trouble="device_disconnected") == (["device_disconnected"], [])
    assert signals(trouble="provider_issue") == ([], ["provider_issue"])
    assert signals(pool=Pool(5, 0, 0)) == (["empty_backup_access_code_pool"], [])
    assert signals(pool=Pool(5, 2, 0)) == ([], ["partial_backup_access_code_pool"])
    assert signals(pool=Pool(5, 5, 6)) == ([], ["many_active_backup_codes"])
    assert signals(on_lock=10) == ([], ["max_access_codes_reached"])
    assert signals(waiting=True) == ([], ["max_access_codes_reached"])
    assert signals(zone_missing=True) == ([], ["time_zone_unknown"])
    assert signals(pool=Pool(0, 0, 0)) == ([], [])


def test_a_write_that_its_maker_never_ends_is_asked_after_less_often_with_time():
    for waiting, pace in ((9 * M, POLL_AFTER), (11 * M, LOOK_EVERY_NEAR)):
        judged = verdict(GONE, replace(ABSENT, pending_since=NOW - waiting), NATIVE, NOW)
        assert (judged.step, judged.due_at) == (Step.LOOK, NOW + pace)


def test_an_accepted_write_is_given_up_and_much_later_where_only_the_maker_could_still_do_harm():
    for over, presence, lasts in (
        (False, Presence.ABSENT, OPERATION_LASTS),
        (True, Presence.PRESENT, OPERATION_LASTS),
        (True, Presence.ABSENT, OPERATION_AWAITED),
        (True, Presence.UNKNOWN, OPERATION_AWAITED),
    ):
        assert not is_given_up(over, presence, NOW - lasts, NOW)
        assert is_given_up(over, presence, NOW - lasts - timedelta(seconds=1), NOW)


def test_what_the_maker_warns_of_is_said_beside_our_own_and_once():
    told = lock_signals(
        trouble="",
        pool=Pool(0, 0, 0),
        slots=2,
        on_lock=2,
        waiting=False,
        zone_missing=False,
        of_maker=["privacy_mode", "of_tomorrow", "privacy_mode", "max_access_codes_reached"],
    )
    names = [one["warning_code"] for one in told[1]]
    assert names == ["max_access_codes_reached", "privacy_mode", "of_tomorrow"]
