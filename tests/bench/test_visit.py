"""What one visit costs that takes a code off its door: provider calls, transactions and statements."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from locks.models import AccessCode
from tests.bench.house import build, visit
from tests.locks.simulator_process import SimulatorProcess

MANY = re.compile(r"^\d+ times: ")
"""How Django tells of one statement for several rows."""

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_visit_that_takes_a_code_off(tmp_path):
    simulator = SimulatorProcess(tmp_path)
    try:
        ended = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=1)
        house = build(simulator, 1, ended)
        simulator.restart()
        with CaptureQueriesContext(
            connection,
        ) as statements:
            visit(house.doors[0])
        calls = simulator.get("/calls")
    finally:
        simulator.stop()
    assert not AccessCode.objects.filter(live=True).exists()
    kinds = Counter(MANY.sub("", statement["sql"]).split()[0] for statement in statements)
    print(f"\none visit that takes a code off: {calls['calls']} provider calls, {len(statements)} statements")
    print("  " + ", ".join(f"{kind} {count}" for kind, count in kinds.most_common()))
