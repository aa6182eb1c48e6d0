"""`python -m tests.hospitality.as_user UID GID`: be that user, have the embedded server running, say its
address, and leave when standard input ends. Everything is imported before, for that user may not reach it.
"""

import os
import subprocess
import sys

from hospitality import embedded, postgres


def main() -> None:
    uid, gid = map(int, sys.argv[1:3])
    if uid != os.geteuid():
        _bring_programs_to(uid)
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    os.chdir("/")
    try:
        with embedded.running() as url:
            print(url, flush=True)
            sys.stdin.read()
    except postgres.DatabaseUnavailable as error:
        sys.exit(f"refused: {error}")


def _bring_programs_to(uid: int) -> None:
    """A user's own virtual environment is within their reach; this test's may not be."""
    package = postgres.installed_package()
    try:
        subprocess.run(
            [package / "pginstall18/bin/initdb", "--version"], user=uid, check=True, capture_output=True
        )
    except (OSError, subprocess.CalledProcessError):
        sys.path.insert(0, str(postgres.copy_programs(package).parents[2]))


if __name__ == "__main__":
    main()
