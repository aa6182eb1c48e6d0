"""GET /healthz: does the house run, and if not, which part does not?"""

from collections.abc import Callable
from datetime import timedelta

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from hospitality.models import WorkerBeat
from locks.models import Connection

FRESH = timedelta(seconds=30)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 if every part is "ok", else 503; a part that is not says what is wrong. Needs no sign-in."""
    parts = {name: _told(ask) for name, ask in PARTS.items()}
    failing = any(said != "ok" for said in parts.values())
    response = JsonResponse(
        {"status": "failing" if failing else "ok", "parts": parts}, status=503 if failing else 200
    )
    # Whoever asks every few seconds is told by the answer; a line in the log for each would bury the cause.
    response._has_been_logged = True
    return response


def _told(ask: Callable[[], str]) -> str:
    try:
        return ask()
    except DatabaseError:
        return "the database does not answer"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _worker() -> str:
    beats = WorkerBeat.objects.filter(done_at__gte=timezone.now() - FRESH)
    return "ok" if beats.exists() else "no task was done in the last 30 seconds"


def _connections() -> str:
    gone = Connection.objects.filter(state=Connection.State.DISCONNECTED).values_list("name", flat=True)
    names = ", ".join(gone)
    return f"no answer from: {names}" if names else "ok"


PARTS = {"database": _database, "worker": _worker, "connections": _connections}
