"""Where a new lock probably hangs, by its name: what is not clear is not suggested."""

import pytest

from locks.suggestions import EVERY_ROOM, suggest

ROOMS = ["1", "101", "102", "7", "Suite 1", "Garden suite", "B12", "Süd"]


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("Room 101", "101"),
        ("101", "101"),
        ("zimmer101", "101"),
        ("Door of 102 (new)", "102"),
        ("GARDEN SUITE lock", "Garden suite"),
        ("Suite 1", "Suite 1"),
        ("sud", "Süd"),
        ("B12", "B12"),
        ("Front door", EVERY_ROOM),
        ("Haupteingang", EVERY_ROOM),
        ("Pool gate", EVERY_ROOM),
        ("Room 1010", None),
        ("B101", None),
        ("101/102", None),
        ("Kitchen", None),
        ("Staff entrance", None),
        ("TTLock 8f3a", None),
        ("", None),
    ],
)
def test_a_name_says_where_or_nothing(name, place):
    assert suggest({"x": name}, ROOMS, []).get("x") == place


def test_two_locks_that_fit_one_room_and_a_room_that_has_one_are_for_a_person():
    names = {"a": "Room 101", "b": "101 balcony", "c": "Room 102", "d": "Front door", "e": "Pool"}
    assert suggest(names, ROOMS, ["102"]) == {"d": EVERY_ROOM, "e": EVERY_ROOM}
