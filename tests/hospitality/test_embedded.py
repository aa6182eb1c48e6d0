"""The embedded server: shared, recovered, stopped, and closed to everybody else."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from hospitality import embedded, postgres
from tests.hospitality.processes import ROOT, environment, processes_of, until, var_folder

ROOTS_OWN = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be several users")
NOBODY = pwd.getpwnam("nobody")


@pytest.fixture
def var():
    with var_folder() as folder:
        yield folder


class User:
    """A process that uses the embedded server until it is told to leave, or killed."""

    def __init__(self, var: Path, who: pwd.struct_passwd | None = None):
        uid, gid = (who.pw_uid, who.pw_gid) if who else (os.geteuid(), os.getegid())
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.hospitality.as_user", str(uid), str(gid)],
            cwd=ROOT,
            env=environment(var),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def url(self) -> str:
        """The address, once the server is up; fails with what the process said otherwise."""
        line = self.process.stdout.readline().strip()
        assert line, self.process.stderr.read()
        return line

    def leave(self) -> str:
        """Leave, and return what it had to say."""
        _, said = self.process.communicate(timeout=60)
        return said

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=60)


@contextmanager
def user(var: Path, who: pwd.struct_passwd | None = None):
    one = User(var, who)
    try:
        yield one
    finally:
        if one.process.poll() is None:
            one.kill()


def give_to(who: pwd.struct_passwd, var: Path) -> None:
    """That user's own folder."""
    var.mkdir()
    os.chown(var, who.pw_uid, who.pw_gid)


def postmaster(data: Path) -> int:
    return int((data / "postmaster.pid").read_text().split()[0])


def ask(url: str, question: str) -> object:
    with psycopg.connect(url, autocommit=True) as server:
        asked = server.execute(question)
        return asked.fetchone()[0] if asked.description else None


def psql_as(who: pwd.struct_passwd, sockets: Path) -> str:
    """What PostgreSQL's own client says when that user asks for the database; "1" if it is let in."""
    programs = postgres.Server(embedded.data_dir(), sockets).bin
    done = subprocess.run(
        [programs / "psql", "-h", sockets, "-U", "latchkey", "-d", "latchkey", "-tAc", "SELECT 1"],
        user=who.pw_uid,
        group=who.pw_gid,
        extra_groups=[],
        cwd="/",
        env={},
        capture_output=True,
        text=True,
    )
    return done.stdout.strip() or done.stderr


def modes_above(folder: Path) -> dict[Path, tuple[int, int, int]]:
    found = {above: above.stat() for above in folder.parents}
    return {above: (seen.st_mode, seen.st_uid, seen.st_gid) for above, seen in found.items()}


def test_it_starts_in_an_empty_folder_and_the_last_one_out_stops_it(var):
    with embedded.running() as url:
        assert ask(url, "SELECT current_database()") == "latchkey"
    assert processes_of(var) == []


def test_several_that_start_at_once_share_one_server(var):
    with user(var) as first, user(var) as second, user(var) as third:
        assert first.url() == second.url() == third.url()
        first.leave()
        second.leave()
        assert ask(embedded.database_url(), "SELECT 1") == 1
        third.leave()
    assert processes_of(var) == []


def test_a_killed_user_is_not_waited_for(var):
    with user(var) as killed, user(var) as other:
        killed.url(), other.url()
        killed.kill()
        other.leave()
    assert processes_of(var) == []


def test_a_server_left_running_is_joined_and_then_stopped(var):
    with user(var) as killed:
        killed.url()
        killed.kill()
    left = postmaster(embedded.data_dir())
    with embedded.running():
        assert postmaster(embedded.data_dir()) == left
    assert processes_of(var) == []


def test_data_outlive_a_killed_server_which_the_next_user_recovers(var):
    with user(var) as one:
        url = one.url()
        ask(url, "CREATE TABLE kept AS SELECT 204 AS room")
        os.kill(postmaster(embedded.data_dir()), signal.SIGKILL)
        with embedded.running():
            assert ask(url, "SELECT room FROM kept") == 204


def test_a_server_that_died_under_its_users_is_revived(var):
    with embedded.running() as url:
        ask(url, "CREATE TABLE kept AS SELECT 204 AS room")
        os.kill(postmaster(embedded.data_dir()), signal.SIGKILL)
        until(lambda: not answers(url), "the server is gone")
        embedded.revive()
        assert ask(url, "SELECT room FROM kept") == 204
    assert processes_of(var) == []


def answers(url: str) -> bool:
    try:
        return ask(url, "SELECT 1") == 1
    except psycopg.OperationalError:
        return False


def test_a_first_start_that_was_killed_half_way_is_begun_anew(var):
    half = embedded.data_dir().with_name("postgres.new")
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with embedded.running() as url:
        assert ask(url, "SELECT 1") == 1


def test_a_folder_name_with_capitals_blanks_and_quotes_will_do(var, monkeypatch):
    odd = var.parent / "Haus am See's var"
    monkeypatch.setenv("LATCHKEY_VAR_DIR", str(odd))
    with embedded.running() as url:
        assert ask(url, "SELECT 1") == 1


def test_damaged_data_end_with_the_server_s_own_words_and_a_remedy(var):
    with embedded.running():
        pass
    (embedded.data_dir() / "global" / "pg_control").unlink()
    with pytest.raises(postgres.DatabaseUnavailable, match=r"(?s)pg_control.*DATABASE_URL"):
        embedded.running().__enter__()


def test_a_var_folder_that_cannot_be_made_is_named_with_the_remedy(var, monkeypatch):
    (var.parent / "file").write_text("")
    monkeypatch.setenv("LATCHKEY_VAR_DIR", str(var.parent / "file" / "var"))
    with pytest.raises(postgres.DatabaseUnavailable, match="Set LATCHKEY_VAR_DIR"):
        embedded.running().__enter__()


