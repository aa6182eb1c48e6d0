"""Bugs planted in the pure core, one at a time: the seeded simulation must find each within a minute.

A suite that lets one of them pass would let a real one pass too.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from locks import lock_plan, plan
from locks.facts import Presence
from tests.simulation import run

SEED, WEEKS = 1, 400
"""So many weeks take less than a minute; the first of them that shows the bug ends it."""


def act_on_an_empty_list(monkeypatch):
    monkeypatch.setattr(lock_plan, "believable", lambda known, listed, suspected: True)


def let_the_next_guest_in_while_the_one_before_is_there(monkeypatch):
    monkeypatch.setattr(lock_plan, "hold_until", lambda starts_at, others_end, lead: None)


def forget_how_many_places_a_lock_has(monkeypatch):
    monkeypatch.setattr(lock_plan, "without_place", lambda claims, slots, strangers: set())


def call_a_code_gone_that_nobody_saw_gone(monkeypatch):
    judge = plan._over

    def trusting(wanted, seen, door, now):
        there = seen if seen.presence is Presence.PRESENT else replace(seen, presence=Presence.ABSENT)
        return judge(wanted, there, door, now)

    monkeypatch.setattr(plan, "_over", trusting)


def leave_ended_codes_on_the_lock(monkeypatch):
    monkeypatch.setattr(plan, "is_over", lambda wanted, now: not wanted.present)


def write_no_window_on_locks_that_keep_them(monkeypatch):
    monkeypatch.setattr(plan, "window_on_device", lambda wanted, door: (None, None))


def look_past_another_window_on_the_lock(monkeypatch):
    monkeypatch.setattr(plan, "same_moment", lambda one, other: True)


def keep_silent_about_delays(monkeypatch):
    monkeypatch.setattr(plan, "_lateness", lambda verb, since, urgent_since, now: ([], [], None))


def say_set_before_it_was_seen(monkeypatch):
    judge = plan.verdict

    def sure(wanted, seen, door, now):
        judged = judge(wanted, seen, door, now)
        return replace(judged, status="set") if judged.status == "setting" else judged

    monkeypatch.setattr(plan, "verdict", sure)


def program_an_hour_late(monkeypatch):
    right = plan.load_at
    monkeypatch.setattr(plan, "load_at", lambda wanted, door: right(wanted, door) + timedelta(hours=1))


def never_look_again(monkeypatch):
    monkeypatch.setattr(lock_plan, "next_look", lambda dues, busy, now: now + timedelta(days=30))


def write_again_while_a_write_is_under_way(monkeypatch):
    judge = plan.verdict
    monkeypatch.setattr(
        plan,
        "verdict",
        lambda wanted, seen, door, now: judge(wanted, replace(seen, pending_since=None), door, now),
    )


BUGS: list[Callable] = [
    act_on_an_empty_list,
    let_the_next_guest_in_while_the_one_before_is_there,
    forget_how_many_places_a_lock_has,
    call_a_code_gone_that_nobody_saw_gone,
    leave_ended_codes_on_the_lock,
    write_no_window_on_locks_that_keep_them,
    look_past_another_window_on_the_lock,
    keep_silent_about_delays,
    say_set_before_it_was_seen,
    program_an_hour_late,
    never_look_again,
    write_again_while_a_write_is_under_way,
]


@pytest.mark.parametrize("plant", BUGS, ids=lambda plant: plant.__name__)
def test_it_is_found(plant, monkeypatch):
    plant(monkeypatch)
    assert run(SEED, WEEKS), f"nobody noticed: {plant.__name__}"
