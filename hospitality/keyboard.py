"""The keys of the desk: one table, for the page that lists them and for the tests that hold it against the templates."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from hospitality.access import signed_in
from hospitality.htmx import render_page


@dataclass(frozen=True)
class Key:
    key: str
    what: str


KEYS = {
    "Anywhere": [
        Key("/", "Search for a guest"),
        Key("b", "Board"),
        Key("v", "Chart of the rooms"),
        Key("t", "Tonight"),
        Key("n", "New booking"),
        Key("w", "Walk-in: a guest without a booking"),
        Key("g", "Guest can’t get in: backup code"),
        Key("r", "Rooms"),
        Key("l", "Locks"),
        Key("?", "These keys"),
    ],
    "In lists": [
        Key("j", "Next row"),
        Key("k", "Row before"),
        Key("Enter", "Open the row"),
        Key("d", "One line each, or all details"),
    ],
    "For a guest, in a row or on the stay’s page": [
        Key("i", "Check in"),
        Key("o", "Check out"),
        Key("a", "Assign a room"),
        Key("c", "Backup code"),
        Key("p", "Show the PIN"),
        Key("e", "New PIN"),
        Key("m", "Another room from a day on"),
        Key("x", "Cancel the stay"),
        Key("s", "No-show"),
    ],
}
"""Every key and what it does, by where it works. One key means one thing everywhere."""
NO_VERBS = {"j", "k", "Enter"}
"""Keys that walk through rows: no link or button has them."""


@signed_in
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The list of keys; above the page from which it is asked for."""
    return render_page(request, "keys.html", {"groups": KEYS.items()}, partial="dialog")
