"""What a lock's list tells: `locks.matching`, `locks.observe` and `locks.outside` in miniature."""

from collections import defaultdict
from datetime import datetime

from locks import lock_plan, plan
from locks.facts import Presence
from locks.providers import base
from locks.thresholds import MANY_GONE, REMOVALS_COUNT_FOR
from tests.simulation import memory
from tests.simulation.keypad import Held
from tests.simulation.memory import REMOVALS_KEPT, Lock, Row, noted


def doubt(lock: Lock, listing: list[Held]) -> tuple[bool, bool]:
    """Is the listing not believed, and is so much missing that work on the lock stops?"""
    copies = {held.ref: held for held in listing}
    if any(copies[held.ref] != held for held in listing):
        _suspect(lock, set())
        return True, False
    known = {row.ref for row in lock.live.values() if row.seen.presence is Presence.PRESENT}
    known |= {-row.key for row in lock.live.values() if _left_unanswered(row)}
    listed = copies.keys() | {-_mark(held) for held in listing}
    believed = lock_plan.believable(known, listed, lock.suspects)
    missing = lock_plan.vanished(known, listed)
    _suspect(lock, set() if believed else missing)
    return not believed, len(missing) >= MANY_GONE


def _left_unanswered(row: Row) -> bool:
    """Was it sent and never seen, and asked for otherwise since? It is known by its marker, here the key below zero."""
    unseen = row.attempted > row.seen_no and row.seen.presence is not Presence.PRESENT
    return unseen and row.attempted_generation != row.generation


def _suspect(lock: Lock, missing: set[int]) -> None:
    if lock.suspects != missing:
        lock.suspects = missing
        noted(lock)


def record(lock: Lock, listing: list[Held], now: datetime) -> list[int]:
    """Take the listing as what is on the lock; returns the refs of surplus codes of the house."""
    found, strangers, surplus = _match(lock, listing)
    there = {held.pin for held in listing}
    for row in lock.live.values():
        if row.refusal == base.DuplicateCode.code and row.pin not in there and row.refused_generation:
            row.refused_generation = 0
            noted(lock, wish=True)
    for row in sorted(lock.live.values(), key=lambda row: row.key in found):
        see(row, found.get(row.key), now)
    for held in strangers:
        _take_ref(lock, held.ref, None)
    told = dict.fromkeys((held.ref for held in strangers), Presence.PRESENT)
    if told != lock.strangers:
        lock.strangers = told
        noted(lock)
    return surplus


def _match(lock: Lock, listing: list[Held]) -> tuple[dict[int, Held], list[Held], list[int]]:
    by_ref = {row.ref: row for row in lock.live.values() if row.seen.presence is Presence.PRESENT}
    candidates: dict[int, list[Held]] = defaultdict(list)
    strangers, surplus = [], []
    for held in listing:
        key = _mark(held)
        row = lock.live.get(key) or by_ref.get(held.ref)
        foreign = lock.strangers.get(held.ref) is Presence.PRESENT
        if foreign and not (row and row.pin == held.pin):
            strangers.append(held)
        elif row:
            candidates[row.key].append(held)
        elif key in lock.dead:
            surplus.append(held.ref)
        else:
            strangers.append(held)
    kept = {}
    for key, copies in candidates.items():
        row = lock.live[key]
        copies.sort(key=lambda copy: (copy.ref != row.ref, copy.pin != row.pin))
        kept[key] = copies[0]
        surplus += [copy.ref for copy in copies[1:]]
    return kept, strangers, surplus


def _mark(held: Held) -> int:
    """The key of the row whose marker the code carries, or 0."""
    mark = held.name.rpartition("#")[2]
    return int(mark) if mark.isdigit() else 0


def see(row: Row, found: Held | None, now: datetime) -> None:
    """Write down what was seen of one code, and what somebody else did to it."""
    lock = row.lock
    change = _change_from_outside(row, found, now)
    if change:
        row.change_type, row.changed_at, row.change_generation = change, now, row.generation
        if change == "removed":
            lately = [at for at in row.removals if at > now - REMOVALS_COUNT_FOR]
            row.removals = tuple([*lately, now][-REMOVALS_KEPT:])
        noted(lock, wish=True)
    take_word(row, found)
    if row.seen_no < row.attempted:
        row.seen_no = row.attempted
        noted(lock)


def take_word(row: Row, found: Held | None) -> None:
    """Write down what is said to be on the lock now. From a maker that is no sight of it."""
    lock = row.lock
    if found and row.ref != found.ref:
        _take_ref(lock, found.ref, row)
        row.ref = found.ref
        if row.refused_generation:
            row.refused_generation = 0
            noted(lock, wish=True)
    fresh = memory.as_seen(found) if found else plan.replace(row.seen, presence=Presence.ABSENT)
    if fresh != row.seen:
        row.seen = fresh
        noted(lock)


def _change_from_outside(row: Row, found: Held | None, now: datetime) -> str:
    ours = row.attempted > row.seen_no
    over = not row.wanted or (row.ends_at is not None and row.ends_at <= now)
    was_right = row.seen.presence is Presence.PRESENT and row.settled_generation == row.generation
    if ours or over or not was_right:
        return ""
    if found is None:
        return "removed"
    return "modified" if memory.as_seen(found) != row.seen else ""


def _take_ref(lock: Lock, ref: int, taker: Row | None) -> None:
    """A numbered slot is given again: who had it before must be looked for."""
    for row in lock.live.values():
        if row is not taker and row.ref == ref and row.seen.presence is Presence.PRESENT:
            row.seen = plan.replace(row.seen, presence=Presence.UNKNOWN)
            noted(lock)
    if taker and lock.strangers.get(ref) is Presence.PRESENT:
        lock.strangers[ref] = Presence.UNKNOWN
        noted(lock)
