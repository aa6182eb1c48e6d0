"""Several people at once: the same file twice in the same moment is still one set of bookings, without a deadlock."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connections

from locks.models import AccessCode, Connection, Lock
from reservations import stays
from reservations.imports.report import Kind
from reservations.models import Reservation, Stay
from tests.factories import PropertyFactory, RoomFactory, today
from tests.reservations.import_files import List, take_in

ROOMS = ("1", "2", "3", "4", "5", "6")


@pytest.fixture
def property(transactional_db):
    made = PropertyFactory()
    account = Connection.objects.create(property=made, provider="virtual", name="Simulator")
    rooms = [RoomFactory(property=made, name=name) for name in ROOMS]
    doors = [
        Lock.objects.create(property=made, connection=account, provider_ref=room.name, name=room.name)
        for room in rooms
    ]
    front = Lock.objects.create(
        property=made, connection=account, provider_ref="front", name="Front", kind="common"
    )
    # The common door's row lies between those of the rooms: the order in which doors are taken matters.
    for door, room in zip([*doors[:2], front, *doors[2:]], [*rooms[:2], None, *rooms[2:]], strict=True):
        door.rooms.set([room] if room else rooms)
    return made


@pytest.fixture
def files(property):
    return List(today(property))


def at_once(*actions) -> list:
    """What each returned; they start together."""
    gate = Barrier(len(actions))

    def run(action):
        try:
            gate.wait()
            return action()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def test_the_same_file_from_several_clerks_at_once_makes_each_booking_once(property, files):
    data = files.data(
        files.row("10", unit_type="1, 2"),
        files.row("11", unit_type="4, 3"),
        files.row("12", unit_type="5"),
        files.row("13", arrival=5, unit_type="2, 1, 6"),
    )
    reports = at_once(*[lambda: take_in(property, data)] * 4)
    assert sum(report.counts[Kind.NEW] for report in reports) == 4
    assert Reservation.objects.count() == 4
    assert Stay.objects.filter(room__isnull=False).count() == 8
    assert AccessCode.objects.count() == 16
    assert take_in(property, data).summary == "4 unchanged"


def test_bookings_of_several_rooms_and_a_clerk_who_changes_stays_wait_for_each_other(property, files):
    def rows(nights: int) -> list[dict]:
        rooms = [f"{number % 6 + 1}, {(number + 3) % 6 + 1}" for number in range(12)]
        return [
            files.row(str(n), arrival=n * 4, nights=nights, unit_type=both) for n, both in enumerate(rooms)
        ]

    take_in(property, files.data(*rows(nights=2)))
    here = list(Stay.objects.order_by("-pk"))

    def clerk() -> None:
        for stay in here:
            stays.change(stay, by=None, departure=stay.arrival + timedelta(days=3))

    longer = files.data(*rows(nights=3))
    *reports, _ = at_once(lambda: take_in(property, longer), lambda: take_in(property, longer), clerk)
    assert [report.counts[Kind.REFUSED] for report in reports] == [0, 0]
    assert {stay.departure - stay.arrival for stay in Stay.objects.all()} == {timedelta(days=3)}
