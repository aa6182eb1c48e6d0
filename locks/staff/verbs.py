"""The verbs on staff codes: made, shown, taken off, and kept in line with the time and the doors. Each is one
transaction; the code's row is taken first, the locks' rows after it."""

from collections.abc import Callable, Sequence
from functools import wraps
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hospitality import audit, clock, live
from hospitality.models import Property
from locks import codes, digits, fitting, pins
from locks.models import AccessCode, Lock, StaffCode
from locks.staff import times

Where, When = StaffCode.Where, StaffCode.When
TAKEN = gettext_lazy("The digits were taken a moment ago; try again.")


class Refused(Exception):
    """It cannot be; the message is one sentence that names the remedy."""


REFUSALS = (pins.NoPin, digits.DigitsTaken, fitting.WindowNotPossible)


def _verb(function: Callable) -> Callable:
    """One transaction; what the doors or the database refuse becomes a sentence."""

    @wraps(function)
    def run(*args, **kwargs):
        try:
            with transaction.atomic():
                return function(*args, **kwargs)
        except REFUSALS as error:
            raise Refused(str(error)) from error
        except IntegrityError as error:
            name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
            if name == "digits_once_per_lock_and_time":
                raise Refused(str(TAKEN)) from error
            if name == "locks_staffcode_public_id_key":
                raise Refused(_("This code was made a moment ago; look at the list.")) from error
            raise

    return run


@_verb
def make(property: Property, *, by, locks: Sequence[Lock] = (), key: UUID, **wish) -> StaffCode:
    """A code for somebody of the staff. `wish`: name, where, when, and what `when` asks for (day, weekdays, from_time,
    until_time); `locks` are the chosen doors. `key` names the form that asks: sent twice, it is one code. Raises
    Refused."""
    if found := property.staff_codes.filter(public_id=key).first():
        return found
    code = StaffCode(property=property, public_id=key, **wish)
    now = clock.now()
    opens = times.window(code, now)
    if opens is None:
        raise Refused(_("That time is over; choose a later day or end."))
    code.save()
    code.locks.set(locks)
    there = doors(code)
    if not there:
        raise Refused(_("None of these doors takes a PIN; choose others."))
    code.grant = codes.grant(
        property, by=by, name=code.name, locks=there, starts_at=opens[0], ends_at=opens[1]
    )
    code.save(update_fields=["grant"])
    _tell(code, by, "staff_code.made", when=code.when, doors=[lock.name for lock in there])
    return code


def doors(code: StaffCode) -> list[Lock]:
    """The locks that it is for and that can be written to."""
    locks = code.property.locks.filter(replaced_by__isnull=True).order_by("pk")
    if code.where == Where.COMMON:
        locks = locks.filter(kind=Lock.Kind.COMMON)
    elif code.where == Where.CHOSEN:
        # One that another lock has replaced hangs there no more: the new one is meant.
        chosen = set(code.locks.values_list("pk", "replaced_by"))
        locks = locks.filter(pk__in={new or old for old, new in chosen})
    return digits.programmable(list(locks))


@_verb
def reveal(code: StaffCode, *, by) -> str:
    """Its PIN in clear, on the record. Raises Refused once it has ended."""
    code = _held(code)
    if code.ended_at:
        raise Refused(_("The code of %(name)s has ended; make a new one.") % {"name": code.name})
    pin = codes.tell_pin(code.grant)
    audit.record(
        code.property, by=by, action="staff_code.revealed", subject_id=code.public_id, name=code.name
    )
    return pin


@_verb
def take_off(code: StaffCode, *, by) -> bool:
    """Close every door to it now; each is told of until its lock confirms. False if that was asked before."""
    code = _held(code)
    if code.ended_at:
        return False
    _end(code, by, "staff_code.taken_off")
    return True


def _end(code: StaffCode, by, action: str) -> None:
    codes.revoke(code.grant, by=by)
    code.ended_at, code.problem = clock.now(), ""
    code.save(update_fields=["ended_at", "problem"])
    _tell(code, by, action)


@transaction.atomic
def follow(code: StaffCode) -> bool:
    """Bring its window and its doors in line with the time, the house's clock and the house's locks; returns whether
    anything was changed. What cannot be stands on the code until it can."""
    code = _held(code)
    if code.ended_at:
        return False
    if _used_up(code) or times.window(code, clock.now()) is None:
        _end(code, None, "staff_code.ended")
        return True
    try:
        with transaction.atomic():
            changed, problem = _fit(code), ""
    except (*REFUSALS, ValueError) as refusal:
        changed, problem = False, str(refusal)[:300]
    except IntegrityError:
        changed, problem = False, str(TAKEN)
    if problem != code.problem:
        code.problem = problem
        code.save(update_fields=["problem"])
        live.announce(code.property, f"grant-{code.grant.public_id}")
    return changed


def _used_up(code: StaffCode) -> bool:
    """Is it for once, and did a lock tell that it was used?"""
    return code.when == When.ONCE and code.grant.codes.filter(first_used_at__isnull=False).exists()


def _fit(code: StaffCode) -> bool:
    grant, changed = code.grant, False
    opens = times.window(code, clock.now())
    if (grant.starts_at, grant.ends_at) != opens:
        codes.move(grant, by=None, starts_at=opens[0], ends_at=opens[1])
        changed = True
    there = doors(code)
    wanted = AccessCode.objects.filter(grant=grant, wanted=True, is_backup=False)
    if there and {lock.pk for lock in there} != set(wanted.values_list("lock_id", flat=True)):
        codes.set_doors(grant, there, by=None)
        changed = True
    return changed


def follow_all() -> int:
    """Every running staff code of every house; returns how many were changed."""
    running = StaffCode.objects.filter(ended_at__isnull=True)
    return sum(follow(code) for code in running.order_by("pk"))


def _held(code: StaffCode) -> StaffCode:
    """Fresh from the database, its row locked until the transaction ends."""
    StaffCode.objects.select_for_update(no_key=True).get(pk=code.pk)
    return StaffCode.objects.select_related("property", "grant").get(pk=code.pk)


def _tell(code: StaffCode, by, action: str, **detail) -> None:
    audit.record(code.property, by=by, action=action, subject_id=code.public_id, name=code.name, **detail)
    live.announce(code.property, "staff")
    live.announce(code.property, f"grant-{code.grant.public_id}")
