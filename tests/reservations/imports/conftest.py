"""A house with rooms and locks, the files that tell of its bookings, and what became of them."""

from datetime import timedelta

import pytest

from locks.models import AccessCode, Connection, Lock
from reservations import stays
from reservations.models import Stay
from tests.factories import PropertyFactory, RoomFactory, today
from tests.reservations.import_files import List

DAY = timedelta(days=1)


@pytest.fixture
def property(db):
    made = PropertyFactory()
    account = Connection.objects.create(property=made, provider="virtual", name="Simulator")
    for name in ("201", "202", "203", "204"):
        room = RoomFactory(property=made, name=name, unit_type="Double Room" if name < "203" else "")
        lock = Lock.objects.create(property=made, connection=account, provider_ref=name, name=f"Door {name}")
        lock.rooms.set([room])
    RoomFactory(property=made, name="Garden suite", unit_type="Suite with garden")
    return made


@pytest.fixture
def files(property):
    return List(today(property))


@pytest.fixture
def room(property):
    return lambda name: property.rooms.get(name=name)


def stay_of(number: str, part: int = 1) -> Stay:
    return Stay.objects.get(reservation__external_id=number, part=part)


def state_of(number: str) -> str:
    return stay_of(number).state


def codes():
    return list(
        AccessCode.objects.order_by("pk").values("generation", "starts_at", "ends_at", "wanted", "pin_index")
    )


def in_house(stay: Stay) -> Stay:
    """The guest has come."""
    return stays.check_in(stay, by=None, confirmed=True)
