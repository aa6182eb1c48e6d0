"""One week of one hotel, minute by minute; minutes in which nothing is due and nothing happens are jumped over."""

import heapq
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random

from locks import lock_plan
from locks.thresholds import NEAR
from tests.simulation import hotel, invariants, memory, worker
from tests.simulation.desk import Desk
from tests.simulation.keypad import MINUTE, Broken
from tests.simulation.life import LASTS, Life
from tests.simulation.memory import Grant, Lock, Row

CHECKED_AFTER = {"starts_at": (2, 4), "ends_at": (1, 2), "asked_at": (1, 4)}
"""Deadlines of the invariants, in minutes; at each of these moments itself there is a visit."""
SAMPLED = 0.3
"""Of the visits, as many are followed by judging one code again at a later moment."""
STORY_SHOWN = 60


@dataclass(frozen=True)
class Failure:
    """An invariant that did not hold. `seed` alone plays the same week again."""

    seed: int
    at: datetime
    message: str
    story: Sequence[str] = ()

    def __str__(self) -> str:
        lines = [*self.story[-STORY_SHOWN:], f"{self.at:%a %d %b %H:%M} UTC: {self.message}"]
        return "\n".join([*lines, f"Play it again: python -m tests.simulation --seed {self.seed} --weeks 1"])


def up_to_minute(moment: datetime) -> datetime:
    """The next whole minute, or this one."""
    if moment.second or moment.microsecond:
        return moment.replace(second=0, microsecond=0) + MINUTE
    return moment


