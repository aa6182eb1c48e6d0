"""The calls that turn a lock of the simulator, as somebody at the door or in the maker's app would: for trying."""

from django.db import transaction

from hospitality import clock
from locks import simulated, wishes
from locks.api import attempts, finding, schemas, shapes
from locks.api.errors import ApiError
from locks.api.wire import Calls
from locks.models import ApiKey, Event, Lock

access_codes, devices, locks = (Calls(f"{word}/simulate") for word in ("access_codes", "devices", "locks"))
MANAGE = ApiKey.Scope.MANAGE


def _lock(key: ApiKey, device_id) -> Lock:
    lock = finding.lock(key, device_id)
    if lock.connection.provider != simulated.SIMULATED:
        raise ApiError(409, "device_not_simulated", f"{lock} is no lock of the simulator.")
    return lock


@devices.call("connect", "POST", scope=MANAGE, asks_a_lock=True, gives=schemas.Done)
def connect(key: ApiKey, given: schemas.OfDevice) -> dict:
    """Have the lock answer again."""
    simulated.turn(_lock(key, given.device_id), {"offline": False, "hub_offline": False}, by=key.account)
    return {}


@devices.call("disconnect", "POST", scope=MANAGE, asks_a_lock=True, gives=schemas.Done)
def disconnect(key: ApiKey, given: schemas.OfDevice) -> dict:
    """Have the lock not answer any more."""
    simulated.turn(_lock(key, given.device_id), {"offline": True}, by=key.account)
    return {}


@devices.call("remove", "POST", scope=MANAGE, asks_a_lock=True, gives=schemas.Done)
def remove(key: ApiKey, given: schemas.OfDevice) -> dict:
    """Have the lock gone from its maker's account."""
    simulated.turn(_lock(key, given.device_id), {"removed": True}, by=key.account)
    return {}


@locks.call("keypad_code_entry", "POST", scope=MANAGE, asks_a_lock=True, gives=schemas.GivesAttempt)
def keypad_code_entry(key: ApiKey, given: schemas.TypeCode) -> dict:
    """Type digits at the lock's keypad. Whether it opened, its event `lock.unlocked` or `lock.access_denied` says."""
    lock = _lock(key, given.device_id)
    simulated.door(lock).press(lock.provider_ref, given.code)
    with transaction.atomic():
        event = Event.objects.create(
            property=key.property,
            lock=lock,
            actor=key.account,
            event_type=attempts.SIMULATED,
            occurred_at=clock.now(),
        )
        wishes.wake([lock])
    return {"action_attempt": attempts.of_simulation(event)}


@access_codes.call(
    "create_unmanaged_access_code", "POST", scope=MANAGE, asks_a_lock=True, gives=schemas.GivesUnmanaged
)
def create_unmanaged_access_code(key: ApiKey, given: schemas.MakeUnmanaged) -> dict:
    """Make a code in the maker's app, as an owner would."""
    lock = _lock(key, given.device_id)
    made = simulated.make_in_app(lock, given.name, given.code)
    return {"access_code": shapes.unmanaged(finding.stranger(key, made.public_id), shapes.may_tell(key))}
