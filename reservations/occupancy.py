"""Who is in the way of a stay in its room, in sentences that name guest, room and time. Steps of the verbs on stays.

That no room is let twice for a night is kept by the database; here it is said by whom.
"""

from django.db.models import Q, QuerySet

from hospitality import clock
from hospitality.models import Room
from reservations import grants
from reservations.models import Stay, StayState
from reservations.verbs import Refused

ACTIVE = (StayState.BOOKED, StayState.IN_HOUSE)


def hold(*rooms: Room | None) -> None:
    """One clerk at a time puts a stay into a room: the constraint alone ends in deadlocks under load."""
    ids = {room.pk for room in rooms if room is not None}
    list(Room.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))


def check_free(stay: Stay, *, besides: Stay | None = None) -> None:
    """Is the stay's room free on all its nights, but for `besides`? The caller holds the room's row. Raises Refused,
    naming who has it."""
    if stay.room is None:
        return
    others = _others(stay).filter(arrival__lt=stay.departure, departure__gt=stay.arrival)
    other = others.exclude(pk=besides and besides.pk).order_by("arrival").first()
    if other is not None:
        raise Refused(
            f"The room is taken: {_whose(other)} from {other.arrival:%d %b} to {other.departure:%d %b}. "
            "Choose another room or other dates, or move that stay first."
        )


def in_house(stay: Stay) -> QuerySet[Stay]:
    """Other guests who are in the stay's room now."""
    return _others(stay).filter(state=StayState.IN_HOUSE)


def in_grace(stay: Stay) -> list[str]:
    """A sentence for each guest who left the stay's room early, and whose code still opens it."""
    gone = Stay.objects.filter(room=stay.room, state=StayState.DEPARTED, opens_until__gt=clock.now())
    return [
        f"{one.reservation.guest} left {one.room} early: that code opens it until "
        f"{stay.property.local(one.opens_until):%H:%M}."
        for one in gone.exclude(pk=stay.pk).select_related("reservation__guest", "room")
    ]


def meetings(stay: Stay, **wish) -> list[str]:
    """A sentence for each stay before or after whose agreed times meet this one's (were it as in `wish`): both codes
    open the door then."""
    room = wish.get("room", stay.room)
    if room is None:
        return []
    begins, ends = grants.planned(stay, **wish)
    first, last = wish.get("arrival", stay.arrival), wish.get("departure", stay.departure)
    there = Stay.objects.filter(Q(departure=first) | Q(arrival=last), room=room, state__in=ACTIVE)
    there = there.exclude(pk=stay.pk).select_related("property", "reservation__guest", "room")
    return [
        words
        for other in there.order_by("arrival")
        if _agreed(stay, wish) or other.check_in_time or other.check_out_time
        if (words := _meets(other, begins, ends))
    ]


def _agreed(stay: Stay, wish: dict) -> bool:
    """Are its times its own? Where the house's overlap by themselves nobody is told of it each time."""
    return any(wish.get(name, getattr(stay, name)) for name in ("check_in_time", "check_out_time"))


def _meets(other: Stay, begins, ends) -> str:
    local = other.property.local
    its_start, its_end = grants.planned(other)
    if begins <= its_start < ends:
        when = f"from {local(its_start):%H:%M} on {local(its_start):%d %b}, and this stay lasts until"
        return f"{_whose(other)} {when} {local(ends):%H:%M}: both codes open the door then."
    if its_start <= begins < its_end:
        when = f"until {local(its_end):%H:%M} on {local(its_end):%d %b}, and this stay begins at"
        return f"{_whose(other)} {when} {local(begins):%H:%M}: both codes open the door then."
    return ""


def _others(stay: Stay) -> QuerySet[Stay]:
    there = Stay.objects.filter(room=stay.room, state__in=ACTIVE).exclude(pk=stay.pk)
    return there.select_related("property", "reservation__guest", "room")


def _whose(stay: Stay) -> str:
    return f"{stay.reservation.guest} has {stay.room}"
