"""Which unissued backup codes are no good any more, by what was seen on their lock: others take their place.

Never a guess: a code that a lock is only slow to take, or whose lock does not answer, is waited for.
"""

from datetime import datetime

from locks.models import AccessCode, Lock
from locks.thresholds import FAILED_AFTER, NO_PLACE, REMOVALS_COUNT_FOR, REMOVALS_FAIL

FAILED = "failed_to_set_on_device"


def is_spoilt(code: AccessCode, lock: Lock, now: datetime) -> bool:
    """Is it to be replaced? `lock` has just answered with a list that is believed."""
    if not code.is_in_stock:
        return False
    return _was_in_other_hands(code) or _is_taken_off(code, now) or _does_not_come(code, lock, now)


def _was_in_other_hands(code: AccessCode) -> bool:
    """Somebody gave it other digits or times, or switched it off: nobody can tell who knows it."""
    change = code.external_change or {}
    fields = {one["field"] for one in change.get("modified_fields", [])}
    return change.get("generation") == code.generation and bool(fields - {"name"})


def _is_taken_off(code: AccessCode, now: datetime) -> bool:
    """Again and again."""
    lately = [at for at in code.external_removals if now < datetime.fromisoformat(at) + REMOVALS_COUNT_FOR]
    return len(lately) >= REMOVALS_FAIL


def _does_not_come(code: AccessCode, lock: Lock, now: datetime) -> bool:
    """Tried for long on a lock that answers, which has a place for it, and is not on it as wanted."""
    told = {error["error_code"] for error in code.errors}
    answers = lock.online and lock.online_changed_at and lock.online_changed_at <= now - FAILED_AFTER
    tried = code.attempted_at is not None and not code.operation
    return bool(answers and tried and FAILED in told and NO_PLACE not in told)
