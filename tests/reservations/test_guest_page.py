"""The guest's own page: what a stranger with a link sees, and what the button does. Digits are typed at the keypad."""

import io
import logging
import re

import pytest
from django.core.cache import cache

from hospitality.models import AuditEntry
from locks.models import AccessCode
from reservations import disclosing, guest_link, guest_page, stays
from reservations.models import GuestCall, InTheWay
from tests.reservations.booking import fresh

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _nobody_asked_before():
    cache.clear()


@pytest.fixture
def pool(hotel):
    """Two backup codes on each lock."""
    hotel.property.backup_pool_size = 2
    hotel.property.guests_help_themselves = True
    hotel.property.directions = "Behind the church."
    hotel.property.save()
    hotel.visit()
    hotel.visit()


def page(stay) -> str:
    return f"/guest/{guest_link.token(stay)}/"


def call(client, stay, **headers):
    return client.post(page(stay) + "cannot-get-in/", headers=headers)


def digits(body: str) -> list[str]:
    return [re.sub(r"\D", "", found) for found in re.findall(r'<p class="digits">([^<]*)</p>', body)]


def seen(client, stay) -> str:
    return client.get(page(stay)).content.decode()


def test_the_link_is_a_whole_address_and_opens_without_an_account(client, here, settings):
    settings.URL = "https://desk.hotel.example"
    assert guest_link.url(here) == f"https://desk.hotel.example{page(here)}"
    assert client.get(page(here)).status_code == 200


def test_a_confirmed_pin_is_shown_with_its_doors_and_times_in_the_houses_zone(client, hotel, here):
    body = seen(client, here)
    [pin] = digits(body)
    assert hotel.opens(hotel.locks["1"], pin)
    assert hotel.opens(hotel.locks["front"], pin)
    assert "Your code is ready" in body
    assert "Room 1 and Front door" in body
    assert "Europe/Zurich" in body


def test_a_code_that_no_lock_has_yet_is_not_shown(client, hotel, book):
    stay = stays.check_in(book("1"), by=None)
    body = seen(client, stay)
    assert digits(body) == []
    assert "still preparing your code" in body
    assert "Your code is ready" not in body


def test_before_its_time_the_page_says_from_when_the_code_is_shown(client, hotel, book):
    stay = book("1", arrival=3)
    hotel.visit()
    body = seen(client, stay)
    assert digits(body) == []
    assert "Your code is shown here from" in body
    assert "cannot-get-in" not in body
    assert call(client, stay).status_code == 422


def test_after_check_out_the_page_shows_nothing_of_the_guest(client, here):
    stays.check_out(here, by=None, confirmed=True)
    body = seen(client, here)
    assert "This stay is over" in body
    assert digits(body) == []
    assert "Anna Smith" not in body
    assert call(client, here).status_code == 422


@pytest.mark.parametrize(
    "spoil", [lambda t: t[:-1] + ("A" if t[-1] != "A" else "B"), lambda t: "x" + t, str.upper]
)
def test_an_altered_link_says_what_to_do_and_no_more(client, here, spoil):
    answer = client.get(f"/guest/{spoil(guest_link.token(here))}/")
    assert answer.status_code == 404
    assert "ask at the desk" in answer.content.decode()
    assert "Anna Smith" not in answer.content.decode()


def test_one_guests_link_cannot_be_made_into_anothers(client, hotel, here, book):
    other = book("2", name="Bo Nilsson")
    mixed = guest_link.token(other).split(".")[0] + "." + guest_link.token(here).split(".", 1)[1]
    assert client.get(f"/guest/{mixed}/").status_code == 404
    assert "Bo Nilsson" not in seen(client, here)


def test_robots_and_caches_are_kept_out_and_no_referrer_is_sent(client, here):
    answer = client.get(page(here))
    assert answer["X-Robots-Tag"].startswith("noindex")
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer["Cache-Control"]


def test_where_the_code_has_an_error_the_guest_gets_a_backup_code_that_opens(client, hotel, pool, book):
    hotel.simulator.knobs(hotel.locks["1"].provider_ref, offline=True)
    stay = stays.check_in(book("1"), by=None)
    hotel.visit()
    body = call(client, stay, **HTMX).content.decode()
    assert len(digits(body)) == 2
    assert "This is a backup code." in body
    assert [hotel.opens(hotel.locks["1"], pin) for pin in digits(body)].count(True) == 1
    assert not GuestCall.objects.filter(closed_at=None).exists()


