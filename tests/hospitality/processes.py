"""Real processes for the tests: the product's own commands on a folder of their own."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hospitality import embedded
from hospitality.postgres import STATE

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60


def until(condition: Callable[[], object], what: str, seconds: float = PATIENCE) -> object:
    """Ask again and again until `condition()` is true, and return what it said."""
    deadline = time.monotonic() + seconds
    while True:
        said = condition()
        if said:
            return said
        assert time.monotonic() < deadline, f"waited {seconds} s in vain: {what}"
        time.sleep(0.1)


@contextmanager
def var_folder(under: str | None = None) -> Iterator[Path]:
    """A new var folder that any user may pass through, gone afterwards with all that was kept for it."""
    base = Path(tempfile.mkdtemp(prefix="latchkey-test-", dir=under)).resolve()
    base.chmod(0o755)
    var = base / "var"
    before = os.environ.get("LATCHKEY_VAR_DIR")
    os.environ["LATCHKEY_VAR_DIR"] = str(var)
    try:
        yield var
    finally:
        data = embedded.data_dir()
        if before is None:
            del os.environ["LATCHKEY_VAR_DIR"]
        else:
            os.environ["LATCHKEY_VAR_DIR"] = before
        shutil.rmtree(base)
        if STATE in data.parents:
            shutil.rmtree(data.parent, ignore_errors=True)


def environment(var: Path, **settings: str) -> dict[str, str]:
    """The surroundings of a house in that folder, and of nothing else."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("LATCHKEY_")}
    for name in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "PYTHONUNBUFFERED"):
        own.pop(name, None)
    return own | {"LATCHKEY_VAR_DIR": str(var), "PYTHONPATH": str(ROOT)} | settings


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


def manage(*arguments: str, var: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, ROOT / "manage.py", *arguments],
        env=environment(var, **settings),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


class House:
    """One long-running command with ports of its own; what it says is kept in a file."""

    def __init__(self, var: Path, *arguments: str, **settings: str):
        self.var = var
        self.port, self.simulator_port = free_port(), free_port()
        ports = {"LATCHKEY_PORT": str(self.port), "LATCHKEY_SIMULATOR_PORT": str(self.simulator_port)}
        self.output = var.with_name(f"output-{self.port}")
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, ROOT / "manage.py", *arguments],
                env=environment(var, **ports, **settings),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self) -> "House":
        return self

    def __exit__(self, *_exc: object) -> None:
        """Nothing outlives a test, whatever it did."""
        if self.process.poll() is None:
            self.interrupt()
        for pid in commands_of(self.var):
            os.kill(pid, signal.SIGKILL)
        until(lambda: not commands_of(self.var), "all commands are gone")
        with embedded.running():
            pass  # the last one out stops the server

    def said(self) -> str:
        return self.output.read_text(errors="replace")

    def health(self) -> dict | None:
        """What /healthz says, with its status as `code`; None while nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=10) as answer:
                return {"code": 200} | json.load(answer)
        except urllib.error.HTTPError as error:
            return {"code": error.code} | json.load(error)
        except OSError:
            return None

    def healthy(self) -> bool:
        assert self.process.poll() is None, f"it ended: {self.said()}"
        health = self.health()
        return bool(health) and health["code"] == 200

    def until_healthy(self) -> None:
        until(self.healthy, "the house answers on /healthz")

    def interrupt(self) -> int:
        """Ctrl-C: an interrupt to the terminal's whole foreground group. Returns the exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(PATIENCE)


def processes_of(var: Path) -> list[int]:
    """The living processes of that folder: commands, and PostgreSQL's own."""
    return commands_of(var) + _living(lambda entry: (entry / "cwd").readlink() == embedded.data_dir())


def commands_of(var: Path) -> list[int]:
    """The living commands that were told to work in that folder, this test apart."""
    told = f"LATCHKEY_VAR_DIR={var}".encode()
    return _living(lambda entry: told in (entry / "environ").read_bytes().split(b"\0"))


def _living(is_meant: Callable[[Path], bool]) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with suppress(OSError):  # it ended meanwhile, or is none of ours
                dead = (entry / "stat").read_text().rpartition(")")[2].split()[0] in "ZX"
                if not dead and is_meant(entry):
                    found.append(int(entry.name))
    return sorted(found)


def children_of(pid: int) -> list[int]:
    """The living children of that process, the oldest first."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return sorted(int(child) for child in listed.read_text().split())


def child_with(argument: str, pid: int) -> int | None:
    """That process's living child that was started with this argument."""
    for child in children_of(pid):
        with suppress(OSError):
            if argument.encode() in Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0"):
                return child
    return None
