"""The worker's watchdog: keeps the queue's processes alive, and asks for what is due.

The queue's pool can hang for good (when one of its idle processes is killed), with all its processes
alive. So a canary task is sent through it again and again; if this node has done none for a while, the
whole process group is killed and started anew. What was being done is done again: tasks are harmless when
run twice.
"""

import logging
import os
import socket
import time
from datetime import timedelta

from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.tasks import async_task

from hospitality.models import WorkerBeat
from hospitality.supervisor import Child, EndSignals, Kept
from hospitality.tasks import NODE
from locks import leases
from locks.subscriptions import gathering, sending
from reservations.messages import rules

logger = logging.getLogger(__name__)

SWEEP = "locks.tasks.sweep"
SEND = "reservations.messages.tasks.send_due"
WEBHOOKS = "locks.tasks.send_webhooks"
CANARY = "hospitality.tasks.canary"
DUE = (
    (SWEEP, leases.anything_due),
    (SEND, rules.anything_due),
    (WEBHOOKS, sending.anything_due, gathering.anything_new),
)
"""What is asked for each second: a task, and what tells that there is something for it to do."""
TICK = 1.0  # seconds; how late what is due may be asked for
CANARY_EVERY = 3.0
SILENCE = 12.0  # seconds without a canary done after which the queue counts as hung
WARM_UP = 30.0  # the same for a queue that has just been started
BACKLOG = 50  # with so many tasks waiting, nothing is added
GRACE = 3.0
FORGOTTEN = timedelta(minutes=10)


class Watchdog:
    """One worker node: this process and the queue's, which it starts."""

    def __init__(self, signals: EndSignals):
        self.signals = signals
        self.node = f"{socket.gethostname()[:100]}:{os.getpid()}"
        self.queue = Kept(Child("worker", "--queue", environment={NODE: self.node}, grace=GRACE))
        self.beat = None
        self.patient_until = time.monotonic() + WARM_UP
        self.next_canary = self.next_tidy = 0.0
        self.cut_off = False

    def run(self) -> None:
        """Watch until a signal asks to end, then end the queue."""
        try:
            while not self.signals.count:
                self.queue.look()
                self._try(self._watch)
                self.signals.wait(TICK)
        finally:
            asked = self.signals.count
            self.queue.child.end(hurry=lambda: self.signals.count > asked)
            self._try(WorkerBeat.objects.filter(node=self.node).delete)

    def _try(self, work) -> None:
        """While the database is away nothing can be said of the queue: it is given time again afterwards."""
        try:
            work()
        except (OperationalError, InterfaceError) as error:
            connection.close()
            self.patient_until = time.monotonic() + WARM_UP
            if not self.cut_off:
                logger.warning("the database does not answer, waiting for it: %s", str(error).strip())
            self.cut_off = True
        else:
            if self.cut_off:
                logger.warning("the database answers again")
            self.cut_off = False

    def _watch(self) -> None:
        now = time.monotonic()
        self._listen(now)
        self._ask(now)
        if now >= self.next_tidy:
            self.next_tidy = now + 60
            WorkerBeat.objects.filter(done_at__lt=timezone.now() - FORGOTTEN).delete()

    def _listen(self, now: float) -> None:
        """Note a canary's return; after a long silence, start the queue anew."""
        beat = WorkerBeat.objects.filter(node=self.node).values_list("done_at", flat=True).first()
        if beat != self.beat:
            self.beat, self.patient_until = beat, now + SILENCE
        elif now > self.patient_until:
            logger.warning("no task was done for %.0f s: killing the queue and starting it again", SILENCE)
            self.queue.restart()
            self.patient_until = now + WARM_UP

    def _ask(self, now: float) -> None:
        """Put into the queue what is wanted and not waiting there already."""
        waiting = [
            (task.task.get("func"), task.task.get("args"))
            for task in OrmQ.objects.filter(key=Conf.CLUSTER_NAME, lock__lte=timezone.now())[:BACKLOG]
        ]
        if len(waiting) == BACKLOG:
            return
        for task, *looks in DUE:
            if not any(func == task for func, _ in waiting) and any(look() for look in looks):
                async_task(task)
        if now >= self.next_canary and not any(f == CANARY and a[0] == self.node for f, a in waiting):
            self.next_canary = now + CANARY_EVERY
            async_task(CANARY, self.node)
