"""A call is done once, however often it is sent with the same `Idempotency-Key`.

The key's row is written in the transaction of what the call does: both are there or neither is. A second call waits for
the first to end, and is then answered from the row. A call that was refused did nothing and keeps nothing.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction

from hospitality import clock
from locks.api.errors import ApiError, invalid
from locks.models import ApiKey, KeptAnswer

KEPT = timedelta(hours=24)
LONGEST = 255


@transaction.atomic(savepoint=False)
def once(key: ApiKey, name: str, path: str, given: dict, do: Callable[[], dict]) -> dict:
    """What `do` answers, or answered when this was first sent. Part of the caller's transaction. Raises ApiError for a
    name that was used for something else, or is none, and whatever `do` raises."""
    if not (0 < len(name) <= LONGEST and name.isprintable()):
        raise invalid(f"An Idempotency-Key has 1 to {LONGEST} printable characters.")
    asked = hashlib.sha256(json.dumps([path, given], sort_keys=True).encode()).digest()
    ours = KeptAnswer(api_key=key, name=name, asked=asked, at=key.now)
    KeptAnswer.objects.bulk_create([ours], ignore_conflicts=True)  # waits for whoever writes the same one
    row = KeptAnswer.objects.get(api_key=key, name=name)
    if row.public_id == ours.public_id:
        row.answer = do()
        row.save(update_fields=["answer_sealed"])
    elif bytes(row.asked) != asked:
        message = "This Idempotency-Key was sent with another call before. Use a new one for each call."
        raise ApiError(409, "idempotency_key_reused", message)
    return row.answer


def forget() -> int:
    """Delete what was kept for longer than `KEPT`; returns how many."""
    return KeptAnswer.objects.filter(at__lt=clock.now() - KEPT).delete()[0]
