"""Child processes that run our own commands: started, started again when they die, ended without a trace.

Each child leads a session of its own, so a Ctrl-C reaches only the supervisor, and its whole group can be
killed. Each also holds the read end of a pipe, its lifeline: when the supervisor is gone, however it
ended, the pipe closes and the child ends itself.
"""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

logger = logging.getLogger(__name__)

MANAGE = Path(__file__).resolve().parent.parent / "manage.py"
LIFELINE = "LATCHKEY_LIFELINE"
GRACE = 6  # seconds between asking a child to end and killing it; more than any child gives its own
LONGEST_PAUSE = 30  # seconds between two starts of a child that keeps dying
SETTLED = 60  # seconds of life after which a death is no longer held against it
TICK = 0.1


def orders_to_end() -> list[signal.Signals]:
    """The signals from outside the terminal that end a command; a closed terminal does not under `nohup`."""
    hangs_up = signal.getsignal(signal.SIGHUP) != signal.SIG_IGN
    return [signal.SIGTERM, signal.SIGHUP] if hangs_up else [signal.SIGTERM]


class EndSignals:
    """Counts the signals that ask this process to end; the second one asks for haste."""

    def __init__(self) -> None:
        self.count = 0
        for number in (signal.SIGINT, *orders_to_end()):
            signal.signal(number, self._count)

    def _count(self, number: int, frame: object) -> None:
        self.count += 1

    def wait(self, seconds: float) -> None:
        """Let that time pass, or less if a signal comes."""
        before, until = self.count, time.monotonic() + seconds
        while self.count == before and time.monotonic() < until:
            time.sleep(TICK)


class Child:
    """One `manage.py` command in a process group of its own."""

    def __init__(
        self,
        *arguments: str,
        environment: dict[str, str] | None = None,
        grace: float = GRACE,
        needed: Callable[[], bool] = lambda: True,
    ):
        """`needed` is asked some times a second before each start: it must cost little."""
        self.name = arguments[0]
        self.command = [sys.executable, str(MANAGE), *arguments]
        self.environment = environment or {}
        self.grace = grace
        self.needed = needed
        self.process: subprocess.Popen[bytes] | None = None
        self.lifeline = -1

    def start(self) -> None:
        """Start the command; what it writes to files is for this user's eyes only."""
        held, self.lifeline = os.pipe()
        try:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                pass_fds=[held],
                env=os.environ | self.environment | {LIFELINE: str(held)},
                start_new_session=True,
                umask=0o077,
            )
        finally:
            os.close(held)

    def died(self) -> bool:
        """Whether a started child has ended. It stays unreaped, so its group's number stays its own."""
        if self.process is None:
            return False
        return os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def end(self, hurry: Callable[[], bool] = lambda: False) -> None:
        """Ask it to end, wait up to its grace or until `hurry()`, then kill what is left of its group."""
        if self.process is None:
            return
        os.kill(self.process.pid, signal.SIGTERM)
        deadline = time.monotonic() + self.grace
        while not self.died() and time.monotonic() < deadline and not hurry():
            time.sleep(TICK)
        self.kill()

    def kill(self) -> int:
        """Kill the whole group at once and return the child's exit code."""
        process, self.process = self.process, None
        with contextlib.suppress(ProcessLookupError, PermissionError):  # a group of nothing but the dead
            os.killpg(process.pid, signal.SIGKILL)
        os.close(self.lifeline)
        return process.wait()


class Kept:
    """A child that is to run for ever: started again after each death, later each time."""

    def __init__(self, child: Child):
        self.child = child
        self.pause = 0.0
        self.started = self.start_at = time.monotonic()

    def look(self) -> None:
        """Reap it if it died; start it when its time has come."""
        now = time.monotonic()
        if self.child.died():
            code = self.child.kill()
            self.pause = 1.0 if now - self.started > SETTLED else min(self.pause * 2 or 1.0, LONGEST_PAUSE)
            self.start_at = now + self.pause
            logger.warning(
                "%s ended (exit code %s); starting it again in %.0f s", self.child.name, code, self.pause
            )
        if self.child.process is None and now >= self.start_at and self.child.needed():
            self.started = now
            self.child.start()

    def restart(self) -> None:
        """Kill it, whatever it is doing; the next `look` starts it."""
        if self.child.process is not None:
            self.child.kill()
        self.start_at = time.monotonic()


def supervise(children: Iterable[Child], signals: EndSignals, look: Callable[[], None]) -> None:
    """Keep the children running until a signal asks to end, then end them, the last started first.

    `look` is called some times a second meanwhile.
    """
    kept = [Kept(child) for child in children]
    try:
        while not signals.count:
            for each in kept:
                each.look()
            look()
            signals.wait(TICK)
    finally:
        asked = signals.count
        for each in reversed(kept):
            each.child.end(hurry=lambda: signals.count > asked)


def follow_lifeline() -> None:
    """In a child: end this process and its group once the parent is gone. Does nothing elsewhere."""
    held = os.environ.pop(LIFELINE, "")
    if held:
        os.set_inheritable(int(held), False)
        threading.Thread(target=_end_with, args=(int(held),), daemon=True).start()


def _end_with(held: int) -> None:
    os.read(held, 1)  # nothing is ever written: it returns when the other end is closed
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os.killpg(os.getpid(), signal.SIGKILL)
