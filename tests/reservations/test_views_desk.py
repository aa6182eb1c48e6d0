"""What a clerk does on the board and on the stay page: with htmx, without JavaScript, twice, and too late."""

from datetime import timedelta

import pytest

from hospitality.models import AuditEntry, Role
from locks.models import AccessCode, Lock
from reservations import stays
from reservations.models import Stay
from tests.factories import (
    AccessCodeFactory,
    ConnectionFactory,
    LockFactory,
    MembershipFactory,
    PropertyFactory,
    RoomFactory,
    UserFactory,
    today,
)

DAY = timedelta(days=1)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def hotel(db):
    hotel = PropertyFactory(slug="seeblick", name="Seeblick")
    account = ConnectionFactory(property=hotel)
    for name in ("101", "102"):
        LockFactory(connection=account, name=f"Door {name}", rooms=[RoomFactory(property=hotel, name=name)])
    return hotel


@pytest.fixture
def clerk(hotel, client):
    user = UserFactory(username="ana", first_name="Ana", last_name="Keller")
    MembershipFactory(user=user, property=hotel)
    client.force_login(user)
    return user


@pytest.fixture
def colleague(hotel):
    user = UserFactory(username="bea", first_name="Bea", last_name="Huber")
    MembershipFactory(user=user, property=hotel)
    return user


def book(hotel, guest="Anna Smith", room="101", arrives=0, leaves=2) -> Stay:
    begin = today(hotel)
    return stays.book(
        hotel,
        by=None,
        guest_name=guest,
        arrival=begin + arrives * DAY,
        departure=begin + leaves * DAY,
        room=hotel.rooms.get(name=room) if room else None,
    )


def page(stay: Stay, verb: str = "") -> str:
    return f"/p/{stay.property.slug}/stays/{stay.public_id}/{verb}"


def on_board(stay: Stay, **more) -> dict:
    return {"back": "board", "day": today(stay.property).isoformat(), **more}


def state(stay: Stay) -> str:
    return Stay.objects.values_list("state", flat=True).get(pk=stay.pk)


def stock(stay: Stay) -> Lock:
    """Give the stay's own door a backup code that is ready, and return the lock."""
    lock = stay.room.locks.get()
    AccessCodeFactory(lock=lock, backup=True, pin="907531")
    return lock


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


def test_without_javascript_the_second_clerk_gets_the_whole_board_with_the_sentence(client, hotel, clerk, colleague):
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
    answers = [client.post(page(stay, "check-in/"), on_board(stay), headers=HTMX).status_code for _ in range(2)]
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


def test_the_pin_is_on_no_page_before_it_is_asked_for(client, hotel, clerk):
    stay = stays.check_in(book(hotel), by=clerk)
    pin = stay.grant.pin
    grouped = f"{pin[:3]} {pin[3:]}"
    lock = stay.room.locks.get()
    for path in ("/p/seeblick/", page(stay), page(stay, "row/"), "/p/seeblick/locks/", f"/p/seeblick/locks/{lock.public_id}/"):
        body = client.get(path, headers=HTMX if path.endswith("row/") else {}).content.decode()
        assert pin not in body
        assert grouped not in body


def test_showing_the_pin_goes_on_record_and_stays_in_no_cache(client, hotel, clerk):
    stay = book(hotel)
    pin = stay.grant.pin
    answer = client.post(page(stay, "pin/"), headers=HTMX)
    body = answer.content.decode()
    assert f"{pin[:3]} {pin[3:]}" in body
    assert body.startswith('<section id="secret"')
    assert "no-store" in answer.headers["Cache-Control"]
    entry = AuditEntry.objects.get(subject_id=stay.public_id, action="pin.revealed")
    assert entry.actor == clerk


def test_without_javascript_the_pin_is_in_the_answer_to_the_post_and_in_no_address(client, hotel, clerk):
    stay = book(hotel)
    pin = stay.grant.pin
    answer = client.post(page(stay, "pin/"))
    assert answer.status_code == 200
    assert f"{pin[:3]} {pin[3:]}" in answer.content.decode()
    assert f"{pin[:3]} {pin[3:]}" not in client.get(page(stay)).content.decode()


