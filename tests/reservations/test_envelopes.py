"""Sealed backup codes: drawn once and printed, on no screen any more, put down as given or destroyed. The door's word is
the simulator's."""

import html

import pytest

from hospitality.models import AuditEntry, Role
from locks import backups, sealed
from locks.models import AccessCode
from reservations import disclosing, stays
from reservations.models import GuestCall
from reservations.paper import envelopes
from reservations.verbs import AlreadyDone, Refused
from tests.factories import MembershipFactory, UserFactory
from tests.locks.conftest import make_hotel
from tests.reservations import booking


@pytest.fixture
def hotel(db, simulator):
    made = make_hotel(simulator, pool=2)
    made.visit()
    return made


@pytest.fixture
def here(hotel):
    stay = stays.check_in(booking.book(hotel, "1"), by=None)
    hotel.visit()
    return stay


@pytest.fixture
def manager(hotel, client):
    user = UserFactory(first_name="Mara", last_name="Chief")
    MembershipFactory(user=user, property=hotel.property, role=Role.MANAGER)
    client.force_login(user)
    return user


def draw(hotel, by, *names) -> list[envelopes.Slip]:
    locks = [hotel.locks[name] for name in names or ("1",)]
    return envelopes.draw(hotel.property, locks, by=by, seen=envelopes.drawn(hotel.property))


def waiting(hotel) -> list[AccessCode]:
    return list(sealed.waiting(hotel.property))


def page(hotel, *parts) -> str:
    return "/".join([f"/p/{hotel.property.slug}/print/envelopes", *map(str, parts), ""])


def test_a_drawn_code_opens_its_door_and_the_pool_is_filled_up(hotel, manager):
    [slip] = draw(hotel, manager)
    assert hotel.opens(hotel.locks["1"], slip.digits)
    hotel.visit()
    assert backups.healthy(hotel.locks["1"]).count() == 2
    assert slip.door == "Room 1"


def test_no_screen_hands_out_a_code_that_is_on_paper(hotel, manager, here):
    [slip] = draw(hotel, manager)
    hotel.visit()
    issued = disclosing.issue_backup(here, hotel.locks["1"], by=manager)
    assert issued.pin != slip.digits
    [code] = waiting(hotel)
    assert not backups.stock(hotel.locks["1"]).filter(pk=code.pk).exists()


def test_the_last_ready_code_stays_for_the_screen(hotel, manager):
    draw(hotel, manager)
    with pytest.raises(Refused, match="the last one that is ready stays for the screen"):
        draw(hotel, manager)
    assert len(waiting(hotel)) == 1


def test_all_doors_or_none(hotel, manager):
    draw(hotel, manager, "1")
    with pytest.raises(Refused):
        draw(hotel, manager, "2", "1")
    assert [code.lock.name for code in waiting(hotel)] == ["Room 1"]


def test_a_form_sent_twice_draws_once(hotel, manager):
    seen = envelopes.drawn(hotel.property)
    envelopes.draw(hotel.property, [hotel.locks["1"]], by=manager, seen=seen)
    hotel.visit()
    with pytest.raises(AlreadyDone, match="printed since this page was read"):
        envelopes.draw(hotel.property, [hotel.locks["1"]], by=manager, seen=seen)
    assert len(waiting(hotel)) == 1


def test_put_down_as_given_it_ends_with_the_stay(hotel, manager, here):
    [slip] = draw(hotel, manager)
    [code] = waiting(hotel)
    GuestCall.objects.create(stay=here, opened_at=here.checked_in_at, pressed_at=here.checked_in_at)
    envelopes.give(here, code, by=manager)
    assert waiting(hotel) == []
    assert not GuestCall.objects.filter(closed_at__isnull=True).exists()
    code.refresh_from_db()
    assert code.ends_at == here.grant.ends_at
    hotel.visit()
    assert hotel.opens(hotel.locks["1"], slip.digits)
    stays.check_out(here, by=manager, confirmed=True)
    hotel.visit()
    assert not hotel.opens(hotel.locks["1"], slip.digits)
    entry = AuditEntry.objects.get(subject_id=here.public_id, action="backup.handed_out")
    assert entry.detail["reason"] == f"sealed envelope {slip.label}"


def test_put_down_as_destroyed_it_comes_off_the_lock(hotel, manager):
    [slip] = draw(hotel, manager)
    [code] = waiting(hotel)
    envelopes.destroy(code, by=manager)
    hotel.visit()
    assert not hotel.opens(hotel.locks["1"], slip.digits)
    assert waiting(hotel) == []
    with pytest.raises(Refused, match="was put down as given or destroyed before"):
        envelopes.destroy(code, by=manager)


def test_a_guest_who_has_a_backup_code_is_given_no_second(hotel, manager, here):
    draw(hotel, manager)
    [code] = waiting(hotel)
    hotel.visit()
    disclosing.issue_backup(here, hotel.locks["1"], by=manager)
    with pytest.raises(Refused, match="put this envelope down as destroyed"):
        envelopes.give(here, code, by=manager)
    assert waiting(hotel) == [code]


def test_given_twice_is_refused(hotel, manager, here):
    draw(hotel, manager)
    [code] = waiting(hotel)
    envelopes.give(here, code, by=manager)
    other = stays.check_in(booking.book(hotel, "2", name="Bo Lee"), by=None)
    with pytest.raises(Refused):
        envelopes.give(other, code, by=manager)


def test_the_manager_is_shown_the_digits_once_and_it_is_on_record(client, hotel, manager):
    key = hotel.locks["1"].public_id
    answer = client.post(page(hotel, "draw"), {"door": [str(key)], "seen": "0"})
    [code] = waiting(hotel)
    shown = answer.content.decode().split('<p class="digits">')[1].split("</p>")[0].replace(" ", "")
    assert shown == code.pin
    assert "no-store" in answer.headers["Cache-Control"]
    entry = AuditEntry.objects.get(action="envelope.sealed")
    assert (entry.actor, entry.subject_id) == (manager, code.public_id)
    assert code.pin not in str(entry.detail)
    assert code.pin not in client.get(page(hotel)).content.decode().replace(" ", "")


def test_a_second_look_is_possible_and_on_record(client, hotel, manager):
    [slip] = draw(hotel, manager)
    body = client.post(page(hotel, "again")).content.decode()
    assert slip.digits in body.split('<p class="digits">')[1].split("</p>")[0].replace(" ", "")
    assert AuditEntry.objects.filter(action="envelope.shown").count() == 1


def test_a_clerk_may_put_down_but_not_draw(client, hotel, manager, here):
    draw(hotel, manager)
    [code] = waiting(hotel)
    client.force_login(MembershipFactory(property=hotel.property).user)
    assert client.post(page(hotel, "draw"), {"door": [str(hotel.locks["1"].public_id)]}).status_code == 403
    assert client.post(page(hotel, "again")).status_code == 403
    assert "Seal new ones" not in client.get(page(hotel)).content.decode()
    answer = client.post(page(hotel, code.public_id), {"what": "given", "stay": ""})
    assert answer.status_code == 422
    assert "Choose the guest" in html.unescape(answer.content.decode())
    answer = client.post(
        page(hotel, code.public_id), {"what": "given", "stay": str(here.public_id)}, follow=True
    )
    assert "was given to Anna Smith; its code ends with the stay." in answer.content.decode()
    assert waiting(hotel) == []


def test_with_nothing_chosen_the_page_says_so(client, hotel, manager):
    answer = client.post(page(hotel, "draw"), {"seen": "0"})
    assert answer.status_code == 422
    assert "Choose the doors" in answer.content.decode()
