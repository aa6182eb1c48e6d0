"""The states that a stay's row derives from its dates and the time: due, late in, in house, overdue out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from locks.said import Said
from reservations.models import StayState
from reservations.rows.doors import DoorLine
from reservations.rows.facts import Facts

LATE_IN_AFTER = timedelta(hours=3)
"""So long after check-in time a guest who has not come is late: with check-in at 15:00 that is 18:00, the hour until
which hotels hold a room by custom."""
LATE_IN, OVERDUE_OUT = "late_in", "overdue_out"
TONES = ("bad", "warn", "wait", "off", "good")
CODE = {
    "good": Said("good", "Code set"),
    "wait": Said("wait", "Code to come"),
    "warn": Said("warn", "Code in doubt"),
    "bad": Said("bad", "Code failed"),
    "off": Said("off", "No code"),
}
"""What the worst of a stay's doors says of the code, in two words."""


@dataclass(frozen=True)
class Note:
    """Something a clerk must know of a stay, in two words and in a sentence."""

    brief: str
    said: Said


LATE = {
    LATE_IN: Note("Late in", Said("warn", "Late in")),
    OVERDUE_OUT: Note("Overdue out", Said("warn", "Overdue out")),
}


def late(stay: dict, facts: Facts) -> str:
    """LATE_IN for a guest who should have come by now, OVERDUE_OUT for one who should have left; else empty."""
    wall, hotel = facts.wall, facts.property
    if stay["state"] == StayState.BOOKED and stay["arrival"] <= wall.today:
        due = hotel.at(stay["arrival"], stay["check_in_time"] or hotel.check_in_time)
        return LATE_IN if wall.now >= due + LATE_IN_AFTER else ""
    if stay["state"] == StayState.IN_HOUSE and stay["departure"] <= wall.today:
        due = hotel.at(stay["departure"], stay["check_out_time"] or hotel.check_out_time)
        return OVERDUE_OUT if wall.now >= due else ""
    return ""


def state_words(stay: dict, facts: Facts) -> str:
    """`Due today`, `Leaves today`, `Left 10:12`, ..."""
    wall = facts.wall
    if stay["state"] == StayState.BOOKED:
        if stay["arrival"] < wall.today:
            return f"Was due {wall.day(stay['arrival'])}"
        return "Due today" if stay["arrival"] == wall.today else f"Due {wall.day(stay['arrival'])}"
    if stay["state"] == StayState.IN_HOUSE:
        if stay["departure"] < wall.today:
            return f"Should have left {wall.day(stay['departure'])}"
        return "Leaves today" if stay["departure"] == wall.today else "In house"
    if stay["state"] == StayState.DEPARTED:
        return f"Left {wall.time(stay['checked_out_at'])}" if stay["checked_out_at"] else "Left"
    return StayState(stay["state"]).label.capitalize()


def brief(stay: dict, notes: tuple[Note, ...], codes: Iterable[DoorLine]) -> Said:
    """The one thing to know of the stay, in a word or two: what a person must see to before what is well."""
    tone = min((line.said.tone for line in codes), key=TONES.index, default="off")
    if stay["state"] == StayState.DEPARTED:
        return Said("off", "Left") if tone in ("off", "good") else Said(tone, "Old code on door")
    if stay["state"] not in (StayState.BOOKED, StayState.IN_HOUSE):
        return Said("off", StayState(stay["state"]).label.capitalize())
    if not stay["room_id"]:
        return Said("warn", "No room")
    if notes and (tone != "bad" or notes[0] in LATE.values()):
        return Said(notes[0].said.tone, notes[0].brief)
    return CODE[tone]
