"""Quick changes, rooms swapped and steps back, on the stay's page: each says what it does before it is done."""

import re
from datetime import time

from hospitality.models import Property
from reservations import stays
from reservations.models import Stay
from tests.reservations.desk.pages import DAY, HTMX, book, page, state


def button(body: str, name: str) -> dict[str, str]:
    """What the form around this button posts."""
    form = next(one for one in re.findall(r"<form.*?</form>", body, re.S) if f'id="{name}"' in one)
    fields = re.findall(r'<input[^>]*name="([^"]+)" value="([^"]*)"', form)
    return {key: value for key, value in fields if key != "csrfmiddlewaretoken"}


def test_one_more_night_is_one_button_that_shows_the_doors_first(client, hotel, clerk):
    stay = book(hotel)
    posted = button(client.get(page(stay)).content.decode(), "longer")
    asked = client.post(page(stay, "change/"), posted, headers=HTMX)
    assert asked.status_code == 422
    assert "<b>Door 101</b>" in asked.content.decode()
    client.post(page(stay, "change/"), posted | {"confirmed": "1"}, headers=HTMX)
    assert Stay.objects.get(pk=stay.pk).departure == stay.departure + DAY


def test_the_last_night_cannot_be_taken_away(client, hotel, clerk):
    assert 'id="shorter"' in client.get(page(book(hotel))).content.decode()
    assert 'id="shorter"' not in client.get(page(book(hotel, room="102", leaves=1))).content.decode()


def test_a_guest_who_should_have_left_gets_tonight_as_one_more_night(client, hotel, clerk):
    stay = book(hotel, arrives=-3, leaves=-1)
    Stay.objects.filter(pk=stay.pk).update(state="in_house")
    posted = button(client.get(page(stay)).content.decode(), "longer")
    assert posted == {"departure": (stay.departure + 2 * DAY).isoformat()}


def test_the_last_change_can_be_put_back_with_a_preview_until_something_else_is_so(client, hotel, clerk):
    stay = book(hotel)
    other = hotel.rooms.get(name="102")
    stays.change(stay, by=clerk, room=other, departure=stay.departure + DAY)
    body = client.get(page(stay)).content.decode()
    assert "Changed by Ana Keller at" in body
    posted = button(body, "put-back")
    assert posted == {"departure": stay.departure.isoformat(), "room": str(stay.room_id)}
    assert client.post(page(stay, "change/"), posted).status_code == 422
    client.post(page(stay, "change/"), posted | {"confirmed": "1"})
    now = Stay.objects.get(pk=stay.pk)
    assert (now.room_id, now.departure) == (stay.room_id, stay.departure)
    stays.check_in(stay, by=clerk)
    assert 'id="put-back"' not in client.get(page(stay)).content.decode()


def test_rooms_are_swapped_in_two_plain_steps(client, hotel, clerk):
    anna, bo = book(hotel), book(hotel, "Bo Other", room="102")
    offered = client.get(page(anna, "swap/")).content.decode()
    assert "102: Bo Other" in offered
    asked = client.post(page(anna, "swap/"), {"other": bo.pk})
    body = asked.content.decode()
    assert asked.status_code == 422
    assert "Anna Smith moves to 102, and Bo Other to 101." in body
    assert body.count("<b>Door 101</b>") == 2
    answer = client.post(page(anna, "swap/"), {"other": bo.pk, "confirmed": "1"}, follow=True)
    assert "Anna Smith is in 102 now, and Bo Other in 101." in answer.content.decode()
    assert Stay.objects.get(pk=bo.pk).room.name == "101"


def test_a_swap_with_nobody_chosen_or_nobody_there_says_so(client, hotel, clerk):
    anna = book(hotel)
    assert "Nobody is booked into another room" in client.get(page(anna, "swap/")).content.decode()
    book(hotel, "Bo Other", room="102")
    answer = client.post(page(anna, "swap/"), {"other": ""})
    assert answer.status_code == 422
    assert "This field is required" in answer.content.decode()


def test_an_early_check_in_can_be_looked_at_first(client, hotel, clerk):
    Property.objects.filter(pk=hotel.pk).update(check_in_time=time(23, 59))
    stay = book(hotel)
    assert 'id="see-doors"' in client.get(page(stay)).content.decode()
    question = client.get(page(stay, "check-in/"), headers=HTMX).content.decode()
    assert "<b>Door 101</b> gets the code in about a minute" in question
    assert state(stay) == "booked"
    client.post(page(stay, "check-in/"))
    assert state(stay) == "in_house"


def test_a_cancelled_stay_is_booked_again_from_its_page(client, hotel, clerk):
    stay = stays.cancel(book(hotel), by=clerk)
    assert 'id="reinstate"' in client.get(page(stay)).content.decode()
    question = client.get(page(stay, "reinstate/"), headers=HTMX).content.decode()
    assert "Anna Smith is booked again in 101." in question
    assert "<b>Door 101</b>" in question
    client.post(page(stay, "reinstate/"))
    assert state(stay) == "booked"


def test_a_check_in_and_a_check_out_by_mistake_are_undone_after_a_question(client, hotel, clerk):
    stay = stays.check_in(book(hotel), by=clerk)
    assert "Checked in by mistake?" in client.get(page(stay)).content.decode()
    assert "as before the check-in" in client.get(page(stay, "check-in/undo/"), headers=HTMX).content.decode()
    client.post(page(stay, "check-in/undo/"))
    assert state(stay) == "booked"
    stays.check_out(stays.check_in(stay, by=clerk), by=clerk, confirmed=True)
    question = client.get(page(stay, "check-out/undo/"), headers=HTMX).content.decode()
    assert "Anna Smith has not left, and is in house in 101 again." in question
    client.post(page(stay, "check-out/undo/"))
    assert state(stay) == "in_house"


def test_a_room_that_was_let_meanwhile_is_named_instead_of_a_question(client, hotel, clerk):
    stay = stays.cancel(book(hotel), by=clerk)
    book(hotel, "Bo Other")
    answer = client.get(page(stay, "reinstate/"), headers=HTMX)
    assert answer.status_code == 422
    assert "Bo Other has 101 from" in answer.content.decode()
