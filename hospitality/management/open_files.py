"""How many files, and that is connections too, a process may have open."""

import resource

MANY_FILES = 4096
"""A provider call under way takes three of the queue's open files, and there may be 900 (`locks.budget`); an open page
takes one of the web process's."""


def allow_many_files() -> None:
    """Raise the limit of open files, where it is lower and the system lets us: without a file left a lock would seem
    not to answer, and the house's pages would."""
    usual, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MANY_FILES if most == resource.RLIM_INFINITY else min(MANY_FILES, most)
    if usual != resource.RLIM_INFINITY and usual < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
