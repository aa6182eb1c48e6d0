"""The keys of the desk: the one table from which pages take them, that the page of keys lists, and that tests hold against
both."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from hospitality.access import signed_in
from hospitality.htmx import render_page


@dataclass(frozen=True)
class Key:
    """`key` as it stands on the keyboard; `does`: what has it, by the name of its address, or of the field or link on a
    page where an address does more than one thing."""

    key: str
    what: str
    does: tuple[str, ...] = ()


KEYS = {
    "Anywhere": [
        Key("/", "Search for a guest", ("search",)),
        Key("b", "Board", ("board",)),
        Key("v", "Chart of the rooms", ("tape",)),
        Key("t", "Tonight", ("tonight",)),
        Key("n", "New booking", ("book",)),
        Key("w", "Walk-in: a guest without a booking", ("walk_in",)),
        Key("g", "Guest can’t get in: backup code", ("cannot_get_in",)),
        Key("r", "Rooms", ("rooms",)),
        Key("l", "Locks", ("locks",)),
        Key("Shift+H", "Handover", ("handover",)),
        Key("Shift+N", "Open notes", ("notes",)),
        Key("Shift+P", "Print", ("print",)),
        Key("Shift+U", "Import a file", ("import",)),
        Key("Shift+F", "Feeds", ("feeds",)),
        Key("?", "These keys", ("keys",)),
    ],
    "In lists": [
        Key("j", "Next row"),
        Key("k", "Row before"),
        Key("Enter", "Open the row, or take its next step"),
        Key("d", "One line each, or all details", ("dense",)),
    ],
    "For a guest, in a row or on the stay’s page": [
        Key("i", "Check in", ("check_in",)),
        Key("o", "Check out", ("check_out",)),
        Key("a", "Assign a room", ("assign",)),
        Key("c", "Backup code, or the one handed out again", ("backup", "show_backup")),
    ],
    "On the stay’s page": [
        Key("p", "Show the PIN", ("pin", "companion_pin")),
        Key("e", "New PIN, or one of their own for who comes along", ("new_pin", "companion_code")),
        Key("q", "Put on the queue for the room, or take off", ("wait", "stop_waiting")),
        Key("m", "Move to another room", ("move",)),
        Key("f", "Another room from a day on", ("split_stay",)),
        Key("y", "Swap rooms with another guest", ("swap_rooms",)),
        Key("+", "One more night", ("longer",)),
        Key("-", "One night less", ("shorter",)),
        Key("u", "Late check-out: until when", ("late",)),
        Key("&", "Somebody comes along", ("add_companion",)),
        Key("h", "Write a note", ("stay_notes",)),
        Key(
            "z",
            "Back: the last change, a check-in, a check-out or a cancellation",
            ("put_back", "undo_check_in", "undo_check_out", "reinstate"),
        ),
        Key("x", "Cancel the stay, or take off who comes along", ("cancel_stay", "companion_off")),
        Key("s", "No-show", ("no_show",)),
        Key("Shift+I", "Check in all rooms of the booking", ("check_in_all",)),
        Key("Shift+O", "Check out all rooms of the booking", ("check_out_all",)),
        Key("Shift+R", "Change how the guest is reached", ("reach",)),
        Key("Shift+C", "Registration card", ("registration_card",)),
    ],
}
"""Every key and what it does, by where it works. One key means one thing everywhere."""
NO_VERBS = {"j", "k", "Enter"}
"""Keys that walk through rows: no link or button has them."""
BY_NAME = {name: one.key for keys in KEYS.values() for one in keys for name in one.does}
SPELLED = {"+": "Plus"}
"""How ARIA has a key written, where that is not the key itself."""


def attributes(name: str) -> dict[str, str]:
    """What an element has by which the key of `name` finds it (keys.js) and is told to who cannot see the page. Raises
    KeyError for a name that is not in the table."""
    key = BY_NAME[name]
    return {"data-key": key.lower(), "aria-keyshortcuts": SPELLED.get(key, key)}


@signed_in
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The list of keys; above the page from which it is asked for."""
    return render_page(request, "keys.html", {"groups": KEYS.items()}, partial="dialog")
