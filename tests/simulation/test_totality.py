"""Every combination of what is wanted, what was seen and what the lock is has a verdict, and a well-formed one."""

from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random

import pytest

from locks import plan
from locks.facts import Door, Outside, Presence, Seen, Step, Wanted
from locks.thresholds import LOST
from tests.simulation.invariants import gist

NOW = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
H, M = timedelta(hours=1), timedelta(minutes=1)
BEFORE_AND_AFTER = [-100 * H, -3 * H, -16 * M, -4 * M, -M, timedelta(), M, 20 * M, 3 * H, 71 * H, 200 * H]
STARTS = [None, -100 * H, -10 * M, timedelta(), 20 * M, 3 * H, 200 * H]
STAYS = [None, M, 30 * M, 26 * H]
TROUBLES = ["", "device_disconnected", "provider_issue", *sorted(LOST)]
STATUSES = {"unset", "setting", "set", "removing", "unknown"}
CASES = 30_000
"""Drawn from all combinations; the windows against each other are gone through one by one."""


def windows():
    """Every order of start, end and now."""
    for start, stay in product(STARTS, STAYS):
        begins = start or timedelta()
        yield start, None if stay is None else begins + stay


def at(delta):
    return None if delta is None else NOW + delta


def a_wish(rng: Random, start, end) -> Wanted:
    change = rng.choice(["", "", "modified", "removed"])
    removals = sorted(NOW - hours * H for hours in rng.sample(range(1, 40), rng.choice([0, 0, 1, 2, 3])))
    on_device = (at(start) and at(start) - 30 * M, at(end) and at(end) - 10 * M)
    return Wanted(
        present=rng.random() < 0.7,
        pin=rng.choice([1, 2, None]),
        name=rng.choice(["a", "b"]),
        asked_at=NOW - rng.choice([timedelta(), M, 10 * M, 200 * H]),
        starts_at=at(start),
        ends_at=at(end),
        prefer_native=rng.random() < 0.7,
        not_before=at(start - rng.choice([timedelta(), 5 * M])) if start and rng.random() < 0.3 else None,
        on_device=rng.choice([None, on_device]),
        has_place=rng.random() < 0.7,
        refusal=rng.choice(["", "", "code_constraints_violated"]),
        complaint=rng.choice(["", "", "no_space_for_access_code_on_device"]),
        outside=Outside(change, NOW - rng.choice([M, 20 * M]), tuple(removals), rng.random() < 0.5),
    )


def a_sight(rng: Random, wanted: Wanted, door: Door) -> Seen:
    window = plan.window_on_device(wanted, door)
    if rng.random() < 0.5:
        window = at(rng.choice([None, *BEFORE_AND_AFTER])), at(rng.choice([None, *BEFORE_AND_AFTER]))
    return Seen(
        presence=rng.choice(list(Presence)),
        pin=rng.choice([wanted.pin, 1, None]),
        name=rng.choice(["a", "b"]),
        starts_at=window[0],
        ends_at=window[1],
        active=rng.random() < 0.8,
        pending_since=NOW if rng.random() < 0.2 else None,
    )


def a_door(rng: Random) -> Door:
    return Door(rng.random() < 0.5, rng.choice([timedelta(), 10 * M, 30 * M, 2 * H]), rng.choice(TROUBLES))


def cases(seed: int, number: int):
    rng = Random(seed)
    pairs = list(windows())
    for turn in range(number):
        door = a_door(rng)
        wanted = a_wish(rng, *pairs[turn % len(pairs)])
        yield rng, wanted, a_sight(rng, wanted, door), door


def told(*facts) -> str:
    return "\n".join(map(str, facts))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_combination_has_a_well_formed_verdict(seed):
    for _, wanted, seen, door in cases(seed, CASES // 3):
        verdict = plan.verdict(wanted, seen, door, NOW)
        facts = told(wanted, seen, door, verdict)
        assert isinstance(verdict.step, Step), facts
        assert verdict.status in STATUSES, facts
        assert verdict.due_at is None or verdict.due_at > NOW, facts
        assert not (verdict.step is Step.CREATE and seen.presence is not Presence.ABSENT), facts
        assert not (verdict.step in (Step.UPDATE, Step.DELETE) and seen.presence is not Presence.PRESENT), (
            facts
        )
        assert not (seen.pending and verdict.step not in (Step.NONE, Step.LOOK)), facts
        assert verdict.live or (verdict.step, verdict.status, verdict.due_at) == (Step.NONE, "unset", None), (
            facts
        )
        assert all(mutation["mutation_code"] for mutation in verdict.pending_mutations), facts
        assert door.trouble in ("", *verdict.errors) or not verdict.live, facts
        assert not verdict.settled or (seen.presence is Presence.PRESENT and not verdict.pending_mutations), (
            facts
        )


def test_a_code_that_is_over_is_done_with_only_when_it_was_seen_to_be_off():
    for _, wanted, seen, door in cases(4, CASES):
        over = plan.is_over(wanted, NOW)
        off = seen.presence is Presence.ABSENT and not seen.pending
        verdict = plan.verdict(wanted, seen, door, NOW)
        assert verdict.live == (not over or not off), told(wanted, seen, door, verdict)
        assert not (over and verdict.step in (Step.CREATE, Step.UPDATE)), told(wanted, seen, door, verdict)


def test_nothing_is_said_to_work_that_was_not_seen_to():
    for _, wanted, seen, door in cases(5, CASES):
        verdict = plan.verdict(wanted, seen, door, NOW)
        begun = seen.starts_at is None or seen.starts_at <= NOW
        going = seen.ends_at is None or seen.ends_at > NOW
        works = seen.presence is Presence.PRESENT and seen.active and begun and going
        assert works or verdict.status != "set", told(wanted, seen, door, verdict)


def test_a_verdict_stays_as_it_is_until_it_is_due():
    for rng, wanted, seen, door in cases(6, CASES):
        verdict = plan.verdict(wanted, seen, door, NOW)
        until = verdict.due_at or NOW + 400 * H
        for later in (NOW + rng.random() * (until - NOW), until - timedelta.resolution):
            then = plan.verdict(wanted, seen, door, later)
            assert gist(then) == gist(verdict), told(wanted, seen, door, verdict, later, then)


def test_a_code_made_by_arithmetic_has_a_verdict_too_and_keeps_it_until_it_is_due():
    for rng, wanted, _, _ in cases(7, CASES // 3):
        if wanted.starts_at is None or wanted.ends_at is None:
            continue
        begins = wanted.starts_at - rng.choice([timedelta(), 50 * M])
        ends = begins + rng.choice([H, 24 * H, 29 * 24 * H])
        issued = rng.choice([None, (begins, ends)])
        verdict = plan.offline_verdict(wanted, issued, NOW)
        assert verdict.due_at is None or verdict.due_at > NOW, told(wanted, issued, verdict)
        until = verdict.due_at or NOW + 2000 * H
        later = NOW + rng.random() * (until - NOW)
        assert gist(plan.offline_verdict(wanted, issued, later)) == gist(verdict), told(wanted, issued, later)
