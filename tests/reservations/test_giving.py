"""An owner gives a backup code to a guest: for whom it may be, shown once, on record. The keypad is the judge."""

import html
from datetime import timedelta

import pytest

from hospitality.models import AuditEntry, Role
from locks import backups, spares
from reservations import disclosing, stays
from tests.factories import MembershipFactory
from tests.reservations.booking import book


@pytest.fixture
def owner(hotel, client):
    person = MembershipFactory(property=hotel.property, role=Role.OWNER).user
    client.force_login(person)
    return person


@pytest.fixture
def mine(hotel):
    """A permanent code on room 1's lock."""
    one = hotel.locks["1"]
    [code] = spares.generate(one, by=None)
    hotel.visit(one)
    return code


def page(code) -> str:
    return f"/p/{code.lock.property.slug}/give/{code.lock.public_id}/{code.public_id}/"


def words(answer) -> str:
    return html.unescape(" ".join(answer.content.decode().split()))


def grouped(pin: str) -> str:
    return f"{pin[:3]} {pin[3:6]} {pin[6:]}"


def in_house(hotel, room="1", name="Anna Smith"):
    return stays.check_in(book(hotel, room=room, name=name), by=None)


def test_feature_2_the_guests_in_house_and_todays_arrivals_of_that_door_are_offered(
    hotel, owner, mine, client
):
    in_house(hotel)
    in_house(hotel, room="2", name="Ben")
    body = words(client.get(page(mine)))
    assert "1: Anna Smith, in house, until" in body
    assert "Ben" not in body
    assert "opens from now on" not in body
    front = hotel.locks["front"]
    [code] = spares.generate(front, by=None)
    hotel.visit(front)
    assert "2: Ben, in house" in words(client.get(page(code)))


def test_feature_2_it_is_shown_once_on_record_and_opens_the_door(hotel, owner, mine, client):
    stay = in_house(hotel)
    answer = client.post(page(mine), {"stay": stay.public_id})
    assert grouped(mine.pin) in words(answer)
    assert "no-store" in answer.headers["Cache-Control"]
    assert hotel.opens(hotel.locks["1"], mine.pin)
    mine.refresh_from_db()
    stay.grant.refresh_from_db()
    assert mine.ends_at == stay.grant.ends_at
    entry = AuditEntry.objects.get(action="backup.handed_out")
    assert (entry.actor, entry.subject_id, entry.detail["lock"]) == (owner, stay.public_id, "Room 1")
    assert mine.pin not in str(entry.detail)
    again = words(client.get(page(mine)))
    assert "This code was given away" in again
    assert grouped(mine.pin) not in again


def test_given_again_it_is_the_same_code_and_no_other_is_taken(hotel, owner, mine, client):
    stay = in_house(hotel)
    first = disclosing.issue_backup(stay, hotel.locks["1"], by=None)
    body = words(client.post(page(mine), {"stay": stay.public_id}))
    assert grouped(first.pin) in body
    assert "had a backup code for this door before" in body
    mine.refresh_from_db()
    assert mine.handed_out_at is None


def test_a_guest_who_arrives_today_may_have_one_and_it_is_said_that_it_opens_at_once(
    hotel, owner, mine, client
):
    stay = book(hotel, name="Cleo")
    body = words(client.get(page(mine)))
    assert "1: Cleo, arrives today" in body
    assert "opens from now on" in body
    client.post(page(mine), {"stay": stay.public_id})
    assert hotel.opens(hotel.locks["1"], mine.pin)


def test_nobody_is_given_one_who_is_not_here_or_has_no_code_for_the_door(hotel, owner, mine, client):
    two = in_house(hotel, room="2", name="Ben")
    gone = in_house(hotel)
    stays.check_out(gone, by=None, confirmed=True)
    for stay in (two, gone):
        answer = client.post(page(mine), {"stay": stay.public_id})
        assert answer.status_code == 422
        assert "choose another" in words(answer)
    assert client.post(page(mine), {}).status_code == 422
    mine.refresh_from_db()
    assert mine.handed_out_at is None


def test_a_code_that_somebody_else_was_given_meanwhile_is_refused_without_a_digit(hotel, owner, mine, client):
    anna = in_house(hotel)
    backups.switch_off(hotel.locks["1"], by=None)
    spares.retire(mine, by=None)
    answer = client.post(page(mine), {"stay": anna.public_id})
    assert answer.status_code == 409
    assert "choose another" in words(answer)
    assert grouped(mine.pin) not in words(answer)


def test_the_code_follows_the_stay_and_comes_off_with_it(hotel, owner, mine, client):
    stay, one = in_house(hotel), hotel.locks["1"]
    client.post(page(mine), {"stay": stay.public_id})
    stays.change(stay, by=None, departure=stay.departure + timedelta(days=1), confirmed=True)
    mine.refresh_from_db()
    stay.grant.refresh_from_db()
    assert mine.ends_at == stay.grant.ends_at
    hotel.visit(one)
    stays.check_out(stay, by=None, confirmed=True)
    hotel.visit(one)
    assert not hotel.opens(one, mine.pin)
    assert backups.healthy(one).filter(by_hand=True).count() == 1, "another took its place"


def test_before_the_next_guest_is_sent_up_the_clerk_is_told_of_a_code_that_the_owner_left_on(
    hotel, owner, mine, client
):
    stay = in_house(hotel)
    client.post(page(mine), {"stay": stay.public_id})
    spares.keep(mine, by=None)
    next_one = book(hotel, arrival=2, name="Ben")
    assert "left it on" not in str(stays.check_in_warnings(next_one)), "its guest is still here"
    stays.check_out(stay, by=None, confirmed=True)
    hotel.visit(hotel.locks["1"])
    [warning] = [words for words in stays.check_in_warnings(next_one) if "dirty" not in words]
    assert warning == (
        "Backup for Anna Smith, 1 still opens Room 1: the owner left it on. Have it taken off first."
    )
    assert hotel.opens(hotel.locks["1"], mine.pin)
