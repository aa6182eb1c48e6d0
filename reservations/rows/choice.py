"""Which of the board's rows somebody wants to see. It stands in the address, so that it can be kept, sent and gone back
to."""

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from hospitality.ordering import natural
from reservations.rows.row import Row

SHOWN = {
    "": gettext_lazy("All"),
    "action": gettext_lazy("Needs action"),
    "unassigned": gettext_lazy("No room"),
    "late": gettext_lazy("Late"),
}
FLOOR, TYPE = "floor ", "type "
LONGEST = 60


@dataclass(frozen=True)
class Choice:
    """`show`: a key of SHOWN or empty; `rooms`: `floor 2`, `type Double room` or empty; `text`: part of a room's or a
    guest's name, or of a reference."""

    show: str = ""
    rooms: str = ""
    text: str = ""

    @property
    def query(self) -> str:
        """As it stands in an address; empty for all."""
        said = {"show": self.show, "rooms": self.rooms, "text": self.text}
        return urlencode({name: value for name, value in said.items() if value})

    def fits(self, row: Row) -> bool:
        """Is this row wanted?"""
        return self._shows(row) and self._is_there(row) and self._is_called(row)

    def _shows(self, row: Row) -> bool:
        if self.show == "action":
            return row.needs_action
        if self.show == "unassigned":
            return row.remaining and not row.room
        return bool(row.late) if self.show == "late" else True

    def _is_there(self, row: Row) -> bool:
        if self.rooms.startswith(FLOOR):
            return floor(row.room) == self.rooms.removeprefix(FLOOR)
        return row.unit_type == self.rooms.removeprefix(TYPE) if self.rooms else True

    def _is_called(self, row: Row) -> bool:
        told = f"{row.room} {row.guest} {row.reference}".lower()
        return all(word in told for word in self.text.lower().split())


ALL = Choice()


def chosen(asked) -> Choice:
    """What a form (`request.GET`) asks for; what is no choice is left out."""
    show, rooms = asked.get("show", ""), asked.get("rooms", "")[: len(TYPE) + 120]
    return Choice(
        show if show in SHOWN else "",
        rooms if rooms.startswith((FLOOR, TYPE)) else "",
        asked.get("text", "").strip()[:LONGEST],
    )


def floor(room: str) -> str:
    """`2` for 204 and 2.04, `12` for 1204; empty for a room whose name tells none."""
    found = re.fullmatch(r"\D?(\d{1,3}?)[.-]?\d{2}\D?", room)
    return found[1] if found else ""


def places(rooms: list[tuple[str, str]]) -> list[tuple[str, list[tuple[str, str]]]]:
    """What there is to choose among these rooms (name, unit type): headings, each with (value, label). A heading under
    which there is one only is no choice."""
    floors = sorted({floor(name) for name, unit_type in rooms} - {""}, key=natural)
    types = sorted({unit_type for name, unit_type in rooms} - {""}, key=natural)
    offered = [
        (_("Floor"), [(f"{FLOOR}{one}", _("Floor %(floor)s") % {"floor": one}) for one in floors]),
        (pgettext("of rooms", "Type"), [(f"{TYPE}{one}", one) for one in types]),
    ]
    return [(heading, choices) for heading, choices in offered if len(choices) > 1]
