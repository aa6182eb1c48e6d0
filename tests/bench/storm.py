"""The check-out storm: every code of a large house is due to come off in the same second.

The default worker does it, as its own process, through the real adapter. What happened at the doors is the simulator's
word (its log, and its count of calls), not ours.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
from django.core.management import call_command
from django.db import connection

from hospitality.models import WorkerBeat
from locks.models import AccessCode, Event
from locks.simulator import device
from tests.bench import gauges
from tests.bench.gauges import Processor, Transactions
from tests.bench.house import House, at_rest, build
from tests.locks.simulator_process import SimulatorProcess, wait_until
from tests.locks.worker_process import WorkerProcess

AT_ONCE = 200
"""Provider calls that one worker makes side by side, at most."""
LATENCY = [0.1, 0.3]
"""Seconds that a provider call takes at the simulator, evenly spread: the mean is that of a real cloud."""
SET_UP = 25.0
SET_UP_A_LOCK = 0.004
"""Seconds until the storm, so that house, simulator and workers stand when it breaks."""
LOOK = 0.25
"""Seconds between two looks at the rows."""
PATIENCE = 120.0
PATIENCE_A_LOCK = 0.05
"""Seconds after which a storm counts as never done."""


@dataclass(frozen=True)
class Storm:
    """How many locks and workers; `dead` of the locks have `knobs` turned. With `kill`, the last worker gets SIGKILL
    once half of the doors are free."""

    locks: int
    workers: int = 1
    dead: int = 0
    knobs: device.Knobs = device.Knobs(offline=True)
    kill: bool = False


@dataclass(frozen=True)
class Result:
    """What came of it. Delays are seconds after the codes' end; `calls` is the simulator's own count."""

    storm: Storm
    calls: dict
    freed: list[float]
    """Per lock that answers: when the code was off the door, sorted."""
    confirmed: float
    """When every row of these said so."""
    removals: int
    """`access_code.removed_from_device` events."""
    left_on_doors: int
    """Codes still on a door that answers."""
    overlaps: int
    processor: dict[str, dict[str, float]]
    transactions: Transactions

    @property
    def seconds(self) -> float:
        """From the first call's begin to the last one's end."""
        first, last = (datetime.fromisoformat(self.calls[name]) for name in ("first_at", "last_at"))
        return (last - first).total_seconds()

    @property
    def latency(self) -> float:
        """Mean seconds of a call, at the simulator."""
        return self.calls["seconds"] / self.calls["calls"]

    @property
    def limit(self) -> float:
        """Calls per second that one worker could make at most."""
        return AT_ONCE / self.latency

    @property
    def rate(self) -> float:
        return self.calls["calls"] / self.seconds

    @property
    def share(self) -> float:
        return self.rate / self.limit

    @property
    def visits(self) -> int:
        """Each begins with a look at the lock."""
        return self.calls["kinds"]["GET /locks/ID"]

    def delay(self, share: float) -> float:
        """Within how many seconds this share of the doors was free."""
        return self.freed[max(int(len(self.freed) * share) - 1, 0)]


def run(storm: Storm, folder: Path) -> Result:
    """Empty the database, let the storm break, and wait until every row of the locks that answer says that its code is
    off. Raises TimeoutError."""
    call_command("flush", interactive=False, verbosity=0)
    ahead = timedelta(seconds=SET_UP + SET_UP_A_LOCK * storm.locks)
    ends_at = (datetime.now(UTC) + ahead).replace(microsecond=0)
    with ExitStack() as running:
        simulator = SimulatorProcess(folder)
        running.callback(simulator.kill9)
        house = build(simulator, storm.locks, ends_at, dead=storm.dead, knobs=storm.knobs)
        at_rest(house)
        simulator.restart()  # it has counted nothing yet
        simulator.account(latency_seconds=LATENCY)
        workers = [_worker(folder, number, running) for number in range(storm.workers)]
        _ready(workers)
        _analyze()
        assert datetime.now(UTC) < ends_at, "the house was not ready in time: raise SET_UP"
        return _weather(storm, house, simulator, workers)


def _worker(folder: Path, number: int, running: ExitStack) -> WorkerProcess:
    own = folder / f"worker-{number}"
    own.mkdir()
    worker = WorkerProcess(own).start()
    running.callback(lambda: worker.process.is_running() and worker.kill9())
    return worker


def _ready(workers: list[WorkerProcess]) -> None:
    """Each has done a task."""
    pids = {str(worker.process.pid) for worker in workers}

    def all_beat() -> bool:
        nodes = WorkerBeat.objects.values_list("node", flat=True)
        return pids <= {node.rpartition(":")[2] for node in nodes}

    wait_until(all_beat, 30, "every worker has done a task")


def _analyze() -> None:
    """Thousands of rows were written just now, and the planner has not heard of them."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _weather(storm: Storm, house: House, simulator: SimulatorProcess, workers: list[WorkerProcess]) -> Result:
    server = gauges.database_server()
    roots = {f"worker {number}": worker.process for number, worker in enumerate(workers)}
    roots |= {"simulator": psutil.Process(simulator.pid)} | ({"postgres": server} if server else {})
    time.sleep(max((house.ends_at - datetime.now(UTC)).total_seconds() - 2, 0))
    processor = {name: Processor(root) for name, root in roots.items()}
    processor["this benchmark"] = Processor(psutil.Process(), alone=True)
    written = gauges.transactions()
    if storm.kill:
        _kill(workers[-1], storm)
        del processor[f"worker {len(workers) - 1}"]
    _until_done(storm, lambda left: left <= storm.dead)
    confirmed = (datetime.now(UTC) - house.ends_at).total_seconds()
    calls = simulator.get("/calls")
    spent = {name: one.spent() for name, one in processor.items()}
    counted = gauges.transactions().since(written)
    wait_until(
        lambda: _told_of_dead(house) == storm.dead, 60, "the rows say that dead locks still hold codes"
    )
    return _result(storm, house, simulator, confirmed, calls, spent, counted)


