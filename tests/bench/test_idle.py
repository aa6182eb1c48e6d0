"""What it costs to ask for due locks while none is due: it must not grow with the house."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from locks import capabilities, leases
from locks.models import AccessCode
from locks.providers.base import Capabilities
from tests.bench.house import doors, make_account, make_rows
from tests.factories import ConnectionFactory

SMALL, LARGE = 1_000, 100_000
RUNS = 300
PAGES = 5
"""Of the index at most, on the way from its root to the first entry."""
GROWS = 2.0
INDEX = "lock_due"

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_tick_and_a_claim_cost_the_same_with_a_hundred_times_the_codes():
    account = make_account(ConnectionFactory.credentials)
    fill(account, 0, SMALL)
    small = {name: (seconds(ask), explained(ask)) for name, ask in QUESTIONS.items()}
    fill(account, SMALL, LARGE)
    print(f"\nan idle minute, {LARGE:,} codes on as many locks against {SMALL:,}, none due")
    for name, ask in QUESTIONS.items():
        (small_seconds, small_plan), plan = small[name], explained(ask)
        ratio = seconds(ask) / small_seconds
        print(
            f"  {name:6} one query of {', '.join(plan['indexes'])}: {ratio:.2f} times as long "
            f"({1000 * small_seconds:.2f} ms), {plan['pages']} pages read against {small_plan['pages']}"
        )
        for one in (small_plan, plan):
            assert one["indexes"] == {INDEX}
            assert not one["scanned"], "no table is read from end to end"
            assert one["pages"] <= PAGES
        assert ratio <= GROWS


QUESTIONS = {"tick": leases.anything_due, "claim": lambda: leases.claim(200)}


def fill(account, first: int, last: int) -> None:
    """Bring the house to `last` locks; each has a code and is looked at again in an hour."""
    later = datetime.now(UTC) + timedelta(hours=1)
    facts = {"battery": 1.0, "capabilities": capabilities.as_json(Capabilities(native_scheduling=True))}
    make_rows(account, doors(last - first, first), later + timedelta(days=1), due_at=later, facts=facts)
    assert AccessCode.objects.filter(live=True).count() == last
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def seconds(ask) -> float:
    """The shortest of many times: whoever else uses the machine only makes it longer."""
    times = []
    for _ in range(RUNS):
        began = time.perf_counter()
        assert not ask()
        times.append(time.perf_counter() - began)
    return min(times)


def explained(ask) -> dict:
    """Which indexes its one query reads, which tables it scans, and how many pages it touches."""
    with CaptureQueriesContext(connection) as asked:
        ask()
    [query] = asked
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query['sql']}")
        told = cursor.fetchone()[0]
    [explained] = json.loads(told) if isinstance(told, str) else told
    nodes = list(walk(explained["Plan"]))
    return {
        "indexes": {node["Index Name"] for node in nodes if "Index Name" in node and node["Actual Loops"]},
        "scanned": [node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"],
        "pages": explained["Plan"]["Shared Hit Blocks"] + explained["Plan"]["Shared Read Blocks"],
    }


def walk(node: dict):
    yield node
    for below in node.get("Plans", ()):
        yield from walk(below)
