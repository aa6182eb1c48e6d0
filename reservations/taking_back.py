"""The verbs that take a step back: a stay that comes about after all, a check-in or a check-out by mistake. Each is one
transaction; the room must be free for it, and the codes follow with the digits they had where the doors still take them.
"""

from datetime import date

from django.utils.translation import gettext as _

from hospitality import clock
from hospitality.models import AuditEntry
from locks import backups
from reservations import calls, grants, occupancy
from reservations.messages import rules as messages
from reservations.models import Stay, StayState
from reservations.verbs import AlreadyDone, Refused, held, tell, verb


@verb
def reinstate(stay: Stay, *, by) -> Stay:
    """A cancelled stay, or that of a guest who did not come, is booked again. Raises AlreadyDone; Refused, naming who
    has the room now."""
    stay = held(stay)
    if stay.state in occupancy.ACTIVE:
        raise AlreadyDone(_("This stay is %(state)s already.") % {"state": stay.get_state_display()})
    if stay.state == StayState.DEPARTED:
        raise Refused(_("This guest was here and has left; undo the check-out, or book a new stay."))
    if clock.now() >= grants.planned(stay)[1]:
        raise Refused(_("This stay's check-out time is past; book a new one."))
    occupancy.hold(stay.room)
    occupancy.check_free(stay)
    before, stay.state = stay.state, StayState.BOOKED
    stay.save(update_fields=["state"])
    return _followed(stay, by=by, action="stay.reinstated", after=before)


@verb
def undo_check_in(stay: Stay, *, by) -> Stay:
    """The guest is not here after all: booked as before, also from the day that was booked. The code opens from the
    planned time again, and backup codes that were handed out come off. Raises AlreadyDone, Refused."""
    stay = held(stay)
    if stay.state == StayState.BOOKED:
        raise AlreadyDone(_("This guest is not checked in."))
    if stay.state != StayState.IN_HOUSE:
        raise Refused(
            _("This stay is %(state)s; only a guest in house can be un-checked-in.")
            % {"state": stay.get_state_display()}
        )
    stay.arrival = _booked_arrival(stay)
    stay.state, stay.checked_in_at, stay.checked_in_by = StayState.BOOKED, None, None
    stay.save(update_fields=["arrival", "state", "checked_in_at", "checked_in_by"])
    for grant in grants.of(stay):
        backups.take_back(grant, by=by)
    calls.close(stay, by=by)
    return _followed(stay, by=by, action="stay.check_in_undone")


def _booked_arrival(stay: Stay) -> date:
    """The day that was booked, where the check-in took the room earlier."""
    checked_in = AuditEntry.objects.filter(subject_id=stay.public_id, action="stay.checked_in").first()
    booked, taken = checked_in.detail.get("arrival", (None, None)) if checked_in else (None, None)
    if taken != stay.arrival.isoformat() or date.fromisoformat(booked) >= stay.departure:
        return stay.arrival
    return date.fromisoformat(booked)


@verb
def undo_check_out(stay: Stay, *, by) -> Stay:
    """The guest has not left after all, and is in house as before. Raises AlreadyDone; Refused, naming who has the room
    now."""
    stay = held(stay)
    if stay.state == StayState.IN_HOUSE:
        raise AlreadyDone(_("This guest is in house already."))
    if stay.state != StayState.DEPARTED:
        raise Refused(_("This guest was not checked out."))
    occupancy.hold(stay.room)
    occupancy.check_free(stay)
    if other := occupancy.in_house(stay).first():
        raise Refused(
            _("%(guest)s is in house in %(room)s now; book this guest another room.")
            % {"guest": other.reservation.guest, "room": stay.room}
        )
    stay.state, stay.checked_out_at, stay.checked_out_by = StayState.IN_HOUSE, None, None
    stay.opens_until = None
    stay.save(update_fields=["state", "checked_out_at", "checked_out_by", "opens_until"])
    return _followed(stay, by=by, action="stay.check_out_undone")


def _followed(stay: Stay, *, by, action: str, **detail) -> Stay:
    """The stay with its codes, its messages and the record in line."""
    grants.fit(stay, by=by)
    messages.follow(stay)
    tell(stay, by=by, action=action, **detail)
    return stay
