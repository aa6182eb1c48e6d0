"""What an import will do or has done, row by row and counted in words. The same for preview and result."""

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, npgettext_lazy, pgettext_lazy

from hospitality.sentences import Sentence
from reservations.imports.refusals import grouped, shown

EXAMPLES = 5


class Kind(Enum):
    """What becomes of a row, in the order of the summary. The values are what other programs are told."""

    NEW = "new"
    DATES = "changed dates"
    MOVE = "room move"
    ROOM = "given a room"
    NAME = "changed name"
    UNIT = "changed unit type"
    REACH = "reached otherwise"
    CANCELLED = "cancelled"
    NO_SHOW = "no-show"
    UNCHANGED = "unchanged"
    OVER = "already over"
    ROOMLESS = "without a room"
    HELD = "needs a second yes"
    LEFT = "left alone"
    REFUSED = "refused"

    @property
    def word(self) -> str:
        """`room move`."""
        return str(WORDS[self])

    def words(self, count: int) -> str:
        """`2 room moves`."""
        return COUNTED[self] % {"n": count, "count": grouped(count)}


WORDS = {
    Kind.NEW: pgettext_lazy("row of a file", "new"),
    Kind.DATES: pgettext_lazy("row of a file", "changed dates"),
    Kind.MOVE: pgettext_lazy("row of a file", "room move"),
    Kind.ROOM: pgettext_lazy("row of a file", "given a room"),
    Kind.NAME: pgettext_lazy("row of a file", "changed name"),
    Kind.UNIT: pgettext_lazy("row of a file", "changed unit type"),
    Kind.REACH: pgettext_lazy("row of a file", "reached otherwise"),
    Kind.CANCELLED: pgettext_lazy("row of a file", "cancelled"),
    Kind.NO_SHOW: pgettext_lazy("row of a file", "no-show"),
    Kind.UNCHANGED: pgettext_lazy("row of a file", "unchanged"),
    Kind.OVER: pgettext_lazy("row of a file", "already over"),
    Kind.ROOMLESS: pgettext_lazy("row of a file", "without a room"),
    Kind.HELD: pgettext_lazy("row of a file", "needs a second yes"),
    Kind.LEFT: pgettext_lazy("row of a file", "left alone"),
    Kind.REFUSED: pgettext_lazy("row of a file", "refused"),
}
COUNTED = {
    Kind.NEW: npgettext_lazy("rows of a file", "%(count)s new", "%(count)s new", "n"),
    Kind.DATES: npgettext_lazy("rows of a file", "%(count)s changed dates", "%(count)s changed dates", "n"),
    Kind.MOVE: npgettext_lazy("rows of a file", "%(count)s room move", "%(count)s room moves", "n"),
    Kind.ROOM: npgettext_lazy("rows of a file", "%(count)s given a room", "%(count)s given a room", "n"),
    Kind.NAME: npgettext_lazy("rows of a file", "%(count)s changed name", "%(count)s changed names", "n"),
    Kind.UNIT: npgettext_lazy(
        "rows of a file", "%(count)s changed unit type", "%(count)s changed unit types", "n"
    ),
    Kind.REACH: npgettext_lazy(
        "rows of a file", "%(count)s reached otherwise", "%(count)s reached otherwise", "n"
    ),
    Kind.CANCELLED: npgettext_lazy("rows of a file", "%(count)s cancelled", "%(count)s cancelled", "n"),
    Kind.NO_SHOW: npgettext_lazy("rows of a file", "%(count)s no-show", "%(count)s no-shows", "n"),
    Kind.UNCHANGED: npgettext_lazy("rows of a file", "%(count)s unchanged", "%(count)s unchanged", "n"),
    Kind.OVER: npgettext_lazy("rows of a file", "%(count)s already over", "%(count)s already over", "n"),
    Kind.ROOMLESS: npgettext_lazy(
        "rows of a file", "%(count)s without a room", "%(count)s without a room", "n"
    ),
    Kind.HELD: npgettext_lazy(
        "rows of a file", "%(count)s needs a second yes", "%(count)s need a second yes", "n"
    ),
    Kind.LEFT: npgettext_lazy("rows of a file", "%(count)s left alone", "%(count)s left alone", "n"),
    Kind.REFUSED: npgettext_lazy("rows of a file", "%(count)s refused", "%(count)s refused", "n"),
}
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
    changes: tuple[Sentence | str, ...] = ()
    notes: tuple[Sentence | str, ...] = ()
    unmapped: tuple[str, ...] = ()
    """Refused for nothing but these unit types, which a person can map."""
    is_unreached: bool = False
    """Refused for nothing in it: the database went away before."""

    @property
    def kind_words(self) -> str:
        """`changed dates, room move`."""
        return ", ".join(kind.word for kind in self.kinds)

    @property
    def note(self) -> str:
        """All that a person should know."""
        return "; ".join(str(note) for note in self.notes)

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
    def is_whole(self) -> bool:
        """Whether every row was reached."""
        return not any(line.is_unreached for line in self.lines)

    @property
    def held(self) -> tuple[Line, ...]:
        """Rows that wait for the second yes."""
        return tuple(line for line in self.lines if Kind.HELD in line.kinds)

    @property
    def summary(self) -> str:
        """`3 new, 2 changed dates, 1 room move, 1 cancelled, 1 refused: unknown unit type 'Topmost room', map it`."""
        return ", ".join(self._words(kind) for kind in Kind if self.counts[kind]) or _("no rows")

    def _words(self, kind: Kind) -> str:
        words = kind.words(self.counts[kind])
        refused = {unit_type for line in self.lines for unit_type in line.unmapped}
        taken = [unit_type for unit_type in self.unknown_units if unit_type not in refused]
        if kind is Kind.ROOMLESS and taken:
            # Translators: 2 without a room (unknown unit type 'Topmost room')
            return _("%(count)s (unknown unit type %(unit_types)s)") % {
                "count": words,
                "unit_types": ", ".join(map(shown, taken[:EXAMPLES])),
            }
        if kind not in EXPLAINED:
            return words
        about = [line for line in self.lines if kind in line.kinds]
        why = list(dict.fromkeys(line.note for line in about if line.unmapped))
        why += [
            _("line %(line)s: %(why)s") % {"line": line.line, "why": line.note}
            for line in about
            if not line.unmapped
        ]
        left = len(why) - EXAMPLES
        more = [ngettext("and %(count)s more", "and %(count)s more", left) % {"count": grouped(left)}] * (
            left > 0
        )
        # Translators: 1 refused: line 2: it has no booking number
        return _("%(count)s: %(why)s") % {"count": words, "why": "; ".join(why[:EXAMPLES] + more)}
