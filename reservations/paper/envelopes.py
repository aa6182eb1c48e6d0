"""The verbs on sealed backup codes: drawn and printed by a manager, put down by the desk as given or destroyed. All of
it goes on record."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from hospitality import audit, live
from hospitality.models import AuditEntry, Property
from locks import sealed, wishes
from locks.models import AccessCode, Lock
from locks.sealed import NotPossible
from reservations import calls, grants
from reservations.messages import rules as messages
from reservations.models import Stay, StayState
from reservations.verbs import AlreadyDone, Refused, held, tell, verb

SEALED, SHOWN, DESTROYED = "envelope.sealed", "envelope.shown", "envelope.destroyed"


@dataclass(frozen=True)
class Slip:
    """What goes into one envelope."""

    label: str
    door: str
    digits: str = field(repr=False)


def drawn(property: Property) -> int:
    """How many envelopes the property ever had: by it a form sent twice is known."""
    return AuditEntry.objects.filter(property=property, action=SEALED).count()


@verb
def draw(property: Property, locks: Sequence[Lock], *, by, seen: int) -> list[Slip]:
    """One code for each of these doors, for the paper that is shown next. `seen`: what `drawn` was on the screen of who
    asks. All or none. Raises AlreadyDone, Refused."""
    if not locks:
        raise Refused(_("Choose the doors that are to have a sealed code."))
    wishes.hold(locks)
    if drawn(property) != seen:
        raise AlreadyDone(
            _("Envelopes were printed since this page was read: look whether they are the ones you want.")
        )
    slips = []
    for lock in locks:
        code = _possible(lambda lock=lock: sealed.draw(lock, by=by))
        _record(code, by, SEALED)
        slips.append(_slip(code))
    live.announce(property, "handover")
    return slips


@verb
def show(property: Property, *, by) -> list[Slip]:
    """Those that lie in envelopes, to be printed again: the paper was lost before it was sealed. Raises Refused."""
    found = sealed.waiting(property).select_related("lock__property").order_by("lock__name", "pk")
    codes = list(found)
    if not codes:
        raise Refused(_("No sealed code is left to be printed again."))
    for code in codes:
        _record(code, by, SHOWN)
    wishes.revealed(codes, by=by)
    return [_slip(code) for code in codes]


@verb
def give(stay: Stay, code: AccessCode, *, by) -> None:
    """The envelope was opened for this guest; its code ends with the stay. The guest's call is answered. Raises
    Refused."""
    stay = held(stay)
    if stay.state not in (StayState.IN_HOUSE, StayState.BOOKED):
        raise Refused(
            _("This stay is %(state)s; put the envelope down as destroyed.")
            % {"state": stay.get_state_display()}
        )
    own = grants.code_on(stay, code.lock)
    _possible(lambda: sealed.give(own, code, by=by))
    calls.close(stay, by=by)
    messages.follow(stay)
    tell(
        stay,
        by=by,
        action="backup.handed_out",
        lock=code.lock.name,
        access_code=str(code.public_id),
        reason=f"sealed envelope {sealed.label(code.public_id)}",
    )


@verb
def destroy(code: AccessCode, *, by) -> None:
    """Nobody is to use it: its code comes off the lock. Raises Refused."""
    _possible(lambda: sealed.destroy(code, by=by))
    _record(code, by, DESTROYED)


def _possible(act):
    try:
        return act()
    except NotPossible as refusal:
        raise Refused(str(refusal)) from refusal


def _slip(code: AccessCode) -> Slip:
    return Slip(sealed.label(code.public_id), code.lock.name, code.pin)


def _record(code: AccessCode, by, action: str) -> None:
    audit.record(
        code.lock.property,
        by=by,
        action=action,
        subject_id=code.public_id,
        lock=code.lock.name,
        envelope=sealed.label(code.public_id),
    )
