"""A small hotel on a simulator, kept as it stands and put back as often as it is needed."""

import functools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from django.apps import apps
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from hospitality import clock
from hospitality.models import Property, Room
from locks import capabilities, leases, reconcile
from locks.models import AccessCode, Connection, Lock
from locks.providers.base import Capabilities
from reservations import disclosing, stays
from reservations.models import Stay
from tests.locks.simulator_process import SimulatorProcess

OURS = ("hospitality", "locks", "reservations", "django_q")
NOON = 12
STRANGER = {"name": "Cleaner", "pin": "80357"}
"""A code that is nobody's of the house."""
MODELS = {"1": "native", "2": "just_in_time", "front": "native"}
HISTORY = ("locks_event", "hospitality_auditentry")
ROUNDS = 12
SOON, FAR = timedelta(seconds=30), timedelta(minutes=10)
"""A lock at rest is looked at again after a minute at least; one that is tried again, after seconds."""


class NeverAtRest(Exception):
    """However often the locks are visited, one of them is due again."""


def work() -> None:
    """What the worker does: visit every lock that is due, until none is. Raises NeverAtRest."""
    for _ in range(ROUNDS):
        claimed = leases.claim(10)
        if not claimed:
            return
        for lease in sorted(claimed, key=lambda lease: lease.lock_id):
            reconcile.serve(lease)
    raise NeverAtRest


def settle() -> None:
    """Work until nothing is due within moments: second looks and new tries are not waited for, they are made at once.
    Raises NeverAtRest."""
    for _ in range(ROUNDS):
        work()
        now = clock.now()
        if not Lock.objects.filter(due_at__lte=now + SOON).update(due_at=now):
            return
    raise NeverAtRest


@dataclass
class Hotel:
    """Room 1 keeps schedules, room 2 does not, the front door serves both; it is about noon on its wall clock, and
    guests may come from ten. `refs`: each door's id at the maker now; `stays`, `pins`, `kept`: what the scenario's
    stage wants to remember."""

    simulator: SimulatorProcess
    property: Property
    account: Connection
    rooms: dict[str, Room]
    refs: dict[str, str]
    stays: dict[str, int] = field(default_factory=dict)
    pins: dict[str, str] = field(default_factory=dict)
    kept: dict[str, object] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return datetime.now(UTC).astimezone(self.property.zone).date()

    def day(self, days: int) -> date:
        """The date so many days from the day on which the hotel was made."""
        return self.kept["first day"] + timedelta(days=days)

    def stay(self, guest: str) -> Stay:
        return Stay.objects.get(pk=self.stays[guest])

    def door(self, name: str) -> Lock:
        """The lock that is at this door now."""
        return Lock.objects.get(name=name, replaced_by=None)

    def book(self, guest: str, room: str, arrival: int, departure: int) -> Stay:
        """A stay from day to day, its PIN told to the guest; `pins` has it."""
        stay = stays.book(
            self.property,
            by=None,
            guest_name=guest,
            arrival=self.day(arrival),
            departure=self.day(departure),
            room=self.rooms[room],
        )
        self.stays[guest] = stay.pk
        self.pins[guest] = disclosing.reveal_pin(stay, by=None)
        return stay

    def check_in(self, guest: str, room: str, departure: int) -> Stay:
        """In house since a moment ago."""
        return stays.check_in(self.book(guest, room, 0, departure), by=None, confirmed=True)

    def window(self, arrival: int, departure: int) -> tuple[datetime, datetime]:
        """When a stay from day to day may open its doors."""
        hotel = self.property
        return (
            hotel.at(self.day(arrival), hotel.check_in_time),
            hotel.at(self.day(departure), hotel.check_out_time),
        )

    def stock(self) -> set[str]:
        """The PINs of room 1's backup codes that nobody has been given."""
        kept = AccessCode.objects.filter(lock__name="1", is_backup=True, wanted=True, handed_out_at=None)
        return {code.pin for code in kept}