def _told_of_dead(house: House) -> int:
    """Codes on dead locks of which the rows say what is true: due to come off, and still there."""
    theirs = AccessCode.objects.filter(lock__provider_ref__in=house.dead)
    return theirs.filter(live=True, status="removing", observed="present").count()


def _until_done(storm: Storm, enough: Callable[[int], bool]) -> None:
    patience = time.monotonic() + PATIENCE + PATIENCE_A_LOCK * storm.locks
    while not enough(AccessCode.objects.filter(live=True).count()):
        if time.monotonic() > patience:
            raise TimeoutError("The storm was never done.")
        time.sleep(LOOK)


def _kill(worker: WorkerProcess, storm: Storm) -> None:
    _until_done(storm, lambda left: left <= storm.dead + (storm.locks - storm.dead) // 2)
    worker.kill9()


def _result(
    storm: Storm,
    house: House,
    simulator: SimulatorProcess,
    confirmed: float,
    calls: dict,
    processor: dict,
    counted: Transactions,
) -> Result:
    """What the doors and the rows say now that it is over."""
    freed = {}
    for entry in simulator.log(kind="code.deleted"):
        freed[entry["lock"]] = (datetime.fromisoformat(entry["at"]) - house.ends_at).total_seconds()
    listed = simulator.get("/locks")["locks"]
    return Result(
        storm=storm,
        calls=calls,
        freed=sorted(freed.values()),
        confirmed=confirmed,
        removals=Event.objects.filter(event_type="access_code.removed_from_device").count(),
        left_on_doors=sum(lock["code_count"] for lock in listed if lock["id"] not in house.dead),
        overlaps=len(simulator.log(kind="request.overlap")),
        processor=processor,
        transactions=counted,
    )
