"""From a table's cells to bookings. A row that cannot be read is refused with its line and reason, and the
others are read. Pure."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum
from zoneinfo import ZoneInfo

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from reservations.imports import cells, dates
from reservations.imports.csv import Record, Table
from reservations.imports.refusals import RowRefused, shown

LONGEST_STAY = 366
MOST_ROOMS = 100
SUSPICIOUS_NIGHTS = 28
DISPENSABLE = {"email", "phone", "notes", "booked_on", "nights"}
TWO_WAYS = {
    dates.DAY_FIRST: gettext_lazy(
        "%(text)s can be read two ways: line %(line)s of this file, %(other)s, is month first, but this property reads "
        "dates day first; export dates as 2026-12-31, or change the property's date order"
    ),
    dates.MONTH_FIRST: gettext_lazy(
        "%(text)s can be read two ways: line %(line)s of this file, %(other)s, is day first, but this property reads "
        "dates month first; export dates as 2026-12-31, or change the property's date order"
    ),
}
"""What is said of a date in a file with another one that speaks against the property's order."""


class Status(Enum):
    """What the source says of a booking."""

    OK = "ok"
    CANCELLED = "cancelled"
    NO_SHOW = "no-show"


@dataclass(frozen=True)
class Booking:
    """One readable row. `unit_type` and `rooms` are the file's, not yet told apart into parts; `part` is only
    set by files with a row for each room. `remarks` are for the clerk: what was dropped or replaced."""

    line: int
    number: str
    arrival: date
    departure: date
    guest: str
    is_named: bool = True
    """False: the source does not tell the guest's name, and `guest` stands in for it."""
    status: Status = Status.OK
    booked_on: datetime | None = None
    unit_type: str = ""
    rooms: int | None = None
    part: int | None = None
    email: str = ""
    phone: str = ""
    notes: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refused:
    """One row that is not taken in."""

    line: int
    reason: str
    number: str = ""


@dataclass(frozen=True)
class Reading:
    """What a file holds. `newest` is its newest 'booked on'; `repeated` are lines that say an earlier one again."""

    bookings: tuple[Booking, ...]
    refused: tuple[Refused, ...]
    repeated: tuple[tuple[int, int], ...] = ()
    newest: datetime | None = None


def read(table: Table, columns: Mapping[str, int], order: str, zone: ZoneInfo, region: str = "") -> Reading:
    """The bookings of `table`. `columns` is from `columns.match`; `order` the property's date order; `region` the
    country (`CH`) of phone numbers that name none, if it is known."""
    reader = _Reader(table, columns, order, zone, region)
    bookings, refused = [], [Refused(line, reason) for line, reason in table.broken]
    for record in table.records:
        try:
            bookings.append(reader.booking(record))
        except RowRefused as reason:
            refused.append(Refused(record.line, str(reason), reader.number_or_blank(record)))
    newest = max((booking.booked_on for booking in bookings if booking.booked_on), default=None)
    kept, repeated, clashing = _without_repeats(bookings)
    refused = sorted([*refused, *clashing], key=lambda one: one.line)
    return Reading(tuple(kept), tuple(refused), tuple(repeated), newest)


