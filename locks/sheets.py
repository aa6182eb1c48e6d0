"""Sheets: a lock with its live codes, as one transaction of a worker has them.

A worker reads many locks at once, changes their sheets in memory, and writes what changed at once: a visit costs a few
rows in shared transactions, not dozens of round trips of its own. A sheet is only given to whoever holds the lock's
lease, and the lock's row is held until the transaction ends.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from typing import Any

from django.db import connection, models, transaction

from hospitality import clock, live
from locks import former
from locks.leases import LEASE, Lease, LeaseLost
from locks.models import AccessCode, AccessGrant, Event, FormerDigits, Lock

Observed = AccessCode.Observed


class Sheet:
    """`lock` with `codes`, all that are live, at `now`. Changes go through `change` and are written by the end of the
    transaction, events and bells with them."""

    def __init__(self, lock: Lock, codes: Iterable[AccessCode], now: datetime):
        self.lock = lock
        self.now = now
        self.codes = list(codes)
        for code in self.codes:
            code.lock = lock
        self.events: list[Event] = []
        self.bells: set[str] = set()
        self.changed: dict[models.Model, set[str]] = defaultdict(set)
        self.displaced: list[AccessCode] = []
        self.former: list[FormerDigits] = []

    @property
    def ours(self) -> list[AccessCode]:
        """Codes that are wanted, or may still be on the lock, by our doing."""
        return [code for code in self.codes if code.is_managed and code.live]

    @property
    def strangers(self) -> list[AccessCode]:
        """Codes that were found on the lock and not made here."""
        return [code for code in self.codes if not code.is_managed and code.live]

    def code(self, code_id: int) -> AccessCode | None:
        """One of the live codes, by its number."""
        return next((code for code in self.codes if code.pk == code_id), None)

    def add(self, code: AccessCode) -> None:
        """A new code of this lock, already saved."""
        self.codes.append(code)

    def change(self, row: models.Model, **values: Any) -> bool:
        """Set what is different; returns whether anything was."""
        different = [name for name, value in values.items() if getattr(row, name) != value]
        for name in different:
            setattr(row, name, values[name])
        if different:
            self.changed[row].update(different)
        return bool(different)

    def take_ref(self, code: AccessCode, ref: str) -> None:
        """The code is now known by this ref. A maker with numbered slots gives a ref again: who had it before must be
        looked for."""
        for other in self.codes:
            if other is not code and other.observed == Observed.PRESENT and other.observed_ref == ref:
                self.change(other, observed=Observed.UNKNOWN)
                self.displaced.append(other)
        self.change(code, observed_ref=ref)

    def record(self, event_type: str, at: datetime, code: AccessCode | None = None, **data: Any) -> None:
        """What happened to the lock, or to one of its codes. `data` is JSON and holds no PIN."""
        self.events.append(
            Event(
                property_id=self.lock.property_id,
                lock=self.lock,
                access_code=code,
                event_type=event_type,
                data=data,
                occurred_at=at,
            )
        )

    def had(self, code: AccessCode, pin4: int | None, at: datetime) -> None:
        """Digits of this index opened the lock as this code until `at`, and others do now."""
        if pin4 is not None:
            self.former.append(former.of(code, pin4, at))

    def ring(self, code: AccessCode | None = None) -> None:
        """Ring the bell of a code's grant, else of the lock: a program's grant has no screen of its own."""
        grant = code.grant if code else None
        ours = grant is not None and not grant.made_by_program
        self.bells.add(f"grant-{grant.public_id}" if ours else f"lock-{self.lock.public_id}")


_OF_NO_USE = [
    f"grant__{field.name}"
    for field in AccessGrant._meta.concrete_fields
    if not field.primary_key and field.name not in ("public_id", "pin_chosen")
]
"""A code's grant is only named on a sheet, for its bell, and says whether its digits may be exchanged."""


def load(locks: Sequence[Lock]) -> list[Sheet]:
    """The sheets of locks whose rows the caller holds. At most three queries."""
    by_lock = defaultdict(list)
    codes = AccessCode.objects.filter(lock__in=locks, live=True).select_related("grant").defer(*_OF_NO_USE)
    for code in codes.prefetch_related("pulled_backup").order_by("pk"):
        by_lock[code.lock_id].append(code)
    now = clock.now()
    return [Sheet(lock, by_lock[lock.pk], now) for lock in locks]


@contextmanager
def fenced(leases: Sequence[Lease]) -> Iterator[dict[Lease, Sheet]]:
    """A transaction with the sheets of those leases that still hold, renewed; the others' locks are not among them."""
    with transaction.atomic():
        rows = Lock.objects.select_for_update(of=("self",), no_key=True)
        rows = rows.select_related("property", "connection")
        held = {
            (lock.pk, lock.lease_token): lock
            for lock in rows.filter(pk__in=[x.lock_id for x in leases]).order_by("pk")
        }
        ours = {
            lease: held[lease.lock_id, lease.token]
            for lease in leases
            if (lease.lock_id, lease.token) in held
        }
        sheets = dict(zip(ours, load(list(ours.values())), strict=True))
        for sheet in sheets.values():
            sheet.change(sheet.lock, lease_until=sheet.now + LEASE)
        yield sheets
        save(sheets.values())


def on_sheet(function: Callable[[Sheet, Any], Any]) -> Callable[[Sequence[Any]], list]:
    """Make a step on one sheet one for many at once: it takes items with a `lease` and gives what the step gave for
    each, or LeaseLost."""

    @wraps(function)
    def batch(items: Sequence[Any]) -> list:
        with fenced([item.lease for item in items]) as sheets:
            return [
                function(sheets[item.lease], item) if item.lease in sheets else LeaseLost(item.lease.lock_id)
                for item in items
            ]

    return batch


def save(sheets: Iterable[Sheet]) -> None:
    """Write what changed on these sheets."""
    sheets = list(sheets)
    # Two codes may have changed places: no two may be known by one ref, not even for a moment.
    displaced = [code for sheet in sheets for code in sheet.displaced]
    if displaced:
        AccessCode.objects.filter(pk__in=[code.pk for code in displaced]).update(observed=Observed.UNKNOWN)
    for sheet in sheets:
        for code in sheet.displaced:
            sheet.changed[code].add("observed")
    _update((row, names) for sheet in sheets for row, names in sheet.changed.items())
    Event.objects.bulk_create([event for sheet in sheets for event in sheet.events])
    if had := [one for sheet in sheets for one in sheet.former]:
        former.remember(had)
    live.announce_all([(sheet.lock.property_id, topic) for sheet in sheets for topic in sorted(sheet.bells)])


def _update(changed: Iterable[tuple[models.Model, set[str]]]) -> None:
    """One statement per set of columns, sent for all its rows together; codes that are off their lock first, so that
    another can be known by their ref."""
    groups: dict[tuple, list[models.Model]] = {}
    for row, names in changed:
        present = getattr(row, "observed", None) == Observed.PRESENT
        groups.setdefault((present, type(row), tuple(sorted(names))), []).append(row)
    with connection.cursor() as cursor:
        for (_, model, names), rows in sorted(groups.items(), key=lambda group: group[0][0]):
            fields = [model._meta.get_field(name) for name in names]
            columns = ", ".join(f"{connection.ops.quote_name(field.column)} = %s" for field in fields)
            cursor.executemany(
                f"UPDATE {connection.ops.quote_name(model._meta.db_table)} SET {columns} WHERE id = %s",
                [
                    [
                        *(
                            field.get_db_prep_save(getattr(row, field.attname), connection)
                            for field in fields
                        ),
                        row.pk,
                    ]
                    for row in rows
                ],
            )
