"""Changing a stay, cancelling it, and the guest who did not come."""

import re
from datetime import time

from reservations import stays
from reservations.models import Guest
from tests.factories import PropertyFactory, RoomFactory
from tests.reservations.desk.pages import DAY, HTMX, book, change, page, state


def test_a_booked_stay_changes_dates_and_room(client, hotel, clerk):
    stay = book(hotel)
    later = stay.departure + DAY
    answer = client.post(
        page(stay, "change/"),
        change(stay, departure=later.isoformat(), room=hotel.rooms.get(name="102").pk, confirmed="1"),
        headers=HTMX,
    )
    stay.refresh_from_db()
    assert answer.status_code == 200
    assert answer.content.decode().startswith('<section id="change"')
    assert (stay.departure, stay.room.name) == (later, "102")


def test_a_stale_form_undoes_nobodys_work(client, hotel, clerk, colleague):
    stay = book(hotel)
    seen = change(stay, departure=(stay.departure + DAY).isoformat(), confirmed="1")
    stays.change(stay, by=colleague, room=hotel.rooms.get(name="102"))
    client.post(page(stay, "change/"), seen, headers=HTMX)
    stay.refresh_from_db()
    assert stay.room.name == "102"


def seen_in(body: str) -> str:
    """The key of the preview that the form shows."""
    return re.search(r'name="seen" value="(\w+)"', body).group(1)


def test_the_form_shows_what_the_change_does_at_the_doors_and_what_was_seen_is_saved_without_a_question(
    client, hotel, clerk
):
    stay = book(hotel)
    typed = change(stay, room=hotel.rooms.get(name="102").pk)
    fragment = client.post(page(stay, "change/preview/"), typed, headers=HTMX).content.decode()
    assert fragment.startswith('<div id="change-preview"')
    assert "<b>Door 101</b> does not have the code yet, and does not get it" in fragment
    assert "<b>Door 102</b> gets the code" in fragment
    stay.refresh_from_db()
    assert stay.room.name == "101"
    answer = client.post(page(stay, "change/"), typed | {"seen": seen_in(fragment)}, headers=HTMX)
    assert answer.status_code == 200
    stay.refresh_from_db()
    assert stay.room.name == "102"


def test_what_is_no_longer_so_at_the_doors_is_asked_about_again(client, hotel, clerk):
    stay = book(hotel)
    typed = change(stay, room=hotel.rooms.get(name="102").pk)
    fragment = client.post(page(stay, "change/preview/"), typed, headers=HTMX).content.decode()
    hotel.locks.filter(name="Door 102").update(online=False, error_code="device_disconnected")
    answer = client.post(page(stay, "change/"), typed | {"seen": seen_in(fragment)}, headers=HTMX)
    assert answer.status_code == 422
    assert "lock offline since" in answer.content.decode()


def test_without_javascript_the_first_submit_shows_the_doors_and_asks_once(client, hotel, clerk):
    stay = book(hotel)
    typed = change(stay, room=hotel.rooms.get(name="102").pk)
    answer = client.post(page(stay, "change/"), typed)
    body = answer.content.decode()
    assert answer.status_code == 422
    assert body.lstrip().startswith("<!doctype html>")
    assert "<b>Door 102</b> gets the code" in body
    assert client.post(page(stay, "change/"), typed | {"confirmed": "1"}).status_code == 302
    stay.refresh_from_db()
    assert stay.room.name == "102"


def test_a_name_put_right_needs_no_question(client, hotel, clerk):
    stay = book(hotel)
    answer = client.post(page(stay, "change/"), change(stay, guest_name="Anna Smyth"), headers=HTMX)
    assert answer.status_code == 200
    assert Guest.objects.get(pk=stay.reservation.guest_id).name == "Anna Smyth"


def test_a_button_asks_for_one_thing_only(client, hotel, clerk):
    stay = book(hotel)
    longer = {"departure": (stay.departure + DAY).isoformat(), "confirmed": "1"}
    for _ in range(2):  # pressed twice it is one night
        client.post(page(stay, "change/"), longer)
    stay.refresh_from_db()
    assert (stay.departure - stay.arrival).days == 3
    assert stay.room.name == "101"


def test_the_houses_own_time_is_no_agreement(client, hotel, clerk):
    stay = book(hotel)
    for until, kept in (("13:00", time(13)), ("11:00", None)):
        client.post(page(stay, "change/"), {"check_out_time": until, "confirmed": "1"})
        stay.refresh_from_db()
        assert stay.check_out_time == kept


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