class Steady:
    """A lock at rest: visits that find nothing new are not made, but counted (`first_visit`)."""

    def __init__(self, lock: Lock, end: worker.End):
        self.lock, self.trouble = lock, end.trouble or end.hitch
        self.due_at, self.failures = lock.due_at, lock.failures
        self.reached = lock.failures
        """How often in a row it has failed at the visit that `first_visit` found last."""
        self.dues = [row.verdict.due_at for row in lock.live.values()]
        self.judged = [(row, row.verdict) for row in lock.live.values()]

    def next_due(self) -> datetime | None:
        return min(filter(None, self.dues), default=None)

    def first_visit(self, moment: datetime) -> datetime:
        """The first of the visits that follow one another by themselves which is not before `moment`; nothing is
        due until then."""
        at, failures = up_to_minute(self.due_at), self.failures
        while at < moment:
            following = up_to_minute(self._after(at, failures + 1))
            times = 1
            if not self.trouble or self._waits_alike(failures + 1):
                times = max((min(moment, self._toggles(at)) - at) // (following - at), 1)
            at, failures = at + times * (following - at), failures + times
        self.reached = failures
        return at

    def _after(self, at: datetime, failures: int) -> datetime:
        if self.trouble:
            return at + worker.wait(self.trouble, failures)
        return lock_plan.next_look(self.dues, memory.busy(self.lock, self.judged, at), at)

    def _waits_alike(self, failures: int) -> bool:
        return worker.wait(self.trouble, failures) == worker.wait(self.trouble, failures + 1)

    def _toggles(self, at: datetime) -> datetime:
        """When the lock comes near the start or end of a code, or is no longer near one."""
        moments = [moment for row, _ in self.judged for moment in (row.starts_at, row.ends_at) if moment]
        edges = [edge for moment in moments for edge in (moment - NEAR, moment + NEAR + MINUTE) if edge > at]
        return min(edges, default=at + LASTS)


class History:
    """Plays one week. `jumps` False: no minute is jumped over, every lock is checked and every verdict judged anew at
    each of them; what is said of the codes (`trace`) is the same. `tells`: keeps the `story` for a reader."""

    def __init__(self, seed: int, *, jumps: bool = True, tells: bool = False):
        self.seed, self.jumps = seed, jumps
        rng = Random(seed)
        house = hotel.hotel(rng)
        midnight = datetime.combine(house.first_day, datetime.min.time(), tzinfo=house.zone)
        self.begins = self.now = midnight.astimezone(UTC)
        self.locks = hotel.locks(house, rng, self.begins)
        self.counts: Counter[str] = Counter()
        self.story: list[str] | None = [] if tells else None
        self.trace: list[tuple] = []
        self._calendar: list[tuple] = []
        self._number = count()
        self._visits = {lock.number: self.begins for lock in self.locks}
        self._steady: dict[int, Steady | None] = dict.fromkeys(self._visits)
        self._visited = dict.fromkeys(self._visits)
        self._woken: set[int] = set()
        self._touched: set[int] = set()
        self._samples = Random(seed + 1)
        self.desk = Desk(self.locks, Random(seed + 2), self._wake, self._watch)
        Life(house, self.desk, rng, self.at, self.begins, self._tell).plan()

    def play(self) -> Failure | None:
        """From the first minute to the last."""
        try:
            while self._step():
                pass
            for lock in self.locks:
                invariants.check_settled(lock, self.now)
        except Broken as broken:
            return Failure(self.seed, self.now, str(broken), self.story or ())
        except Exception as error:
            error.add_note(str(Failure(self.seed, self.now, "it raised", self.story or ())))
            raise
        return None

    def at(self, moment: datetime, function: Callable, *args) -> None:
        """Do this then, or now if that is past."""
        minute = up_to_minute(max(moment, self.now))
        heapq.heappush(self._calendar, (minute, next(self._number), function, args))

    def _step(self) -> bool:
        """Go on to the next minute in which something happens; False at the week's end."""
        ends = self.begins + LASTS
        following = min([*self._visits.values(), self._calendar[0][0] if self._calendar else ends + MINUTE])
        self.now = following if self.jumps or following == self.begins else self.now + MINUTE
        if self.now > ends:
            self.now = ends
            return False
        self._touched = set() if self.jumps else set(self._visits)
        while self._calendar and self._calendar[0][0] <= self.now:
            _, _, function, args = heapq.heappop(self._calendar)
            function(self.now, *args)
        for lock in self.locks:
            if self._visits[lock.number] <= self.now:
                self._visit(lock)
        for number in self._touched:
            invariants.check(self.locks[number], self.now)
            if not self.jumps:
                self._judge_anew(self.locks[number])
        return True

    # Visits.

    def _visit(self, lock: Lock) -> None:
        number, before = lock.number, (lock.facts, lock.keypad.events)
        if self._steady[number]:
            lock.failures = self._steady[number].reached
        rows = list(lock.live.values())
        verdicts = [invariants.gist(row.verdict) for row in rows]
        self._woken.discard(number)
        end = worker.visit(lock, self.desk, self.now)
        self.counts["visits"] += 1
        at_rest = self.jumps and before == (lock.facts, lock.keypad.events)
        self._steady[number] = Steady(lock, end) if at_rest else None
        self._visited[number] = self.now
        self._plan_visit(lock)
        self._touch(lock)
        for row, verdict in zip(rows, verdicts, strict=True):
            invariants.check_verdict(row, self.now)
            if invariants.gist(row.verdict) != verdict:
                self.trace.append((self.now, number, row.key, invariants.gist(row.verdict)))
                self._write(f"  {invariants.what(row)}, due {row.verdict.due_at}")
        if lock.can.slots is not None:
            invariants.check_slots(lock, self.now)
        if rows and self.jumps and self._samples.random() < SAMPLED:
            self._sample(lock, self._samples.choice(rows))
        trouble = end.trouble or end.hitch
        self.counts["doubted lists"] += end.doubted
        if trouble:
            self.counts[type(trouble).__name__] += 1
        if trouble or end.doubted:
            self._write(f"  lock {number}: {trouble!r}{', doubted' * end.doubted}")

    def _plan_visit(self, lock: Lock) -> None:
        """When the lock is visited next, if nothing happens."""
        number, steady = lock.number, self._steady[lock.number]
        if number in self._woken:
            self._visits[number] = self.now + MINUTE
        elif steady:
            due = steady.next_due() or self.begins + 2 * LASTS
            self._visits[number] = max(steady.first_visit(due), self.now + MINUTE)
        else:
            self._visits[number] = max(up_to_minute(lock.due_at), self.now + MINUTE)

    def _wake(self, locks: Sequence[Lock]) -> None:
        for lock in locks:
            visited = self._visited[lock.number] == self.now
            self._woken.add(lock.number)
            self._steady[lock.number] = None
            self._visits[lock.number] = self.now + visited * MINUTE

    def _touch(self, lock: Lock) -> None:
        """Something happened at the lock: it is checked, now and at the deadlines that follow from it."""
        keypad = lock.keypad
        self._touched.add(lock.number)
        for moment in keypad.moments:
            self.at(moment, self._goes_on, lock)
        keypad.moments.clear()
        for until in {keypad.excused_until, keypad.blind_until}:
            if until >= self.now:
                self.at(until + MINUTE, self._check, lock)

    def _goes_on(self, now: datetime, lock: Lock) -> None:
        """Something that was under way on the lock happens."""
        lock.keypad.advance(now)
        self._happened_unseen(lock)

    def _happened_unseen(self, lock: Lock) -> None:
        """The next visit is the first of those that would have been made anyway."""
        steady = self._steady[lock.number]
        if steady:
            self._visits[lock.number] = steady.first_visit(self.now)
        self._touch(lock)

    def _check(self, now: datetime, lock: Lock) -> None:
        self._touched.add(lock.number)

    def _watch(self, row: Row) -> None:
        """The wish for a code is new: check its lock around its start and its end."""
        for name, minutes in CHECKED_AFTER.items():
            moment = getattr(row, name)
            if moment is None or moment + minutes[-1] * MINUTE < self.now:
                continue
            for after in minutes:
                self.at(moment + after * MINUTE, self._check, row.lock)

    # What is said of the codes.

    def _sample(self, lock: Lock, row: Row) -> None:
        """Judge one code again at some later moment, and just before it is due."""
        if not row.live or lock.facts != lock.judged_no:
            return
        has_place = row.key not in memory.without_place(lock, self.now)
        due = row.verdict.due_at or self.now + LASTS
        for later in (self.now + self._samples.random() * (due - self.now), due - timedelta.resolution):
            invariants.check_constant(row, has_place, self.now, later)

    def _judge_anew(self, lock: Lock) -> None:
        """No verdict changes while none of the lock's codes is due and nothing new is known."""
        dues = [row.verdict.due_at for row in lock.live.values() if row.verdict.due_at]
        if lock.facts != lock.judged_no or min(dues, default=self.now + MINUTE) <= self.now:
            return
        for row, verdict in memory.judge(lock, self.now):
            if invariants.gist(verdict) != invariants.gist(row.verdict):
                raise Broken(
                    f"{invariants.what(row)}: not due until {min(dues, default=None)}, now {verdict}"
                )

    def _tell(self, kind: str, subject: Lock | Grant) -> None:
        self.counts[kind] += 1
        if isinstance(subject, Lock):
            self._happened_unseen(subject)
            self._write(f"{kind}: lock {subject.number}")
        else:
            window = f"{subject.starts_at:%a %H:%M} to {subject.ends_at and f'{subject.ends_at:%a %H:%M}'}"
            doors = [number for number, row in subject.rows.items() if row.wanted]
            self._write(f"{kind}: {subject.name} ({subject.number}), doors {doors}, {window}")

    def _write(self, line: str) -> None:
        if self.story is not None:
            self.story.append(f"{self.now:%a %d %b %H:%M} {line}")
