"""The door's truth: the simulator's log, read on as it grows, and what it says of each lock at each moment."""

from dataclasses import dataclass, field
from datetime import datetime

from tests.histories.house_clock import HouseClock
from tests.locks.simulator_process import SimulatorProcess


@dataclass(frozen=True)
class Entry:
    """One line of the log; `moment` is the house's time at which it was read, right after it was written."""

    seq: int
    lock: str
    kind: str
    details: dict
    moment: datetime


@dataclass(eq=False)
class Held:
    """A code on a lock, from when it came there until it is gone; `states` are its contents, each since when."""

    ref: str
    lock: str
    by: str
    made_at: datetime
    states: list[tuple[datetime, dict]] = field(repr=False)
    gone_at: datetime | None = None
    owner_changed_at: datetime | None = None
    """When the owner's app last touched it."""
    is_lied_about: bool = False
    """Was a change of it said to be done that was not?"""

    @property
    def code(self) -> dict:
        return self.states[-1][1]

    @property
    def pin(self) -> str:
        return self.code["pin"]

    @property
    def window(self) -> tuple[datetime | None, datetime | None]:
        return moment_of(self.code["starts_at"]), moment_of(self.code["ends_at"])

    @property
    def has_unknown_digits(self) -> bool:
        """Can nobody tell its digits on a lock that does not show them?"""
        return self.owner_changed_at is not None or self.is_lied_about

    def opens(self, at: datetime) -> bool:
        """Would the lock open for these digits at `at`, as they are now?"""
        starts_at, ends_at = self.window
        begun = starts_at is None or starts_at <= at
        going = ends_at is None or at < ends_at
        return self.gone_at is None and self.code["active"] and begun and going

    def was_there(self, since: datetime, until: datetime) -> bool:
        """Was it on the lock at a moment between the two?"""
        return self.made_at <= until and (self.gone_at is None or self.gone_at >= since)

    def had(self, pin: str, since: datetime, until: datetime) -> bool:
        """Were these its digits at a moment between the two, switched on and on the lock?"""
        ends = [moment for moment, _ in self.states[1:]] + [self.gone_at]
        return any(
            code["pin"] == pin and code["active"] and came <= until and (went is None or went >= since)
            for (came, code), went in zip(self.states, ends, strict=True)
        )


class Truth:
    """What is on the locks of one history, by the log alone."""

    def __init__(self, simulator: SimulatorProcess, clock: HouseClock):
        self._simulator = simulator
        self._clock = clock
        tail = simulator.get("/log?tail=1")["entries"]
        self._seen = tail[-1]["seq"] if tail else 0
        self.held: list[Held] = []

    def read(self) -> list[Entry]:
        """What was written since the last time."""
        told = self._simulator.get(f"/log?since={self._seen}&limit=10000")["entries"]
        entries = [
            Entry(one["seq"], one["lock"], one["kind"], one["details"], self._clock.moment) for one in told
        ]
        for entry in entries:
            self._seen = entry.seq
            self._take(entry)
        return entries

    def every_pin(self) -> set[str]:
        """All that any code ever had on a lock of this house."""
        return {state["pin"] for held in self.held for _, state in held.states}

    def on(self, lock: str) -> list[Held]:
        """What is on the lock now."""
        return [held for held in self.held if held.lock == lock and held.gone_at is None]

    def find(self, lock: str, ref: str) -> Held | None:
        return next((held for held in self.on(lock) if held.ref == ref), None)

    def _take(self, entry: Entry) -> None:
        take = {
            "code.created": self._created,
            "code.updated": self._updated,
            "code.deleted": self._deleted,
            "lock.reset": self._reset,
            "write.forgotten": self._forgotten,
        }.get(entry.kind)
        if take:
            take(entry)

    def _created(self, entry: Entry) -> None:
        code, by = entry.details["code"], entry.details["by"]
        held = Held(code["id"], entry.lock, by, entry.moment, [(entry.moment, code)])
        held.owner_changed_at = entry.moment if by == "app" else None
        self.held.append(held)

    def _updated(self, entry: Entry) -> None:
        held = self.find(entry.lock, entry.details["code"]["id"])
        held.states.append((entry.moment, entry.details["code"]))
        if entry.details["by"] == "app":
            held.owner_changed_at = entry.moment

    def _deleted(self, entry: Entry) -> None:
        self.find(entry.lock, entry.details["code"]["id"]).gone_at = entry.moment

    def _forgotten(self, entry: Entry) -> None:
        held = self.find(entry.lock, entry.details["code"]["id"])
        if held:
            held.is_lied_about = True

    def _reset(self, entry: Entry) -> None:
        for held in self.on(entry.lock):
            held.gone_at = entry.moment


def moment_of(text: str | None) -> datetime | None:
    """A time as the log has it."""
    return datetime.fromisoformat(text) if text else None
