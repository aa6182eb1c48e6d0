"""Changing a stay, cancelling it, and the guest who did not come."""

from reservations import stays
from tests.factories import PropertyFactory, RoomFactory
from tests.reservations.desk.pages import DAY, HTMX, book, change, page, state


def test_a_booked_stay_changes_dates_and_room(client, hotel, clerk):
    stay = book(hotel)
    later = stay.departure + DAY
    answer = client.post(
        page(stay, "change/"),
        change(stay, departure=later.isoformat(), room=hotel.rooms.get(name="102").pk),
        headers=HTMX,
    )
    stay.refresh_from_db()
    assert answer.status_code == 200
    assert answer.content.decode().startswith('<section id="change"')
    assert (stay.departure, stay.room.name) == (later, "102")


def test_a_stale_form_undoes_nobodys_work(client, hotel, clerk, colleague):
    stay = book(hotel)
    seen = change(stay, departure=(stay.departure + DAY).isoformat())
    stays.change(stay, by=colleague, room=hotel.rooms.get(name="102"))
    client.post(page(stay, "change/"), seen, headers=HTMX)
    stay.refresh_from_db()
    assert stay.room.name == "102"


def test_a_change_for_a_guest_in_house_asks_first_and_keeps_what_was_typed(client, hotel, clerk):
    stay = stays.check_in(book(hotel), by=clerk)
    later = (stay.departure + DAY).isoformat()
    answer = client.post(page(stay, "change/"), change(stay, departure=later), headers=HTMX)
    body = answer.content.decode()
    assert answer.status_code == 422
    assert answer.headers["HX-Retarget"] == "#dialog"
    assert f'<input type="hidden" name="departure" value="{later}">' in body
    client.post(page(stay, "change/"), change(stay, departure=later, confirmed="1"), headers=HTMX)
    stay.refresh_from_db()
    assert stay.departure.isoformat() == later


def test_a_room_that_is_taken_is_refused_and_the_form_keeps_what_was_typed(client, hotel, clerk):
    book(hotel, "Bo Other", room="102")
    stay = book(hotel)
    other = hotel.rooms.get(name="102").pk
    answer = client.post(page(stay, "change/"), change(stay, room=other), headers=HTMX)
    body = answer.content.decode()
    assert answer.status_code == 422
    assert "The room is taken" in body
    assert f'<option value="{other}" selected>' in body


def test_end_before_start_is_refused_at_the_field(client, hotel, clerk):
    stay = book(hotel)
    answer = client.post(
        page(stay, "change/"), change(stay, departure=stay.arrival.isoformat()), headers=HTMX
    )
    assert answer.status_code == 422
    assert "The departure must be after the arrival." in answer.content.decode()


def test_cancelling_asks_first_names_the_guest_and_then_does_it(client, hotel, clerk):
    stay = book(hotel)
    question = client.get(page(stay, "cancel/"), headers=HTMX).content.decode()
    assert "<html" not in question
    assert "Anna Smith" in question
    assert state(stay) == "booked"
    client.post(page(stay, "cancel/"), {"back": "stay"}, headers=HTMX)
    assert state(stay) == "cancelled"


def test_a_no_show_is_marked_and_cannot_be_marked_before_the_day(client, hotel, clerk):
    tomorrow = book(hotel, room="102", arrives=1)
    answer = client.post(page(tomorrow, "no-show/"), headers=HTMX)
    assert answer.status_code == 422
    assert "still to come" in answer.content.decode()
    stay = book(hotel)
    client.post(page(stay, "no-show/"))
    assert state(stay) == "no_show"


def test_a_guest_in_house_cannot_be_cancelled(client, hotel, clerk):
    stay = stays.check_in(book(hotel), by=clerk)
    answer = client.post(page(stay, "cancel/"))
    assert answer.status_code == 422
    assert "checked out instead" in answer.content.decode()


def test_the_desks_form_does_not_offer_another_propertys_rooms(client, hotel, clerk):
    elsewhere = RoomFactory(property=PropertyFactory())
    stay = book(hotel)
    answer = client.post(page(stay, "change/"), change(stay, room=elsewhere.pk), headers=HTMX)
    assert answer.status_code == 422
    stay.refresh_from_db()
    assert stay.room.name == "101"
