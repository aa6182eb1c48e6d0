"""An owner gives a backup code to a guest with a message: what the guest reads opens the door."""

import html

import pytest

from hospitality.models import Role
from locks import spares
from reservations.messages.models import Channel, When
from tests.factories import MembershipFactory
from tests.reservations.messages.conftest import door, messages, states


@pytest.fixture
def code(house):
    [made] = spares.generate(door(house), by=None)
    house.hotel.visit(door(house))
    return made


@pytest.fixture
def give(house, code, client):
    """What the owner sees after giving the code to the guest of `stay`, with what else was filled in."""
    client.force_login(MembershipFactory(property=house.hotel.property, role=Role.OWNER).user)
    page = f"/p/{house.hotel.property.slug}/give/{code.lock.public_id}/{code.public_id}/"

    def post(stay=None, **fields) -> str:
        answer = client.post(page, {"stay": stay.public_id, **fields}) if stay else client.get(page)
        return html.unescape(" ".join(answer.content.decode().split()))

    return post


def test_feature_2_an_owner_hands_a_permanent_backup_code_to_a_guest_with_a_message(house, mail, code, give):
    house.text()
    stay = house.arrive()
    assert "goes to a•••@example.com" in give(stay, message="email:Your code")
    house.send()
    [letter] = mail.bodies()
    assert code.pin in letter
    assert house.hotel.opens(door(house), code.pin)
    [message] = messages(stay)
    assert message.state == "sent"
    assert code.pin not in message.text


def test_given_twice_it_is_told_once(house, mail, give):
    house.text()
    stay = house.arrive()
    for _ in range(2):
        give(stay, message="email:Your code")
        house.send()
    assert len(mail.mails) == 1


def test_who_was_told_before_gets_the_correction_and_no_second_message(house, mail, code, give):
    house.text()
    house.rule()
    stay = house.arrive()
    house.send()
    give(stay, message="email:Your code")
    house.send()
    house.send()
    assert len(mail.mails) == 2
    assert code.pin in mail.bodies()[-1]
    assert "This replaces our earlier message." in mail.bodies()[-1]


def test_a_guest_without_an_address_is_named_and_the_message_stands_as_failed(house, mail, give):
    house.text()
    stay = house.arrive(email="")
    assert "The message cannot go out. The guest has no e-mail address" in give(
        stay, message="email:Your code"
    )
    house.send()
    assert states(stay) == ["failed"]


def test_only_texts_that_tell_the_pin_and_ways_that_are_set_up_are_offered(house, texts, give):
    house.text()
    house.text(name="Thank you", body="Dear {guest}")
    body = give()
    assert "“Your code”, Text message" in body
    assert "Thank you" not in body
    assert "E-mail" not in body
    assert "File on the server" not in body
    house.rule(when=When.BOOKING, channel=Channel.FILE)
    assert "“Your code”, File on the server" in give()


def test_a_house_without_texts_is_not_asked_for_a_message(house, mail, give):
    assert "Message to the guest" not in give()
