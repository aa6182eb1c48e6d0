"""From the words a portal sells a room by to the property's rooms. A room is never guessed: only its own name, a
unit type that a single room has, or what a person has mapped gives one. Pure but for the rooms it is given."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hospitality.models import Room
from hospitality.sentences import Sentence
from reservations.imports.notes import Note
from reservations.imports.refusals import shown
from reservations.imports.rows import Booking

LENGTH = 120


@dataclass(frozen=True)
class Part:
    """One room of a booking: the source's words, the room they mean (or none), and what a person should know.
    `unknown`: the words mean nothing here and can be mapped."""

    unit_type: str
    room: Room | None = None
    remark: Sentence | None = None
    unknown: bool = False


class Units:
    """`mapping` is what a person has said: unit type to a room's name, or to nothing for "choose at the desk"."""

    def __init__(self, rooms: Iterable[Room], mapping: Mapping[str, str]):
        self.by_name: dict[str, Room] = {}
        self.by_type: dict[str, list[Room]] = {}
        for room in rooms:
            self.by_name[_key(room.name)] = room
            if room.unit_type:
                self.by_type.setdefault(_key(room.unit_type), []).append(room)
        self.mapping = {_key(unit_type): name for unit_type, name in mapping.items()}

    def parts(self, booking: Booking) -> tuple[list[Part], Sentence | None]:
        """The booking's rooms, at least one, and a remark if the file contradicts itself about them. No room is
        given to two parts of one booking."""
        unit_types, remark = self._split(booking)
        parts, taken = [], set()
        for unit_type in unit_types:
            part = self._part(unit_type[:LENGTH])
            if part.room and part.room.pk in taken:
                part = Part(part.unit_type, None, Note.ROOM_TWICE(room=part.room.name))
            parts.append(part)
            taken.add(part.room and part.room.pk)
        return parts, remark

    def _split(self, booking: Booking) -> tuple[list[str], Sentence | None]:
        """The words of each room. A name may hold a comma itself: known words stay whole, and the file's number of
        rooms decides the rest."""
        text, rooms = booking.unit_type, booking.rooms
        if booking.part:
            return [text], None
        pieces = [piece.strip() for piece in text.split(",") if piece.strip()]
        if rooms in (None, len(pieces)) and not self._known(text):
            return pieces or [""], None
        if rooms in (None, 1) or self._known(text):
            return [text] * (rooms or 1), None
        if len(set(pieces)) <= 1 and len(pieces) < rooms:
            return (pieces or [""]) * rooms, None
        return [text] * rooms, Note.ROOMS_DIFFER(rooms=rooms, listed=len(pieces))

    def _known(self, text: str) -> bool:
        return bool(text) and any(_key(text) in words for words in (self.mapping, self.by_name, self.by_type))

    def _part(self, unit_type: str) -> Part:
        key = _key(unit_type)
        if key in self.mapping:
            return self._mapped(unit_type, self.mapping[key])
        if key in self.by_name:
            return Part(unit_type, self.by_name[key])
        of_type = self.by_type.get(key, [])
        if len(of_type) == 1:
            return Part(unit_type, of_type[0])
        if of_type:
            several = Note.SEVERAL_ROOMS(count=len(of_type), unit_type=shown(unit_type))
            return Part(unit_type, None, several)
        if not unit_type:
            return Part(unit_type, None, Note.ROOM_NOT_NAMED())
        return Part(unit_type, None, Note.UNIT_UNKNOWN(unit_type=shown(unit_type)), True)

    def _mapped(self, unit_type: str, name: str) -> Part:
        if not name:
            return Part(unit_type, None, Note.CHOOSE_ROOM(unit_type=shown(unit_type)))
        if room := self.by_name.get(_key(name)):
            return Part(unit_type, room)
        gone = Note.UNIT_MAPPED_WRONG(unit_type=shown(unit_type), room=name)
        return Part(unit_type, None, gone, True)


def _key(text: str) -> str:
    return " ".join(text.casefold().split())
