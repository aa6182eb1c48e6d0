"""A pool of five and twenty hands at once: nobody gets another's code, and nobody is sent away too early."""

import pytest

from tests.locks import at_once

ROUNDS = 100


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_share_five_codes_among_five_guests_round_after_round():
    tally = at_once.rounds(ROUNDS)
    assert len(tally.handed_out) == ROUNDS * at_once.POOL
