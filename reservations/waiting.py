"""The queue: guests who are here and whose room is not ready. Who came first stands first; nobody is checked in by
itself. Each verb is one transaction and goes on record."""

from django.utils.translation import gettext as _

from hospitality import clock
from reservations import grants
from reservations.models import Stay, StayState
from reservations.verbs import AlreadyDone, Refused, held, tell, verb


@verb
def wait(stay: Stay, *, by) -> Stay:
    """The guest is here and waits for the room from now on. Raises AlreadyDone, Refused for a guest who is not due or
    was here."""
    stay = held(stay)
    now = clock.now()
    local = stay.property.local
    if stay.state != StayState.BOOKED:
        raise Refused(
            _("This stay is %(state)s; only a guest who is expected can wait for a room.")
            % {"state": stay.get_state_display()}
        )
    if not grants.may_come(stay, now):
        raise Refused(_("This guest is not due today; change the dates first."))
    if stay.waiting_since:
        since = {"time": f"{local(stay.waiting_since):%H:%M}"}
        raise AlreadyDone(_("This guest is on the queue since %(time)s.") % since)
    stay.waiting_since = now
    stay.save(update_fields=["waiting_since"])
    tell(stay, by=by, action="stay.queued")
    return stay


@verb
def stop_waiting(stay: Stay, *, by) -> Stay:
    """The guest does not wait any more: went out, or was put on the queue by mistake. Again is no change."""
    stay = held(stay)
    if stay.waiting_since:
        stay.waiting_since = None
        stay.save(update_fields=["waiting_since"])
        tell(stay, by=by, action="stay.left_queue")
    return stay
