"""What an import will do or has done, row by row and counted in words. The same for preview and result."""

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum

from reservations.imports.refusals import shown

EXAMPLES = 5


class Kind(Enum):
    """What becomes of a row; the words for one and for several, in the order of the summary."""

    NEW = "new", "new"
    DATES = "changed dates", "changed dates"
    MOVE = "room move", "room moves"
    ROOM = "given a room", "given a room"
    NAME = "changed name", "changed names"
    UNIT = "changed unit type", "changed unit types"
    REACH = "reached otherwise", "reached otherwise"
    CANCELLED = "cancelled", "cancelled"
    NO_SHOW = "no-show", "no-shows"
    UNCHANGED = "unchanged", "unchanged"
    OVER = "already over", "already over"
    ROOMLESS = "without a room", "without a room"
    HELD = "needs a second yes", "need a second yes"
    LEFT = "left alone", "left alone"
    REFUSED = "refused", "refused"

    def words(self, count: int) -> str:
        """`2 room moves`."""
        return f"{count:,} {self.value[count != 1]}"


CHANGES = {Kind.DATES, Kind.MOVE, Kind.ROOM, Kind.NAME, Kind.UNIT, Kind.REACH}
TO_DO = {Kind.NEW, *CHANGES, Kind.CANCELLED, Kind.NO_SHOW}
EXPLAINED = {Kind.HELD, Kind.LEFT, Kind.REFUSED}


@dataclass(frozen=True)
class Line:
    """One row of the file. `changes` say what is new, `notes` what a person should know (with a refusal: why)."""

    line: int
    number: str
    guest: str
    kinds: tuple[Kind, ...]
    changes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    unmapped: tuple[str, ...] = ()
    """Refused for nothing but these unit types, which a person can map."""

    @property
    def kind_words(self) -> str:
        """`changed dates, room move`."""
        return ", ".join(kind.value[0] for kind in self.kinds)

    @property
    def does_something(self) -> bool:
        """Whether anything changes by it."""
        return not TO_DO.isdisjoint(self.kinds)

    @property
    def tone(self) -> str:
        """How loudly the desk's screens say it: bad, warn, good or off."""
        if Kind.REFUSED in self.kinds:
            return "bad"
        if not {Kind.HELD, Kind.LEFT, Kind.ROOMLESS}.isdisjoint(self.kinds):
            return "warn"
        return "good" if self.does_something else "off"

    @property
    def needs_a_look(self) -> bool:
        """Whether a person should read this line."""
        return bool(self.notes) or not EXPLAINED.isdisjoint(self.kinds)


@dataclass(frozen=True)
class Report:
    """All rows in the file's order. `unknown_units` are unit types that a person can map to rooms; `older` says
    why this file looks older than the last one (empty if it does not)."""

    source: str
    lines: tuple[Line, ...]
    unknown_units: tuple[str, ...] = ()
    older: str = ""
    counts: Counter = field(init=False)

    def __post_init__(self):
        counts = Counter(kind for line in self.lines for kind in line.kinds)
        object.__setattr__(self, "counts", counts)

    @property
    def does_something(self) -> bool:
        """Whether anything changes, or would if the held rows were confirmed."""
        return any(self.counts[kind] for kind in (*TO_DO, Kind.HELD))

    @property
    def held(self) -> tuple[Line, ...]:
        """Rows that wait for the second yes."""
        return tuple(line for line in self.lines if Kind.HELD in line.kinds)

    @property
    def summary(self) -> str:
        """`3 new, 2 changed dates, 1 room move, 1 cancelled, 1 refused: unknown unit type 'Topmost room', map it`."""
        return ", ".join(self._words(kind) for kind in Kind if self.counts[kind]) or "no rows"

    def _words(self, kind: Kind) -> str:
        words = kind.words(self.counts[kind])
        refused = {unit_type for line in self.lines for unit_type in line.unmapped}
        taken = [unit_type for unit_type in self.unknown_units if unit_type not in refused]
        if kind is Kind.ROOMLESS and taken:
            return f"{words} (unknown unit type {', '.join(map(shown, taken[:EXAMPLES]))})"
        if kind not in EXPLAINED:
            return words
        about = [line for line in self.lines if kind in line.kinds]
        why = list(dict.fromkeys("; ".join(line.notes) for line in about if line.unmapped))
        why += [f"line {line.line}: {'; '.join(line.notes)}" for line in about if not line.unmapped]
        more = [f"and {len(why) - EXAMPLES:,} more"] if len(why) > EXAMPLES else []
        return f"{words}: {'; '.join(why[:EXAMPLES] + more)}"
