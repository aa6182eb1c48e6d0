"""PINs and backup codes on the screen: only when asked for, on record, and in that one answer."""

from hospitality.models import AuditEntry
from locks.models import AccessCode
from reservations import stays
from tests.factories import AccessCodeFactory
from tests.reservations.desk.pages import HTMX, book, page, stock


def test_the_pin_is_on_no_page_before_it_is_asked_for(client, hotel, clerk):
    stay = stays.check_in(book(hotel), by=clerk)
    pin = stay.grant.pin
    grouped = f"{pin[:3]} {pin[3:]}"
    lock = stay.room.locks.get()
    for path in (
        "/p/seeblick/",
        page(stay),
        page(stay, "row/"),
        "/p/seeblick/locks/",
        f"/p/seeblick/locks/{lock.public_id}/",
    ):
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
