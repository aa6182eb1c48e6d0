"""What an import says no with: always one sentence that names the remedy."""

from django.utils.formats import number_format


class FileRefused(Exception):
    """The whole file cannot be read. The message is for the clerk."""


class RowRefused(Exception):
    """One row, or one cell of it, cannot be read. The message is for the clerk."""


def shown(text: str, length: int = 40) -> str:
    """`text` in quotes on one line, cut to `length` characters, for a message."""
    line = " ".join(text.split())
    return f"'{line}'" if len(line) <= length else f"'{line[:length]}...'"


def grouped(number: int) -> str:
    """`20,000`, in the groups of whoever looks."""
    return number_format(number, force_grouping=True)
