"""What a stay's row says of the room: how housekeeping left it, and a guest who waits for it."""

from datetime import date, datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from hospitality.wall import Wall
from locks.said import Said
from reservations.housekeeping import standing
from reservations.housekeeping.standing import Standing
from reservations.models import Stay, StayState
from reservations.rows.facts import Facts
from reservations.rows.states import Note


class RoomTold(NamedTuple):
    """`condition`: the room's state where somebody goes up today or has left it; `waits`: the guest is on the queue,
    `since` then (in UTC, sorts by time); `ready`: and can go up now."""

    condition: Said | None = None
    waits: Note | None = None
    since: str = ""
    ready: bool = False

    @property
    def not_ready(self) -> tuple[Note, ...]:
        """The state in two words, where it is in the way."""
        in_the_way = self.condition is not None and self.condition.tone in ("bad", "warn", "wait")
        return (Note(self.condition.text, self.condition),) if in_the_way else ()


def told(stay: dict, facts: Facts) -> RoomTold:
    """What a row has to say of the stay's room."""
    here = None
    if stay["room_id"]:
        closed = facts.closures.get(stay["room_id"], ())
        said = (stay["room__condition"], stay["room__condition_at"])
        here = standing.standing(facts.property, *said, closed, facts.wall.today)
    return _told(stay["state"], stay["arrival"], stay["waiting_since"], here, facts.wall)


def of_stay(stay: Stay, wall: Wall) -> RoomTold:
    """What the stay's own page has to say of it. Two queries."""
    here = standing.of_room(stay.room, wall.today) if stay.room else None
    return _told(stay.state, stay.arrival, stay.waiting_since, here, wall)


def _told(state: str, arrival: date, since: datetime | None, here: Standing | None, wall: Wall) -> RoomTold:
    ready = here is not None and here.ready
    waits = since is not None and state == StayState.BOOKED
    return RoomTold(
        condition=_condition(state, arrival, here, wall) if here else None,
        waits=_waits(since, ready, wall) if waits else None,
        since=since.isoformat() if waits else "",
        ready=waits and ready,
    )


def _condition(state: str, arrival: date, here: Standing, wall: Wall) -> Said | None:
    due = state == StayState.BOOKED and arrival <= wall.today
    if due or state == StayState.DEPARTED or here.closed:
        return standing.said(here, wall, wanted=due)
    return None


def _waits(waiting_since: datetime, ready: bool, wall: Wall) -> Note:
    since = wall.time(waiting_since)
    if ready:
        return Note(_("Room ready"), Said("good", _("Room ready, waiting since %(time)s") % {"time": since}))
    sentence = _("Waiting since %(time)s") % {"time": since}
    return Note(_("Waits since %(time)s") % {"time": since}, Said("wait", sentence))
