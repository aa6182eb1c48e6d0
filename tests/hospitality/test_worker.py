"""The worker under its watchdog, with real processes and real signals."""

import os
import resource
import signal
import subprocess

import psycopg
import pytest
from django_q.conf import Conf

from hospitality import embedded
from hospitality.management.open_files import MANY_FILES
from tests.hospitality.processes import House, child_with, children_of, commands_of, manage, until, var_folder


@pytest.fixture(scope="module")
def var():
    """A house's folder with its database migrated and up for as long as the tests look at it."""
    with var_folder() as folder, embedded.running():
        assert manage("migrate", "-v0", var=folder).returncode == 0
        yield folder


def ask(question: str, *values: object) -> list[tuple]:
    with psycopg.connect(embedded.database_url(), autocommit=True) as database:
        asked = database.execute(question, values)
        return asked.fetchall() if asked.description else []


def beats(worker: House) -> list[tuple]:
    """When that worker node last finished a canary task, if ever."""
    return ask("SELECT done_at FROM hospitality_workerbeat WHERE node LIKE %s", f"%:{worker.process.pid}")


def await_beat(worker: House) -> None:
    """Wait for a canary finished after this call."""
    before = beats(worker)
    until(lambda: beats(worker) not in ([], before), f"a canary is done; the worker said: {worker.said()}")


def queue_of(worker: House) -> int:
    """The leader of the queue's process group."""
    return until(lambda: child_with("--queue", worker.process.pid), "the queue is started")


def pool_of(worker: House) -> list[int]:
    """The processes that do the tasks; the sentinel starts them first."""
    [sentinel] = children_of(queue_of(worker))
    return children_of(sentinel)[: Conf.WORKERS]


def test_tasks_run_again_after_idle_queue_workers_were_killed(var):
    with House(var, "worker") as worker:
        await_beat(worker)
        hung = queue_of(worker)
        for pid in pool_of(worker):
            os.kill(pid, signal.SIGKILL)
        until(lambda: queue_of(worker) != hung, "the watchdog has started the queue anew", 30)
        await_beat(worker)
        assert not group_lives(hung)


def test_the_queue_may_open_as_many_files_as_its_calls_take_where_the_system_usually_allows_fewer(var):
    usual, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < MANY_FILES:
        pytest.skip("this machine allows nobody so many files")
    # Fewer than it wants, and more than the tests before may have left open here.
    resource.setrlimit(resource.RLIMIT_NOFILE, (MANY_FILES - 1, most))
    try:
        with House(var, "worker") as worker:
            await_beat(worker)
            allowed = {resource.prlimit(pid, resource.RLIMIT_NOFILE)[0] for pid in pool_of(worker)}
        assert allowed == {MANY_FILES}
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (usual, most))


def group_lives(leader: int) -> bool:
    listed = subprocess.run(["ps", "-o", "stat=", "--pgroup", str(leader)], capture_output=True, text=True)
    return any(not state.startswith("Z") for state in listed.stdout.split())


def test_a_queue_that_died_is_started_again(var):
    with House(var, "worker") as worker:
        await_beat(worker)
        os.killpg(queue_of(worker), signal.SIGKILL)
        await_beat(worker)


def test_a_worker_outlives_a_restart_of_the_database_and_says_so_once(var):
    with House(var, "worker") as worker:
        await_beat(worker)
        os.kill(int((embedded.data_dir() / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        until(lambda: "does not answer" in worker.said(), "the worker has noticed")
        embedded.revive()
        await_beat(worker)
        assert worker.process.poll() is None
        assert worker.said().count("the database does not answer, waiting for it") == 1


def test_it_ends_when_asked_and_leaves_neither_process_nor_beat(var):
    with House(var, "worker") as worker:
        await_beat(worker)
        worker.process.terminate()
        worker.process.wait(30)
        assert beats(worker) == []
        assert commands_of(var) == []


def test_a_killed_watchdog_takes_its_queue_along(var):
    with House(var, "worker") as worker:
        await_beat(worker)
        worker.process.kill()
        until(lambda: commands_of(var) == [], "the queue is gone too")


def test_two_workers_on_one_database_both_show_that_they_live(var):
    with House(var, "worker") as one, House(var, "worker") as other:
        queues = queue_of(one), queue_of(other)
        for _ in range(3):
            await_beat(one)
            await_beat(other)
        assert (queue_of(one), queue_of(other)) == queues


def test_a_stuck_queue_is_not_filled_further(var):
    with House(var, "worker") as worker:
        await_beat(worker)
        os.killpg(queue_of(worker), signal.SIGSTOP)
        stopped = queue_of(worker)
        until(lambda: waiting() > 0, "a canary waits")
        until(lambda: queue_of(worker) != stopped or waiting() > 3, "the watchdog acts", 30)
        assert waiting() <= 3


def waiting() -> int:
    return ask("SELECT count(*) FROM django_q_ormq WHERE lock < now()")[0][0]


def test_beats_of_nodes_long_gone_are_forgotten(var):
    ask("INSERT INTO hospitality_workerbeat (node, done_at) VALUES ('gone:1', now() - interval '1 day')")
    with House(var, "worker") as worker:
        await_beat(worker)
        assert ask("SELECT 1 FROM hospitality_workerbeat WHERE node = 'gone:1'") == []
