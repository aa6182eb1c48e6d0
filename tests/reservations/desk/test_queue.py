"""The queue: a guest who is here and whose room is not ready."""

import pytest

from hospitality import clock
from hospitality.models import Condition, Room
from hospitality.wall import Wall
from reservations import board, stays, waiting
from reservations.housekeeping import rooms
from reservations.models import Stay
from reservations.rows import row as rows
from tests.factories import ClosureFactory, RoomFactory, today
from tests.reservations.desk.pages import HTMX, book, on_board, page, state


@pytest.fixture
def dirty(hotel, clock_at):
    """Room 101, not ready; at noon nobody who comes today is late yet."""
    clock_at(12)
    Room.objects.update(condition=Condition.DIRTY, condition_at=clock.now())
    return hotel.rooms.select_related("property").get(name="101")


def row(stay):
    return rows.row(stay, today(stay.property), Wall(stay.property, clock.now()))


def said(stay) -> list[str]:
    return [note.text for note in row(stay).notes]


def arrivals(hotel) -> list[str]:
    wall = Wall(hotel, clock.now())
    return [one.guest for one in board.board(hotel, wall.today, wall).lists[0].rows]


def test_check_in_of_a_room_that_is_not_ready_offers_the_queue(client, hotel, clerk, dirty):
    stay = book(hotel)
    question = client.post(page(stay, "check-in/"), on_board(stay), headers=HTMX).content.decode()
    assert f'hx-post="{page(stay, "wait/")}" hx-target="#stay-{stay.public_id}"' in question
    answer = client.post(page(stay, "wait/"), on_board(stay), headers=HTMX)
    assert answer.status_code == 200
    assert answer.content.decode().startswith(f'<tr id="stay-{stay.public_id}"')
    assert said(stay) == [f"Waiting since {hotel.local(clock.now()):%H:%M}"]
    assert "Put on the queue" not in client.post(page(stay, "check-in/"), on_board(stay)).content.decode()


def test_when_the_room_is_clean_the_row_says_so_and_check_in_is_one_click(client, hotel, clerk, dirty):
    stay = waiting.wait(book(hotel), by=clerk)
    rooms.mark(dirty, Condition.CLEAN, by=None)
    [told] = said(stay)
    assert told.startswith("Room ready, waiting since ")
    assert row(stay).needs_action
    assert state(stay) == "booked"
    assert client.post(page(stay, "check-in/"), on_board(stay), headers=HTMX).status_code == 200
    assert state(stay) == "in_house"
    assert Stay.objects.get(pk=stay.pk).waiting_since is None


def test_where_the_house_wants_rooms_inspected_clean_is_not_ready(hotel, clerk, dirty):
    hotel.rooms_ready = "inspected"
    hotel.save()
    stay = waiting.wait(book(hotel), by=clerk)
    for condition, ready in ((Condition.CLEAN, False), (Condition.INSPECTED, True)):
        rooms.mark(dirty, condition, by=None)
        assert said(stay)[0].startswith("Room ready") is ready


def test_a_room_out_of_order_is_never_ready(hotel, clerk):
    stay = waiting.wait(book(hotel), by=clerk)
    ClosureFactory(room=stay.room)
    assert said(stay)[0].startswith("Waiting since ")


def test_who_waits_longest_stands_first(hotel, clerk):
    book(hotel, "Zoe First", room=None)
    for name, room in (("Cy Late", "103"), ("Bo Early", "104")):
        RoomFactory(property=hotel, name=room)
        book(hotel, name, room=room)
    for name in ("Bo Early", "Cy Late"):
        waiting.wait(Stay.objects.get(reservation__guest__name=name), by=clerk)
    assert arrivals(hotel) == ["Bo Early", "Cy Late", "Zoe First"]


def test_the_queue_is_for_guests_who_are_due_and_only_once(hotel, clerk):
    stay = waiting.wait(book(hotel), by=clerk)
    with pytest.raises(stays.AlreadyDone, match="is on the queue since"):
        waiting.wait(stay, by=clerk)
    with pytest.raises(stays.Refused, match="not due today"):
        waiting.wait(book(hotel, "Bo Later", arrives=3, leaves=4), by=clerk)
    stays.check_in(stay, by=clerk)
    with pytest.raises(stays.Refused, match="is in house"):
        waiting.wait(stay, by=clerk)


def test_the_stays_page_puts_on_the_queue_and_takes_off_again_and_history_tells(client, hotel, clerk, dirty):
    stay = book(hotel)
    assert "Room: Dirty" in client.get(page(stay)).content.decode()
    client.post(page(stay, "wait/"), {"back": "stay"})
    assert "Take off the queue" in client.get(page(stay)).content.decode()
    client.post(page(stay, "stop-waiting/"), {"back": "stay"})
    body = client.get(page(stay)).content.decode()
    assert "Room not ready? Put on the queue" in body
    assert "Taken off the queue" in body
    assert said(stay) == []


def test_a_stay_that_is_cancelled_waits_no_more(hotel, clerk):
    stay = stays.cancel(waiting.wait(book(hotel), by=clerk), by=clerk)
    assert stay.waiting_since is None
