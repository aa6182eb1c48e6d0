"""One point: put the hotel back, let a process be killed there, let others go on, and look at what came of it."""

import json
import logging
import os
import signal
from dataclasses import dataclass, field

from django.db import connection

from hospitality import clock
from locks import accounts, tasks
from locks.models import Delivery, Lock
from reservations.messages.models import Message, State
from tests.kill import checks, picture
from tests.kill.hotel import Hotel, Stage, settle, work
from tests.kill.picture import Picture
from tests.kill.points import Moment, Moments, Point, Recorder, Trap
from tests.kill.scenarios import SCENARIOS
from tests.kill.story import Scenario
from tests.locks.simulator_process import SimulatorProcess, wait_until

log = logging.getLogger(__name__)

CHILD_LASTS = 60
"""Seconds; a process that takes longer hangs."""
PATIENCE = 10

_parents_own: list[object] = []
"""In a child: the parent's connections. Letting go of them would say goodbye in the parent's name."""


@dataclass(frozen=True)
class Outcome:
    """`killed`: the point was reached. `wrong`: everything that was not as it must be, in words."""

    scenario: str
    point: Point
    killed: bool
    wrong: list[str] = field(default_factory=list)


class Runner:
    """Runs scenarios on the database that Django is connected to, all of whose rows it takes as its own, and on a
    simulator that nobody else uses."""

    def __init__(self, simulator: SimulatorProcess):
        self._simulator = simulator
        self._rehearsed: dict[str, tuple[Stage, Picture, Moments]] = {}

    def points(self, name: str) -> Moments:
        """The scenario's points: what is reached when nobody is killed. Raises AssertionError where it does not come
        out right even so."""
        return self._rehearsal(name)[2]

    def kill(self, name: str, point: Point) -> Outcome:
        """Kill at `point` and tell what came of it. Raises ValueError for a point that is never reached."""
        stage, expected, moments = self._rehearsal(name)
        scenario, trap = SCENARIOS[name], Trap(point, moments)
        hotel = stage.put_back()
        scenario.begin(hotel)
        status = _wait(_forked(lambda: _armed(trap, scenario, hotel)))
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        if not killed and status:
            return Outcome(name, point, killed, [f"the process failed by itself ({status})"])
        try:
            _bury(hotel)
            wrong = checks.claims(hotel)
            _go_on(scenario, hotel)
            history = _history(hotel)
            wrong += checks.failures(scenario, hotel, history)
            wrong += picture.differences(expected, _picture(scenario, hotel, history))
        except Exception as error:
            log.exception("%s, killed at %s: those who went on failed", name, point)
            wrong = [f"those who went on failed: {error!r}"]
        return Outcome(name, point, killed, wrong)

    def _rehearsal(self, name: str) -> tuple[Stage, Picture, Moments]:
        """The scenario's stage, made once, and what it comes to when nobody is killed."""
        if name not in self._rehearsed:
            scenario = SCENARIOS[name]
            stage = Stage(name, self._simulator, scenario.pool, scenario.prepare)
            hotel = stage.put_back()
            scenario.begin(hotel)
            moments = _recorded(scenario, hotel)
            history = _history(hotel)
            wrong = checks.failures(scenario, hotel, history)
            assert not wrong, f"{name}, with nobody killed: {wrong}"
            self._rehearsed[name] = stage, _picture(scenario, hotel, history), moments
        return self._rehearsed[name]


def _bury(hotel: Hotel) -> None:
    """Wait until nothing of the dead process is under way, in the database or at the maker."""
    wait_until(_alone, PATIENCE, "nothing of the dead process is left in the database")
    for _ in range(2):  # what was sent before is done by the time this is answered
        hotel.simulator.get("/log?tail=1")


def _go_on(scenario: Scenario, hotel: Hotel) -> None:
    """What those do who are still there: the leases of the dead run out, the clerk tries again, the worker works."""
    now = clock.now()
    Lock.objects.exclude(lease_until=None).update(lease_until=now, due_at=now)
    Delivery.objects.exclude(lease_until=None).update(lease_until=now)
    Message.objects.filter(state=State.SENDING).update(due_at=now)
    try:
        scenario.act(hotel)
    except scenario.refused as refusal:
        log.debug("the second time: %s", refusal)
    settle()
    scenario.worker(hotel)


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() "
            "AND backend_type = 'client backend' AND pid <> pg_backend_pid())"
        )
        return cursor.fetchone()[0]


def _history(hotel: Hotel) -> list[dict]:
    """The simulator's log since the hotel was put back."""
    return hotel.simulator.log(since=hotel.kept["log"])


def _picture(scenario: Scenario, hotel: Hotel, history: list[dict]) -> Picture:
    return picture.take(hotel, history, scenario.repeated, scenario.told_again, scenario.uncertain)


def _recorded(scenario: Scenario, hotel: Hotel) -> Moments:
    """Run it in a process of its own to the end; returns what was reached."""
    reader, writer = os.pipe()

    def run() -> None:
        recorder = Recorder()
        recorder.arm(scenario.swept)
        _run(scenario, hotel)
        with os.fdopen(writer, "w") as out:
            json.dump(recorder.moments(), out)

    child = _forked(run)
    os.close(writer)
    with os.fdopen(reader) as told:
        moments = told.read()
    assert _wait(child) == 0, f"{scenario.name} fails with nobody killed; see above"
    return {where: [Moment(*one) for one in times] for where, times in json.loads(moments).items()}


def _armed(trap: Trap, scenario: Scenario, hotel: Hotel) -> None:
    trap.arm()
    _run(scenario, hotel)


def _run(scenario: Scenario, hotel: Hotel) -> None:
    scenario.act(hotel)
    if scenario.swept:
        tasks.sweep()
    else:
        work()
    scenario.worker(hotel)


def _forked(run) -> int:
    """Run it in a process with connections of its own. Returns its number."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        signal.alarm(CHILD_LASTS)
        _parents_own.extend([connection.connection, dict(accounts._adapters)])
        connection.connection = None
        accounts._adapters.clear()
        run()
        code = 0
    except BaseException:
        log.exception("the process failed by itself")
        raise
    finally:
        os._exit(code)


def _wait(child: int) -> int:
    return os.waitpid(child, 0)[1]
