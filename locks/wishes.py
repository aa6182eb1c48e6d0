"""What is wanted of a code, and saying so: the few steps that every verb on codes is made of.

Each is part of the caller's transaction; the caller holds the rows of the locks that it touches (`hold`), taken in
one order, and wakes them at the end (`wake`). A changed wish raises `generation`.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import F, QuerySet
from django_q.tasks import async_task

from hospitality import clock, live, vault
from locks import former
from locks.models import AccessCode, AccessGrant, Event, Lock, Status


def hold(locks: Iterable[Lock]) -> list[Lock]:
    """The same locks with their hotel, their rows locked until the transaction ends, in the one order that everybody
    takes. One query, also where `locks` are themselves a queryset."""
    ids = locks.values("pk") if isinstance(locks, QuerySet) else [lock.pk for lock in locks]
    rows = Lock.objects.select_for_update(of=("self",), no_key=True).select_related("property")
    return list(rows.filter(pk__in=ids).order_by("pk"))


def wake(locks: Iterable[Lock], now: datetime | None = None) -> None:
    """Say "look at these locks now": due rows and a queued sweep, both part of the caller's transaction. A lock that
    another has replaced sleeps on. `now`: where the caller has asked for it already."""
    ids = [lock.pk for lock in locks]
    if ids:
        there = Lock.objects.filter(pk__in=ids, replaced_by__isnull=True)
        there.update(due_at=now or clock.now(), wakes=F("wakes") + 1)
        async_task("locks.tasks.sweep")


def pin_index(pin: str) -> int:
    """The number that stands for these digits in comparisons."""
    return vault.index(pin)


def indexes(pin: str) -> dict[str, int]:
    """The keyed columns that stand for a PIN in constraints and comparisons."""
    return {"pin_index": pin_index(pin), "pin4": vault.index(pin[:4])}


def new_code(lock: Lock, *, by, name: str, pin: str | None, now: datetime, **fields) -> AccessCode:
    """Add a code to what is wanted on `lock`, with its event. `pin` None: its digits are assigned later. The caller
    holds the lock's row."""
    code = draft(lock, name=name, pin=pin, now=now, **fields)
    add([code], now, by=by)
    return code


def draft(lock: Lock, *, name: str, pin: str | None, now: datetime, **fields) -> AccessCode:
    """Such a code, for `add`."""
    code = AccessCode(
        lock=lock,
        name=name,
        asked_at=now,
        pending_mutations=[{"mutation_code": "creating"}] if pin else [],
        **(indexes(pin) if pin else {}),
        **fields,
    )
    if pin:
        code.pin = pin
    return code


def add(codes: Sequence[AccessCode], now: datetime, *, by) -> None:
    """Write these drafts with their events, in two queries."""
    AccessCode.objects.bulk_create(codes)
    Event.objects.bulk_create([_event(code, "access_code.created", now, by=by) for code in codes])


def record(code: AccessCode, event_type: str, at: datetime, *, by=None, **data) -> None:
    """Write what happened to a code, in the caller's transaction. `data` is JSON and holds no PIN."""
    _event(code, event_type, at, by=by, **data).save()


def _event(code: AccessCode, event_type: str, at: datetime, *, by=None, **data) -> Event:
    return Event(
        property_id=code.lock.property_id,
        lock_id=code.lock_id,
        access_code=code,
        event_type=event_type,
        actor=by,
        data=data,
        occurred_at=at,
    )


def digits(code: AccessCode, pin: str) -> dict:
    """The columns that hold these digits for this code."""
    code.pin = pin
    return {"pin_sealed": code.pin_sealed, **indexes(pin)}


def wish(code: AccessCode, now: datetime, by, **changes) -> None:
    """Change what is wanted of one code: a new generation, so that answers to the old wish do not count for it."""
    if all(getattr(code, name) == value for name, value in changes.items()):
        return
    if code.pin4 is not None and changes.get("pin4", code.pin4) != code.pin4:
        former.remember([former.of(code, code.pin4, now)])
    for name, value in changes.items():
        setattr(code, name, value)
    code.generation += 1
    code.asked_at = now
    code.refusal, code.refusal_code = None, ""
    code.refused_pin = False
    if "pin_index" in changes and code.status == Status.SET:
        # The new digits open nothing yet, and nobody may read that they do until the lock was visited.
        code.status, code.pending_mutations = Status.SETTING, [{"mutation_code": "updating_code"}]
    derived = ["status", "pending_mutations", "refusal", "refusal_code", "refused_pin"]
    code.save(update_fields=[*changes, "generation", "asked_at", *derived])
    hidden = {"pin_sealed", "pin_index", "pin4"}
    told = {name: _plain(changes[name]) for name in ("wanted", "starts_at", "ends_at") if name in changes}
    record(code, "access_code.changed", now, by=by, changed=sorted({*changes} - hidden), **told)


def _plain(value):
    """As JSON holds it."""
    return value.isoformat() if isinstance(value, datetime) else value


def drop(code: AccessCode, now: datetime, by) -> None:
    """Want the code, and the backup code handed out in its place, off the lock; the latter stays if its owner wants it
    there also after its guest."""
    for one in filter(None, (code, code.pulled_backup)):
        if one.wanted and not one.outlives_guest:
            wish(one, now, by, wanted=False)


def revealed(codes: Iterable[AccessCode], *, by, how: str = "") -> None:
    """Somebody at the desk saw the digits of these codes, or (`how`: `message`, `page`) their guest was told them."""
    now = clock.now()
    for code in codes:
        if how:
            record(code, "access_code.told", now, by=by, how=how)
        else:
            record(code, "access_code.revealed", now, by=by)


def tell(grant: AccessGrant, doors: Iterable[Lock]) -> None:
    """Ring the bell of a grant's screens: of a program's, which no page of the desk is about, that of those of its doors
    where something changed."""
    topics = [f"grant-{grant.public_id}"]
    if grant.made_by_program:
        topics = [f"lock-{lock.public_id}" for lock in doors]
    live.announce_all([(grant.property_id, topic) for topic in topics])
