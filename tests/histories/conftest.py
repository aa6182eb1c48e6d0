"""How many histories, from which seed; and the simulator that serves them."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.database import DirectoryBasedExampleDatabase

from hospitality import embedded
from tests.histories.line import SimulatorOnLine

PER_SEED = 25
"""Histories of one seed, which are one test: seeds can be shared out among processes."""
USUAL = 500


def pytest_addoption(parser):
    group = parser.getgroup("histories")
    group.addoption("--histories", type=int, help=f"how many, in steps of {PER_SEED} (usually {USUAL})")
    group.addoption("--history-seed", type=int, help="only the histories of this seed")
    group.addoption("--history-as-it-is", action="store_true", help="show what fails without making it short")


def pytest_generate_tests(metafunc):
    if "history_seed" not in metafunc.fixturenames:
        return
    one = metafunc.config.getoption("history_seed", default=None)
    many = metafunc.config.getoption("histories", default=None) or getattr(metafunc.module, "USUAL", USUAL)
    metafunc.parametrize("history_seed", range(1, many // PER_SEED + 1) if one is None else [one])


@pytest.fixture
def simulator(tmp_path):
    """One for the histories of a seed: what they leave in it would slow down thousands."""
    with SimulatorOnLine(tmp_path) as running:
        yield running


@pytest.fixture
def history_settings(pytestconfig, history_seed):
    """Failing histories are made short and kept, and tried first the next time that their seed is played."""
    shorten = [] if pytestconfig.getoption("history_as_it_is", default=False) else [Phase.reuse, Phase.shrink]
    return settings(
        max_examples=PER_SEED,
        stateful_step_count=30,
        deadline=None,
        phases=[Phase.generate, *shorten],
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        database=DirectoryBasedExampleDatabase(embedded.var_dir() / "histories" / str(history_seed)),
    )
