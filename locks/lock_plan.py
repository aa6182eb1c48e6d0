"""What concerns a whole lock, pure: which of its codes must wait, whether its list is believed, what is said of it,
and when it is looked at again. Nothing here reads a clock, a database or a network.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from locks.thresholds import LOOK_EVERY, LOOK_EVERY_NEAR, NEAR


@dataclass(frozen=True)
class Pool:
    """A lock's backup codes: kept ready, confirmed of these, and handed out to guests; `size` wanted. `by_hand` are
    confirmed ones beside the pool."""

    size: int
    ready: int
    in_use: int
    by_hand: int = 0


def hold_until(
    starts_at: datetime | None, others_end: Iterable[datetime], lead: timedelta
) -> datetime | None:
    """When the previous guest's window closes, if that is inside the lead before `starts_at`: until then a
    just-in-time code of the next guest must not be on the door."""
    if starts_at is None:
        return None
    return max((end for end in others_end if starts_at - lead < end <= starts_at), default=None)


@dataclass(frozen=True)
class Claim:
    """A code that belongs on the lock now and takes one of its slots. `kept`: an unissued backup code."""

    key: int
    present: bool
    begun: bool
    kept: bool
    starts_at: datetime


def without_place(claims: Iterable[Claim], slots: int | None, strangers: int) -> set[int]:
    """Who of the claimants must wait when the lock has too few slots: codes that are in use come first, then the
    places kept for backup codes (at most half of the slots), then the nearest arrivals, then further backups.
    Codes of others are never touched: their slots are gone."""
    if slots is None:
        return set()
    using = [claim for claim in claims if claim.begun and not claim.kept]
    coming = sorted((c for c in claims if not c.begun and not c.kept), key=lambda claim: claim.starts_at)
    kept = sorted((claim for claim in claims if claim.kept), key=lambda claim: not claim.present)
    reserved, rest = kept[: slots // 2], kept[slots // 2 :]
    using.sort(key=lambda claim: not claim.present)
    order = [*using, *reserved, *coming, *rest]
    return {claim.key for claim in order[max(slots - strangers, 0) :]}


def vanished(known: set[str], listed: set[str]) -> set[str]:
    """Refs of our codes that were on the lock when it was last seen and are not in this listing."""
    return known - listed


def believable(known: set[str], listed: set[str], suspected: set[str]) -> bool:
    """May a listing be taken as the truth? `known` are the refs of our codes last seen on the lock, `suspected`
    those that were missing from the listing before this one. A missing code is believed to be gone when two
    listings agree: an ill hub answers with half a list, or with an empty one."""
    return vanished(known, listed) <= suspected


def next_look(dues: Iterable[datetime | None], busy: bool, now: datetime) -> datetime:
    """When a lock that answered must be looked at again. `busy`: one of its codes is late or near a change."""
    look = now + (LOOK_EVERY_NEAR if busy else LOOK_EVERY)
    return min([due for due in dues if due is not None and due > now] + [look])


def near(moments: Iterable[datetime | None], now: datetime) -> bool:
    """Is one of these moments within half an hour, before or after?"""
    return any(at is not None and abs(at - now) <= NEAR for at in moments)


def back_off(failures: int) -> timedelta:
    """How long to leave a lock alone after so many failures in a row: 1, 2, 4 ... 60 s."""
    return timedelta(seconds=min(60, 2 ** min(failures - 1, 6)))


def lock_signals(
    *,
    trouble: str,
    pool: Pool,
    slots: int | None,
    on_lock: int,
    waiting: bool,
    zone_missing: bool,
    of_maker: Iterable[str] = (),
) -> tuple[list[dict], list[dict]]:
    """What is wrong with a lock: its errors and its warnings, by the seeds' names. `waiting`: a code of ours has no
    place; `zone_missing`: it counts in local time and its zone is not known; `of_maker`: what its maker warns of."""
    errors, warnings = [], []
    if trouble == "provider_issue":
        warnings.append({"warning_code": trouble})
    elif trouble:
        errors.append({"error_code": trouble})
    if pool.size and not (pool.ready or pool.by_hand):
        errors.append({"error_code": "empty_backup_access_code_pool"})
    elif pool.ready < pool.size:
        warnings.append({"warning_code": "partial_backup_access_code_pool"})
    if pool.size and pool.in_use > pool.size:
        warnings.append({"warning_code": "many_active_backup_codes"})
    if slots is not None and (waiting or on_lock >= slots):
        counts = {"active_access_code_count": on_lock, "max_active_access_code_count": slots}
        warnings.append({"warning_code": "max_access_codes_reached", **counts})
    if zone_missing:
        warnings.append({"warning_code": "time_zone_unknown"})
    there = {one["warning_code"] for one in warnings}
    warnings += [{"warning_code": name} for name in dict.fromkeys(of_maker) if name not in there]
    return errors, warnings
