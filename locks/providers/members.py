"""Taking a maker's JSON apart: each member by its name and kind, and an error that never repeats a value."""

import math
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from locks.providers.base import BadAnswer

TEXT_LIMIT = 500


class Members:
    """The members of one JSON object. Every method raises what `wrong` makes of a sentence (BadAnswer by default)
    where the member is missing or of another kind."""

    def __init__(self, body: object, wrong: Callable[[str], Exception] = BadAnswer):
        if not isinstance(body, dict):
            raise wrong("Not a JSON object.")
        self._body = body
        self._wrong = wrong

    def text(self, name: str, *, least: int = 1) -> str:
        """A short text that a database takes; half a character in it becomes a question mark."""
        value = self._value(name)
        if not isinstance(value, str) or not least <= len(value) <= TEXT_LIMIT or "\0" in value:
            raise self._no(name)
        return value.encode(errors="replace").decode()

    def text_or_none(self, name: str) -> str | None:
        return None if self._value(name) is None else self.text(name)

    def flag(self, name: str) -> bool:
        value = self._value(name)
        if not isinstance(value, bool):
            raise self._no(name)
        return value

    def flag_or_none(self, name: str) -> bool | None:
        return None if self._value(name) is None else self.flag(name)

    def whole(self, name: str, *, least: int = 0) -> int:
        value = self._value(name)
        if type(value) is not int or value < least:
            raise self._no(name)
        return value

    def whole_or_none(self, name: str) -> int | None:
        return None if self._value(name) is None else self.whole(name)

    def share_or_none(self, name: str) -> float | None:
        """A number as 0.0-1.0: what lies outside becomes the nearer end."""
        value = self._value(name)
        if value is None:
            return None
        if type(value) not in (int, float) or math.isnan(value):
            raise self._no(name)
        return float(min(max(value, 0), 1))

    def digits_or_none(self, name: str) -> str | None:
        """A PIN, or None where the maker shows none."""
        value = self._value(name)
        if value is None:
            return None
        if not (isinstance(value, str) and value.isascii() and value.isdigit()):
            raise self._no(name)
        return value

    def moment(self, name: str) -> datetime:
        """An ISO 8601 time with its offset, as aware UTC."""
        try:
            moment = datetime.fromisoformat(self._value(name))
            if moment.tzinfo is not None:
                return moment.astimezone(UTC)
        except (TypeError, ValueError, OverflowError):
            pass
        raise self._no(name)

    def moment_or_none(self, name: str) -> datetime | None:
        return None if self._value(name) is None else self.moment(name)

    def zone_or_none(self, name: str) -> str | None:
        """An IANA zone. One that this machine does not know is no known zone."""
        try:
            key = self.text_or_none(name)
            return key and ZoneInfo(key).key
        except (KeyError, ValueError, OSError):
            return None

    def any(self, name: str) -> object:
        """Whatever stands there; None where nothing does."""
        return self._body.get(name)

    def items_or_none(self, name: str) -> list | None:
        return None if self._body.get(name) is None else self.items(name)

    def items(self, name: str) -> list:
        value = self._value(name)
        if not isinstance(value, list):
            raise self._no(name)
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of short texts."""
        return tuple(Members({name: item}, self._wrong).text(name) for item in self.items(name))

    def wholes(self, name: str, *, least: int = 0) -> tuple[int, ...]:
        """A list of whole numbers."""
        return tuple(Members({name: item}, self._wrong).whole(name, least=least) for item in self.items(name))

    def parts(self, name: str) -> list["Members"]:
        """A list of objects."""
        return [Members(item, self._wrong) for item in self.items(name)]

    def part(self, name: str) -> "Members":
        return Members(self._value(name), self._wrong)

    def _value(self, name: str) -> object:
        if name not in self._body:
            raise self._no(name)
        return self._body[name]

    def _no(self, name: str) -> Exception:
        return self._wrong(f"{name!r} is missing or has the wrong shape.")
