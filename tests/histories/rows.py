"""What the product says of the codes, in its tables and on its screens: the claims that are held against the truth."""

from dataclasses import dataclass, field

from hospitality.models import Property
from hospitality.wall import Wall
from locks import names, queries, words
from locks.known import Code, Door
from locks.models import AccessCode
from tests.histories.changes import Changes
from tests.histories.house_clock import HouseClock


@dataclass
class Row(Code):
    """One code as the product has it."""

    pin_sealed: bytes | None = field(default=None, repr=False)

    @property
    def is_healthy(self) -> bool:
        """Set, with nothing sent since that is not answered: what a backup code must be to be handed out."""
        seen = self.status == "set" and self.observed == "present"
        return seen and self.observed_pin_index == self.pin_index and not self.unanswered

    @property
    def said(self) -> set[str]:
        """The names of its errors and warnings."""
        return {*self.error_codes, *self.warning_codes}


_COLUMNS = [*queries.CODE_COLUMNS, "pin_sealed"]


class Rows:
    """The codes of one hotel, and every PIN that they ever had."""

    def __init__(self, property: Property, clock: HouseClock, changes: Changes):
        self._property = property
        self._clock = clock
        self._changes = changes
        self._read_at: int | None = None
        """After how many changes."""
        self._pins: dict[tuple[int, int], str] = {}
        self._ever: dict[tuple[int, str], int] = {}
        self._by_mark: dict[str, Row] = {}
        self._doors: dict[int, Door] = {}
        self.all: list[Row] = []
        self.by_id: dict[int, Row] = {}

    def read(self) -> None:
        """Read the codes again, if any may have changed. One query."""
        changes = self._changes.of(AccessCode._meta.db_table)
        if changes == self._read_at:
            return
        self._read_at = changes
        found = AccessCode.objects.filter(lock__property=self._property).order_by("pk").values(*_COLUMNS)
        self.all = [Row(**row) for row in found]
        self.by_id = {row.id: row for row in self.all}
        self._by_mark = {names.marker(row.public_id): row for row in self.all}
        for row in self.all:
            if row.is_managed and row.pin_index is not None:
                self._ever[row.lock_id, self.pin(row)] = row.id

    def read_doors(self) -> None:
        """Read how the locks were last found: after each visit."""
        found = queries.read_doors(queries.DOORS.filter(property=self._property))
        self._doors = {door.id: door for door in found}

    def works(self, row: Row) -> bool:
        """Is a person told that this code is on its lock as wanted?"""
        if not (row.live and row.is_managed and row.observed == "present"):
            return False
        wall = Wall(self._property, self._clock.moment)
        return row.is_healthy or words.code_words(row, self._doors[row.lock_id], wall).tone == "good"

    def pin(self, row: Row) -> str:
        """Its digits now."""
        key = row.id, row.pin_index
        if key not in self._pins:
            sealed = AccessCode(public_id=row.public_id, pin_sealed=row.pin_sealed)
            self._pins[key] = sealed.pin
        return self._pins[key]

    def every_pin(self) -> set[str]:
        """All that were seen of any code, now or before."""
        return {pin for _, pin in self._ever}

    def of(self, lock_id: int, name: str, pin: str) -> Row | None:
        """Whose is a code that was written on the lock: by its marker, else by its digits."""
        row = self._by_mark.get(names.marker_of(name) or "")
        if row and row.lock_id == lock_id:
            return row
        return self.by_id.get(self._ever.get((lock_id, pin), 0))
