"""How rooms are: clean, dirty, inspected, out of order; who said so; and what it means at check-in."""

import pytest

from hospitality import clock
from hospitality.models import AuditEntry, Condition, Property, Role, Room
from hospitality.wall import Wall
from reservations import stays, swapping
from reservations.housekeeping import page as pages
from reservations.housekeeping import rooms, standing
from reservations.housekeeping.models import Closure
from reservations.models import Stay
from reservations.rows import row as rows
from tests.factories import ClosureFactory, MembershipFactory, RoomFactory, StayFactory, today
from tests.reservations.desk.pages import DAY, HTMX, book, on_board, page, state

CLEAN, DIRTY, INSPECTED = Condition


def room(hotel, name="101") -> Room:
    return hotel.rooms.select_related("property").get(name=name)


def said(hotel, name="101") -> str:
    wall = Wall(hotel, clock.now())
    return standing.said(standing.of_room(room(hotel, name), wall.today), wall).text


def groups(hotel) -> dict[str, list[str]]:
    read = pages.rooms(hotel, Wall(hotel, clock.now()))
    return {group.title: [line.name for line in group.rooms] for group in read.groups}


def url(hotel, verb="", name="101") -> str:
    return f"/p/{hotel.slug}/rooms/{room(hotel, name).public_id}/{verb}"


def row(stay):
    return rows.row(stay, today(stay.property), Wall(stay.property, clock.now()))


def test_a_room_is_dirty_once_its_guest_has_left_and_it_is_on_record_by_whom(hotel, clerk):
    stay = stays.check_in(book(hotel), by=clerk)
    assert said(hotel) == "Clean"
    stays.check_out(stay, by=clerk, confirmed=True)
    assert said(hotel) == "Dirty"
    entry = AuditEntry.objects.get(action="room.marked")
    assert (entry.actor, entry.subject_id) == (clerk, room(hotel).public_id)
    assert entry.detail == {"was": "clean", "now": "dirty"}


def test_the_room_that_a_guest_moved_out_of_is_dirty_and_a_booking_moved_makes_none(hotel, clerk):
    booked = book(hotel)
    booked = stays.change(booked, by=clerk, room=room(hotel, "102"))
    assert (said(hotel), said(hotel, "102")) == ("Clean", "Clean")
    stays.change(stays.check_in(booked, by=clerk), by=clerk, room=room(hotel), confirmed=True)
    assert (said(hotel), said(hotel, "102")) == ("Clean", "Dirty")


def test_a_swap_leaves_the_room_of_a_guest_in_house_dirty_and_puts_nobody_into_one_out_of_order(hotel, clerk):
    stay, other = stays.check_in(book(hotel), by=clerk), book(hotel, "Bo Lee", room="102")
    swapping.swap(stay, other, by=clerk, confirmed=True)
    assert (said(hotel), said(hotel, "102")) == ("Dirty", "Clean")
    ClosureFactory(room=room(hotel, "102"))
    with pytest.raises(stays.Refused, match="102 is out of order"):
        swapping.swap(stay, other, by=clerk, confirmed=True)


@pytest.mark.parametrize(
    ("wanted", "condition", "asks"),
    [
        ("clean", DIRTY, "Room 101 is dirty since"),
        ("clean", CLEAN, None),
        ("clean", INSPECTED, None),
        ("inspected", DIRTY, "Room 101 is dirty since"),
        ("inspected", CLEAN, "but nobody has inspected it"),
        ("inspected", INSPECTED, None),
        ("anyhow", DIRTY, None),
    ],
)
def test_check_in_asks_once_more_where_the_room_is_not_what_the_house_wants(
    client, hotel, clerk, wanted, condition, asks
):
    Property.objects.filter(pk=hotel.pk).update(rooms_ready=wanted)
    Room.objects.update(condition=condition, condition_at=clock.now())
    stay = book(hotel)
    answer = client.post(page(stay, "check-in/"), on_board(stay), headers=HTMX)
    if asks is None:
        assert (answer.status_code, state(stay)) == (200, "in_house")
        return
    assert asks in answer.content.decode()
    assert (answer.status_code, state(stay)) == (422, "booked")
    client.post(page(stay, "check-in/"), on_board(stay, confirmed="1"), headers=HTMX)
    assert state(stay) == "in_house"