def test_the_button_pressed_fifty_times_hands_out_one_backup_code(client, hotel, pool, book):
    hotel.simulator.knobs(hotel.locks["1"].provider_ref, offline=True)
    stay = stays.check_in(book("1"), by=None)
    hotel.visit()
    for _ in range(50):
        assert call(client, stay).status_code == 302
    handed_out = AccessCode.objects.filter(is_backup=True, handed_out_at__isnull=False)
    assert handed_out.count() == 1


def test_where_guests_do_not_help_themselves_the_desk_is_told_once(client, hotel, pool, book):
    hotel.property.guests_help_themselves = False
    hotel.property.save()
    hotel.simulator.knobs(hotel.locks["1"].provider_ref, offline=True)
    stay = stays.check_in(book("1"), by=None)
    hotel.visit()
    for _ in range(20):
        body = call(client, stay, **HTMX).content.decode()
    assert "The desk has known since" in body
    [ring] = GuestCall.objects.filter(stay=stay)
    assert (ring.closed_at, ring.presses) == (None, 1)
    assert "error at Room 1" in str(ring.why)
    assert AuditEntry.objects.filter(subject_id=stay.public_id, action="guest.cannot_get_in").count() == 1


def test_with_a_code_that_is_confirmed_the_desk_is_told_and_no_backup_is_handed_out(client, pool, here):
    call(client, here)
    assert GuestCall.objects.get(stay=here).why == InTheWay.CONFIRMED()
    assert not AccessCode.objects.filter(handed_out_at__isnull=False).exists()


def test_a_backup_code_from_the_desk_ends_the_call(client, hotel, pool, here):
    call(client, here)
    disclosing.issue_backup(fresh(here), hotel.locks["1"], by=None, reason="dead code", is_id_checked=True)
    assert GuestCall.objects.get(stay=here).closed_at
    assert "The desk has known" not in seen(client, here)


def test_where_none_is_left_the_desk_is_told(client, hotel, book):
    hotel.property.guests_help_themselves = True
    hotel.property.save()
    hotel.simulator.knobs(hotel.locks["1"].provider_ref, offline=True)
    stay = stays.check_in(book("1"), by=None)
    hotel.visit()
    AccessCode.objects.filter(is_backup=True).update(status="setting")
    call(client, stay)
    assert GuestCall.objects.filter(stay=stay, closed_at=None).exists()


@pytest.mark.parametrize("empty", ["1", "front"])
def test_with_two_dead_doors_and_a_backup_code_at_one_the_guest_has_that_one_and_the_desk_is_told(
    client, hotel, pool, book, empty
):
    for name in ("1", "front"):
        hotel.simulator.knobs(hotel.locks[name].provider_ref, offline=True)
    stay = stays.check_in(book("1"), by=None)
    hotel.visit()
    AccessCode.objects.filter(is_backup=True, lock=hotel.locks[empty]).update(status="setting")
    body = call(client, stay, **HTMX).content.decode()
    other = {"1": "front", "front": "1"}[empty]
    assert [pin for pin in digits(body) if hotel.opens(hotel.locks[other], pin)]
    assert GuestCall.objects.filter(stay=stay, closed_at=None).exists()


def test_asked_too_often_the_page_says_to_wait(client, here):
    answers = [client.get(page(here)).status_code for _ in range(guest_page.PER_MINUTE + 1)]
    assert answers[-2:] == [200, 429]
    stay_page = client.get(page(here))
    assert "Wait a minute" in stay_page.content.decode()


def test_the_log_says_that_a_page_was_refused_and_not_the_link_that_opens_it(client, here):
    [console] = [one for one in logging.getLogger().handlers if getattr(one, "name", "") == "console"]
    written, before = io.StringIO(), console.stream
    console.setStream(written)
    try:
        for _ in range(guest_page.PER_MINUTE + 1):
            client.get(page(here))
    finally:
        console.setStream(before)
    assert "Too Many Requests: /guest/…/" in written.getvalue()
    assert guest_link.token(here) not in written.getvalue()


def test_somebody_of_the_house_who_opens_the_link_has_seen_the_digits_by_name(client, clerk, here):
    client.force_login(clerk)
    seen(client, here)
    client.logout()
    seen(client, here)
    told = AuditEntry.objects.filter(subject_id=here.public_id, action="guest.told").order_by("pk")
    assert [entry.actor for entry in told] == [clerk, None]


def test_the_way_to_the_house_stands_on_the_page(client, pool, here):
    assert "Behind the church." in seen(client, here)
