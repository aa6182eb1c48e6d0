"""What the product's tables say of the codes, read at once: the claims that are held against the truth."""

from dataclasses import dataclass, field, fields
from datetime import datetime
from uuid import UUID

from hospitality.models import Property
from locks import names
from locks.models import AccessCode


@dataclass(frozen=True)
class Row:
    """One code as the product has it."""

    id: int
    public_id: UUID
    lock_id: int
    grant_id: int | None
    is_managed: bool
    is_backup: bool
    wanted: bool
    live: bool
    status: str
    observed: str
    observed_at: datetime | None
    observed_ref: str
    attempted_at: datetime | None
    operation: str
    starts_at: datetime | None
    ends_at: datetime | None
    is_external_modification_allowed: bool
    errors: list[dict]
    warnings: list[dict]
    pin_index: int | None = field(repr=False)
    pin_sealed: bytes | None = field(repr=False)

    def over(self, now: datetime) -> bool:
        return not self.wanted or (self.ends_at is not None and self.ends_at <= now)

    @property
    def is_claimed(self) -> bool:
        """Is it said to work: set, with nothing sent since that is not answered?"""
        if not (self.live and self.is_managed and self.status == "set") or self.operation:
            return False
        return self.attempted_at is None or self.attempted_at <= self.observed_at

    @property
    def said(self) -> set[str]:
        """The names of its errors and warnings."""
        return {one["error_code"] for one in self.errors} | {one["warning_code"] for one in self.warnings}


_COLUMNS = [column.name for column in fields(Row)]


class Rows:
    """The codes of one hotel, and every PIN that they ever had."""

    def __init__(self, property: Property):
        self._property = property
        self._pins: dict[tuple[int, int], str] = {}
        self._ever: dict[tuple[int, str], int] = {}
        self.all: list[Row] = []
        self.by_id: dict[int, Row] = {}
        self._by_mark: dict[str, Row] = {}

    def read(self) -> None:
        """Read them again. One query."""
        found = AccessCode.objects.filter(lock__property=self._property).order_by("pk").values(*_COLUMNS)
        self.all = [Row(**row) for row in found]
        self.by_id = {row.id: row for row in self.all}
        self._by_mark = {names.marker(row.public_id): row for row in self.all}
        for row in self.all:
            if row.is_managed and row.pin_index is not None:
                self._ever[row.lock_id, self.pin(row)] = row.id

    def pin(self, row: Row) -> str:
        """Its digits now."""
        key = row.id, row.pin_index
        if key not in self._pins:
            sealed = AccessCode(public_id=row.public_id, pin_sealed=row.pin_sealed)
            self._pins[key] = sealed.pin
        return self._pins[key]

    def of(self, lock_id: int, name: str, pin: str) -> Row | None:
        """Whose is a code that was written on the lock: by its marker, else by its digits."""
        row = self._by_mark.get(names.marker_of(name) or "")
        if row and row.lock_id == lock_id:
            return row
        return self.by_id.get(self._ever.get((lock_id, pin), 0))
