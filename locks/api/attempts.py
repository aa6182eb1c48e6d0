"""/action_attempts: how what was asked of a lock is coming on.

There is no table of them. Openings from afar have their own; what was asked of a code is its event, whose id is the
attempt's, and the code as it is now tells how far it is.
"""

from django.db.models import OuterRef, Subquery

from locks.api import finding, schemas, shapes
from locks.api.errors import not_found
from locks.api.wire import Calls
from locks.models import AccessCode, ApiKey, Event, RemoteUnlock

calls = Calls("action_attempts")
READ = ApiKey.Scope.READ
SIMULATED = "action_attempt.simulate_keypad_code_entry.succeeded"
CONVERTED = "access_code.unmanaged.converted_to_managed"
KINDS = {
    "access_code.created": "CREATE_ACCESS_CODE",
    "access_code.changed": "UPDATE_ACCESS_CODE",
    CONVERTED: "UPDATE_ACCESS_CODE",
    SIMULATED: "SIMULATE_KEYPAD_CODE_ENTRY",
}
DELETION = "DELETE_ACCESS_CODE"
NEVER_SET, ENDED = "access_code_never_set", "The code was ended before it was seen on its lock."
MADE = shapes.CODES.annotate(
    attempt_id=Subquery(
        Event.objects.filter(access_code=OuterRef("pk"), event_type="access_code.created").values("event_id")
    )
)
"""The codes that programs are told of, each with the id of the attempt to put it on its lock. To be narrowed likewise."""
FAILURES = {"failed_to_set_on_device", "no_space_for_access_code_on_device", "duplicate_code_on_device"}


def of_creation(code: AccessCode) -> dict:
    """The attempt to put a new code, one of `MADE`, on its lock."""
    return _of_event(Event(event_id=code.attempt_id, event_type="access_code.created", access_code=code))


def of_change(code: AccessCode) -> dict:
    """The attempt to change a code on its lock: the last one, where this call changed nothing."""
    return _of_event(_last(code, "access_code.changed") or _last(code, "access_code.created"))


def of_conversion(code: AccessCode) -> dict:
    """The attempt to take over a code that was found on its lock."""
    return _of_event(_last(code, CONVERTED))


def of_deletion(code: AccessCode) -> dict:
    """The attempt to take a code off its lock."""
    return _of_event(_last(code, "access_code.changed"))


def of_simulation(event: Event) -> dict:
    """What was typed at a simulator's keypad."""
    return _of_event(event)


def _last(code: AccessCode, kind: str) -> Event | None:
    return _events().filter(access_code=code.pk, event_type=kind).order_by("-pk").first()


def _events():
    return Event.objects.filter(event_type__in=KINDS).select_related("access_code")


@calls.call("get", "GET", "POST", scope=READ, gives=schemas.GivesAttempt)
def get(key: ApiKey, given: schemas.FindAttempt) -> dict:
    """One attempt."""
    unlock = RemoteUnlock.objects.filter(
        lock__property=key.property, public_id=given.action_attempt_id
    ).first()
    if unlock:
        return {"action_attempt": shapes.unlock_attempt(unlock)}
    event = _events().filter(property=key.property, event_id=given.action_attempt_id).first()
    if event is None:
        raise not_found("action_attempt", f"This house has no action attempt {given.action_attempt_id}.")
    told = _of_event(event)
    code = finding.ours(key).filter(pk=event.access_code_id).first()
    if code and told["status"] == "success" and told["action_type"] != DELETION:
        told["result"] = {"access_code": shapes.code(code, shapes.may_tell(key))}
    return {"action_attempt": told}


@calls.call("list", "GET", "POST", scope=READ, gives=schemas.GivesAttempts)
def list_(key: ApiKey, given: schemas.ListAttempts) -> dict:
    """What was asked of the house's locks, or of one: each kind in the order of its asking."""
    unlocks = RemoteUnlock.objects.filter(lock__property=key.property)
    events = _events().filter(property=key.property)
    if given.device_id:
        lock = finding.door(key, given.device_id)
        unlocks, events = unlocks.filter(lock=lock), events.filter(lock=lock)
    if given.action_attempt_ids is not None:
        unlocks = unlocks.filter(public_id__in=given.action_attempt_ids)
        events = events.filter(event_id__in=given.action_attempt_ids)

    def after(last: int, count: int) -> list[tuple[int, dict]]:
        """Two tables, numbered as one: openings have the even numbers."""
        even = unlocks.filter(pk__gt=last // 2).order_by("pk")[:count]
        odd = events.filter(pk__gt=(last - 1) // 2).order_by("pk")[:count]
        numbered = [(2 * one.pk, shapes.unlock_attempt(one)) for one in even]
        numbered += [(2 * one.pk + 1, _of_event(one)) for one in odd]
        return sorted(numbered, key=lambda one: one[0])[:count]

    found, pagination = finding.page_of(after, given, lambda told: told, "action_attempts/list")
    return {"action_attempts": found, "pagination": pagination}


def _of_event(event: Event) -> dict:
    told = {"action_attempt_id": str(event.event_id), "result": None, "error": None}
    if event.event_type == SIMULATED:
        return told | {"action_type": KINDS[SIMULATED], "status": "success", "result": {}}
    deletion = event.data.get("wanted") is False
    kind = DELETION if deletion else KINDS[event.event_type]
    code = event.access_code
    done = not code.live if deletion else _was_set(event)
    error = "" if done or deletion else _error(code)
    if error:
        message = ENDED if error == NEVER_SET else shapes.sentence(error)
        told |= {"status": "error", "error": {"type": error, "message": message}}
    elif done:
        told |= {"status": "success", "result": {}}
    else:
        told |= {"status": "pending"}
    return told | {"action_type": kind}


def _was_set(event: Event) -> bool:
    """Was the code seen on its lock: at all, if it is about its making, else as it is wanted now, or last was?"""
    code = event.access_code
    if code.is_offline_access_code or code.settled_generation == code.generation:
        return True
    any_will_do = event.event_type == "access_code.created" or not code.wanted
    return any_will_do and code.settled_generation is not None


def _error(code: AccessCode) -> str:
    """Why a code that was not seen is not on its lock, as far as that is an end: it is off for good, or refused."""
    if not code.live:
        return NEVER_SET
    if code.refused_generation == code.generation:
        return code.refusal_code
    return next((entry["error_code"] for entry in code.errors if entry["error_code"] in FAILURES), "")
