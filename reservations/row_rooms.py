"""What a stay's row says of the room: how housekeeping left it, and a guest who waits for it."""

from dataclasses import dataclass

from locks.said import Said
from reservations.housekeeping import standing
from reservations.housekeeping.standing import Standing
from reservations.models import StayState
from reservations.row_facts import Facts
from reservations.row_states import Note


@dataclass(frozen=True)
class RoomTold:
    """`condition`: the room's state where somebody goes up today or has left it; `waits`: the guest is on the queue;
    `ready`: and can go up now."""

    condition: Said | None = None
    waits: Note | None = None
    ready: bool = False

    @property
    def not_ready(self) -> tuple[Note, ...]:
        """The state in two words, where it is in the way."""
        in_the_way = self.condition is not None and self.condition.tone in ("bad", "warn", "wait")
        return (Note(self.condition.text, self.condition),) if in_the_way else ()


def told(stay: dict, facts: Facts) -> RoomTold:
    """What there is to say of the stay's room."""
    here = _standing(stay, facts) if stay["room_id"] else None
    ready = here is not None and here.ready
    waits = bool(stay["waiting_since"]) and stay["state"] == StayState.BOOKED
    return RoomTold(
        condition=_condition(stay, here, facts) if here else None,
        waits=_waits(stay, ready, facts) if waits else None,
        ready=waits and ready,
    )


def _standing(stay: dict, facts: Facts) -> Standing:
    closed = facts.closures.get(stay["room_id"], ())
    said = (stay["room__condition"], stay["room__condition_at"])
    return standing.standing(facts.property, *said, closed, facts.wall.today)


def _condition(stay: dict, here: Standing, facts: Facts) -> Said | None:
    due = stay["state"] == StayState.BOOKED and stay["arrival"] <= facts.wall.today
    if due or stay["state"] == StayState.DEPARTED or here.closed:
        return standing.said(here, facts.wall, wanted=due)
    return None


def _waits(stay: dict, ready: bool, facts: Facts) -> Note:
    since = facts.wall.time(stay["waiting_since"])
    if ready:
        return Note("Room ready", Said("good", f"Room ready, waiting since {since}"))
    return Note(f"Waits since {since}", Said("wait", f"Waiting since {since}"))
