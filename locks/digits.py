"""Which digits a grant's codes have: one PIN for all its doors, new ones where a lock refuses them or somebody else
has them."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from hospitality import clock
from locks import capabilities, pins
from locks.models import AccessCode, AccessGrant, Lock
from locks.wishes import digits, hold, indexes, tell, wake, wish

OWN = ("pin_sealed", "pin_chosen", "told_at")
"""What a grant has of its digits."""
MOST_REDRAWS = 5
"""A lock that refuses this many PINs in a row refuses whatever comes: that is a person's task."""


class DigitsTaken(Exception):
    """The PIN cannot be had, or kept in the new window: a code that is in use has the same first digits."""


class PinRefused(Exception):
    """One of the locks does not take the digits that were chosen; the message says which and why, without them."""


def draw(locks: Sequence[Lock], starts_at, ends_at, length: int | None = None) -> str | None:
    """A PIN for those of the locks that can be written to; None if there are none. Raises pins.NoPin."""
    online = programmable(locks)
    return pins.draw(online, starts_at, ends_at, length) if online else None


def programmable(locks: Sequence[Lock]) -> list[Lock]:
    """Those of the locks that a code can be written to; the others take codes made by arithmetic."""
    return [lock for lock in locks if capabilities.of(lock).can_program_online_access_codes]


@transaction.atomic
def repin(grant: AccessGrant, *, by, pin: str | None = None) -> None:
    """Give the grant new digits, drawn or chosen (`pin`), the same for all its doors. They are written over the old
    ones, which go on opening a door until it was seen to have the new: it needs no second place, and no lock has both.
    Raises pins.NoPin; PinRefused and DigitsTaken for chosen ones."""
    held = hold(doors(grant))
    windows = _windows(grant, held)
    if pin is None:
        redraw(grant, [*windows], by=by)
    else:
        choose(grant, pin, windows)
        _give(grant, by=by)
    tell(grant, held)
    wake(held)


def forget(grant: AccessGrant) -> None:
    """Have a grant that was revoked get other digits should it ever open doors again; its codes keep theirs until they
    are off."""
    grant.pin = grant.told_at = None
    grant.pin_chosen = False
    grant.save(update_fields=OWN)


def redraw(grant: AccessGrant, doors: Sequence[Lock], *, by) -> None:
    """New digits that all of `doors` take, in every code of the grant that is to stay. The caller holds the rows."""
    grant.pin = draw(doors, grant.starts_at, grant.ends_at)
    grant.told_at, grant.pin_chosen = None, False
    _give(grant, by=by)


def choose(grant: AccessGrant, pin: str, at: pins.Windows) -> None:
    """Let the grant have digits that somebody chose, and so knows, if all these doors take them. The caller holds the
    rows, and saves. Raises PinRefused, DigitsTaken."""
    check_chosen(pin, at, but_by=grant if grant.pk else None)
    grant.pin, grant.told_at, grant.pin_chosen = pin, clock.now(), True


def check_chosen(pin: str, at: pins.Windows, *, but_by: AccessGrant | None = None) -> None:
    """Do the locks take these very digits, and are they free there at that time, the codes of `but_by` apart? Only the
    locks' own rules bind a chosen PIN. The caller holds the rows. Raises PinRefused, DigitsTaken, in English: whoever
    chooses digits is a program."""
    if not (pin.isascii() and pin.isdigit() and len(pin) >= 4):
        raise PinRefused("A PIN consists of digits, four or more.")
    for lock, window in at.items():
        if not programmable([lock]):
            raise PinRefused(f"{lock} takes no chosen digits: its codes are made by arithmetic.")
        if why := pins.misfit(pin, capabilities.of(lock)):
            raise PinRefused(f"{lock}: {why}")
        if pins.is_taken(pin, lock, window, but_by=but_by):
            raise DigitsTaken(
                f"Another code on {lock} begins with the same four digits; choose other digits."
            )


def _give(grant: AccessGrant, *, by) -> None:
    """Want the grant's digits in every code of it that is to stay."""
    grant.save(update_fields=OWN)
    now = clock.now()
    for code in grant.codes.filter(wanted=True, is_offline_access_code=False).select_related("lock"):
        wish(code, now, by, has_own_pin=False, **digits(code, grant.pin))


