import argparse

from django.core.management.base import BaseCommand
from django.db import connections
from django_q.cluster import Cluster

from hospitality.management.house import require_settled
from hospitality.management.open_files import allow_many_files
from hospitality.management.watchdog import Watchdog
from hospitality.supervisor import EndSignals


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
