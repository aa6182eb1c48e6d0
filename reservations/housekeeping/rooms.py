"""The verbs on rooms, named as housekeeping and the desk say them. Each is one transaction, on the record, and heard by
every open screen. None touches a guest who is in the room."""

from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hospitality import audit, clock, live
from hospitality.models import Condition, Property, Room
from hospitality.sentences import Sentence, Sentences
from hospitality.wall import Wall
from reservations.housekeeping import standing
from reservations.housekeeping.models import Closure
from reservations.models import Stay, StayState
from reservations.verbs import AlreadyDone, NeedsConfirmation, Refused, verb, who

BELL = "rooms"
"""Rings when any room of the house has changed."""


@verb
def mark(room: Room, condition: Condition, *, by, was: Condition | None = None) -> Room:
    """The room is clean, dirty or inspected now. Said again it is no change. `was`: what the person saw who says so.
    Raises AlreadyDone where somebody has said something else meanwhile."""
    room = _held(room)
    stands = standing.of_room(room, room.property.local(clock.now()).date()).condition
    if stands == condition:
        return room
    if was is not None and stands != was:
        raise AlreadyDone(_("Somebody was first: %(what)s Look again.") % {"what": _marked(room, stands)})
    _put(room, condition, by=by)
    return room


def _marked(room: Room, stands: Condition) -> str:
    if room.condition_at is None or stands != room.condition:
        return _("room %(room)s is %(condition)s.") % {"room": room, "condition": stands.label}
    what = _("room %(room)s marked %(condition)s") % {"room": room, "condition": stands.label}
    return who(what, room.condition_by, room.condition_at, room.property)


def left(room: Room | None, *, by) -> None:
    """A guest has left the room: it is dirty. A step of the verbs on stays."""
    if room is not None:
        _put(_held(room), Condition.DIRTY, by=by)


@verb
def close(room: Room, *, by, begins: date, ends: date | None, why: str, confirmed: bool = False) -> Closure:
    """Out of order from `begins` until `ends` (None: nobody knows): it cannot be assigned. From today on it counts as
    dirty. Raises NeedsConfirmation where guests are booked in it or in it, Refused."""
    room = _held(room)
    wall = Wall(room.property, clock.now())
    if begins < wall.today:
        raise Refused(_("A room can be out of order from today on; choose today or a later day."))
    if ends is not None and ends <= begins:
        raise Refused(_("The day it can be let again must be after the day it is out of order from."))
    warnings = [] if confirmed else [_met(stay, wall) for stay in _stays_in(room, begins, ends)]
    if warnings:
        raise NeedsConfirmation(warnings)
    made = Closure.objects.create(room=room, begins=begins, ends=ends, why=why, made_at=wall.now, made_by=by)
    if begins == wall.today:
        _put(room, Condition.DIRTY, by=by)
    until = ends and ends.isoformat()
    _tell(room, by=by, action="room.closed", begins=begins.isoformat(), until=until, why=why)
    return made


@verb
def reopen(closure: Closure, *, by) -> None:
    """The room can be let again, from today; one that was not closed yet stays open. Again is no change."""
    room = _held(closure.room)
    today = room.property.local(clock.now()).date()
    there = Closure.objects.filter(pk=closure.pk).first()
    if there is None or there.ends is not None and there.ends <= today:
        return
    if there.begins < today:
        there.ends = today
        there.save(update_fields=["ends"])
    else:
        there.delete()
    _tell(room, by=by, action="room.reopened", why=there.why)


def closed_between(room: Room, begins: date, ends: date) -> Closure | None:
    """What keeps the room from being let on a night from `begins` to `ends`, if anything does."""
    return _meeting(room.closures.all(), begins, ends).first()


