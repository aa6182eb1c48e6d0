"""The keys of the desk: the one table from which pages take them, that the page of keys lists, and that tests hold against
both."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
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
    _("Anywhere"): [
        Key("/", _("Search for a guest"), ("search",)),
        Key("b", _("Board"), ("board",)),
        Key("v", _("Chart of the rooms"), ("tape",)),
        Key("t", _("Tonight"), ("tonight",)),
        Key("n", _("New booking"), ("book",)),
        Key("w", _("Walk-in: a guest without a booking"), ("walk_in",)),
        Key("g", _("Guest can’t get in: backup code"), ("cannot_get_in",)),
        Key("r", _("Rooms"), ("rooms",)),
        Key("l", _("Locks"), ("locks",)),
        Key("Shift+H", _("Handover"), ("handover",)),
        Key("Shift+N", _("Open notes"), ("notes",)),
        Key("Shift+P", _("Print"), ("print",)),
        Key("Shift+U", _("Import a file"), ("import",)),
        Key("Shift+F", _("Feeds"), ("feeds",)),
        Key("?", _("These keys"), ("keys",)),
    ],
    _("In lists"): [
        Key("j", _("Next row")),
        Key("k", _("Row before")),
        Key("Enter", _("Open the row, or take its next step")),
        Key("d", _("One line each, or all details"), ("dense",)),
    ],
    _("For a guest, in a row or on the stay’s page"): [
        Key("i", _("Check in"), ("check_in",)),
        Key("o", _("Check out"), ("check_out",)),
        Key("a", _("Assign a room"), ("assign",)),
        Key("c", _("Backup code, or the one handed out again"), ("backup", "show_backup")),
    ],
    _("On the stay’s page"): [
        Key("p", _("Show the PIN, or hide it"), ("pin", "companion_pin")),
        Key("e", _("New PIN, or one of their own for who comes along"), ("new_pin", "companion_code")),
        Key("q", _("Put on the queue for the room, or take off"), ("wait", "stop_waiting")),
        Key("m", _("Move to another room"), ("move",)),
        Key("f", _("Another room from a day on"), ("split_stay",)),
        Key("y", _("Swap rooms with another guest"), ("swap_rooms",)),
        Key("+", _("One more night"), ("longer",)),
        Key("-", _("One night less"), ("shorter",)),
        Key("u", _("Late check-out: until when"), ("late",)),
        Key("&", _("Somebody comes along"), ("add_companion",)),
        Key("h", _("Write a note"), ("stay_notes",)),
        Key(
            "z",
            _("Back: the last change, a check-in, a check-out or a cancellation"),
            ("put_back", "undo_check_in", "undo_check_out", "reinstate"),
        ),
        Key("x", _("Cancel the stay, or take off who comes along"), ("cancel_stay", "companion_off")),
        Key("s", _("No-show"), ("no_show",)),
        Key("Shift+I", _("Check in all rooms of the booking"), ("check_in_all",)),
        Key("Shift+O", _("Check out all rooms of the booking"), ("check_out_all",)),
        Key("Shift+A", _("One PIN for all rooms: make it, show it"), ("share_code", "shared_pin")),
        Key("Shift+X", _("Take the PIN for all rooms off"), ("stop_sharing",)),
        Key("Shift+R", _("Change how the guest is reached"), ("reach",)),
        Key("Shift+C", _("Registration card"), ("registration_card",)),
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
