"""Somebody at work in a second house: reads an order a line, carries it out by the house's own verbs, answers a line.

python -m tests.locks.contract.caretaker          (in that house's surroundings)
"""

import json
import sys

import django

django.setup()

from hospitality.models import Property, Room  # noqa: E402
from locks import backups, placing, wishes  # noqa: E402
from locks.models import ApiKey, Connection, Lock, RemoteUnlock  # noqa: E402
from locks.programs import keys  # noqa: E402


def open_house(credentials: dict) -> dict:
    """A house with an account at the simulator, and a key for programs."""
    house = Property.objects.create(
        slug="second", name="Second", time_zone="Europe/Zurich", backup_pool_size=0
    )
    Room.objects.create(property=house, name="1")
    account = Connection(property=house, provider="virtual", name="Simulator")
    account.credentials = credentials
    account.save()
    _key, text = keys.make(house, by=None, name="The first Latchkey", scopes=ApiKey.Scope)
    return {"key": text, "account": str(account.public_id)}


def place(refs: list[str]) -> list[str]:
    """The simulator's locks become locks of the house; their ids there."""
    account = Connection.objects.get()
    placing.discover(account)
    room = Room.objects.get()
    found = {one.provider_ref: one for one in account.found_devices.filter(provider_ref__in=refs)}
    placed = [
        placing.place(found[ref], by=None, name="Room", kind=Lock.Kind.COMMON, rooms=[room]) for ref in refs
    ]
    return [str(lock.public_id) for lock in placed]


def look(lock_id: str) -> None:
    """Have the lock looked at soon."""
    wishes.wake(list(Lock.objects.filter(public_id=lock_id)))


def under_way(lock_id: str) -> int:
    """How many openings from afar have not ended."""
    Outcome = RemoteUnlock.Outcome
    return RemoteUnlock.objects.filter(
        lock__public_id=lock_id, outcome__in=(Outcome.ASKED, Outcome.SENT)
    ).count()


def keep_backups(lock_id: str, count: int) -> None:
    """Keep so many backup codes ready on the lock."""
    backups.resize(Lock.objects.get(public_id=lock_id), count, by=None)


def backups_ready(lock_id: str) -> int:
    """How many can be handed out now."""
    return backups.healthy(Lock.objects.get(public_id=lock_id)).count()


ORDERS = {
    order.__name__: order for order in (open_house, place, look, under_way, keep_backups, backups_ready)
}

for line in sys.stdin:
    name, *given = json.loads(line)
    print(json.dumps(ORDERS[name](*given)), flush=True)
