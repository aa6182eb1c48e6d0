"""What a verb would do at the doors is said before it is done, and nothing is done by saying it."""

from datetime import time, timedelta
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_q.models import OrmQ

from hospitality.models import AuditEntry
from locks.models import AccessCode, Event
from reservations import companions, disclosing, preview, stays
from tests.reservations import booking
from tests.reservations.booking import DAY, fresh


@pytest.fixture
def book(hotel, clerk):
    return partial(booking.book, hotel, by=clerk)


@pytest.fixture
def foresee(clerk):
    return partial(preview.of, by=clerk)


def said(foreseen) -> dict[str, str]:
    """By door."""
    return {line.door: line.said.text for line in foreseen.lines}


def take_offline(hotel, *doors: str) -> None:
    for door in doors:
        hotel.simulator.knobs(hotel.locks[door].provider_ref, offline=True)
        hotel.visit(hotel.locks[door])


def rows() -> tuple:
    """Whatever a verb may write."""
    wanted = AccessCode.objects.order_by("pk").values_list(
        "pk", "wanted", "generation", "starts_at", "ends_at"
    )
    return list(wanted), AuditEntry.objects.count(), Event.objects.count(), OrmQ.objects.count()


def test_a_preview_changes_nothing_and_rings_no_bell(hotel, here, foresee):
    before = rows()
    foreseen = foresee(stays.change, here, room=hotel.rooms["2"], departure=here.departure + DAY)
    assert foreseen.moves
    assert rows() == before
    assert fresh(here).room == hotel.rooms["1"]


def test_a_move_names_both_doors_and_the_one_that_stays(hotel, here, foresee):
    assert said(foresee(stays.change, here, room=hotel.rooms["2"])) == {
        "Room 1": "loses the code at once; it is gone when the lock confirms it",
        "Room 2": "gets the code in about a minute, sure when the lock confirms it",
        "Front door": "unchanged",
    }


def test_a_lock_that_is_offline_is_said_to_keep_the_code_and_not_to_get_it(hotel, here, book, foresee):
    take_offline(hotel, "1", "2")
    words = said(foresee(stays.change, here, room=hotel.rooms["2"]))
    assert words["Room 1"].startswith("keeps the code until the lock answers again, at the latest until ")
    assert "lock offline since" in words["Room 1"]
    assert words["Room 2"].startswith("does not open before the lock answers again: lock offline since")


def test_a_later_end_keeps_the_digits_and_waits_for_the_lock_where_it_keeps_schedules(hotel, here, foresee):
    longer = {"departure": here.departure + DAY, "check_out_time": time(13)}
    until = f"{here.departure + DAY:%-d %b}, 13:00"
    words = said(foresee(stays.change, here, **longer))
    assert words["Room 1"] == f"opens until {until} with the same digits, once the lock confirms it"
    take_offline(hotel, "1")
    words = said(foresee(stays.change, here, **longer))
    assert words["Room 1"].startswith(
        f"opens until {until} with the same digits, only when the lock answers again; before that until "
    )


def test_a_door_without_schedules_needs_no_word_for_a_later_end(hotel, book, foresee):
    stay = stays.check_in(book(room="2"), by=None)
    hotel.visit()
    words = said(foresee(stays.change, stay, departure=stay.departure + DAY))
    assert words["Room 2"] == f"opens until {stay.departure + DAY:%-d %b}, 11:00 with the same digits"


def test_a_stay_to_come_says_when_each_door_is_loaded(hotel, book, foresee):
    stay = book(arrival=10)
    words = said(foresee(stays.change, stay, room=hotel.rooms["2"]))
    begins = hotel.property.at(stay.arrival, hotel.property.check_in_time)
    assert words["Room 2"] == f"gets the code on {stay.arrival:%-d %b}, 14:30 (just in time)"
    assert words["Room 1"] == "does not have the code yet, and does not get it"
    ahead = hotel.property.local(begins - timedelta(hours=72))
    later = said(foresee(stays.change, stay, check_in_time=time(16)))
    assert later["Room 1"].startswith(
        f"gets the code on {ahead:%-d %b}, 16:00 (72 hours ahead); it opens from"
    )


def test_a_backup_code_that_was_handed_out_is_named(hotel, here, foresee):
    disclosing.issue_backup(here, hotel.locks["1"], by=None)
    hotel.visit()
    words = said(foresee(stays.change, here, room=hotel.rooms["2"]))
    assert words["Room 1, backup code,"].startswith("loses the code at once")


def test_who_comes_along_with_a_code_of_their_own_is_named(hotel, here, foresee):
    companions.add(here, by=None, name="Cleo Smith", has_own_code=True)
    hotel.visit()
    lines = foresee(stays.change, here, room=hotel.rooms["2"]).lines
    assert {(line.door, line.guest) for line in lines if line.changes} == {
        ("Room 1", ""),
        ("Room 1", "Cleo Smith"),
        ("Room 2", ""),
        ("Room 2", "Cleo Smith"),
    }


def test_what_would_be_refused_is_known_before(hotel, here, book, foresee):
    book(room="2", name="Bo Other")
    foreseen = foresee(stays.change, here, room=hotel.rooms["2"])
    assert foreseen.refused.startswith("The room is taken: Bo Other has 2 from")
    assert not foreseen.moves


def test_digits_that_the_new_door_does_not_take_are_said_to_change(hotel, here, foresee):
    AccessCode.objects.create(
        lock=hotel.locks["2"],
        name="by hand",
        is_managed=False,
        pin4=here.grant.codes.first().pin4,
        asked_at=here.checked_in_at,
    )
    warnings = foresee(stays.change, here, room=hotel.rooms["2"]).warnings
    assert (
        "Anna Smith gets another PIN: a door does not take the present one. Tell the guest the new one."
        in warnings
    )


def test_calling_a_stay_off_says_which_doors_it_leaves(hotel, book, foresee):
    stay = book()
    hotel.visit()
    words = said(foresee(stays.cancel, stay))
    assert words["Room 1"] == "loses the code at once; it is gone when the lock confirms it"


def test_the_same_sentences_have_the_same_key_and_others_another(hotel, here, foresee):
    move = partial(foresee, stays.change, here, room=hotel.rooms["2"])
    key = move().key
    assert move().key == key
    take_offline(hotel, "2")
    assert move().key != key


def test_a_preview_takes_the_same_queries_whatever_is_booked(hotel, here, book, foresee):
    def cost() -> int:
        with CaptureQueriesContext(connection) as counted:
            foresee(stays.change, here, departure=here.departure + DAY)
        return len(counted)

    alone = cost()
    for days in range(5, 25, 2):
        book(arrival=days, name=f"Guest {days}")
    assert cost() == alone
