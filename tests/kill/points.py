"""Where a process is killed: at a line of the project, or when a write is done at the lock, or a letter is taken by the
mail server, and the answer was not looked at yet.

What is armed here stays armed: it is for a forked process, which ends.
"""

import functools
import os
import signal
import sys
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from django.core.mail.backends.smtp import EmailBackend
from django.db import connection

from locks.providers.curl import Connections

ROOT = Path(__file__).resolve().parents[2]
OURS = ("hospitality", "locks", "reservations")
NOT_OURS = {"migrations", "simulator"}
"""The maker is another process; migrations run before the house opens."""
EFFECT = "effect"


@dataclass(frozen=True, order=True)
class Point:
    """`where`: "locks/codes.py:97", or "effect" for a write at the lock; `nth`: at which time it is reached, from 1."""

    where: str
    nth: int

    def __str__(self) -> str:
        return f"{self.where}#{self.nth}"

    @classmethod
    def read(cls, text: str) -> "Point":
        """The point that is written so. Raises ValueError."""
        where, _, nth = text.rpartition("#")
        if not where or int(nth) < 1:
            raise ValueError(f"{text!r} is no point; write one like locks/codes.py:97#1 or effect#1.")
        return cls(where, int(nth))


@functools.cache
def module_of(filename: str) -> str | None:
    """The path of a file of the project as points name it; None for any other file."""
    path = Path(filename)
    if not path.is_relative_to(ROOT):
        return None
    parts = path.relative_to(ROOT).parts
    return "/".join(parts) if parts[0] in OURS and not NOT_OURS & set(parts) else None


class Moment(NamedTuple):
    """When a point is reached: after so many queries, and after so many steps that a kill cannot undo."""

    queries: int = 0
    kept: int = 0


Moments = dict[str, list[Moment]]
"""For each `where`, each time that it is reached when nobody is killed."""


class Recorder:
    """Notes what is executed and when, and the writes at the lock."""

    def __init__(self):
        self._lines: defaultdict[tuple[str, int], list[Moment]] = defaultdict(list)
        self._effects: list[Moment] = []
        self._now = Moment()

    def arm(self, threads: bool) -> None:
        """With `threads` there is no telling which step comes before a line: all is noted as before the first."""
        if threads:
            _on_effects(lambda: self._effects.append(self._now))
        else:
            _on_effects(self._effect)
            _on_queries(self._query)
        _trace(self._enter)

    def moments(self) -> Moments:
        lines = {f"{module_of(name)}:{line}": times for (name, line), times in self._lines.items()}
        return lines | ({EFFECT: self._effects} if self._effects else {})

    def _effect(self) -> None:
        self._effects.append(self._now)
        self._now = self._now._replace(kept=self._now.kept + 1)

    def _query(self, kept: bool) -> None:
        self._now = Moment(self._now.queries + 1, self._now.kept + kept)

    def _enter(self, frame: FrameType, event: str, arg: object):
        return self._line if module_of(frame.f_code.co_filename) else None

    def _line(self, frame: FrameType, event: str, arg: object):
        if event == "line":
            self._lines[frame.f_code.co_filename, frame.f_lineno].append(self._now)
        return self._line


class Trap:
    """Kills the process at `point`. Lines are watched from the last query before it only: watching takes as long as
    running. So digits drawn at random, which take more or fewer lines, move no point that comes later."""

    def __init__(self, point: Point, moments: Moments):
        times = [moment.queries for moment in moments.get(point.where, [])]
        if not times:
            raise ValueError(f"{point.where} is not reached when nobody is killed.")
        self._is_effect = point.where == EFFECT
        self._queries = times[min(point.nth, len(times)) - 1]
        before = times.index(self._queries)
        self._left = point.nth if self._is_effect else point.nth - before
        if not self._is_effect:
            name, _, line = point.where.rpartition(":")
            self._file, self._at = str(ROOT / name), int(line)

    def arm(self) -> None:
        if self._is_effect:
            _on_effects(self._count)
        elif self._queries:
            _on_queries(self._query)
        else:
            _trace(self._enter)

    def _query(self, kept: bool) -> None:
        self._queries -= 1
        if self._queries:
            return
        _trace(self._enter)
        frame = sys._getframe()
        while frame := frame.f_back:
            frame.f_trace = self._enter(frame, "call", None)

    def _enter(self, frame: FrameType, event: str, arg: object):
        return self._line if frame.f_code.co_filename == self._file else None

    def _line(self, frame: FrameType, event: str, arg: object):
        if event == "line" and frame.f_lineno == self._at:
            self._count()
        return self._line

    def _count(self) -> None:
        self._left -= 1
        if not self._left:
            os.kill(os.getpid(), signal.SIGKILL)


def _trace(enter: Callable) -> None:
    """Frames from now on, in this thread and in those to come."""
    threading.settrace(enter)
    sys.settrace(enter)


def _on_queries(made: Callable[[bool], None]) -> None:
    """Call `made` after each query of this thread, a commit counting as one, with whether it wrote for good."""
    commit = connection.commit

    def counting(execute, sql, params, many, context):
        try:
            return execute(sql, params, many, context)
        finally:
            made(not (connection.in_atomic_block or sql.lstrip().upper().startswith("SELECT")))

    def committing():
        try:
            commit()
        finally:
            made(True)

    connection.execute_wrappers.append(counting)
    connection.commit = committing


def _on_effects(done: Callable[[], None]) -> None:
    """Call `done` each time when a write's answer has arrived, or a mail server has taken a letter: then it is done, and
    nothing of the answer has been looked at."""
    call, mail = Connections.call, EmailBackend.send_messages

    def calling(connections, method, *args):
        answer = call(connections, method, *args)
        if method != "GET":
            done()
        return answer

    def mailing(backend, letters):
        taken = mail(backend, letters)
        done()
        return taken

    Connections.call, EmailBackend.send_messages = calling, mailing
