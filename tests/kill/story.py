"""What a scenario is, and what is on the doors when it is told from the beginning.

`truth` is from the story alone: (PIN, from, to) of every code on each door at the end, with STOCK for the digits of
backup codes that nobody was given.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tests.kill.hotel import STRANGER, Hotel

STOCK = "a backup code"
Truth = dict[str, list[tuple[str, datetime | None, datetime | None]]]
"""By the name of the door."""
FOREIGN = (STRANGER["pin"], None, None)


def nothing(hotel: Hotel) -> None:
    """Nobody does anything; the worker makes its round."""


@dataclass(frozen=True)
class Scenario:
    """`prepare` runs once, `begin` each time the hotel was put back, before the process starts that is killed.
    `refused`: what the second clerk may be told. `shut`: doors and guests whose PIN must not open them.
    `repeated`: what is on the record each time that it is asked for. `told_again`: a lock whose answer was lost may be
    told the same once more. `swept`: the process works with all the threads
    of a sweep, not with its own hands. `worker`: what the worker does besides its visits, after them. `uncertain`: what
    happened is told if the process lived to hear of it; `truth` looks whether it is."""

    name: str
    prepare: Callable[[Hotel], None]
    act: Callable[[Hotel], None]
    truth: Callable[[Hotel], Truth]
    begin: Callable[[Hotel], None] = nothing
    refused: tuple[type[Exception], ...] = ()
    shut: tuple[tuple[str, str], ...] = ()
    pool: int = 0
    repeated: str = ""
    told_again: bool = False
    swept: bool = False
    worker: Callable[[Hotel], None] = nothing
    uncertain: str = ""


def anna(hotel: Hotel) -> None:
    """Anna is in house in room 1 for three nights, Bruno in room 2 for two."""
    hotel.check_in("Bruno", "2", 2)
    hotel.check_in("Anna", "1", 3)


def bruno(hotel: Hotel) -> Truth:
    """What is there without Anna. Room 2 keeps no windows."""
    pin = hotel.pins["Bruno"]
    return {"1": [FOREIGN], "2": [(pin, None, None)], "front": [(pin, *hotel.window(0, 2))]}


def with_anna(hotel: Hotel, departure: int, *others) -> Truth:
    """What is there with Anna's code until that day; `others` are on the door of room 1 besides."""
    there = bruno(hotel)
    code = (hotel.pins["Anna"], *hotel.window(0, departure))
    return {**there, "1": [FOREIGN, code, *others], "front": [*there["front"], code]}


def stock(count: int = 2) -> list[tuple]:
    """So many backup codes that nobody was given."""
    return [(STOCK, None, None)] * count
