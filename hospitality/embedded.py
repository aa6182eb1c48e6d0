"""The PostgreSQL that comes with Latchkey, for when DATABASE_URL names no other.

`running()` starts it, or joins one that runs, and the last user out stops it. A user is counted by a
shared lock on a file, which the kernel gives back however the user ends.

PostgreSQL refuses to run as root, so under root it runs as the system user `latchkey`. No permission of
any folder above ours is changed for that: what this user cannot reach is kept under /var/lib/latchkey.
"""

import contextlib
import fcntl
import hashlib
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from hospitality.postgres import NAME, SOCKET, STATE, DatabaseUnavailable, Server

SOCKET_PATH_LIMIT = 103  # bytes, the smaller of what Linux and macOS allow


def var_dir() -> Path:
    """Where everything variable lies: LATCHKEY_VAR_DIR, else `var` beside manage.py."""
    named = os.environ.get("LATCHKEY_VAR_DIR")
    return Path(named).expanduser().resolve() if named else Path(__file__).resolve().parent.parent / "var"


def database_url() -> str:
    """The embedded database's address; nothing is started or made."""
    return f"postgresql://{NAME}@{quote(str(_socket_dir(data_dir())), safe='')}/{NAME}"


def data_dir() -> Path:
    """`postgres` in the var folder; under root, where the server's user may pass. Once made, it stays."""
    var = var_dir()
    near = var / "postgres"
    if os.geteuid() != 0:
        return near
    far = STATE / hashlib.sha256(os.fsencode(var)).hexdigest()[:12] / "postgres"
    if far.exists():
        return far
    return near if near.exists() or (_fits_socket(near) and _open_to_all(var)) else far


@contextlib.contextmanager
def running() -> Iterator[str]:
    """Have the server up while inside, and yield `database_url()`. Raises DatabaseUnavailable.

    Any number of processes may be inside at once; the last one to leave stops the server.
    """
    var = var_dir()
    _make(var)
    with _opened(var / "postgres.users") as users:
        with _alone_at_the_door(var):
            fcntl.flock(users, fcntl.LOCK_SH)
            server = Server(data_dir(), _socket_dir(data_dir()))
            server.ensure()
        try:
            yield database_url()
        finally:
            with _alone_at_the_door(var):
                if _is_last(users):
                    server.stop()


def revive() -> None:
    """Start the server again if it died under the processes that use it. Raises DatabaseUnavailable."""
    data = data_dir()
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as knock:
        knock.connect(str(_socket_dir(data) / SOCKET))
        return
    with _alone_at_the_door(var_dir()):
        Server(data, _socket_dir(data)).ensure()


def _make(var: Path) -> None:
    """Root's folder may be passed through (not read), so that the server's user reaches its data in it."""
    if var.is_dir():
        return
    try:
        var.mkdir(parents=True, exist_ok=True)
        var.chmod(0o711 if os.geteuid() == 0 else 0o700)
    except OSError as error:
        raise DatabaseUnavailable(
            f"The folder {var} cannot be made ({error.strerror}). "
            "Set LATCHKEY_VAR_DIR to a folder this user may write to."
        ) from error


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise DatabaseUnavailable(
            f"{path} cannot be opened ({error.strerror}). Run Latchkey as the user who ran it before, or set "
            "LATCHKEY_VAR_DIR to a folder of this user's own."
        ) from error
    try:
        yield file
    finally:
        os.close(file)


@contextlib.contextmanager
def _alone_at_the_door(var: Path) -> Iterator[None]:
    """One process at a time comes or goes, and so starts or stops the server."""
    with _opened(var / "postgres.door") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _is_last(users: int) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _open_to_all(folder: Path) -> bool:
    there = (part for part in (folder, *folder.parents) if part.exists())
    return all(part.stat().st_mode & stat.S_IXOTH for part in there)


def _fits_socket(folder: Path) -> bool:
    return len(os.fsencode(folder / SOCKET)) <= SOCKET_PATH_LIMIT


def _socket_dir(data: Path) -> Path:
    """The data folder itself, or a short path where that is too long for a socket."""
    if _fits_socket(data):
        return data
    return Path("/tmp") / f"{NAME}-{hashlib.sha256(os.fsencode(data)).hexdigest()[:16]}"
