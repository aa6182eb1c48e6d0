"""From a CSV file's bytes to its cells: delimiter, header, rows with their line numbers. Pure; the standard
library's reader, in its strict mode."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reservations.imports.refusals import FileRefused, grouped
from reservations.imports.text import SAVE_AS_CSV, decode

MAX_ROWS = 20_000
MAX_BROKEN = 500
MAX_CELL = 32_767  # a spreadsheet's own limit
DELIMITERS = (",", ";", "\t")
DECLARED = re.compile(r'\s*"?sep=(.)"?[;,\t]*\r?\n', re.IGNORECASE)
ANY_WIDTH = 10**6


@dataclass(frozen=True)
class Record:
    """One row of the file: the line it starts on, and its cells, trimmed."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """`broken` are the rows that are no CSV: line and reason."""

    header: tuple[str, ...]
    records: tuple[Record, ...]
    broken: tuple[tuple[int, str], ...] = ()


class _Broken(Exception):
    """One row that is no CSV."""


def read(data: bytes, knows: Callable[[tuple[str, ...]], int]) -> Table:
    """The table in `data`. `knows(header)` says how many of a header's names mean something: the delimiter
    is the one under which most do; the number of columns only decides between equals. Raises FileRefused."""
    csv.field_size_limit(MAX_CELL)
    text = decode(data).lstrip("\ufeff")
    declared = DECLARED.match(text)
    lines = list(io.StringIO(text, newline=""))
    start = declared[0].count("\n") if declared else 0
    delimiters = (declared[1],) if declared and declared[1] in DELIMITERS else DELIMITERS
    headers = {delimiter: _header(lines, start, delimiter) for delimiter in delimiters}
    best = max(headers, key=lambda delimiter: (knows(headers[delimiter]), len(headers[delimiter])))
    if len(headers[best]) < 2:
        raise FileRefused(
            _(
                "This is no CSV file: its first line has no columns parted by commas, semicolons or tabs. If it is a "
                "spreadsheet, %(remedy)s."
            )
            % {"remedy": SAVE_AS_CSV}
        )
    return _table(lines, start, best)


def _header(lines: list[str], start: int, delimiter: str) -> tuple[str, ...]:
    """The first row that is not blank; nothing if under this delimiter it cannot be read."""
    for _line, cells, reason in _rows(lines, start, delimiter):
        if reason or any(cells):
            return cells
    return ()


def _table(lines: list[str], start: int, delimiter: str) -> Table:
    header, records, broken = (), [], []
    for line, cells, reason in _rows(lines, start, delimiter):
        if reason:
            broken.append((line, reason))
        elif not header:
            header = cells
        elif any(cells):
            records.append(Record(line, cells))
        _check_counts(len(records), len(broken))
    if not records and not broken:
        raise FileRefused(_("The file has a header and no rows: there is nothing to import."))
    return Table(header, tuple(records), tuple(broken))


def _check_counts(records: int, broken: int) -> None:
    if records + broken > MAX_ROWS:
        raise FileRefused(
            _("The file has more than %(most)s rows. Export a shorter span of dates, or split the file.")
            % {"most": grouped(MAX_ROWS)}
        )
    if broken > MAX_BROKEN:
        raise FileRefused(
            _("More than %(most)s rows are no CSV: %(remedy)s.") % {"most": MAX_BROKEN, "remedy": SAVE_AS_CSV}
        )


def _rows(lines: list[str], start: int, delimiter: str) -> Iterator[tuple[int, tuple[str, ...], str]]:
    """Line (from 1), cells, and why the row is refused ("" if it is not). After a broken row reading goes on
    with the line after its first, so that an unclosed quotation mark costs one row and not all that follow."""
    width = ANY_WIDTH
    while start < len(lines):
        reader = csv.reader(
            islice(lines, start, None), delimiter=delimiter, strict=True, skipinitialspace=True
        )
        first = start
        try:
            while True:
                first = start + reader.line_num
                cells = _cells(reader, width)
                if width == ANY_WIDTH and any(cells):
                    width = len(cells)
                yield first + 1, cells, ""
        except _Broken as broken:
            yield first + 1, (), str(broken)
            start = first + 1
        except StopIteration:
            return


def _cells(reader, width: int) -> tuple[str, ...]:
    """The next row. Raises _Broken with the reason, StopIteration at the end."""
    try:
        cells = tuple(cell.strip() for cell in next(reader))
    except csv.Error as error:
        raise _Broken(_reason(str(error))) from None
    if any("\0" in cell for cell in cells):
        raise _Broken(_("it holds a NUL character: the file is damaged here; export it again"))
    if any(cells[width:]):
        raise _Broken(
            ngettext(
                "it has %(count)s column where the header has %(width)s; a cell with a comma needs quotation marks",
                "it has %(count)s columns where the header has %(width)s; a cell with a comma needs quotation marks",
                len(cells),
            )
            % {"count": len(cells), "width": width}
        )
    return cells


def _reason(error: str) -> str:
    if "limit" in error:
        too_long = _(
            "a cell has more than %(most)s characters, or a quotation mark that is opened is never closed"
        )
        return too_long % {"most": grouped(MAX_CELL)}
    if "end of data" in error:
        return _("a quotation mark that is opened is never closed")
    return _("its quotation marks do not match")
