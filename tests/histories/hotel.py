"""One hotel for one history: two rooms and a front door, on three new locks of a simulator that serves many histories."""

import random
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from hospitality.models import Property, Room
from locks import accounts, capabilities
from locks.models import Connection, Lock
from locks.providers.base import ReadBack
from locks.providers.virtual import Virtual
from tests.histories.guests import Walls
from tests.locks.simulator_process import SimulatorProcess

CALL_TIMEOUT = 0.4
"""Seconds: a held answer costs a history no more."""
DIGITS = "257"
"""So few that codes meet often."""

MAKES: dict[str, tuple[str, dict]] = {
    "native": ("native", {}),
    "minutes": ("native", {"window_grain": 60}),
    "names": (
        "native",
        {"names": {"max_length": 20, "alphabet": "alphanumeric", "two_parts": True, "unique": True}},
    ),
    "presence": ("native", {"read_back": "presence"}),
    "later": ("native", {"confirms_later": True}),
    "later, presence": ("native", {"confirms_later": True, "read_back": "presence"}),
    "just in time": ("just_in_time", {}),
    "just in time, later": ("just_in_time", {"confirms_later": True, "names_the_code": False}),
    "just in time, presence": ("just_in_time", {"read_back": "presence", "pushes_events": False}),
}
"""The kinds of lock: the simulator's model and what else the lock can do."""

WALLS = {
    "Zurich": Walls(ZoneInfo("Europe/Zurich"), time(15), time(11)),
    "Zurich by night": Walls(ZoneInfo("Europe/Zurich"), time(3, 30), time(2, 30)),
    "New York": Walls(ZoneInfo("America/New_York"), time(15), time(1, 30)),
    "Lord Howe": Walls(ZoneInfo("Australia/Lord_Howe"), time(14), time(2, 15)),
}
STARTS = {
    "Zurich": datetime(2027, 1, 12, 13, 17, tzinfo=UTC),
    "Zurich by night": datetime(2027, 3, 26, 20, 5, tzinfo=UTC),
    "New York": datetime(2027, 11, 5, 19, 40, tzinfo=UTC),
    "Lord Howe": datetime(2027, 4, 2, 6, 50, tzinfo=UTC),
}
"""Where the hotel is, and when its history begins: most of them a day or two before the clocks change."""


@dataclass(frozen=True)
class Plan:
    """What kind of hotel it is. `makes`: of the locks of room 1, room 2 and the front door."""

    place: str
    makes: tuple[str, str, str]
    pool: int = 0
    slots: int | None = None
    """How many codes fit on room 1's lock."""


@dataclass
class Hotel:
    """The rows, and the names of the doors: "1", "2" and "front"."""

    plan: Plan
    property: Property
    account: Connection
    rooms: dict[str, Room]
    locks: dict[str, Lock]
    walls: Walls
    lost: dict[str, Lock]
    """By its id at the maker, each lock that another one has replaced."""

    def door_of(self, ref: str) -> str | None:
        return next((door for door, lock in self.locks.items() if lock.provider_ref == ref), None)

    def native(self, door: str) -> bool:
        return capabilities.of(self.locks[door]).native_scheduling

    def hides_digits(self, door: str) -> bool:
        return capabilities.of(self.locks[door]).read_back == ReadBack.PRESENCE

    def grain(self, door: str) -> int:
        return capabilities.of(self.locks[door]).window_grain


def make_hotel(plan: Plan, simulator: SimulatorProcess) -> Hotel:
    """The rows, and the locks at the simulator. What the locks can do is what they say themselves."""
    walls = WALLS[plan.place]
    hotel = Property.objects.create(
        slug=f"hotel-{uuid.uuid4().hex[:12]}",
        name=plan.place,
        time_zone=walls.zone.key,
        check_in_time=walls.check_in,
        check_out_time=walls.check_out,
        backup_pool_size=plan.pool,
    )
    account = Connection(property=hotel, provider="virtual", name="Simulator")
    account.credentials = simulator.credentials
    account.save()
    rooms = {name: Room.objects.create(property=hotel, name=name) for name in ("1", "2")}
    made = zip(("1", "2", "front"), plan.makes, _refs(plan, simulator), strict=True)
    locks = {door: _lock(account, door, make, ref, rooms) for door, make, ref in made}
    return Hotel(plan, hotel, account, rooms, locks, walls, {})


def _refs(plan: Plan, simulator: SimulatorProcess) -> list[str]:
    asked = []
    for door, make in zip(("1", "2", "front"), plan.makes, strict=True):
        model, can = MAKES[make]
        slots = {"slots": plan.slots} if door == "1" else {}
        asked.append({"name": f"Door {door}", "model": model, **can, **slots})
    refs = simulator.add_locks(asked)
    for ref, lock in zip(refs, asked, strict=True):
        if "confirms_later" in lock:
            simulator.knobs(ref, operation_seconds=0)
    return refs


def _lock(account: Connection, door: str, make: str, ref: str, rooms: dict[str, Room]) -> Lock:
    common = door == "front"
    lock = Lock.objects.create(
        property=account.property,
        connection=account,
        provider_ref=ref,
        name=f"Door {door}",
        kind=Lock.Kind.COMMON if common else Lock.Kind.OWN,
        capabilities=capabilities.as_json(accounts.adapter(account).device(ref).capabilities),
    )
    lock.rooms.set(rooms.values() if common else [rooms[door]])
    return lock


def impatient(credentials: dict[str, str]) -> Virtual:
    """The real adapter, which waits for an answer only as long as a history can."""
    return Virtual(credentials, call_timeout=CALL_TIMEOUT)


class FewDigits:
    """Stands for `secrets` where PINs are drawn: the same in every run, of few digits."""

    def __init__(self, number: int):
        self._random = random.Random(number)

    def choice(self, _digits: str) -> str:
        return self._random.choice(DIGITS)