def test_a_room_out_of_order_cannot_be_assigned_for_those_nights_and_is_free_before_and_after(hotel, clerk):
    ClosureFactory(room=room(hotel), begins=today(hotel) + 2 * DAY, ends=today(hotel) + 4 * DAY)
    elsewhere = book(hotel, "Bo Lee", room="102", arrives=3, leaves=5)
    for arrives, leaves in ((1, 3), (3, 5), (2, 4)):
        with pytest.raises(stays.Refused, match=r"101 is out of order until .* \(The shower leaks\)"):
            book(hotel, arrives=arrives, leaves=leaves)
    with pytest.raises(stays.Refused, match="choose another room, or put it back in order"):
        stays.change(elsewhere, by=clerk, room=room(hotel))
    book(hotel, arrives=0, leaves=2)
    book(hotel, arrives=4, leaves=6)
    assert Stay.objects.filter(room=room(hotel)).count() == 2


def test_a_guest_in_a_room_out_of_order_is_not_touched_and_can_stay_longer(hotel, clerk):
    stay = stays.check_in(book(hotel), by=clerk)
    with pytest.raises(stays.NeedsConfirmation, match="is in the room until .* and is not touched"):
        rooms.close(room(hotel), by=clerk, begins=today(hotel), ends=None, why="The shower leaks")
    made = rooms.close(
        room(hotel), by=clerk, begins=today(hotel), ends=None, why="The shower leaks", confirmed=True
    )
    stays.change(stay, by=clerk, departure=stay.departure + DAY, confirmed=True)
    assert state(stay) == "in_house"
    assert said(hotel) == "Out of order until further notice"
    rooms.reopen(made, by=clerk)
    assert said(hotel) == "Dirty"
    assert AuditEntry.objects.filter(action="room.reopened", subject_id=room(hotel).public_id).exists()


def test_a_guest_booked_in_a_room_that_broke_is_shown_and_check_in_asks(client, hotel, clerk):
    stay = book(hotel)
    sent = {"why": "The shower leaks", "begins": today(hotel).isoformat(), "ends": ""}
    question = client.post(url(hotel, "close/"), sent)
    assert question.status_code == 422
    assert "Anna Smith is booked in it from" in question.content.decode()
    assert not Closure.objects.exists()
    client.post(url(hotel, "close/"), sent | {"confirmed": "1"})
    assert row(stay).condition.text == "Out of order until further notice"
    answer = client.post(page(stay, "check-in/"), on_board(stay), headers=HTMX)
    assert "out of order until further notice: The shower leaks" in answer.content.decode()
    assert state(stay) == "booked"


def test_a_room_that_was_out_of_order_is_dirty_until_somebody_has_looked(hotel, clerk):
    Room.objects.update(condition=CLEAN, condition_at=clock.now() - 9 * DAY)
    ClosureFactory(room=room(hotel), begins=today(hotel) - 3 * DAY, ends=today(hotel))
    assert (said(hotel), said(hotel, "102")) == ("Dirty", "Clean")
    rooms.mark(room(hotel), CLEAN, by=clerk, was=DIRTY)
    assert said(hotel) == "Clean"


def test_a_closure_to_come_closes_nothing_yet_and_can_be_called_off(client, hotel, clerk):
    begins = today(hotel) + DAY
    client.post(url(hotel, "close/"), {"why": "Paint", "begins": begins.isoformat(), "ends": ""})
    assert said(hotel) == "Clean"
    assert "until further notice: Paint" in client.get(url(hotel)).content.decode()
    client.post(url(hotel, f"reopen/{Closure.objects.get().public_id}/"))
    assert not Closure.objects.exists()


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"why": ""}, "This field is required."),
        ({"begins": "2020-01-01"}, "A room can be out of order from today on."),
        ({"ends": "2020-01-01"}, "must be after the day it is out of order from"),
    ],
)
def test_a_wrong_closure_is_named_at_its_field(client, hotel, clerk, fields, says):
    sent = {"why": "Paint", "begins": today(hotel).isoformat(), "ends": ""} | fields
    answer = client.post(url(hotel, "close/"), sent)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Closure.objects.exists()


