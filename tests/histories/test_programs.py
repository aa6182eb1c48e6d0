"""The same histories with programs in them, which make and change codes beside the desk.

python -m pytest tests/histories/test_programs.py --histories 2000 -n 2
"""

import pytest
from hypothesis import seed
from hypothesis.stateful import run_state_machine_as_test

from tests.histories.programs import ProgramHistories

USUAL = 50


@pytest.mark.django_db(transaction=True)
def test_every_promise_holds_beside_programs(history_seed, history_settings, simulator):
    class House(ProgramHistories):
        pass

    House.simulator = simulator
    run_state_machine_as_test(seed(history_seed)(House), settings=history_settings)
