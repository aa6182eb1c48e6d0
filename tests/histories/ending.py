"""The end of a history: every fault is over, time passes, and what was promised, what is said and what is true are one."""

from collections.abc import Callable
from datetime import timedelta

from locks.models import Lock
from tests.histories.guests import PRELOAD, Holder
from tests.histories.house import House
from tests.histories.invariants import Broken
from tests.histories.rows import Row

CALM = timedelta(seconds=55)
"""A lock that is not due sooner after a visit has nothing to do."""
MOST_ROUNDS = 60
NEAR = timedelta(seconds=90)
"""So near to a beginning or an end nothing is said of a code."""
OWNERS = "external_modification_in_effect"


def come_to_rest(house: House, observe: Callable[[], None]) -> None:
    """Serve the locks, event by event, until each was visited since the healing and has nothing to do."""
    healed_at = house.clock.moment
    observe()
    for _ in range(MOST_ROUNDS):
        house.worker.work()
        restless = [lock for lock in _locks(house) if not _at_rest(house, lock, healed_at)]
        if not restless:
            return
        house.clock.jump(house.worker.next_due([lock.pk for lock in restless]) + timedelta(milliseconds=5))
    raise Broken(f"not at rest after all was healed: {[(lock.name, lock.error) for lock in restless]}")


def check(house: House) -> None:
    """Raise Broken where the locks are not as promised and nobody is told why."""
    for door, lock in house.hotel.locks.items():
        if door in house.reset:
            continue  # the device is gone until its owner says where it is
        for holder in house.holders:
            _check_holder(house, holder, door)
        _check_claims(house, lock)
        _check_stock(house, door, lock)
    for lock in house.hotel.lost.values():
        told = {row.status for row in house.rows.all if row.lock_id == lock.pk and row.live}
        if told - {"unknown", "unset"}:
            raise Broken(f"codes on a lock that was replaced are said to be {told}")


def _locks(house: House) -> list[Lock]:
    gone = {house.ref(door) for door in house.reset}
    return [
        lock
        for lock in Lock.objects.filter(property=house.hotel.property, replaced_by=None).order_by("pk")
        if lock.provider_ref not in gone
    ]


def _at_rest(house: House, lock: Lock, healed_at) -> bool:
    seen = lock.seen_at is not None and lock.seen_at > healed_at
    return seen and not lock.failures and lock.due_at - lock.seen_at > CALM


def _check_holder(house: House, holder: Holder, door: str) -> None:
    """Is this one's code on the door exactly if it should be, and does it do what it should?"""
    now, ref = house.clock.moment, house.ref(door)
    starts_at, ends_at = holder.window
    moments = [starts_at, starts_at - timedelta(minutes=30), starts_at - PRELOAD, ends_at]
    if any(at and abs(at - now) < NEAR for at in moments) or house.is_held_back(holder, door):
        return
    lock_id = house.hotel.locks[door].pk
    rows = [row for row in house.rows.all if row.lock_id == lock_id and row.grant_id in holder.grants]
    mine = {row.id for row in rows if not row.is_backup}
    held = [one for one in house.truth.on(ref) if (row := house.row_of(one)) and row.id in mine]
    native = house.hotel.native(door) and holder.prefers_native
    loads = starts_at - (PRELOAD if native else timedelta(minutes=30))
    belongs = not holder.over and door in holder.doors and loads <= now and (ends_at is None or now < ends_at)
    said = {name for row in rows if row.live for name in row.said}
    waits_for_place = any(row.waits_for_place for row in rows if row.live)  # which its screens say
    if len(held) < belongs and not (said or waits_for_place):
        raise Broken(
            f"{holder.name} has {len(held)} codes on door {door}, {int(belongs)} promised; nobody is told"
        )
    waits = native and not holder.over and door in holder.doors and now < loads  # it may be there already
    if held and not belongs and not waits:
        raise Broken(f"{holder.name} has a code on door {door} that does not belong there; said: {said}")
    if held and held[0].opens(now) != holder.may(door, now) and OWNERS not in said and native:
        raise Broken(f"{holder.name}'s code on door {door}: opens {held[0].opens(now)}; said: {said}")
    wanted = [house.rows.pin(row) for row in rows if row.wanted and not row.is_backup and row.live]
    hidden = house.hotel.hides_digits(door) and any(one.has_unknown_digits for one in held)
    if held and not said and not hidden and [one.pin for one in held] != wanted:
        raise Broken(f"{holder.name}'s code on door {door} has other digits than wanted, and nobody is told")


def _check_claims(house: House, lock: Lock) -> None:
    """What the tables say is on the lock is on it, and nothing else."""
    on = house.truth.on(lock.provider_ref)
    said = {row.observed_ref for row in house.rows.all if row.lock_id == lock.pk and row.live and _seen(row)}
    true = {held.ref for held in on}
    if said != true:
        raise Broken(
            f"{lock.name}: the tables say {len(said)} codes, the truth is {len(true)}: {said ^ true}"
        )
    for row in house.rows.all:
        held = next((one for one in on if one.ref == row.observed_ref), None)
        if row.lock_id != lock.pk or not row.live or held is None or not row.is_managed:
            continue
        opens = held.opens(house.clock.moment)
        if opens != (row.status == "set") and not row.over(house.clock.moment) and not _near(house, row):
            raise Broken(f"{lock.name}: code {row.id} is said to be {row.status}, and opens: {opens}")


def _check_stock(house: House, door: str, lock: Lock) -> None:
    """The pool is full, or the lock says that it is not."""
    stock = [
        row
        for row in house.rows.all
        if row.lock_id == lock.pk and row.is_backup and row.live and str(row.public_id) not in house.backups
    ]
    there = {held.pin for held in house.truth.on(house.ref(door))}
    ready = [row for row in stock if row.wanted and house.rows.pin(row) in there]
    fresh = Lock.objects.get(pk=lock.pk)
    if house.hotel.hides_digits(door):
        return
    if len(ready) < house.pool[door] and not (fresh.errors or fresh.warnings):
        raise Broken(f"{lock.name}: {len(ready)} of {house.pool[door]} backup codes, and nobody is told")


def _seen(row: Row) -> bool:
    return row.observed == "present"


def _near(house: House, row: Row) -> bool:
    now = house.clock.moment
    return any(at and abs(at - now) < NEAR for at in (row.starts_at, row.ends_at))
