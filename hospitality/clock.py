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