class _Reader:
    """Reads the rows of one table; knows whether some row speaks against the property's date order."""

    def __init__(self, table: Table, columns: Mapping[str, int], order: str, zone: ZoneInfo, region: str):
        self.columns, self.order, self.zone, self.region = columns, order, zone, region
        self.width_needed = 1 + max(index for key, index in columns.items() if key not in DISPENSABLE)
        self.against = next(filter(None, map(self._speaks_against, table.records)), None)

    def booking(self, record: Record) -> Booking:
        """Raises RowRefused."""
        if len(record.cells) < self.width_needed:
            raise RowRefused(
                ngettext(
                    "it has only %(count)s column; a line break inside a cell needs quotation marks",
                    "it has only %(count)s columns; a line break inside a cell needs quotation marks",
                    len(record.cells),
                )
                % {"count": len(record.cells)}
            )
        number = cells.number(self._cell(record, "number"))
        arrival, departure = self._span(record)
        name = f"{self._cell(record, 'given')} {self._cell(record, 'guest')}".strip()
        guest, said = cells.guest(name, self._cell(record, "booker"))
        email, no_email = cells.email(self._cell(record, "email"))
        phone, no_phone = cells.phone(self._cell(record, "phone"), self.region)
        booked_on, no_moment = self._booked_on(record)
        return Booking(
            line=record.line,
            number=number,
            arrival=arrival,
            departure=departure,
            guest=guest,
            status=Status(cells.status(self._cell(record, "status"))),
            booked_on=booked_on,
            unit_type=cells.unit_type(self._cell(record, "unit_type")),
            rooms=cells.count(self._cell(record, "rooms"), "rooms", MOST_ROOMS),
            part=self._part(record),
            email=email,
            phone=phone,
            notes=cells.notes(self._cell(record, "notes")),
            remarks=tuple(filter(None, (said, no_email, no_phone, no_moment))),
        )

    def number_or_blank(self, record: Record) -> str:
        """The booking number if that much can be read."""
        try:
            return cells.number(self._cell(record, "number"))
        except RowRefused:
            return ""

    def _cell(self, record: Record, key: str) -> str:
        index = self.columns.get(key, len(record.cells))
        return cells.blank_if_nothing(record.cells[index]) if index < len(record.cells) else ""

    def _part(self, record: Record) -> int | None:
        if "part" not in self.columns:
            return None
        return cells.count(self._cell(record, "part"), "part", MOST_ROOMS) or 1

    def _span(self, record: Record) -> tuple[date, date]:
        texts = [self._cell(record, key) for key in ("arrival", "departure")]
        if not texts[0]:
            raise RowRefused(_("it has no check-in date"))
        self._check_order(texts[0], record.line)
        if not texts[1]:
            raise RowRefused(_("it has no check-out date"))
        self._check_order(texts[1], record.line)
        arrival, departure = (dates.read_day(text, self.order) for text in texts)
        if departure <= arrival:
            raise RowRefused(
                _("it leaves on %(departure)s and arrives on %(arrival)s: the stay has no night")
                % {"departure": departure, "arrival": arrival}
            )
        self._check_nights(record, texts, (departure - arrival).days)
        return arrival, departure

    def _check_order(self, text: str, line: int) -> None:
        if self.against and self.against[0] != line and dates.ambiguous(text):
            line, other = self.against
            raise RowRefused(
                TWO_WAYS[self.order] % {"text": shown(text), "line": line, "other": shown(other)}
            )

    def _check_nights(self, record: Record, texts: list[str], nights: int) -> None:
        told = cells.count(self._cell(record, "nights"), "nights", LONGEST_STAY)
        if told not in (None, nights):
            raise RowRefused(
                ngettext(
                    "its dates make %(nights)s night, but it says %(told)s: check the order of day and month",
                    "its dates make %(nights)s nights, but it says %(told)s: check the order of day and month",
                    nights,
                )
                % {"nights": nights, "told": told}
            )
        if nights > LONGEST_STAY:
            raise RowRefused(
                _("it is %(nights)s nights long; at most %(most)s are taken")
                % {"nights": nights, "most": LONGEST_STAY}
            )
        if told is None and nights >= SUSPICIOUS_NIGHTS and self._shorter_otherwise(texts, nights):
            raise RowRefused(
                _(
                    "%(arrival)s to %(departure)s would be %(nights)s nights, or few if day and month are the other way "
                    "round; export dates as 2026-12-31"
                )
                % {"arrival": shown(texts[0]), "departure": shown(texts[1]), "nights": nights}
            )

    def _shorter_otherwise(self, texts: list[str], nights: int) -> bool:
        otherwise = _nights(texts, dates.other(self.order))
        return otherwise is not None and 0 < otherwise < SUSPICIOUS_NIGHTS

    def _speaks_against(self, record: Record) -> tuple[int, str] | None:
        """The line and text of a date that can only be meant the other way round."""
        other = dates.other(self.order)
        texts = [self._cell(record, key) for key in ("arrival", "departure", "booked_on")]
        for text in texts:
            if dates.evidence(text) == other:
                return record.line, text
        ours, theirs = _nights(texts[:2], self.order), _nights(texts[:2], other)
        if ours is not None and theirs is not None and ours <= 0 < theirs <= LONGEST_STAY:
            span = {"begins": texts[0], "ends": texts[1]}
            return record.line, _("%(begins)s to %(ends)s") % span
        return None

    def _booked_on(self, record: Record) -> tuple[datetime | None, str]:
        text = self._cell(record, "booked_on")
        if not text:
            return None, ""
        try:
            self._check_order(text, record.line)
            return dates.read_moment(text, self.order, self.zone), ""
        except RowRefused:
            return None, _("booked on %(text)s is not understood and left out") % {"text": shown(text)}


def _nights(texts: list[str], order: str) -> int | None:
    try:
        arrival, departure = (dates.read_day(text, order) for text in texts)
    except RowRefused:
        return None
    return (departure - arrival).days


def _without_repeats(bookings: list[Booking]) -> tuple[list[Booking], list[tuple[int, int]], list[Refused]]:
    """The bookings to take in, the lines that only repeat an earlier one, and the rows of bookings that stand
    there twice with different words: which one holds is not for a program to guess."""
    by_key = defaultdict(list)
    for booking in bookings:
        by_key[booking.number, booking.part].append(booking)
    kept, repeated, clashing = [], [], []
    for (number, _part), rows in by_key.items():
        first = rows[0]
        if all(replace(row, line=first.line) == first for row in rows):
            kept.append(first)
            repeated += [(row.line, first.line) for row in rows[1:]]
            continue
        lines = get_text_list([str(row.line) for row in rows], _("and"))
        reason = _(
            "booking %(number)s stands on lines %(lines)s with different words; keep one of them in the file"
        ) % {"number": number, "lines": lines}
        clashing += [Refused(row.line, reason, number) for row in rows]
    return sorted(kept, key=lambda one: one.line), repeated, clashing
