"""What the house remembers of its locks and codes, and how the plan sees it: `locks.verdicts` in miniature.

The functions of the plan are looked up when they are called, so that one that is replaced in its module is used.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from locks import lock_plan, plan, thresholds, windows
from locks.facts import Door, Outside, Presence, Seen, Step, Verdict, Wanted
from locks.providers import base
from tests.simulation.keypad import Held, Keypad

Window = tuple[datetime | None, datetime | None]
NO_WINDOW: Window = (None, None)


@dataclass(eq=False)
class Grant:
    """Who may open which doors. `rows`: its code on each lock, by the lock's number."""

    number: int
    name: str
    pin: int
    starts_at: datetime
    ends_at: datetime | None
    guest: bool
    told: bool = False
    revoked: bool = False
    rows: dict[int, "Row"] = field(default_factory=dict)


@dataclass(eq=False)
class Row:
    """One code on one lock: what is wanted, what was seen, what follows. The columns are `AccessCode`'s; times of
    attempts and sights are numbers that rise, for many fall into one minute."""

    key: int
    lock: "Lock"
    grant: Grant | None
    name: str
    pin: int
    asked_at: datetime
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    prefer_native: bool = True
    allowed: bool = False
    is_backup: bool = False
    handed_out: bool = False
    backup: "Row | None" = None
    own_pin: bool = False

    wanted: bool = True
    live: bool = True
    generation: int = 1
    attempted: int = 0
    attempted_generation: int = 0
    operation: int = 0
    accepted_at: datetime | None = None

    seen: Seen = Seen()
    """As it was last seen; `memory.seen` says whether that still counts."""
    seen_no: int = 0
    ref: int = 0

    settled_generation: int = 0
    change_type: str = ""
    changed_at: datetime | None = None
    change_generation: int = 0
    removals: tuple[datetime, ...] = ()
    refusal: str = ""
    refused_generation: int = 0
    refused_pin: bool = False
    redraws: int = 0

    verdict: Verdict = Verdict(Step.NONE, "unset", None)
    fitted: Window | None = None
    misfit: str = ""
    _wish: Wanted | None = None
    _wish_no: int = -1

    @property
    def device_name(self) -> str:
        return f"{self.name} #{self.key}"

    @property
    def waits_for_digits(self) -> bool:
        return self.wanted and self.refused_pin and self.refused_generation == self.generation

    @property
    def kept(self) -> bool:
        return self.is_backup and not self.handed_out


@dataclass(eq=False)
class Lock:
    """A lock as the house knows it; `keypad` is the real one."""

    number: int
    own: bool
    can: base.Capabilities
    zone: ZoneInfo
    lead: timedelta
    pool_size: int
    keypad: Keypad
    due_at: datetime
    live: dict[int, Row] = field(default_factory=dict)
    dead: dict[int, Row] = field(default_factory=dict)
    strangers: dict[int, Presence] = field(default_factory=dict)
    """By their ref."""
    suspects: set[int] = field(default_factory=set)
    failures: int = 0
    error_code: str = ""
    wish_no: int = 0
    """Rises with everything that the plan is told of what is wanted."""
    facts: int = 0
    """Rises with everything that is written down."""
    judged_no: int = 0
    """`facts` when its codes were judged last."""
    wished_at: datetime | None = None
    _door: Door | None = None

    def door(self) -> Door:
        trouble = "" if self.error_code == base.NoSpace.code else self.error_code
        if self._door is None or self._door.trouble != trouble:
            self._door = Door(self.can.native_scheduling, self.lead, trouble)
        return self._door

    def row(self, key: int) -> Row | None:
        return self.live.get(key) or self.dead.get(key)

    def rows(self) -> list[Row]:
        return [*self.live.values(), *self.dead.values()]


def noted(lock: Lock, *, wish: bool = False) -> None:
    """Something about the lock was written down; `wish`: something that the plan is told of what is wanted."""
    lock.facts += 1
    if wish:
        lock.wish_no += 1


