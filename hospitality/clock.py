"""One clock for every process and machine: the database's."""

from datetime import datetime

from django.db import connection
from django.db.models import DateTimeField, Func

NOW = Func(function="clock_timestamp", output_field=DateTimeField())
"""`now()` inside of a query, which saves asking for it first."""


def now() -> datetime:
    """The database's wall clock, aware UTC. Unlike SQL's `now()` it moves on inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def settled() -> datetime:
    """Nothing that was written before then is still to show. A transaction shows its rows when it ends, so that one may
    show up behind later ones of others: whoever asks for all since the last that they saw would miss it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT least(clock_timestamp(), min(xact_start)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone()[0]
