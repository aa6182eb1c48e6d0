"""A hotel of thousands of doors, made in seconds: the simulator's store and our rows are written in bulk, in the shape
in which the engine leaves them once each code is on its lock.

`at_rest` shows that they are in that shape: a visit finds nothing to do and changes nothing but its own times.
"""

import random
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import connection
from django.db.models import Model

from hospitality import clock
from hospitality.models import Property
from locks import accounts, capabilities, leases, names, reconcile, wishes
from locks.models import AccessCode, AccessGrant, Connection, Lock
from locks.providers import arithmetic
from locks.providers.base import Capabilities
from locks.simulator import device
from locks.simulator.store import Store
from tests.locks.simulator_process import SimulatorProcess

Row = TypeVar("Row", bound=Model)

BATCH = 2000
BEFORE = timedelta(days=2)
"""How long before its end each stay began."""
VISITS_OWN = {"seen_at", "observed_at", "due_at", "lease_token", "lease_until"}
"""The columns that a visit which finds nothing may change."""


@dataclass(frozen=True)
class Door:
    """One lock with the one code on it. `number` counts from 0."""

    number: int
    public_id: uuid.UUID

    @property
    def ref(self) -> str:
        return f"lock_{self.number:06}"

    @property
    def code_ref(self) -> str:
        return f"code_{self.number:06}"

    @property
    def pin(self) -> str:
        return f"{100_000 + self.number * 7919 % 900_000}"

    @property
    def guest(self) -> str:
        return f"Anna Smith, {self.number}"

    @property
    def name(self) -> str:
        """The code's name on the lock."""
        return names.on_device(self.guest, self.public_id, Capabilities().names)


def doors(count: int, first: int = 0) -> list[Door]:
    return [Door(number, uuid.uuid4()) for number in range(first, first + count)]


@dataclass(frozen=True)
class House:
    """`ends_at`: when every code is due to come off. `dead`: the refs of the locks that do not answer."""

    account: Connection
    doors: list[Door]
    ends_at: datetime
    dead: frozenset[str]


def build(
    simulator: SimulatorProcess,
    count: int,
    ends_at: datetime,
    *,
    dead: int = 0,
    knobs: device.Knobs = device.Knobs(offline=True),  # noqa: B008 - frozen
) -> House:
    """`count` locks with a code each, in the store of a simulator that does not run yet; starts it and makes the rows.
    `dead` of the locks, here and there, have these knobs turned."""
    made = doors(count)
    gone = frozenset(door.ref for door in random.Random(dead).sample(made, dead))
    furnish(simulator, made, ends_at, dict.fromkeys(gone, knobs))
    simulator.start()
    account = make_account(simulator.credentials)
    told = accounts.adapter(account).device(made[0].ref)
    facts = {
        "model": told.model,
        "battery": told.battery,
        "time_zone": told.time_zone or "",
        "capabilities": capabilities.as_json(told.capabilities),
    }
    make_rows(account, made, ends_at, due_at=ends_at, facts=facts)
    return House(account, made, ends_at, gone)


def furnish(
    simulator: SimulatorProcess, made: Iterable[Door], ends_at: datetime, knobs: dict[str, device.Knobs]
) -> None:
    """Write locks and codes into the simulator's store."""
    store = Store(simulator.store)
    with store.transaction():
        for door in made:
            lock = device.Lock(door.ref, f"Room {door.number}", device.NATIVE, arithmetic.new_key())
            store.add_lock(replace(lock, knobs=knobs.get(door.ref, lock.knobs)))
            code = device.Code(door.name, door.pin, ends_at - BEFORE, ends_at, id=door.code_ref)
            store.add_code(door.ref, code)
    store.close()


def make_account(credentials: dict) -> Connection:
    """A property without a stock of backup codes, and its connection."""
    hotel = Property.objects.create(
        slug=f"hotel-{uuid.uuid4().hex[:8]}", name="Seeblick", time_zone="Europe/Zurich", backup_pool_size=0
    )
    account = Connection(property=hotel, provider="virtual", name="Simulator", checked_at=clock.now())
    account.credentials = credentials
    account.save()
    return account


