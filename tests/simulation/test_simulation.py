"""The pure core under every fault: 2,000 weeks of small hotels, from seeds; see the package."""

import os
import subprocess
import sys

import pytest

from locks import lock_plan
from tests.simulation import replay, run
from tests.simulation.history import History
from tests.simulation.many import play

SEED, WEEKS = 1, 2000
HAPPENS = [
    "booked",
    "cancel",
    "check_out",
    "come_early",
    "come_later",
    "extend",
    "stay_later",
    "move_room",
    "rename",
    "repin",
    "told",
    "backup",
    "hired",
    "DeviceOffline",
    "HubUnreachable",
    "AuthFailed",
    "Busy",
    "NoSpace",
    "DuplicateCode",
    "InvalidPin",
    "BadAnswer",
    "ProviderError",
]


def test_every_invariant_holds_for_two_thousand_weeks():
    cores = len(os.sched_getaffinity(0))
    print(f"seeds {SEED} to {SEED + WEEKS - 1}, {cores} cores")
    failure, counts = play(SEED, WEEKS, cores)
    assert failure is None, str(failure)
    rare = {kind: counts[kind] for kind in HAPPENS if counts[kind] < 10}
    assert not rare, "what does not happen shows nothing"
    assert counts["doubted lists"] > WEEKS


@pytest.mark.parametrize("seed", range(1, 7))
def test_no_minute_that_is_jumped_over_matters(seed):
    """Every lock checked and every verdict judged anew at each of the 10,080 minutes: the same is said of each code at
    the same time."""
    jumping, walking = History(seed), History(seed, jumps=False)
    assert (jumping.play(), walking.play()) == (None, None)
    assert jumping.trace == walking.trace


def test_a_week_is_played_again_by_its_seed():
    first, second = History(SEED), History(SEED, tells=True)
    assert first.play() is second.play() is None
    assert first.trace == second.trace
    assert any("booked" in line for line in second.story)


def test_a_failure_tells_its_story_and_how_to_play_it_again(monkeypatch):
    monkeypatch.setattr(lock_plan, "believable", lambda known, listed, suspected: True)
    failure = run(SEED, WEEKS)
    assert failure is not None, "a list that leaves codes out was believed, and nothing went wrong"
    assert f"python -m tests.simulation --seed {failure.seed} --weeks 1" in str(failure)
    assert any("booked" in line for line in failure.story)
    assert replay(failure.seed) == failure


def test_the_command_says_what_was_played():
    done = subprocess.run(
        [sys.executable, "-m", "tests.simulation", "--seed", "7", "--weeks", "3"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "3 weeks, seeds 7 to 9" in done.stdout
    assert "Every invariant held." in done.stdout
