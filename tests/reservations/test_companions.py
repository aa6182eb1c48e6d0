"""Those who come along with a guest: a code of their own follows the stay in every verb. What opens is typed at the
keypad."""

import re

import pytest

from hospitality.models import AuditEntry
from reservations import companions, stays, tasks
from reservations.models import Companion
from reservations.verbs import AlreadyDone, Refused
from tests.factories import MembershipFactory
from tests.locks.conftest import add_lock
from tests.reservations.booking import DAY, fresh
from tests.reservations.desk.pages import HTMX, on_board, page


@pytest.fixture
def desk(hotel, client):
    client.force_login(MembershipFactory(property=hotel.property).user)
    return client


@pytest.fixture
def ben(hotel, here):
    """Comes along with Anna Smith, with a code of his own."""
    made = companions.add(here, by=None, name="Ben Okri", has_own_code=True)
    hotel.visit()
    return made


def text(answer) -> str:
    body = re.sub(r"<[^>]+>", " ", answer.content.decode()).replace("&#x27;", "'").replace("&#8217;", "’")
    return " ".join(body.split())


def opened(hotel, companion) -> set[str]:
    """The doors that his PIN opens, by what is typed there."""
    pin = Companion.objects.select_related("grant").get(pk=companion.pk).grant.pin
    return {name for name, lock in hotel.locks.items() if hotel.opens(lock, pin)}


def test_their_own_pin_opens_the_stays_doors_as_the_guests_does(hotel, here, ben):
    assert opened(hotel, ben) == {"1", "front"}
    assert ben.grant.pin != here.grant.pin
    assert hotel.opens(hotel.locks["1"], here.grant.pin)
    assert (ben.grant.starts_at, ben.grant.ends_at) == (here.grant.starts_at, here.grant.ends_at)


def test_another_room_and_other_dates_take_their_code_along(hotel, here, ben):
    until = here.departure + 3 * DAY
    stays.change(here, by=None, room=hotel.rooms["2"], departure=until, confirmed=True)
    hotel.visit()
    assert opened(hotel, ben) == {"2", "front"}
    assert fresh(here).grant.ends_at == Companion.objects.get().grant.ends_at


def test_check_in_of_an_early_guest_lets_them_in_too(hotel, book):
    stay = book(arrival=1)
    ben = companions.add(stay, by=None, name="Ben Okri", has_own_code=True)
    hotel.visit()
    assert opened(hotel, ben) == set()
    stays.check_in(stay, by=None)
    hotel.visit()
    assert opened(hotel, ben) == {"1", "front"}


@pytest.mark.parametrize("verb", [stays.cancel, stays.no_show])
def test_a_stay_that_is_called_off_has_no_code_for_anybody(hotel, book, verb):
    stay = book()
    companions.add(stay, by=None, name="Ben Okri", has_own_code=True)
    hotel.visit()
    verb(stay, by=None)
    hotel.visit()
    assert [hotel.simulator.codes(hotel.locks[name].provider_ref)[1:] for name in ("1", "front")] == [[], []]


def test_check_out_ends_their_code_with_the_guests(hotel, here, ben):
    stays.check_out(here, by=None, confirmed=True)
    hotel.visit()
    assert opened(hotel, ben) == set()


def test_one_who_leaves_early_takes_no_other_code_along(hotel, here, ben):
    companions.take_off(ben, by=None)
    hotel.visit()
    assert opened(hotel, ben) == set()
    assert hotel.opens(hotel.locks["1"], here.grant.pin)
    with pytest.raises(AlreadyDone):
        companions.take_off(ben, by=None)


def test_who_shares_gets_a_code_when_it_is_asked_for(hotel, here):
    ben = companions.add(here, by=None, name="Ben Okri", has_own_code=False)
    assert ben.grant is None
    companions.give_code(ben, by=None)
    hotel.visit()
    assert opened(hotel, ben) == {"1", "front"}


def test_the_same_name_twice_is_one_person(here, ben):
    with pytest.raises(AlreadyDone, match="Ben Okri is on this stay already"):
        companions.add(here, by=None, name="Ben Okri", has_own_code=True)


def test_after_the_stay_nobody_comes_along(here):
    stays.check_out(here, by=None, confirmed=True)
    with pytest.raises(Refused, match="nobody can come along"):
        companions.add(here, by=None, name="Ben Okri", has_own_code=True)


def test_a_lock_that_the_room_gets_later_has_their_code_too(hotel, here, ben):
    account = hotel.property.connections.get()
    hotel.locks["lift"] = add_lock(hotel.simulator, account, "Lift", "native", hotel.rooms.values())
    assert tasks.fit_doors() == 1
    hotel.visit()
    assert opened(hotel, ben) == {"1", "front", "lift"}


def test_the_page_shows_them_with_the_state_of_each_door_and_the_pin_on_record(hotel, desk, here, ben):
    hotel.simulator.knobs(hotel.locks["front"].provider_ref, offline=True)
    companions.add(here, by=None, name="Cleo Okri", has_own_code=True)
    companions.add(here, by=None, name="Dan Okri", has_own_code=False)
    hotel.visit()
    body = text(desk.get(page(here)))
    assert "Dan Okri Shares the code of Anna Smith" in body
    assert re.search(
        r"Cleo Okri On the lock, confirmed \S+ Room 1 Waiting: lock offline since \S+ Front door", body
    )
    pin = ben.grant.pin
    assert f"{pin[:3]} {pin[3:]}" not in body
    shown = text(desk.post(page(here, f"companions/{ben.public_id}/pin/"), headers=HTMX))
    assert f"PIN of Ben Okri {pin[:3]} {pin[3:]} Opens Room 1 and Front door." in shown
    entry = AuditEntry.objects.get(action="companion.pin_revealed")
    assert (entry.subject_id, entry.detail) == (here.public_id, {"companion": "Ben Okri"})
    assert Companion.objects.get(pk=ben.pk).grant.told_at


def test_the_board_tells_of_their_trouble_and_leads_to_the_stay(hotel, desk, here, ben):
    row = page(here, "row/")
    assert "Ben Okri" not in text(desk.get(row, headers=HTMX))
    hotel.simulator.knobs(hotel.locks["front"].provider_ref, offline=True)
    companions.take_off(ben, by=None)
    hotel.visit()
    told = desk.get(row, on_board(here), headers=HTMX)
    assert "Removing; still on the door" in text(told) and "Ben Okri: Front door" in text(told)
    assert f"sse:grant-{ben.grant.public_id}" in told.content.decode()


def test_they_are_added_and_taken_off_at_the_desk(hotel, desk, here):
    add = page(here, "companions/")
    assert "Who comes along with Anna Smith?" in text(desk.get(add))
    assert "This field is required" in text(desk.post(add, {"name": " "}))
    assert desk.post(add, {"name": "Ben Okri", "has_own_code": "on"}).status_code == 302
    hotel.visit()
    ben = Companion.objects.get()
    off = page(here, f"companions/{ben.public_id}/off/")
    assert "The code of Ben Okri comes off Room 1 and Front door now" in text(desk.get(off))
    assert desk.post(off).status_code == 302
    assert "Ben Okri Left" in text(desk.get(page(here)))


def test_a_companion_of_another_stay_is_not_found(desk, here, ben, book):
    other = book("2")
    assert desk.post(page(other, f"companions/{ben.public_id}/pin/")).status_code == 404