def test_it_listens_on_no_network_port(var):
    with embedded.running() as url:
        assert ask(url, "SHOW listen_addresses") == ""


def test_data_and_socket_are_closed_to_other_users(var):
    with embedded.running():
        data = embedded.data_dir()
        assert data.stat().st_mode & 0o077 == 0
        assert (data / postgres.SOCKET).stat().st_mode & 0o077 == 0


def test_no_permission_above_the_folder_is_changed(var):
    before = modes_above(var)
    with embedded.running():
        pass
    assert modes_above(var) == before


@ROOTS_OWN
def test_under_root_a_closed_folder_stays_closed_and_the_data_go_where_the_server_may_pass(var, capfd):
    var.parent.chmod(0o700)
    before = modes_above(var)
    with embedded.running() as url:
        assert ask(url, "SELECT 1") == 1
        assert postgres.STATE in embedded.data_dir().parents
    assert modes_above(var) == before
    assert str(embedded.data_dir()) in capfd.readouterr().err


@ROOTS_OWN
def test_under_root_a_strict_umask_is_no_hindrance(var, monkeypatch):
    var.parent.chmod(0o700)
    monkeypatch.setattr(postgres, "STATE", Path(f"{var.parent}-state"))
    monkeypatch.setattr(embedded, "STATE", postgres.STATE)
    before = os.umask(0o077)
    try:
        with embedded.running() as url:
            assert ask(url, "SELECT 1") == 1
            assert postgres.STATE in embedded.data_dir().parents
    finally:
        os.umask(before)
        shutil.rmtree(postgres.STATE)


@ROOTS_OWN
def test_under_root_programs_that_the_server_cannot_reach_are_run_from_a_copy(var, monkeypatch, tmp_path):
    """The wheel as it lies in a virtual environment below /root."""
    package = postgres.installed_package()
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(postgres, "STATE", var.parent / "state")
    for name in (postgres.PACKAGE, f"{postgres.PACKAGE}.libs"):
        subprocess.run(["cp", "-r", package.with_name(name), closed], check=True)
    monkeypatch.syspath_prepend(closed)
    with embedded.running() as url:
        assert ask(url, "SELECT 1") == 1
        programs = Path(f"/proc/{postmaster(embedded.data_dir())}/exe").readlink()
        assert var.parent / "state" in programs.parents
    assert closed.stat().st_mode & 0o777 == 0o700


@ROOTS_OWN
def test_under_root_the_server_runs_as_the_system_user(var):
    with embedded.running():
        owner = Path(f"/proc/{postmaster(embedded.data_dir())}").stat().st_uid
        assert pwd.getpwuid(owner).pw_name == "latchkey"


@ROOTS_OWN
def test_no_other_user_gets_in(var):
    with embedded.running():
        assert "Permission denied" in psql_as(NOBODY, embedded.data_dir())


@ROOTS_OWN
def test_even_with_the_folder_and_the_socket_wide_open_no_other_user_gets_in(var):
    with embedded.running():
        data = embedded.data_dir()
        data.chmod(0o711)
        (data / postgres.SOCKET).chmod(0o777)
        assert "Peer authentication failed" in psql_as(NOBODY, data)


@ROOTS_OWN
def test_an_ordinary_user_s_server_is_theirs_and_closed_to_others(var):
    give_to(NOBODY, var)
    stranger = next(one for one in pwd.getpwall() if one.pw_name == "daemon")
    with user(var, NOBODY) as one:
        one.url()
        assert (var / "postgres").stat().st_uid == NOBODY.pw_uid
        assert psql_as(NOBODY, var / "postgres") == "1"
        assert "Permission denied" in psql_as(stranger, var / "postgres")
        one.leave()
    assert processes_of(var) == []


@ROOTS_OWN
def test_root_joins_an_ordinary_user_s_server_as_that_user(var):
    give_to(NOBODY, var)
    with user(var, NOBODY) as one:
        one.url()
        one.leave()
    with embedded.running() as url:
        assert ask(url, "SELECT 1") == 1
        assert Path(f"/proc/{postmaster(var / 'postgres')}").stat().st_uid == NOBODY.pw_uid


@ROOTS_OWN
def test_a_path_too_long_for_a_socket_gets_a_private_short_one(var, monkeypatch):
    deep = var.parent / ("long" * 25) / "var"
    deep.parent.mkdir()
    give_to(NOBODY, deep)
    with user(deep, NOBODY) as one:
        sockets = Path(psycopg.conninfo.conninfo_to_dict(one.url())["host"])
        assert deep not in sockets.parents
        seen = sockets.stat()
        assert (seen.st_mode & 0o777, seen.st_uid) == (0o700, NOBODY.pw_uid)
        one.leave()
        sockets.rmdir()


@ROOTS_OWN
def test_a_short_socket_folder_put_there_by_somebody_else_is_refused(var):
    deep = var.parent / ("long" * 25) / "var"
    deep.parent.mkdir()
    give_to(NOBODY, deep)
    with user(deep, NOBODY) as one:
        sockets = Path(psycopg.conninfo.conninfo_to_dict(one.url())["host"])
        one.leave()
    sockets.rmdir()
    sockets.mkdir(mode=0o777)
    try:
        with user(deep, NOBODY) as one:
            assert "refused: " in (said := one.leave())
            assert "Remove it" in said
    finally:
        sockets.rmdir()


@ROOTS_OWN
def test_another_user_s_var_folder_is_refused_with_the_remedy(var):
    with embedded.running(), user(var, NOBODY) as other:
        assert "set LATCHKEY_VAR_DIR" in other.leave()
