"""Which rooms are taken when: the board as it will be while a file's rows are thought through. Pure."""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date

from hospitality.models import Room
from hospitality.sentences import Sentence


@dataclass(frozen=True)
class Night:
    """One stay in one room. `key` says whose it is; `label` names the stay to a person."""

    key: Hashable
    room: Room
    arrival: date
    departure: date
    label: Sentence

    def meets(self, other: "Night") -> bool:
        """Whether the two share a night of one room."""
        return (
            self.room.pk == other.room.pk
            and self.arrival < other.departure
            and other.arrival < self.departure
        )


class RoomsTaken:
    """The spans in which rooms are taken, changed one booking at a time."""

    def __init__(self, nights: Iterable[Night]):
        self.by_room: dict[int, dict[Hashable, Night]] = defaultdict(dict)
        self.room_of: dict[Hashable, int] = {}
        for night in nights:
            self._put(night)

    def free(self, keys: Iterable[Hashable]) -> None:
        """These stays need no room any more."""
        for key in keys:
            if key in self.room_of:
                del self.by_room[self.room_of.pop(key)][key]

    def put(self, keys: Iterable[Hashable], nights: list[Night]) -> Night | None:
        """Move the stays `keys` to `nights`, all or none. None if it is done, else a stay that stands in the way."""
        keys = set(keys)
        for wish in nights:
            for night in self.by_room[wish.room.pk].values():
                if night.key not in keys and night.meets(wish):
                    return night
        self.free(keys)
        for wish in nights:
            self._put(wish)
        return None

    def _put(self, night: Night) -> None:
        self.by_room[night.room.pk][night.key] = night
        self.room_of[night.key] = night.room.pk
