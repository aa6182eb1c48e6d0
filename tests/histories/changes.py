"""What is written to the database: what was read from it stays true until more is."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

READS = re.compile(r"\(?SELECT |SAVEPOINT |RELEASE SAVEPOINT ")
WRITES = re.compile(r'(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"')


class Changes:
    """Stands around every statement (`connection.execute_wrapper`) and counts those that may have changed something."""

    def __init__(self) -> None:
        self._of_table: Counter[str] = Counter()
        self._of_any = 0

    def __call__(self, execute: Callable, sql: Any, params: Any, many: bool, context: dict) -> Any:
        try:
            return execute(sql, params, many, context)
        finally:
            self._note(str(sql))

    @property
    def all(self) -> int:
        """Statements so far that may have changed anything."""
        return self._of_any + self._of_table.total()

    def of(self, table: str) -> int:
        """Statements so far that may have changed this table."""
        return self._of_any + self._of_table[table]

    def _note(self, sql: str) -> None:
        if READS.match(sql):
            return
        named = WRITES.match(sql)
        # What names no table, such as the way back to a savepoint, may have changed any of them.
        if named:
            self._of_table[named[1]] += 1
        else:
            self._of_any += 1