def make_rows(
    account: Connection, made: list[Door], ends_at: datetime, *, due_at: datetime, facts: dict
) -> None:
    """Locks, grants and codes as they stand once every code was seen on its lock. `facts`: what a lock told."""
    now = clock.now()
    seen = {"online": True, "online_changed_at": now - BEFORE, "seen_at": now, "due_at": due_at, **facts}
    for first in range(0, len(made), BATCH):
        some = made[first : first + BATCH]
        locks = _copy_in([_lock(account, door, seen) for door in some])
        grants = _copy_in([_grant(account.property, door, ends_at) for door in some])
        rows = zip(locks, grants, some, strict=True)
        _copy_in([_code(*row, ends_at, now) for row in rows])


def _copy_in(rows: list[Row]) -> list[Row]:
    """`bulk_create` in a fifth of the time. Gives the rows their ids."""
    meta = rows[0]._meta
    columns = ", ".join(f'"{field.column}"' for field in meta.concrete_fields)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [meta.db_table, len(rows)],
        )
        for row, (number,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = number
        with cursor.copy(f'COPY "{meta.db_table}" ({columns}) FROM STDIN') as copy:
            for row in rows:
                values = [(field, field.pre_save(row, add=True)) for field in meta.concrete_fields]
                copy.write_row([field.get_db_prep_save(value, connection) for field, value in values])
    return rows


def _lock(account: Connection, door: Door, seen: dict) -> Lock:
    name = f"Room {door.number}"
    return Lock(property=account.property, connection=account, provider_ref=door.ref, name=name, **seen)


def _grant(hotel: Property, door: Door, ends_at: datetime) -> AccessGrant:
    grant = AccessGrant(
        property=hotel,
        name=door.guest,
        starts_at=ends_at - BEFORE,
        ends_at=ends_at,
        told_at=ends_at - BEFORE,
    )
    grant.pin = door.pin
    return grant


def _code(lock: Lock, grant: AccessGrant, door: Door, ends_at: datetime, now: datetime) -> AccessCode:
    digits = wishes.indexes(door.pin)
    code = AccessCode(
        public_id=door.public_id,
        lock=lock,
        grant=grant,
        name=door.guest,
        starts_at=ends_at - BEFORE,
        ends_at=ends_at,
        asked_at=ends_at - 2 * BEFORE,
        attempted_at=now - timedelta(seconds=1),
        observed="present",
        observed_at=now,
        observed_ref=door.code_ref,
        observed_name=door.name,
        observed_pin_index=digits["pin_index"],
        observed_starts_at=ends_at - BEFORE,
        observed_ends_at=ends_at,
        appearance={"name": door.name},
        sent_name=door.name,
        echo_name=door.name,
        settled_generation=1,
        status="set",
        **digits,
    )
    code.pin = door.pin
    return code


def at_rest(house: House, sample: int = 3) -> None:
    """Visit some of the locks that answer before their codes end: whatever a visit changes there, the rows were not as
    the engine leaves them. Raises AssertionError."""
    for door in [door for door in house.doors if door.ref not in house.dead][:sample]:
        before = _row(door)
        visit(door)
        after = _row(door)
        changed = {name: (before[name], after[name]) for name in before if before[name] != after[name]}
        assert not changed, f"a visit before the end changed {changed}"
    Lock.objects.update(due_at=house.ends_at)


def visit(door: Door) -> None:
    """What the worker does, here and now."""
    lock, token = Lock.objects.get(provider_ref=door.ref), uuid.uuid4()
    Lock.objects.filter(pk=lock.pk).update(lease_token=token)
    reconcile.serve(leases.Lease(lock.pk, token))


def _row(door: Door) -> dict:
    return dict(_columns(AccessCode.objects.select_related("lock").get(public_id=door.public_id)))


def _columns(code: AccessCode) -> Iterator[tuple[str, object]]:
    for row in (code, code.lock):
        for field in row._meta.concrete_fields:
            if field.attname not in VISITS_OWN:
                value = getattr(row, field.attname)
                yield (
                    f"{row._meta.model_name}.{field.attname}",
                    bytes(value) if isinstance(value, memoryview) else value,
                )