def test_the_second_of_two_people_is_told_who_was_first_and_undoes_nothing(client, hotel, clerk, colleague):
    rooms.mark(room(hotel), INSPECTED, by=colleague)
    answer = client.post(url(hotel, "mark/"), {"condition": "dirty", "was": "clean"}, headers=HTMX)
    assert answer.status_code == 409
    assert "room 101 marked inspected by Bea Huber at" in answer.content.decode()
    assert said(hotel) == "Inspected"


def test_pressed_twice_it_is_one_change(client, hotel, clerk):
    for _ in range(2):
        answer = client.post(url(hotel, "mark/"), {"condition": "dirty", "was": "clean"}, headers=HTMX)
        assert answer.status_code == 200
    assert AuditEntry.objects.filter(action="room.marked").count() == 1


def test_without_javascript_a_button_goes_back_to_the_rooms_and_says_so(client, hotel, clerk):
    answer = client.post(url(hotel, "mark/"), {"condition": "dirty"}, follow=True)
    assert answer.redirect_chain == [("/p/seeblick/rooms/", 302)]
    assert "101 is dirty." in answer.content.decode()


def test_rooms_stand_by_what_is_to_do_first(hotel, clerk):
    Property.objects.filter(pk=hotel.pk).update(rooms_ready="inspected")
    hotel.refresh_from_db()
    made = {
        name: RoomFactory(property=hotel, name=name)
        for name in ("9", "10", "201", "202", "203", "204", "205", "206")
    }
    Room.objects.update(condition=DIRTY, condition_at=clock.now())
    Room.objects.filter(name__in=["10", "202"]).update(condition=CLEAN)
    Room.objects.filter(name="203").update(condition=INSPECTED)
    ClosureFactory(room=made["204"])
    book(hotel, room="101")
    waits = book(hotel, "Cy Oh", room="102")
    Stay.objects.filter(pk=waits.pk).update(waiting_since=clock.now())
    book(hotel, "Di Ray", room="202")
    for name, leaves in (("201", 0), ("205", 0), ("206", 2)):
        departure = today(hotel) + leaves * DAY
        StayFactory(
            property=hotel, room=made[name], in_house=True, arrival=today(hotel) - DAY, departure=departure
        )
    StayFactory(property=hotel, room=made["201"], guest_name="Eve Next")
    assert groups(hotel) == {
        "First: a guest comes today": ["102", "101", "202"],
        "To be cleaned": ["9"],
        "Leaving today, still occupied": ["201", "205"],
        "To be inspected": ["10"],
        "Staying on": ["206"],
        "Ready": ["203"],
        "Out of order": ["204"],
    }


def test_the_rows_of_the_board_say_how_the_room_is_and_listen_to_it(hotel, clerk):
    stay = book(hotel)
    rooms.mark(room(hotel), DIRTY, by=clerk)
    assert (row(stay).condition.tone, row(stay).condition.text) == ("warn", "Dirty")
    assert f"sse:room-{room(hotel).public_id}" in row(stay).trigger
    assert row(book(hotel, "Bo Later", arrives=3, leaves=4)).condition is None


def test_the_list_costs_the_same_for_ten_rooms_and_for_two_hundred(hotel, django_assert_num_queries):
    for many in (10, 200):
        RoomFactory.create_batch(many - hotel.rooms.count(), property=hotel)
        wall = Wall(hotel, clock.now())
        with django_assert_num_queries(3):
            assert pages.rooms(hotel, wall).total == many


def test_housekeeping_sees_the_rooms_only_and_no_guests_name(client, hotel):
    client.force_login(MembershipFactory(property=hotel, role=Role.HOUSEKEEPING).user)
    book(hotel)
    body = client.get("/", follow=True).content.decode()
    assert "A guest comes today" in body
    assert "Anna" not in body
    assert url(hotel) not in body.replace(url(hotel, "mark/"), "")
    for link in ("/p/seeblick/book/", "/p/seeblick/locks/", "/owner/"):
        assert link not in body