def judge(lock: Lock, now: datetime) -> list[tuple[Row, Verdict]]:
    """A verdict for each live code of the lock."""
    waiting = without_place(lock, now)
    return [(row, verdict_of(row, now, row.key not in waiting)) for row in lock.live.values()]


def verdict_of(row: Row, now: datetime, has_place: bool) -> Verdict:
    wish = wanted(row)
    if not has_place:
        wish = replace(wish, has_place=False)
    return plan.verdict(wish, seen(row), row.lock.door(), now)


def claims(lock: Lock, now: datetime) -> list[lock_plan.Claim]:
    """Who needs a slot of the lock now."""
    needing = []
    for row in lock.live.values():
        if plan.needs_place(wanted(row), seen(row), lock.door(), now):
            starts_at = row.starts_at or row.asked_at
            present = row.seen.presence is Presence.PRESENT
            needing.append(lock_plan.Claim(row.key, present, starts_at <= now, row.kept, starts_at))
    return needing


def without_place(lock: Lock, now: datetime) -> set[int]:
    """The keys of the codes that must wait for a slot."""
    if lock.can.slots is None:
        return set()
    return lock_plan.without_place(claims(lock, now), lock.can.slots, len(lock.strangers))


def wanted(row: Row) -> Wanted:
    """What the hotel wants of a code, with a place for it on the lock."""
    if row._wish is None or row._wish_no != row.lock.wish_no:
        row._wish, row._wish_no = _wanted(row), row.lock.wish_no
    return row._wish


def _wanted(row: Row) -> Wanted:
    lock, others_end = row.lock, []
    if lock.own and row.grant:
        others_end = [
            other.ends_at
            for other in lock.rows()
            if other.grant not in (None, row.grant) and other.wanted and other.ends_at
        ]
    final = row.refused_generation == row.generation
    return Wanted(
        present=row.wanted,
        pin=row.pin,
        name=row.device_name,
        asked_at=row.asked_at,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        prefer_native=row.prefer_native,
        not_before=lock_plan.hold_until(row.starts_at, others_end, lock.lead),
        on_device=row.fitted,
        refusal=row.refusal if final else row.misfit,
        complaint="" if final else row.refusal,
        outside=_outside(row),
    )


def _outside(row: Row) -> Outside:
    if row.change_generation != row.generation:
        return Outside(removals=row.removals)
    return Outside(row.change_type, row.changed_at, row.removals, row.allowed)


def fit(row: Row) -> None:
    """Keep the window as the lock can keep it, or why it cannot."""
    try:
        row.fitted, row.misfit = windows.fit(row.starts_at, row.ends_at, row.lock.can, row.lock.zone), ""
    except windows.NotPossible:
        native = row.lock.can.native_scheduling and row.prefer_native
        row.fitted, row.misfit = None, base.InvalidWindow.code if native else ""


def seen(row: Row) -> Seen:
    """What was last seen of a code; a write sent since then makes it unknown."""
    unanswered = row.attempted > row.seen_no
    if not unanswered and not row.operation:
        return row.seen
    presence = Presence.UNKNOWN if unanswered else row.seen.presence
    return replace(row.seen, presence=presence, pending_since=row.accepted_at if row.operation else None)


def as_seen(found: Held) -> Seen:
    return Seen(Presence.PRESENT, found.pin, found.name, found.starts_at, found.ends_at, found.active)


def busy(lock: Lock, judged: list[tuple[Row, Verdict]], now: datetime) -> bool:
    """Is a code of the lock late, or near its start or end?"""
    return any(
        verdict.step is not Step.NONE or lock_plan.near((row.starts_at, row.ends_at), now)
        for row, verdict in judged
    )


def healthy(row: Row) -> bool:
    """A backup code that can be handed out: confirmed on its lock, and not missing from its last list."""
    stands = row.kept and row.live and row.wanted and row.verdict.status == "set"
    sighted = row.seen.presence is Presence.PRESENT and row.attempted <= row.seen_no
    return stands and sighted and row.seen.pin == row.pin and row.ref not in row.lock.suspects


REMOVALS_KEPT = thresholds.REMOVALS_FAIL
