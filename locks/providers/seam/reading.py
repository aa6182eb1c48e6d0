"""Reading what the SDK gives: it checks no value, so each is looked at; what it leaves out is None."""

from locks.providers.members import Members

SHORTEST, LONGEST = 4, 12
"""So many digits Seam takes in a code."""


def members(told: object) -> Members:
    """The members of an object of the SDK's. Raises BadAnswer where it is none."""
    return Members(told if isinstance(told, dict) else getattr(told, "__dict__", None))


def words(told: Members, name: str, key: str) -> tuple[str, ...]:
    """The `key` of each object in the list `name`: of errors, warnings."""
    entries = [members(one).any(key) for one in told.items_or_none(name) or []]
    return tuple(word for word in entries if isinstance(word, str))


def errors(told: object) -> tuple[str, ...]:
    return words(members(told), "errors", "error_code")


def next_page(page: list, limit: int) -> str | None:
    """The cursor of the page after this one; None after the last, and where nothing is said of pages but fewer came than
    were asked for. Raises BadAnswer."""
    pagination = getattr(page, "pagination", None)
    if pagination is None and len(page) < limit:
        return None
    told = Members(pagination)
    if not told.flag("has_next_page"):
        return None
    return told.text("next_page_cursor")
