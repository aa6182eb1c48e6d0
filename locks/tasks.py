"""django-q2 entry points. They take ids or nothing, load everything themselves and are harmless when run twice."""

import logging

from django_q.tasks import async_task

from locks import notices, placing, pulling, unlocking
from locks import sweep as _sweep
from locks.models import Connection
from locks.providers.base import ProviderError
from locks.staff import verbs as staff
from locks.subscriptions import gathering, sending

log = logging.getLogger(__name__)


def sweep() -> int:
    """Serve every lock that is due; returns how many visits were made. At most one sweep runs per node."""
    return _sweep.run()


def staff_codes() -> int:
    """Bring the staff's codes in line with the time and the doors; returns how many were changed."""
    return staff.follow_all()


def unlock(unlock_id: int) -> None:
    """Open a door from afar, once, if that is still wanted."""
    unlocking.carry_out(unlock_id)


def pull_backup(pull_id: int) -> None:
    """Ask a lock's maker for a backup code, if its answer is not here yet."""
    pulling.carry_out(pull_id)


def send_webhooks() -> int:
    """Tell other programs what has happened; returns how many calls were made. At most one sends per node."""
    return sending.run()


def gather_late_events() -> int:
    """Have events told that were committed late; returns how many are added."""
    return gathering.gather(gathering.LATE)


def discover() -> int:
    """Have every account asked for new devices, each in a task of its own: a slow or broken one holds up no other.
    Returns how many."""
    ids = list(Connection.objects.values_list("pk", flat=True))
    for account_id in ids:
        async_task("locks.tasks.discover_devices", account_id)
    return len(ids)


def discover_devices(account_id: int) -> int:
    """Look for devices of one account that are no lock of ours; returns how many are new. An account that is gone, or
    does not answer, has none."""
    account = Connection.objects.select_related("property").filter(pk=account_id).first()
    if account is None:
        return 0
    try:
        return len(placing.discover(account))
    except ProviderError as trouble:
        log.info("account %s was not asked for new devices: %s", account.public_id, trouble)
        return 0


def read_events() -> int:
    """Have every account asked what happened at its doors, each in a task of its own. Returns how many."""
    ids = list(Connection.objects.values_list("pk", flat=True))
    for account_id in ids:
        async_task("locks.tasks.read_events_of", account_id)
    return len(ids)


def read_events_of(account_id: int) -> int:
    """What one account tells of its doors; returns how much of it is new. It is asked again if it does not answer."""
    account = Connection.objects.filter(pk=account_id).first()
    if account is None:
        return 0
    try:
        return notices.catch_up(account)
    except ProviderError as trouble:
        log.info("account %s was not asked what happened: %s", account.public_id, trouble)
        return 0