def _zone_at_noon() -> str:
    """A zone in which it is between twelve and one now."""
    ahead = NOON - datetime.now(UTC).hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def make(simulator: SimulatorProcess, *, pool: int) -> Hotel:
    """The hotel and its rows; `pool` backup codes on room 1's door."""
    hotel = Property.objects.create(
        slug="seeblick",
        name="Seeblick",
        time_zone=_zone_at_noon(),
        check_in_time="10:00",
        check_out_time="11:00",
        backup_pool_size=pool,
    )
    hotel.refresh_from_db()
    account = Connection(property=hotel, provider="virtual", name="Simulator")
    account.credentials = simulator.credentials
    account.save()
    rooms = {name: Room.objects.create(property=hotel, name=name) for name in ("1", "2")}
    made = Hotel(simulator, hotel, account, rooms, _new_locks(simulator))
    made.kept["first day"] = made.today
    for name, model in MODELS.items():
        lock = Lock.objects.create(
            property=hotel,
            connection=account,
            provider_ref=made.refs[name],
            name=name,
            kind=Lock.Kind.COMMON if name == "front" else Lock.Kind.OWN,
            capabilities=capabilities.as_json(Capabilities(native_scheduling=model == "native")),
            backup_pool_enabled=name == "1",
        )
        lock.rooms.set(rooms.values() if name == "front" else [rooms[name]])
    simulator.add_code(made.refs["1"], **STRANGER)
    return made


def _new_locks(simulator: SimulatorProcess) -> dict[str, str]:
    ids = simulator.add_locks([{"name": name, "model": model} for name, model in MODELS.items()])
    return dict(zip(MODELS, ids, strict=True))


class Stage:
    """A hotel as its scenario begins, all at rest. `put_back` makes it so again: the same rows, on new locks of the
    maker with the same codes, so that each point has a log of its own."""

    def __init__(self, name: str, simulator: SimulatorProcess, pool: int, prepare: Callable[[Hotel], None]):
        self._schema = f"stage_{''.join(letter for letter in name if letter.isalnum())}"
        empty()
        self.hotel = make(simulator, pool=pool)
        prepare(self.hotel)
        Lock.objects.update(due_at=datetime.now(UTC))
        work()
        self._codes = [(door, code) for door, ref in self.hotel.refs.items() for code in simulator.codes(ref)]
        self._keep_rows()

    def put_back(self) -> Hotel:
        """The hotel as it was. Nobody else may be in the database."""
        hotel, simulator = self.hotel, self.hotel.simulator
        hotel.kept["log"] = simulator.get("/log?tail=1")["last"]
        hotel.refs = _new_locks(simulator)
        now_called = {}
        for door, code in self._codes:
            fields = {name: code[name] for name in ("starts_at", "ends_at", "active")}
            made = simulator.add_code(hotel.refs[door], code["pin"], code["name"], **fields)
            now_called[code["id"]] = made
        self._put_rows_back(hotel.refs, now_called)
        return hotel

    def _keep_rows(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS {self._schema} CASCADE")
            cursor.execute(f"CREATE SCHEMA {self._schema}")
            self._kept = [table for table in tables() if _has_rows(cursor, table)]
            for table in self._kept:
                cursor.execute(f"CREATE TABLE {self._schema}.{table} AS TABLE {table}")

    def _put_rows_back(self, refs: dict[str, str], now_called: dict[str, str]) -> None:
        copies = "".join(
            f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {self._schema}.{table};"
            for table, columns in tables().items()
            if table in self._kept
        )
        with _rewriting_history() as cursor:
            cursor.execute(_deletes() + copies)
            cursor.execute(
                "UPDATE locks_lock SET provider_ref = %s::jsonb ->> name, due_at = clock_timestamp() + %s",
                [json.dumps(refs), FAR],
            )
            cursor.execute(
                "UPDATE locks_accesscode SET observed_ref = %s::jsonb ->> observed_ref WHERE observed_ref <> ''",
                [json.dumps(now_called)],
            )


@functools.cache
def tables() -> dict[str, str]:
    """The house's tables, and the queue's, each with its columns but those that the database fills itself."""
    models = [
        model for label in OURS for model in apps.get_app_config(label).get_models(include_auto_created=True)
    ]
    return {
        model._meta.db_table: ", ".join(
            f'"{field.column}"' for field in model._meta.concrete_fields if not field.generated
        )
        for model in models
        if not model._meta.proxy
    }


def _has_rows(cursor: CursorWrapper, table: str) -> bool:
    cursor.execute(f"SELECT EXISTS (SELECT FROM {table})")
    return cursor.fetchone()[0]


def empty() -> None:
    """No rows at all."""
    with _rewriting_history() as cursor:
        cursor.execute(_deletes())


@contextmanager
def _rewriting_history() -> Iterator[CursorWrapper]:
    """A transaction in which also that can be deleted which the house never deletes."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("".join(f"ALTER TABLE {table} DISABLE TRIGGER append_only;" for table in HISTORY))
        yield cursor
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no table is altered while one is left to be checked
        cursor.execute("".join(f"ALTER TABLE {table} ENABLE TRIGGER append_only;" for table in HISTORY))


def _deletes() -> str:
    return "".join(f"DELETE FROM {table};" for table in tables())
