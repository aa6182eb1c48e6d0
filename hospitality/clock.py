"""One clock for every process and machine: the database's."""

from datetime import datetime

from django.db import connection


def now() -> datetime:
    """The database's wall clock, aware UTC. Unlike SQL's `now()` it moves on inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]
