"""A guest cannot get in: found by room or name, the causes by the facts, the backup code in one step."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hospitality import clock
from hospitality.models import AuditEntry
from hospitality.wall import Wall
from locks import unlocking
from locks.models import AccessCode, Event, Lock, RemoteUnlock
from reservations import guests, rescue, stays
from reservations.models import GuestCall, InTheWay
from tests.factories import MembershipFactory
from tests.locks.conftest import add_lock
from tests.reservations.booking import fresh

HTMX = {"HX-Request": "true"}


@pytest.fixture
def desk(client, hotel):
    client.force_login(MembershipFactory(property=hotel.property).user)
    return client


def panel(stay) -> rescue.Panel:
    return rescue.panel(fresh(stay), Wall(fresh(stay).property, clock.now()))


def causes(stay, door="Room 1") -> list[str]:
    [help] = [one for one in panel(stay).doors if one.truth.name == door]
    return [cause.said.text for cause in help.causes]


def found(hotel, text="") -> list[str]:
    told = rescue.find(hotel.property, text, Wall(hotel.property, clock.now()))
    return [one.stay.reservation.guest.name for one in told]


def of(hotel, stay) -> str:
    return f"/p/{hotel.property.slug}/stays/{stay.public_id}/"


def denied(lock: Lock, code=None) -> None:
    Event.objects.create(
        property=lock.property,
        lock=lock,
        access_code=code,
        event_type="lock.access_denied",
        occurred_at=clock.now(),
    )


# Who


def test_guests_are_found_by_room_or_by_any_part_of_the_name(hotel, here, book):
    book("2", name="Bo Nilsson")
    assert found(hotel, "1") == ["Anna Smith"]
    assert found(hotel, "nil") == ["Bo Nilsson"]
    assert found(hotel, "smith 1") == ["Anna Smith"]
    assert found(hotel, "x") == []


def test_departed_guests_and_those_of_other_days_are_not_among_them(hotel, here, book):
    book("2", name="Later", arrival=3)
    stays.check_out(here, by=None, confirmed=True)
    assert found(hotel) == []


def test_who_rings_comes_first_then_whose_code_is_in_trouble(hotel, here, book):
    other = stays.check_in(book("2", name="Bo Nilsson"), by=None)
    assert found(hotel) == ["Bo Nilsson", "Anna Smith"]
    hotel.visit()
    guests.cannot_get_in(fresh(here))
    assert found(hotel)[0] == "Anna Smith"
    guests.helped(fresh(here), by=None)
    guests.cannot_get_in(fresh(other))
    assert found(hotel)[0] == "Bo Nilsson"


def test_the_enter_key_goes_to_the_first(desk, hotel, here):
    answer = desk.get(f"/p/{hotel.property.slug}/cannot-get-in/?q=anna&go=1")
    assert answer.url == f"{of(hotel, here)}cannot-get-in/"


# Why


def test_a_lock_that_is_offline_before_it_had_the_code(hotel, book):
    hotel.simulator.knobs(hotel.locks["1"].provider_ref, offline=True)
    stay = stays.check_in(book("1"), by=None)
    hotel.visit()
    assert causes(stay)[0].startswith("The code is not confirmed: Waiting: lock offline since")


def test_a_lock_that_went_offline_with_the_code_on_it_opens_all_the_same(hotel, here):
    hotel.simulator.knobs(hotel.locks["1"].provider_ref, offline=True)
    hotel.visit()
    [cause] = causes(here)
    assert cause.endswith("the code was on the lock before")
    assert hotel.opens(hotel.locks["1"], here.grant.pin)


def test_a_weak_battery(hotel, here):
    hotel.simulator.knobs(hotel.locks["1"].provider_ref, battery=0.08)
    hotel.visit()
    assert causes(here) == ["Battery 8 %: a weak lock may not turn"]


def test_outside_the_stays_time(hotel, book):
    stay = book("1", arrival=1)
    hotel.visit()
    assert re.match(r"Outside the stay's time by \d+ (hours?|days?): it opens from ", causes(stay)[0])


def test_the_stay_ran_out(hotel, here, later):
    later(hours=71)
    assert re.match(r"Outside the stay's time by \d+ \w+: it ended ", causes(here)[0])


def test_a_wrong_pin_was_tried(hotel, here):
    denied(hotel.locks["1"])
    assert re.fullmatch(r"A wrong PIN was tried at \d\d:\d\d", causes(here)[0])


def test_the_door_refused_the_guests_own_code(hotel, here):
    denied(hotel.locks["1"], AccessCode.objects.get(grant=here.grant, lock=hotel.locks["1"]))
    assert causes(here)[0].startswith("The door refused this very code at ")


def test_the_guest_may_stand_at_another_door(hotel, here):
    denied(hotel.locks["2"])
    [cause] = causes(here)
    assert re.match(r"Perhaps the wrong door: Room 2 refused a code at .*, this door none", cause)


def test_where_nothing_is_in_the_way_the_panel_does_not_make_something_up(hotel, here):
    [cause] = causes(here)
    assert cause.startswith("Nothing is known to be in the way: On the lock, confirmed ")


def test_the_door_that_most_likely_stays_shut_comes_first(hotel, book):
    hotel.simulator.knobs(hotel.locks["front"].provider_ref, offline=True)
    stay = stays.check_in(book("1"), by=None)
    hotel.visit()
    assert [one.truth.name for one in panel(stay).doors] == ["Front door", "Room 1"]


def test_the_panel_takes_as_many_queries_for_five_doors_as_for_two(hotel, here):
    taken = []
    for more in (0, 3):
        for number in range(more):
            name = f"Gate {number}"
            add_lock(
                hotel.simulator,
                hotel.locks["1"].connection,
                name,
                "native",
                [hotel.rooms["1"]],
                kind="common",
            )
        stays.fit_doors(here, by=None)
        stay = fresh(here)
        with CaptureQueriesContext(connection) as queries:
            assert len(rescue.panel(stay, Wall(stay.property, clock.now())).doors) == 2 + more
        taken.append(len(queries))
    assert taken[0] == taken[1]


# Help


def test_one_step_hands_the_backup_code_over_with_the_reason_on_record(desk, hotel, here):
    page = f"{of(hotel, here)}doors/{hotel.locks['1'].public_id}/backup/"
    body = desk.post(page, {"reason": "Battery 8 %", "id_checked": "1"}, headers=HTMX).content.decode()
    pin = re.sub(r"\D", "", re.search(r'id="digits"[^>]*>([^<]*)<', body)[1])
    assert hotel.opens(hotel.locks["1"], pin)
    entry = AuditEntry.objects.get(subject_id=here.public_id, action="backup.handed_out")
    assert (entry.detail["reason"], entry.detail["is_id_checked"]) == ("Battery 8 %", True)
    assert "Battery 8 %, ID checked" in desk.get(of(hotel, here)).content.decode()


def test_where_none_is_left_every_screen_rings_and_what_is_left_is_named(desk, hotel, here):
    AccessCode.objects.filter(is_backup=True).update(status="setting")
    page = f"{of(hotel, here)}doors/{hotel.locks['1'].public_id}/backup/"
    assert desk.post(page, {"reason": "x"}, headers=HTMX).status_code == 422
    assert GuestCall.objects.get(stay=here, closed_at=None).why.key == InTheWay.NO_BACKUP
    body = desk.get(f"{of(hotel, here)}cannot-get-in/").content.decode()
    assert "Send somebody of the staff to Room 1 with a key." in body
    board = desk.get(f"/p/{hotel.property.slug}/").content.decode()
    assert "cannot get in, rings since" in board


def test_where_none_is_left_the_door_is_opened_from_here_once_and_the_screen_says_who_says_so(
    desk, hotel, here
):
    AccessCode.objects.filter(is_backup=True).update(status="setting")
    page = f"{of(hotel, here)}doors/{hotel.locks['1'].public_id}/unlock/"
    assert "Open Room 1 from here, once" in desk.get(f"{of(hotel, here)}cannot-get-in/").content.decode()
    for _ in range(3):
        desk.post(page, {"id_checked": "1"})
    [unlock] = RemoteUnlock.objects.all()
    unlocking.carry_out(unlock.pk)
    unlocking.carry_out(unlock.pk)
    assert len(hotel.simulator.log(hotel.locks["1"].provider_ref, "door.unlocked")) == 1
    body = desk.get(f"{of(hotel, here)}cannot-get-in/").content.decode()
    assert re.search(r"Asked to open from here at [\d:]+: the maker says that it opened", body)


def test_no_door_is_opened_from_here_before_the_papers_were_seen(desk, hotel, here):
    page = f"{of(hotel, here)}doors/{hotel.locks['1'].public_id}/unlock/"
    assert "check the guest&#x27;s ID first" in desk.post(page, headers=HTMX).content.decode()
    assert not RemoteUnlock.objects.exists()


def test_to_a_guest_whose_backup_code_does_not_open_either_it_is_not_offered_once_more(desk, hotel, here):
    desk.post(f"{of(hotel, here)}doors/{hotel.locks['1'].public_id}/backup/", {"reason": "x"}, headers=HTMX)
    body = desk.get(f"{of(hotel, here)}cannot-get-in/").content.decode()
    steps = re.findall(r"<li>([^<]*)</li>", body.split("If it does not open either:")[1].split("</ol>")[0])
    assert steps[0] == "Send somebody of the staff to Room 1 with a key."


def test_helped_stops_the_ringing_and_is_on_record(desk, hotel, here):
    guests.cannot_get_in(fresh(here))
    assert "cannot get in, rings since" in desk.get(f"/p/{hotel.property.slug}/").content.decode()
    desk.post(f"{of(hotel, here)}helped/")
    assert "cannot get in, rings since" not in desk.get(f"/p/{hotel.property.slug}/").content.decode()
    assert AuditEntry.objects.filter(subject_id=here.public_id, action="guest.helped").exists()


def test_a_guest_who_is_not_checked_in_is_named_as_that(desk, hotel, book):
    stay = book("1")
    body = desk.get(f"{of(hotel, stay)}cannot-get-in/").content.decode()
    assert "This guest is not checked in." in body
    assert "Issue backup code" not in body


def test_check_out_ends_a_call(hotel, here):
    guests.cannot_get_in(fresh(here))
    stays.check_out(here, by=None, confirmed=True)
    assert GuestCall.objects.get(stay=here).closed_at


def test_owners_and_strangers_do_not_see_the_panel(client, hotel, here):
    client.force_login(MembershipFactory(property=hotel.property, role="owner").user)
    assert client.get(f"{of(hotel, here)}cannot-get-in/").status_code == 403
    client.force_login(MembershipFactory().user)
    assert client.get(f"{of(hotel, here)}cannot-get-in/").status_code == 404
