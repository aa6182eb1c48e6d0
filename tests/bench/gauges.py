"""What a storm costs: processor time by process, transactions by the database's own count."""

from dataclasses import dataclass

import psutil
from django.db import connection


class Processor:
    """Processor time of a process, and of everything below it unless it is to count `alone`, from now on."""

    def __init__(self, root: psutil.Process, *, alone: bool = False):
        self._root = root
        self._alone = alone
        self._own, self._ended = self._read()

    def spent(self) -> dict[str, float]:
        """Seconds since then: "all", what has ended included, and that of the "busiest" process alone."""
        own, ended = self._read()
        each = {pid: seconds - self._own.get(pid, 0) for pid, seconds in own.items()}
        return {
            "all": sum(own.values()) + ended - sum(self._own.values()) - self._ended,
            "busiest": max(each.values()),
        }

    def _read(self) -> tuple[dict[int, float], float]:
        own, ended = {}, 0.0
        for process in [self._root, *([] if self._alone else self._root.children(recursive=True))]:
            try:
                times = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            own[process.pid] = times.user + times.system
            if not self._alone:
                ended += times.children_user + times.children_system
        return own, ended


def database_server() -> psutil.Process | None:
    """The server's first process; None where it runs on another machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid(), inet_server_addr() IS NULL")
        pid, local = cursor.fetchone()
    return psutil.Process(pid).parent() if local else None


@dataclass(frozen=True)
class Transactions:
    """What the database has counted so far."""

    committed: int
    rolled_back: int
    rows_written: int
    log_bytes: int

    def since(self, before: "Transactions") -> "Transactions":
        return Transactions(*(now - then for now, then in zip(_values(self), _values(before), strict=True)))


def _values(counted: Transactions) -> tuple[int, ...]:
    return counted.committed, counted.rolled_back, counted.rows_written, counted.log_bytes


def transactions() -> Transactions:
    """The counts of this database; a server process tells its own up to a second late."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT xact_commit, xact_rollback, tup_inserted + tup_updated + tup_deleted, "
            "(SELECT wal_bytes FROM pg_stat_wal)::bigint FROM pg_stat_database WHERE datname = current_database()"
        )
        return Transactions(*cursor.fetchone())
