"""The seeds' `getGuestMessage`, line by line: the code where it is without errors, else the backup code. What the mail
server got is typed at the simulator's keypad."""

import re

import pytest

from hospitality import clock
from reservations import disclosing, stays
from reservations.messages.models import State
from reservations.messages.texts import DOTS
from tests.reservations.messages.conftest import door, messages, states


@pytest.fixture
def told(house, mail):
    """A house that mails the code at check-in."""
    house.text("Hello {guest}! Your access code is: {pin}")
    house.rule()
    return house


def digits(mail) -> list[str]:
    return re.findall(r"\d{4,8}", mail.bodies()[-1])


def offline_with_a_backup(house):
    """A guest whose door went offline before it had their code, and who is in house."""
    house.hotel.visit()
    house.hotel.visit()
    house.hotel.simulator.knobs(door(house).provider_ref, offline=True)
    return house.arrive()


def test_access_code_errors_length_0_your_access_code_is_the_code(told, mail):
    stay = told.arrive()
    assert told.send() == 1
    [pin] = digits(mail)
    assert mail.bodies() == [f"Hello Anna Smith! Your access code is: {pin}"]
    assert told.hotel.opens(door(told), pin)
    assert told.hotel.opens(door(told, "front"), pin)
    assert states(stay) == [State.SENT]


def test_else_pull_backup_access_code_and_your_access_code_is_the_backup(told, mail):
    told.set(guests_help_themselves=True)
    stay = offline_with_a_backup(told)
    assert told.send() == 1
    backup, pin = digits(mail)
    assert f"Room 1: {backup}, Front door: {pin}" in mail.bodies()[0]
    assert told.hotel.opens(door(told), backup)
    assert told.hotel.opens(door(told, "front"), pin)
    assert stay.grant.codes.get(lock=door(told)).pulled_backup.pin == backup


def test_else_where_the_house_hands_out_backups_itself_the_message_waits_for_the_desk(told, mail):
    stay = offline_with_a_backup(told)
    assert told.send() == 0
    [message] = messages(stay)
    assert str(message.waits) == "Waits for the code on Room 1"
    disclosing.issue_backup(stay, door(told), by=None)
    assert told.send() == 1
    assert told.hotel.opens(door(told), digits(mail)[0])


def test_with_no_backup_left_nothing_is_told_that_does_not_open(told, mail):
    told.set(guests_help_themselves=True)
    stay = offline_with_a_backup(told)
    door(told).codes.filter(is_backup=True).update(handed_out_at=clock.now())  # others have them
    assert told.send() == 0
    assert states(stay) == [State.QUEUED]
    assert mail.mails == []


def test_the_code_is_not_told_before_it_was_seen_on_the_door(told, mail):
    stay = stays.check_in(told.book(), by=None)
    assert told.send() == 0
    assert str(messages(stay)[0].waits) == "Waits for the code on Room 1 and Front door"
    told.hotel.visit()
    assert told.send() == 1
    assert told.hotel.opens(door(told), digits(mail)[0])


def test_the_record_has_the_message_with_its_digits_masked(told, mail):
    stay = told.arrive()
    told.send()
    [message] = messages(stay)
    assert message.text == f"Hello Anna Smith! Your access code is: {DOTS}"
    assert message.text.replace(DOTS, digits(mail)[0]) == mail.bodies()[0]
