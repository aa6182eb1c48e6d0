"""From the words a portal sells a room by to the property's rooms. A room is never guessed: only its own name, a
unit type that a single room has, or what a person has mapped gives one. Pure but for the rooms it is given."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hospitality.models import Room
from reservations.imports.refusals import shown
from reservations.imports.rows import Booking

LENGTH = 120


@dataclass(frozen=True)
class Part:
    """One room of a booking: the source's words, the room they mean (or none), and what a person should know.
    `unknown`: the words mean nothing here and can be mapped."""

    unit_type: str
    room: Room | None = None
    remark: str = ""
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

    def parts(self, booking: Booking) -> tuple[list[Part], str]:
        """The booking's rooms, at least one, and a remark if the file contradicts itself about them. No room is
        given to two parts of one booking."""
        unit_types, remark = self._split(booking)
        parts, taken = [], set()
        for unit_type in unit_types:
            part = self._part(unit_type[:LENGTH])
            if part.room and part.room.pk in taken:
                remark_of_room = _("%(room)s is already another room of this booking") % {"room": part.room}
                part = Part(part.unit_type, None, remark_of_room)
            parts.append(part)
            taken.add(part.room and part.room.pk)
        return parts, remark

    def _split(self, booking: Booking) -> tuple[list[str], str]:
        """The words of each room. A name may hold a comma itself: known words stay whole, and the file's number of
        rooms decides the rest."""
        text, rooms = booking.unit_type, booking.rooms
        if booking.part:
            return [text], ""
        pieces = [piece.strip() for piece in text.split(",") if piece.strip()]
        if rooms in (None, len(pieces)) and not self._known(text):
            return pieces or [""], ""
        if rooms in (None, 1) or self._known(text):
            return [text] * (rooms or 1), ""
        if len(set(pieces)) <= 1 and len(pieces) < rooms:
            return (pieces or [""]) * rooms, ""
        remark = ngettext(
            "the file says %(rooms)s room but lists %(listed)s: choose the rooms at the desk",
            "the file says %(rooms)s rooms but lists %(listed)s: choose the rooms at the desk",
            rooms,
        )
        return [text] * rooms, remark % {"rooms": rooms, "listed": len(pieces)}

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
            several = _("%(count)s rooms are %(unit_type)s: choose one at the desk")
            told = {"count": len(of_type), "unit_type": shown(unit_type)}
            return Part(unit_type, None, several % told)
        if not unit_type:
            return Part(unit_type, None, _("the file names no room: choose one at the desk"))
        unknown = _("unknown unit type %(unit_type)s, map it") % {"unit_type": shown(unit_type)}
        return Part(unit_type, None, unknown, True)

    def _mapped(self, unit_type: str, name: str) -> Part:
        if not name:
            open_room = _("choose a room for %(unit_type)s at the desk") % {"unit_type": shown(unit_type)}
            return Part(unit_type, None, open_room)
        if room := self.by_name.get(_key(name)):
            return Part(unit_type, room)
        gone = _("%(unit_type)s was mapped to %(room)s, which is no room here now: map it again")
        return Part(unit_type, None, gone % {"unit_type": shown(unit_type), "room": name}, True)


def _key(text: str) -> str:
    return " ".join(text.casefold().split())
