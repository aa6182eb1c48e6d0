"""The check-out storm in its variants. What must hold at any size is checked at any size; the marks of speed count at
the full size, on a machine that does nothing else."""

import pytest

from locks.models import AccessCode, Lock
from locks.providers.http import CALL_TIMEOUT
from locks.simulator import device
from tests.bench import report
from tests.bench.storm import AT_ONCE, Result, Storm, run

FULL = 10_000
SHARE = 0.9
"""Of the limit that concurrency and latency set, at least."""
WORSE = 2.0
"""Dead neighbours may cost the healthy locks at most this factor."""
DEAD = 0.3

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def locks(pytestconfig) -> int:
    return pytestconfig.getoption("locks")


def weathered(storm: Storm, folder) -> Result:
    """Run it, print it, and check what no fault and no speed excuses."""
    folder.mkdir()
    result = run(storm, folder)
    print("\n" + "\n".join(report.lines(result)))
    healthy = storm.locks - storm.dead
    assert result.calls["most_at_once_on_one_lock"] == 1, "never two calls at once on one lock"
    assert result.overlaps == 0
    if storm.knobs.slow_seconds < CALL_TIMEOUT:  # else the simulator is still at calls that were given up
        assert result.calls["most_at_once"] <= AT_ONCE * storm.workers, "the limit is one"
    assert result.left_on_doors == 0, "nothing is left on a door"
    assert len(result.freed) == healthy
    assert result.removals == healthy, "each removal is told once"
    gone = AccessCode.objects.filter(live=False, status="unset", observed="absent", errors=[])
    assert gone.count() == healthy, "nothing is lost"
    assert not Lock.objects.filter(due_at=None).exists(), "every lock will be looked at again"
    return result


def test_one_worker(locks, tmp_path):
    result = weathered(Storm(locks), tmp_path / "storm")
    assert locks < FULL or result.share >= SHARE


def test_two_workers_on_one_database(locks, tmp_path):
    weathered(Storm(locks, workers=2), tmp_path / "storm")


def test_two_workers_and_one_is_killed_half_way(locks, tmp_path):
    weathered(Storm(locks, workers=2, kill=True), tmp_path / "storm")


@pytest.mark.parametrize(
    "knobs",
    [
        pytest.param(device.Knobs(offline=True), id="the maker says that they are offline"),
        pytest.param(device.Knobs(slow_seconds=CALL_TIMEOUT + 0.5), id="no answer comes in time"),
    ],
)
def test_dead_locks_hold_the_healthy_ones_back_at_most_twofold(locks, tmp_path, knobs):
    dead = int(locks * DEAD)
    with_dead = weathered(Storm(locks, dead=dead, knobs=knobs), tmp_path / "with-dead")
    alone = weathered(Storm(locks - dead), tmp_path / "alone")
    ratio = with_dead.delay(0.99) / alone.delay(0.99)
    print(f"p99 delay of healthy locks with {DEAD:.0%} dead ones beside them / without: {ratio:.2f}")
    assert locks < FULL or ratio <= WORSE
