"""Two guests exchange their rooms, in one transaction: nobody ever sees one of them without."""

from django.utils.translation import gettext as _

from hospitality.models import Room
from reservations import grants, occupancy
from reservations.housekeeping import rooms
from reservations.messages import rules as messages
from reservations.models import Stay, StayState
from reservations.verbs import AlreadyDone, NeedsConfirmation, Refused, held, tell, verb


@verb
def swap(stay: Stay, other: Stay, *, by, confirmed: bool = False) -> Stay:
    """The two stays exchange their rooms, each for all of its nights; both keep their digits. Raises
    NeedsConfirmation with a guest in house, or with a code that cannot be taken back; AlreadyDone; Refused, naming who
    is in the way."""
    by_number = sorted((stay, other), key=lambda one: one.pk)
    here = {one.pk: held(one) for one in by_number}  # in the order that everybody takes
    stay, other = here[stay.pk], here[other.pk]
    for one in (stay, other):
        _check(one)
    if stay.room == other.room:
        raise AlreadyDone(_("Both stays are in %(room)s.") % {"room": stay.room})
    warnings = [words for one in (stay, other) for words in _warnings(one)]
    if warnings and not confirmed:
        raise NeedsConfirmation(warnings)
    _exchange(stay, other, by=by)
    return stay


def candidates(stay: Stay) -> list[Stay]:
    """The stays that could swap rooms with this one: booked or in house, in another room, at the same time."""
    if stay.room is None:
        return []
    there = Stay.objects.filter(
        property=stay.property,
        state__in=occupancy.ACTIVE,
        room__isnull=False,
        arrival__lt=stay.departure,
        departure__gt=stay.arrival,
    )
    return list(there.exclude(room=stay.room).select_related("reservation__guest", "room"))


def _check(stay: Stay) -> None:
    if stay.state not in occupancy.ACTIVE:
        over = {"guest": stay.reservation.guest, "state": stay.get_state_display()}
        raise Refused(_("The stay of %(guest)s is %(state)s; nothing to swap.") % over)
    if stay.room is None:
        roomless = {"guest": stay.reservation.guest}
        raise Refused(_("%(guest)s has no room yet; assign one instead.") % roomless)


def _warnings(stay: Stay) -> list[str]:
    here = _("%(guest)s is in house and may be using the code.") % {"guest": stay.reservation.guest}
    return ([here] if stay.state == StayState.IN_HOUSE else []) + grants.lasting_words(stay)


def _exchange(stay: Stay, other: Stay, *, by) -> None:
    """The constraint on rooms holds at every row: one of the two is without a room in between, and off its doors, so
    that no door ever wants both."""
    mine, theirs = stay.room, other.room
    occupancy.hold(mine, theirs)
    grants.hold(stay, other)
    grants.step_out(stay, theirs, by=by)
    _move(stay, None)
    for one, room in ((other, mine), (stay, theirs)):
        one.room = room
        occupancy.check_free(one)
        rooms.refuse_closed(room, one.arrival, one.departure)
        _move(one, room)
        grants.fit(one, by=by)
    for one, before, partner in ((stay, mine, other), (other, theirs, stay)):
        messages.follow(one)
        if one.state == StayState.IN_HOUSE:
            rooms.left(before, by=by)
        room = [before.name, one.room.name]
        tell(one, by=by, action="stay.swapped", room=room, booking=partner.reservation.external_id)


def _move(stay: Stay, room: Room | None) -> None:
    stay.room = room
    stay.save(update_fields=["room"])
