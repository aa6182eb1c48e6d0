"""2,000 rounds of twenty threads that hand out from a pool of five on one lock: `pytest tests/bench/test_backups.py -s`."""

import statistics

import pytest

from tests.locks import at_once

ROUNDS = 2_000


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_on_a_pool_of_five():
    tally = at_once.rounds(ROUNDS)
    assert len(tally.handed_out) == ROUNDS * at_once.POOL
    waits = sorted(tally.waits)
    print(
        f"\n{ROUNDS:,} rounds of {at_once.THREADS} threads: {len(tally.handed_out):,} codes handed out, none twice; "
        f"{len(waits):,} calls, no deadlock, nobody told “none left” too early"
    )
    print(
        f"  a call waits {1000 * statistics.median(waits):.0f} ms (median), "
        f"{1000 * waits[int(0.99 * len(waits))]:.0f} ms (99 %), {1000 * waits[-1]:.0f} ms at worst"
    )