def not_ready_words(room: Room) -> list[str]:
    """What a person must know before a guest is sent to the room: a sentence, or nothing where it is ready."""
    wall = Wall(room.property, clock.now())
    here = standing.of_room(room, wall.today)
    if here.closed:
        return [_closed_words(room, here.until, here.why, wall)]
    if here.ready:
        return []
    said = {"room": room, "time": wall.time(here.since) if here.since else ""}
    if here.condition == Condition.DIRTY:
        since = _(
            "Room %(room)s is dirty since %(time)s. Have it cleaned first, or put the guest on the queue."
        )
        plain = _("Room %(room)s is dirty. Have it cleaned first, or put the guest on the queue.")
    else:
        since = _("Room %(room)s is clean since %(time)s, but nobody has inspected it.")
        plain = _("Room %(room)s is clean, but nobody has inspected it.")
    return [(since if here.since else plain) % said]


def _closed_words(room: Room, ends: date | None, why: str, wall: Wall) -> str:
    said = {"room": room, "why": why}
    if ends is None:
        return _("Room %(room)s is out of order until further notice: %(why)s.") % said
    return _("Room %(room)s is out of order until %(day)s: %(why)s.") % {**said, "day": wall.day(ends)}


def refuse_closed(room: Room | None, begins: date, ends: date) -> None:
    """Refuse to assign a room that is out of order for part of that time. A step of the verbs on stays, under the room's
    row. Raises Refused."""
    closure = room and closed_between(room, begins, ends)
    if closure:
        raise Refused(refusal(closure))


class OutOfOrder(Sentences):
    """Why the room is assigned to nobody meanwhile, and what to do."""

    UNTIL = (
        "out_of_order_until",
        gettext_lazy(
            "Room %(room)s is out of order until %(day)s (%(why)s); choose another room, or put it back in order."
        ),
    )
    UNTIL_FURTHER_NOTICE = (
        "out_of_order",
        gettext_lazy(
            "Room %(room)s is out of order until further notice (%(why)s); choose another room, or put it back in order."
        ),
    )


def refusal(closure: Closure) -> Sentence:
    said = {"room": closure.room.name, "why": closure.why}
    if closure.ends:
        return OutOfOrder.UNTIL(day=closure.ends, **said)
    return OutOfOrder.UNTIL_FURTHER_NOTICE(**said)


def closures_between(property: Property, begins: date, ends: date) -> QuerySet[Closure]:
    """When rooms of the house are out of order on a night from `begins` to `ends`."""
    return _meeting(Closure.objects.filter(room__property=property), begins, ends)


def _meeting(closures: QuerySet[Closure], begins: date, ends: date) -> QuerySet[Closure]:
    return closures.filter(begins__lt=ends).exclude(ends__lte=begins)


def _stays_in(room: Room, begins: date, ends: date | None) -> QuerySet[Stay]:
    here = Stay.objects.filter(room=room, state__in=[StayState.BOOKED, StayState.IN_HOUSE])
    here = here.filter(departure__gt=begins).select_related("reservation__guest")
    return here.filter(arrival__lt=ends) if ends else here


def _met(stay: Stay, wall: Wall) -> str:
    said = {
        "guest": stay.reservation.guest,
        "begins": wall.day(stay.arrival),
        "ends": wall.day(stay.departure),
    }
    if stay.state == StayState.IN_HOUSE:
        words = _("%(guest)s is in the room until %(ends)s and is not touched: the code goes on opening.")
    else:
        words = _("%(guest)s is booked in it from %(begins)s until %(ends)s: give them another room.")
    return words % said


def _held(room: Room) -> Room:
    """The room fresh from the database, its row locked until the transaction ends."""
    Room.objects.select_for_update(no_key=True).only("pk").get(pk=room.pk)
    return Room.objects.select_related("property", "condition_by").get(pk=room.pk)


def _put(room: Room, condition: Condition, *, by) -> None:
    was = room.condition
    room.condition, room.condition_at, room.condition_by = condition, clock.now(), by
    room.save(update_fields=["condition", "condition_at", "condition_by"])
    _tell(room, by=by, action="room.marked", was=str(was), now=str(condition))


def _tell(room: Room, *, by, action: str, **detail) -> None:
    audit.record(room.property, by=by, action=action, subject_id=room.public_id, **detail)
    live.announce(room.property, BELL)
    live.announce(room.property, f"room-{room.public_id}")
