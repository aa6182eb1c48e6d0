"""Histories of a hotel that nobody thought of: what was promised holds after every step, and all is well in the end.

python -m pytest tests/histories --histories 20000 -n 2          # seeds 1 to 800, 25 histories each
python -m pytest tests/histories --history-seed 17               # those of one seed again; 1 to 20 are usual
"""

import pytest
from hypothesis import seed
from hypothesis.stateful import run_state_machine_as_test

from tests.histories.machine import Histories


@pytest.mark.django_db(transaction=True)
def test_every_promise_holds(history_seed, history_settings, simulator):
    class House(Histories):
        pass

    House.simulator = simulator
    try:
        run_state_machine_as_test(seed(history_seed)(House), settings=history_settings)
    except BaseException as error:
        error.add_note(f"Again: python -m pytest tests/histories --history-seed {history_seed}")
        raise
