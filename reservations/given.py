"""Backup codes that owners give away by hand: to whom they may, and the verb."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from hospitality import clock
from hospitality.wall import Wall
from locks import backups, wishes
from locks.models import AccessCode, Lock
from reservations import calls, grants
from reservations.messages import rules as messages
from reservations.models import Stay, StayState
from reservations.verbs import Refused, held, tell, verb


def may_have(lock: Lock, wall: Wall) -> QuerySet[Stay]:
    """The stays in house, or due by today, that have a code of their own for this door."""
    here = Q(state=StayState.IN_HOUSE) | Q(state=StayState.BOOKED, arrival__lte=wall.today)
    codes = AccessCode.objects.filter(lock=lock, is_backup=False, wanted=True, ends_at__gt=wall.now)
    found = Stay.objects.filter(here, property=lock.property_id, grant__in=codes.values("grant"))
    return found.select_related("reservation__guest", "room", "property", "grant")


@verb
def give(stay: Stay, backup: AccessCode, *, by, message: tuple[str, str] | None = None) -> AccessCode:
    """Give the guest this backup code; it ends with the stay, and the guest's call is answered. A guest who has one for
    the door keeps that one, and it is returned. `message`: the name of the text that tells them, and its channel; what
    they were told before is corrected in any case. Raises Refused where the guest has no code for the door, or somebody
    else got this one first."""
    stay = held(stay)
    today = stay.property.local(clock.now()).date()
    due = stay.state == StayState.BOOKED and stay.arrival <= today
    if stay.state != StayState.IN_HOUSE and not due:
        raise Refused(_("Backup codes are for guests who are in house or arrive today."))
    given = backups.hand_out(grants.code_on(stay, backup.lock), by=by, which=backup)
    wishes.revealed([given], by=by)
    calls.close(stay, by=by)
    tell(
        stay,
        by=by,
        action="backup.handed_out",
        lock=backup.lock.name,
        access_code=str(given.public_id),
    )
    messages.follow(stay)
    if message:
        name, channel = message
        messages.send_beside(stay, reason=f"given: {given.public_id}", name=name, channel=channel)
    return given
