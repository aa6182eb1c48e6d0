"""Under which address the pages are found, where nobody has set one."""

from collections.abc import Sequence

LOCAL = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})
EVERYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}
"""What a server listens on to be reached from all sides, which nobody can open, and where its own machine reaches it."""


def own_url(host: str, port: int, allowed_hosts: Sequence[str], *, https: bool) -> str:
    """What links begin with: the first of the names that people type, else the address that is listened on, else this
    machine's own (then a check at start says what to set)."""
    names = [one for one in allowed_hosts if one not in LOCAL and not one.startswith(("*", "."))]
    if names:
        return f"https://{names[0]}" if https else f"http://{names[0]}:{port}"
    return local_url(host, port)


def reachable(host: str) -> str:
    """The host that a server listens on, as its own machine reaches it."""
    return EVERYWHERE.get(host, host)


def local_url(host: str, port: int) -> str:
    """What a person on this machine types."""
    there = reachable(host)
    return f"http://{f'[{there}]' if ':' in there else there}:{port}/"
