"""Check-in and check-out on the board and on the stay page: with htmx, without JavaScript, twice, and too late."""

from hospitality.models import AuditEntry, Role
from reservations import stays
from reservations.models import Stay
from tests.factories import MembershipFactory, today
from tests.reservations.desk.pages import DAY, HTMX, book, on_board, page, state


def test_check_in_without_javascript_goes_back_to_the_board_and_says_so(client, hotel, clerk):
    stay = book(hotel)
    answer = client.post(page(stay, "check-in/"), on_board(stay), follow=True)
    assert answer.redirect_chain == [(f"/p/seeblick/?day={today(hotel)}", 302)]
    assert "Anna Smith is checked in to 101." in answer.content.decode()
    assert state(stay) == "in_house"


def test_check_in_on_the_board_answers_with_the_fresh_row_and_a_toast(client, hotel, clerk):
    stay = book(hotel)
    answer = client.post(page(stay, "check-in/"), on_board(stay), headers=HTMX)
    body = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in body
    assert body.startswith(f'<tr id="stay-{stay.public_id}"')
    assert 'hx-swap-oob="beforeend"' in body
    assert "Anna Smith is checked in to 101." in body
    assert "board:changed" in answer.headers["HX-Trigger"]


def test_check_in_on_the_stay_page_answers_with_its_live_part(client, hotel, clerk):
    stay = book(hotel)
    body = client.post(page(stay, "check-in/"), {"back": "stay"}, headers=HTMX).content.decode()
    assert "<html" not in body
    assert body.startswith('<div id="live"')
    assert 'id="check-out"' in body


def test_the_second_of_two_clerks_is_told_who_was_first(client, hotel, clerk, colleague):
    stay = book(hotel)
    stays.check_in(stay, by=colleague)
    answer = client.post(page(stay, "check-in/"), on_board(stay), headers=HTMX)
    body = answer.content.decode()
    assert answer.status_code == 409
    assert "Checked in by Bea Huber" in body
    assert f'<tr id="stay-{stay.public_id}"' in body
    assert answer.headers["HX-Retarget"] == f"#stay-{stay.public_id}"


def test_without_javascript_the_second_clerk_gets_the_whole_board_with_the_sentence(
    client, hotel, clerk, colleague
):
    stay = book(hotel)
    stays.check_in(stay, by=colleague)
    answer = client.post(page(stay, "check-in/"), on_board(stay))
    body = answer.content.decode()
    assert answer.status_code == 409
    assert body.lstrip().startswith("<!doctype html>")
    assert "Checked in by Bea Huber" in body
    assert 'id="in_house"' in body


def test_a_double_click_checks_in_once(client, hotel, clerk):
    stay = book(hotel)
    answers = [
        client.post(page(stay, "check-in/"), on_board(stay), headers=HTMX).status_code for _ in range(2)
    ]
    assert answers == [200, 409]
    assert AuditEntry.objects.filter(subject_id=stay.public_id, action="stay.checked_in").count() == 1


def test_check_in_without_a_room_is_refused_with_the_remedy(client, hotel, clerk):
    stay = book(hotel, room=None)
    answer = client.post(page(stay, "check-in/"), on_board(stay), headers=HTMX)
    assert answer.status_code == 422
    assert "no room yet; assign one first" in answer.content.decode()
    assert state(stay) == "booked"


def test_an_occupied_room_asks_first_in_a_dialog(client, hotel, clerk):
    before = book(hotel, "Bo Old", arrives=-2, leaves=0)
    Stay.objects.filter(pk=before.pk).update(state="in_house")
    stay = book(hotel)
    answer = client.post(page(stay, "check-in/"), on_board(stay), headers=HTMX)
    body = answer.content.decode()
    assert answer.status_code == 422
    assert answer.headers["HX-Retarget"] == "#dialog"
    assert "<html" not in body
    assert "still occupied by Bo Old" in body
    assert "Check in anyway" in body
    assert f'hx-target="#stay-{stay.public_id}"' in body
    assert state(stay) == "booked"


def test_the_same_question_is_a_page_without_javascript_and_its_button_does_it(client, hotel, clerk):
    before = book(hotel, "Bo Old", arrives=-2, leaves=0)
    Stay.objects.filter(pk=before.pk).update(state="in_house")
    stay = book(hotel)
    answer = client.post(page(stay, "check-in/"), on_board(stay))
    body = answer.content.decode()
    assert answer.status_code == 422
    assert body.lstrip().startswith("<!doctype html>")
    assert '<input type="hidden" name="back" value="board">' in body
    client.post(page(stay, "check-in/"), on_board(stay, confirmed="1"))
    assert state(stay) == "in_house"


def test_check_out_on_the_day_needs_no_question(client, hotel, clerk):
    stay = stays.check_in(book(hotel, leaves=1), by=clerk)
    Stay.objects.filter(pk=stay.pk).update(arrival=today(hotel) - DAY, departure=today(hotel))
    answer = client.post(page(stay, "check-out/"), on_board(stay), headers=HTMX)
    assert answer.status_code == 200
    assert state(stay) == "departed"


def test_check_out_before_the_day_asks_and_names_guest_and_room(client, hotel, clerk):
    stay = stays.check_in(book(hotel), by=clerk)
    answer = client.post(page(stay, "check-out/"), {"back": "stay"}, headers=HTMX)
    body = answer.content.decode()
    assert answer.status_code == 422
    assert "Anna Smith is booked in 101 until" in body
    assert state(stay) == "in_house"
    client.post(page(stay, "check-out/"), {"back": "stay", "confirmed": "1"}, headers=HTMX)
    assert state(stay) == "departed"


def test_check_out_before_check_in_is_refused(client, hotel, clerk):
    stay = book(hotel)
    answer = client.post(page(stay, "check-out/"), on_board(stay), headers=HTMX)
    assert answer.status_code == 422
    assert "never checked in" in answer.content.decode()


def test_the_history_tells_who_did_what(client, hotel, clerk, colleague):
    stay = stays.book(
        hotel,
        by=colleague,
        guest_name="Anna Smith",
        arrival=today(hotel),
        departure=today(hotel) + DAY,
        room=hotel.rooms.get(name="101"),
    )
    stays.change(stay, by=clerk, room=hotel.rooms.get(name="102"))
    body = " ".join(client.get(page(stay)).content.decode().split())
    assert 'Booked <span class="quiet">by Bea Huber</span>' in body
    assert 'Stay changed: room 101 to 102 <span class="quiet">by Ana Keller</span>' in body


def test_a_days_address_that_is_no_day_is_explained(client, hotel, clerk):
    for wrong in ("yesterday", "2026-02-30", "0001-01-01", "9999-12-31"):
        answer = client.get("/p/seeblick/", {"day": wrong})
        assert answer.status_code == 400
        assert "is no day" in answer.content.decode()


def test_an_owner_sees_locks_but_no_guest(client, hotel):
    owner = MembershipFactory(property=hotel, role=Role.OWNER).user
    client.force_login(owner)
    stay = book(hotel)
    assert client.get("/p/seeblick/locks/").status_code == 200
    assert client.get(page(stay)).status_code == 403
    assert client.post(page(stay, "pin/")).status_code == 403
    assert not AuditEntry.objects.filter(action="pin.revealed").exists()
