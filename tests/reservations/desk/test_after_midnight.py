"""Who was awaited in the evening and comes after midnight: what the desk offers until the check-out time, and not after."""

import pytest

from hospitality import clock
from hospitality.models import Condition, Room
from hospitality.wall import Wall
from reservations import bookings, stays, tonight, waiting
from reservations.housekeeping import page as rooms_page
from reservations.rows import row as rows
from reservations.verbs import Refused
from tests.factories import today
from tests.reservations.desk.pages import DAY, book, on_board, page, state
from tests.reservations.desk.test_walk_in import offered

NIGHT, MORNING = 1, 12
"""Before and after the check-out time of the stay's last day."""


@pytest.fixture
def awaited(hotel, clock_at):
    """Booked for one night, which ends today at eleven."""
    clock_at(NIGHT)
    return book(hotel, arrives=-1, leaves=0)


def wall(hotel) -> Wall:
    return Wall(hotel, clock.now())


def action(stay) -> str:
    return rows.row(stay, today(stay.property), wall(stay.property)).action.label


def expected(hotel) -> list[str]:
    return [one.guest for one in tonight.nights(hotel, wall(hotel))[0].verdicts]


def test_the_board_and_the_page_offer_the_check_in_and_tonight_awaits_them(
    client, hotel, clerk, awaited, clock_at
):
    offer = 'id="check-in"'
    assert action(awaited) == "Check in"
    assert offer in client.get(page(awaited)).content.decode()
    assert expected(hotel) == ["Anna Smith"]
    clock_at(MORNING)
    assert action(awaited) == "Open"
    assert offer not in client.get(page(awaited)).content.decode()
    assert expected(hotel) == []
    clock_at(NIGHT)
    assert client.post(page(awaited, "check-in/"), on_board(awaited)).status_code == 302
    assert state(awaited) == "in_house"


def test_they_can_wait_for_the_room_and_housekeeping_sees_it(hotel, clerk, awaited, clock_at):
    Room.objects.update(condition=Condition.DIRTY)
    waiting.wait(awaited, by=clerk)
    line = rooms_page.room(awaited.room, wall(hotel)).line
    assert line.comes.text == "A guest waits for it since 01:00"
    clock_at(MORNING)
    waiting.stop_waiting(awaited, by=clerk)
    with pytest.raises(Refused, match="not due today"):
        waiting.wait(awaited, by=clerk)


def test_the_rooms_of_their_booking_come_in_at_once(hotel, clerk, clock_at):
    clock_at(NIGHT)
    first = bookings.book(
        hotel,
        by=clerk,
        guest_name="Anna Smith",
        arrival=today(hotel) - DAY,
        departure=today(hotel),
        room=hotel.rooms.get(name="101"),
        rooms=2,
    )
    assert bookings.arriving(first) == [first]
    clock_at(MORNING)
    assert bookings.arriving(first) == []


def test_what_is_not_ready_is_said_to_who_gives_a_room_at_night(hotel, clock_at):
    clock_at(NIGHT)
    Room.objects.filter(name="101").update(condition=Condition.DIRTY)
    assert offered(hotel, -1, 0) == {"102": "", "101": "dirty"}


def test_nobody_comes_before_their_day_or_after_they_left(hotel, clerk, awaited):
    assert action(book(hotel, "Bo Fast", "102", arrives=1)) == "Open"
    stays.check_out(stays.check_in(awaited, by=clerk), by=clerk)
    assert bookings.arriving(awaited) == []
