"""The database for the tests: the embedded one, or the one DATABASE_URL names."""

import gc
import os
from contextlib import suppress

import psycopg
import pytest
from django.db import OperationalError
from django.db.backends.postgresql.operations import DatabaseOperations
from django.utils import translation
from psycopg import sql

from hospitality import embedded
from tests.factories import restart_sequences


def pytest_collection_finish():
    """Thousands of collected tests live to the end: the garbage collector need not go through them again and again."""
    gc.freeze()
    gc.set_threshold(10_000)


@pytest.fixture(scope="session")
def django_db_modify_db_settings_parallel_suffix():
    """The name of a test database ends with the number of its process: it needs no other suffix."""


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """Have the server up before pytest-django makes the test database, until after it removes it."""
    if os.environ.get("DATABASE_URL"):
        yield
        return
    with embedded.running() as url:
        _prepare(url)
        yield


@pytest.fixture(autouse=True, scope="session")
def _emptied_in_the_end():
    """Emptying the tables after a test may meet a request of a web process halfway, of a page that is closed already:
    PostgreSQL ends the deadlock by refusing one of the two. Where it is ours, it is done again."""
    flush = DatabaseOperations.execute_sql_flush

    def flush_again(operations, sql_list):
        for _ in range(5):
            try:
                return flush(operations, sql_list)
            except OperationalError as error:
                if not isinstance(error.__cause__, psycopg.errors.DeadlockDetected):
                    raise
        return flush(operations, sql_list)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(DatabaseOperations, "execute_sql_flush", flush_again)
        yield


@pytest.fixture(autouse=True)
def _own_language():
    """The test client leaves its thread in the language of its last page."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def _own_sequences():
    """A test that fails after another one alone would fail on one machine and pass on the next."""
    restart_sequences()


def _prepare(url: str) -> None:
    """Drop the test databases of runs that were killed; their names end with the run's process number. And have this
    server, which only tests use, not wait for the disk: a killed server loses nothing by that, a power cut may."""
    with psycopg.connect(url, autocommit=True) as server:
        for setting in ("fsync", "full_page_writes"):
            server.execute(f"ALTER SYSTEM SET {setting} = off")
        server.execute("SELECT pg_reload_conf()")
        names = server.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE 'test_latchkey_%'"
        ).fetchall()
        for (name,) in names:
            if not _is_alive(name.rpartition("_")[2]):
                server.execute(
                    sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
                )


def _is_alive(number: str) -> bool:
    try:
        with suppress(PermissionError):
            os.kill(int(number), 0)
    except (ProcessLookupError, ValueError):
        return False
    return True
