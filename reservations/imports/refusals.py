"""What an import says no with: always one sentence that names the remedy."""


class FileRefused(Exception):
    """The whole file cannot be read. The message is for the clerk."""


class RowRefused(Exception):
    """One row, or one cell of it, cannot be read. The message is for the clerk."""


def shown(text: str, length: int = 40) -> str:
    """`text` in quotes on one line, cut to `length` characters, for a message."""
    line = " ".join(text.split())
    return f"'{line}'" if len(line) <= length else f"'{line[:length]}...'"