def _windows(grant: AccessGrant, held: Sequence[Lock]) -> pins.Windows:
    """The doors that the grant is to open, and when."""
    spans = grant.codes.filter(wanted=True).values_list("lock_id", "starts_at", "ends_at")
    by_lock = {lock_id: span for lock_id, *span in spans}
    return {lock: tuple(by_lock[lock.pk]) for lock in held if lock.pk in by_lock}


def doors(grant: AccessGrant) -> QuerySet[Lock]:
    """The locks on which the grant has or had a code, with their hotel."""
    return Lock.objects.filter(codes__grant=grant).select_related("property").distinct()


def answer_refusals(lock_id: int) -> None:
    """Give other digits to the codes whose PIN the lock refused: for all doors of a grant whose PIN nobody was told
    yet, else for this door alone. Chosen ones stay as they are, and so does the refusal on their code."""
    refused = AccessCode.objects.filter(lock=lock_id, live=True, wanted=True, refused_pin=True)
    for code_id in refused.exclude(grant=None).values_list("pk", flat=True):
        _answer_refusal(code_id)


@transaction.atomic
def _answer_refusal(code_id: int) -> None:
    grant = AccessGrant.objects.get(codes=code_id)
    held = hold(doors(grant))
    grant.refresh_from_db()
    code = AccessCode.objects.select_related("lock").get(pk=code_id)
    if not code.waits_for_digits or code.redraws >= MOST_REDRAWS or grant.revoked_at or grant.pin_chosen:
        return
    code.redraws += 1
    code.save(update_fields=["redraws"])
    try:
        _other_digits(grant, code, held)
    except pins.NoPin:
        return  # the refusal stands on the code, which is late by now: a person sees it
    tell(grant, held)
    wake(held)


def _other_digits(grant: AccessGrant, code: AccessCode, held: Sequence[Lock]) -> None:
    if grant.told_at is None:
        redraw(grant, [*_windows(grant, held)], by=None)
        return
    pin = pins.draw([code.lock], code.starts_at, code.ends_at)
    wish(code, clock.now(), None, has_own_pin=True, **digits(code, pin))


def clashing(grant: AccessGrant, spans: pins.Windows) -> list[AccessCode]:
    """Codes of others whose first digits meet the grant's on these locks, in the window that it is to have there. Two
    queries."""
    ours = grant.codes.filter(wanted=True, is_offline_access_code=False, lock__in=spans)
    alike = Q(pk__in=[])
    for lock_id, pin4 in ours.values_list("lock_id", "pin4"):  # a door may have digits of its own
        alike |= Q(lock=lock_id, pin4=pin4)
    found = AccessCode.objects.filter(
        alike, pins.meeting(spans, pins.NO_MARGIN), live=True, is_managed=True
    ).exclude(grant=grant)
    return list(found.select_related("grant", "lock"))


def clear_the_way(grant: AccessGrant, spans: pins.Windows, held: Sequence[Lock], *, by) -> None:
    """A longer window may meet a later booking with the same first digits: that one has not begun, so it is the
    one that gets new digits. `held` are also the other booking's doors. Raises DigitsTaken if it has begun, or its
    digits were chosen."""
    now, ids = clock.now(), {lock.pk for lock in held}
    for code in clashing(grant, spans):
        begun = code.grant is None or not code.wanted or code.grant.starts_at <= now
        if begun or code.grant.pin_chosen or not {lock.pk for lock in doors(code.grant)} <= ids:
            raise DigitsTaken(
                _("Another code on %(lock)s has the same first digits; issue a new PIN.")
                % {"lock": code.lock}
            )
        repin(code.grant, by=by)


def must_redraw(grant: AccessGrant, new: pins.Windows) -> bool:
    """Does one of the new doors refuse the grant's digits (taken there in that window, or not to its rules)?"""
    online = {lock: new[lock] for lock in programmable(list(new))}
    if not online or not grant.pin:
        return bool(online)
    misfits = any(pins.misfit(grant.pin, capabilities.of(lock)) for lock in online)
    taken = AccessCode.objects.filter(
        pins.meeting(online), pin4=indexes(grant.pin)["pin4"], live=True
    ).exclude(grant=grant)
    return misfits or taken.exists()
