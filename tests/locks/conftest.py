"""A hotel of two rooms and a front door, on a simulator of its own process."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

import pytest

from hospitality import clock
from hospitality.models import Property, Room
from locks import capabilities, codes, leases, reconcile
from locks.models import AccessGrant, Connection, Lock
from locks.providers.base import Capabilities
from tests.locks.simulator_process import SimulatorProcess


@pytest.fixture(scope="session")
def simulator(tmp_path_factory):
    with SimulatorProcess(tmp_path_factory.mktemp("simulator")) as running:
        yield running


@dataclass
class Hotel:
    property: Property
    rooms: dict[str, Room]
    locks: dict[str, Lock]
    simulator: SimulatorProcess

    def visit(self, *locks: Lock) -> None:
        """What the worker does, here and now: one visit to each lock (all by default), due or not."""
        for lock in locks or self.locks.values():
            token = uuid.uuid4()
            Lock.objects.filter(pk=lock.pk).update(lease_token=token)
            reconcile.serve(leases.Lease(lock.pk, token))
            lock.refresh_from_db()

    def grant(
        self,
        *locks: Lock,
        starts=timedelta(hours=-1),
        ends=timedelta(hours=24),
        name="Anna Smith",
        **asked_for,
    ) -> AccessGrant:
        """A grant on these doors (room 1's by default), its window in time from now, with options of `codes.grant`."""
        now = clock.now()
        return codes.grant(
            self.property,
            by=None,
            name=name,
            locks=locks or [self.locks["1"]],
            starts_at=now + starts,
            ends_at=now + ends,
            **asked_for,
        )

    def opens(self, lock: Lock, pin: str) -> bool:
        """The door's truth: type it at the simulator's keypad."""
        return self.simulator.opens(lock.provider_ref, pin)

    def mine(self, lock: Lock, grant: AccessGrant) -> list[dict]:
        """What is really on the lock with this grant's digits."""
        return [code for code in self.simulator.codes(lock.provider_ref) if code["pin"] == grant.pin]


def make_hotel(simulator: SimulatorProcess, *, pool: int = 0) -> Hotel:
    """Room 1 keeps schedules, room 2 does not, the front door serves both; without a pool unless asked for."""
    hotel = Property.objects.create(
        slug=f"hotel-{uuid.uuid4().hex[:6]}",
        name="Seeblick",
        time_zone="Europe/Zurich",
        backup_pool_size=pool,
    )
    account = Connection(property=hotel, provider="virtual", name="Simulator")
    account.credentials = simulator.credentials
    account.save()
    rooms = {name: Room.objects.create(property=hotel, name=name) for name in ("1", "2")}
    locks = {
        "1": add_lock(simulator, account, "Room 1", "native", [rooms["1"]]),
        "2": add_lock(simulator, account, "Room 2", "just_in_time", [rooms["2"]]),
        "front": add_lock(simulator, account, "Front door", "native", rooms.values(), kind=Lock.Kind.COMMON),
    }
    return Hotel(hotel, rooms, locks, simulator)


def add_lock(simulator, account, name, model, rooms, kind=Lock.Kind.OWN, **fields) -> Lock:
    """A lock in the simulator and its row."""
    ref = simulator.add_lock(name, model, **fields)
    lock = Lock.objects.create(
        property=account.property,
        connection=account,
        provider_ref=ref,
        name=name,
        kind=kind,
        capabilities=capabilities.as_json(Capabilities(native_scheduling=model == "native")),
    )
    lock.rooms.set(rooms)
    return lock


@pytest.fixture
def hotel(db, simulator) -> Hotel:
    return make_hotel(simulator)


@pytest.fixture
def later(monkeypatch):
    """Move the house's clock: `later(hours=3)` from the real time. The lock's own clock stays."""
    real = clock.now

    def move(**delta):
        monkeypatch.setattr(clock, "now", lambda: real() + timedelta(**delta))

    return move
