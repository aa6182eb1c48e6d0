import argparse
import resource

from django.core.management.base import BaseCommand
from django.db import connections
from django_q.cluster import Cluster

from hospitality.management.house import require_settled
from hospitality.management.watchdog import Watchdog
from hospitality.supervisor import EndSignals

MANY_FILES = 4096
"""A provider call under way takes three of the process's open files, and there may be 900 (`locks.budget`)."""


class Command(BaseCommand):
    help = "Do the work in the background: the queue under a watchdog."
    requires_system_checks = []

    def add_arguments(self, parser) -> None:
        parser.add_argument("--queue", action="store_true", help=argparse.SUPPRESS)

    def handle(self, *, queue: bool, **options) -> None:
        if queue:
            run_queue()
            return
        signals = EndSignals()
        self.check()
        require_settled()
        Watchdog(signals).run()


def run_queue() -> None:
    """The queue's own processes, without the watchdog, until a signal ends them."""
    allow_many_files()
    connections.close_all()  # they fork
    cluster = Cluster()
    cluster.start()
    cluster.sentinel.join()


def allow_many_files() -> None:
    """Raise the limit of open files, where it is lower and the system lets us: without a file left a lock would seem
    not to answer."""
    usual, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MANY_FILES if most == resource.RLIM_INFINITY else min(MANY_FILES, most)
    if usual != resource.RLIM_INFINITY and usual < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