def test_the_pin_hides_again(client, hotel, clerk):
    stay = book(hotel)
    client.post(page(stay, "pin/"), headers=HTMX)
    body = client.get(page(stay, "pin/"), headers=HTMX).content.decode()
    assert body.startswith('<section id="secret"')
    assert stay.grant.pin[:3] + " " + stay.grant.pin[3:] not in body
    assert client.get(page(stay, "pin/")).headers["Location"] == page(stay)


def test_a_stay_without_a_code_has_no_pin_to_show(client, hotel, clerk):
    stay = book(hotel, room=None)
    answer = client.post(page(stay, "pin/"), headers=HTMX)
    assert answer.status_code == 422
    assert "has no code" in answer.content.decode()


def test_a_backup_code_is_shown_large_grouped_and_only_here(client, hotel, clerk):
    stay = stays.check_in(book(hotel), by=clerk)
    lock = stock(stay)
    answer = client.post(page(stay, f"doors/{lock.public_id}/backup/"), headers=HTMX)
    body = answer.content.decode()
    assert answer.status_code == 200
    assert "907 531" in body
    assert "Backup code" in body
    assert "no-store" in answer.headers["Cache-Control"]
    assert "907 531" not in client.get(page(stay)).content.decode()
    assert "907531" not in client.get(f"/p/seeblick/locks/{lock.public_id}/").content.decode()


def test_asking_twice_for_a_backup_gives_the_same_one(client, hotel, clerk):
    stay = stays.check_in(book(hotel), by=clerk)
    lock = stock(stay)
    url = page(stay, f"doors/{lock.public_id}/backup/")
    assert [("907 531" in client.post(url, headers=HTMX).content.decode()) for _ in range(2)] == [True, True]
    assert AccessCode.objects.filter(handed_out_at__isnull=False).count() == 1


def test_a_backup_code_that_was_handed_out_can_be_shown_again_on_record(client, hotel, clerk):
    stay = stays.check_in(book(hotel), by=clerk)
    lock = stock(stay)
    client.post(page(stay, f"doors/{lock.public_id}/backup/"), headers=HTMX)
    assert "Show it again" in client.get(page(stay)).content.decode()
    assert "907 531" in client.post(page(stay, f"doors/{lock.public_id}/backup/show/")).content.decode()
    assert AuditEntry.objects.filter(subject_id=stay.public_id, action="backup.revealed").count() == 1


def test_no_backup_ready_says_what_to_do(client, hotel, clerk):
    stay = stays.check_in(book(hotel), by=clerk)
    lock = stay.room.locks.get()
    answer = client.post(page(stay, f"doors/{lock.public_id}/backup/"), headers=HTMX)
    assert answer.status_code == 422
    assert "staff key" in answer.content.decode()


def test_a_backup_for_a_door_of_another_room_is_refused(client, hotel, clerk):
    stay = stays.check_in(book(hotel), by=clerk)
    other = hotel.locks.get(name="Door 102")
    AccessCodeFactory(lock=other, backup=True)
    answer = client.post(page(stay, f"doors/{other.public_id}/backup/"), headers=HTMX)
    assert answer.status_code == 422
    assert "choose one of its doors" in answer.content.decode()


def change(stay: Stay, **fields) -> dict:
    """What the change form sends: what it showed, hidden, and what the clerk made of it."""
    shown = {
        "guest_name": stay.reservation.guest.name,
        "arrival": stay.arrival.isoformat(),
        "departure": stay.departure.isoformat(),
        "room": str(stay.room_id or ""),
    }
    return {f"initial-{name}": value for name, value in shown.items()} | shown | fields


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
    answer = client.post(page(stay, "change/"), change(stay, departure=stay.arrival.isoformat()), headers=HTMX)
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


def test_the_desks_form_does_not_offer_another_propertys_rooms(client, hotel, clerk):
    elsewhere = RoomFactory(property=PropertyFactory())
    stay = book(hotel)
    answer = client.post(page(stay, "change/"), change(stay, room=elsewhere.pk), headers=HTMX)
    assert answer.status_code == 422
    stay.refresh_from_db()
    assert stay.room.name == "101"


def test_an_owner_sees_locks_but_no_guest(client, hotel):
    owner = MembershipFactory(property=hotel, role=Role.OWNER).user
    client.force_login(owner)
    stay = book(hotel)
    assert client.get("/p/seeblick/locks/").status_code == 200
    assert client.get(page(stay)).status_code == 403
    assert client.post(page(stay, "pin/")).status_code == 403
    assert not AuditEntry.objects.filter(action="pin.revealed").exists()
