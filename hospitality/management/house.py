"""What every way of starting the house has in common."""

import contextlib
import http.client
import json
import logging
import os
import socket
import time
from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, NotSupportedError, connection
from django.db.migrations.executor import MigrationExecutor

from hospitality import addresses, embedded, schedules
from hospitality.postgres import DatabaseUnavailable
from hospitality.proof import prove_vault
from hospitality.setup import first_manager
from hospitality.supervisor import Child, EndSignals, supervise
from locks import accounts, own_simulator
from locks.providers.base import ProviderError

logger = logging.getLogger(__name__)

OLDEST_POSTGRESQL = 15
MIGRATING = 5_272_001  # an advisory lock: one machine at a time changes the tables
PATIENCE = 60  # seconds until it is said what is not ready
KNOCK_EVERY = 2.0  # seconds between two knocks at the embedded server's door
LOOK_EVERY = 1.0  # seconds between two looks whether the simulator is needed


def migrate() -> None:
    """Bring the database's tables to this version. Raises CommandError for one that is too old."""
    _require_postgresql()
    with _alone():
        call_command("migrate", verbosity=0, interactive=False)


def settle() -> None:
    """Have the vault proven and the periodic work scheduled. Raises ImproperlyConfigured for a wrong key."""
    prove_vault()
    schedules.sync()


def require_settled() -> None:
    """For a part that is started by itself: raise CommandError unless the tables are at this version,
    ImproperlyConfigured for a wrong key."""
    _require_postgresql()
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError(
            "The database's tables are not at this version. Run: manage.py migrate (manage.py up does so itself)."
        )
    prove_vault()


def _require_postgresql() -> None:
    try:
        version = connection.pg_version // 10_000
    except NotSupportedError as error:
        raise CommandError(
            f"{error} Point DATABASE_URL at a newer server, or unset it for the embedded one."
        ) from error
    if version < OLDEST_POSTGRESQL:
        raise CommandError(
            f"The database is PostgreSQL {version}; Latchkey needs {OLDEST_POSTGRESQL} or newer. "
            "Point DATABASE_URL at a newer server, or unset it for the embedded one."
        )


@contextlib.contextmanager
def _alone():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATING])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATING])


def require_free_port(host: str, port: int, setting: str) -> None:
    """Raise CommandError naming the setting if nobody can listen there."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        socket.create_server((host, port), family=found[0][0]).close()
    except OSError as error:
        raise CommandError(
            f"Nothing can listen on {host} port {port} ({error.strerror}). Is Latchkey running already? "
            f"Otherwise set {setting} to another port, or end the program that has this one."
        ) from error


def run(children: list[Child], signals: EndSignals, say: Callable[[str], None], news: str) -> None:
    """Keep the house running until a signal ends it; `say` the news once all of it answers."""
    chores = [Readiness(say, news), Introduction()]
    if not os.environ.get("DATABASE_URL"):
        chores.append(Revival())
    supervise(children, signals, lambda: [chore() for chore in chores])


def way_in() -> str:
    """What whoever reads the terminal must know where nobody can sign in yet; else nothing."""
    if not first_manager.is_nobody_here():
        return ""
    base = settings.URL if os.environ.get("LATCHKEY_URL") else address()
    return (
        "\nNobody can sign in yet. Open this link to make your account and set up the house;\n"
        f"it works once, within a day:\n\n  {first_manager.link(base)}\n"
    )


def address() -> str:
    """What a person on this machine types to reach the pages."""
    return addresses.local_url(settings.HOST, settings.PORT)


class Revival:
    """Every few seconds, has the embedded server started again if it died."""

    def __init__(self) -> None:
        self.next = 0.0

    def __call__(self) -> None:
        if time.monotonic() < self.next:
            return
        try:
            embedded.revive()
        except DatabaseUnavailable as error:
            logger.error("%s", error)
        self.next = time.monotonic() + KNOCK_EVERY


class SimulatorIsNeeded:
    """Whether a connection leads to this house's own simulator, asked every second until one does."""

    def __init__(self) -> None:
        self.next = 0.0
        self.found = False

    def __call__(self) -> bool:
        if not self.found and time.monotonic() >= self.next:
            self.next = time.monotonic() + LOOK_EVERY
            try:
                self.found = bool(own_simulator.connections())
            except DatabaseError as error:
                logger.debug("not known whether the simulator is needed: %s", error)
                connection.close()
        return self.found


class Introduction:
    """Tells this house's own simulator where to report what happens at its doors, once it answers, and for every
    connection that is made later."""

    def __init__(self) -> None:
        self.next = 0.0
        self.told: set[UUID] = set()

    def __call__(self) -> None:
        if time.monotonic() < self.next:
            return
        self.next = time.monotonic() + KNOCK_EVERY
        try:
            for one in own_simulator.connections():
                if one.public_id not in self.told:
                    accounts.adapter(one).register_webhook(f"{address()}hooks/{one.public_id}/")
                    self.told.add(one.public_id)
        except (ProviderError, DatabaseError) as error:
            logger.debug("the simulator is not told yet: %s", error)
            connection.close()


class Readiness:
    """Asks /healthz about once a second; says `news` once all parts answer, and after a minute what does not."""

    def __init__(self, say: Callable[[str], None], news: str):
        self.say = say
        self.news = news
        self.next = 0.0
        self.late_at = time.monotonic() + PATIENCE

    def __call__(self) -> None:
        now = time.monotonic()
        if now < self.next:
            return
        self.next = now + 1
        failing = self._failing()
        if failing is None:
            self.next = float("inf")
            self.say(self.news)
        elif now > self.late_at:
            self.late_at = float("inf")
            self.say(f"Not ready yet: {failing}")

    def _failing(self) -> str | None:
        pages = http.client.HTTPConnection(addresses.reachable(settings.HOST), settings.PORT, timeout=2)
        named = [name.lstrip(".") for name in settings.ALLOWED_HOSTS if name != "*"]
        try:
            pages.request("GET", "/healthz", headers={"Host": named[0] if named else "localhost"})
            told = json.load(pages.getresponse())
            return None if told["status"] == "ok" else json.dumps(told["parts"])
        except (OSError, http.client.HTTPException, ValueError) as error:
            return f"the pages do not answer ({error})"
        finally:
            pages.close()
