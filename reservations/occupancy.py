"""Who is in the way of a stay in its room, in sentences that name guest, room and time. Steps of the verbs on stays.

That no room is let twice for a night is kept by the database; here it is said by whom.
"""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from hospitality import clock
from hospitality.models import Room
from hospitality.wall import day_words
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
        days = {"begins": day_words(other.arrival), "ends": day_words(other.departure)}
        taken = _(
            "The room is taken: %(guest)s has %(room)s from %(begins)s to %(ends)s. "
            "Choose another room or other dates, or move that stay first."
        )
        raise Refused(taken % (_whose(other) | days))


def in_house(stay: Stay) -> QuerySet[Stay]:
    """Other guests who are in the stay's room now."""
    return _others(stay).filter(state=StayState.IN_HOUSE)


def in_grace(stay: Stay) -> list[str]:
    """A sentence for each guest who left the stay's room early, and whose code still opens it."""
    gone = Stay.objects.filter(room=stay.room, state=StayState.DEPARTED, opens_until__gt=clock.now())
    words = _("%(guest)s left %(room)s early: that code opens it until %(time)s.")
    return [
        words % (_whose(one) | {"time": f"{stay.property.local(one.opens_until):%H:%M}"})
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
        words = _(
            "%(guest)s has %(room)s from %(time)s on %(day)s, and this stay lasts until %(ours)s: "
            "both codes open the door then."
        )
        its, ours = local(its_start), local(ends)
    elif its_start <= begins < its_end:
        words = _(
            "%(guest)s has %(room)s until %(time)s on %(day)s, and this stay begins at %(ours)s: "
            "both codes open the door then."
        )
        its, ours = local(its_end), local(begins)
    else:
        return ""
    times = {"time": f"{its:%H:%M}", "day": day_words(its.date()), "ours": f"{ours:%H:%M}"}
    return words % (_whose(other) | times)


def _others(stay: Stay) -> QuerySet[Stay]:
    there = Stay.objects.filter(room=stay.room, state__in=ACTIVE).exclude(pk=stay.pk)
    return there.select_related("property", "reservation__guest", "room")


def _whose(stay: Stay) -> dict:
    return {"guest": stay.reservation.guest, "room": stay.room}
