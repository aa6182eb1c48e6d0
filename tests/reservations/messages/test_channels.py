"""What a channel says, and what is made of it. Servers are real, on loopback."""

import logging
from datetime import timedelta

import pytest
from django.utils import translation

from hospitality import clock
from locks.models import AccessCode
from reservations import stays
from reservations.messages import addresses, channels, sending
from reservations.messages.models import Channel, Message, State
from reservations.messages.texts import DOTS
from tests.locks.loopback_server import server
from tests.reservations.messages.conftest import messages, states
from tests.reservations.messages.servers import HANG_UP, text_service


@pytest.fixture
def told(house):
    """A house whose guests get the code at check-in, by e-mail unless a test says otherwise."""
    house.text()
    house.rule()
    return house


@pytest.fixture
def texted(house, texts):
    house.text("PIN {pin} für {room} – {guest}")
    house.rule(channel=Channel.TEXT)
    return house


def last(stay) -> Message:
    return messages(stay)[-1]


def again(told) -> int:
    """The next attempt, its back-off over."""
    Message.objects.filter(due_at__isnull=False).update(due_at=clock.now())
    return sending.run()


# E-mail


def test_the_mail_server_gets_exactly_the_text_and_headers_of_the_house(told, mail):
    told.settings.reply_to = "frontdesk@seeblick.example"
    told.settings.save()
    stay = told.arrive()
    assert told.send() == 1
    [message] = mail.mails
    assert message["From"] == "Seeblick <desk@hotel.example>"
    assert (message["To"], message["Reply-To"]) == ("anna@example.com", "frontdesk@seeblick.example")
    assert message["Subject"] == "Your code at Seeblick"
    assert message["Message-ID"] == f"<{last(stay).public_id}@hotel.example>"
    assert stay.grant.pin in mail.bodies()[0]


def test_a_mail_server_that_is_down_for_an_hour_gets_the_message_afterwards(told, mail, later):
    stay = told.arrive()
    mail.stop()
    waits = []
    for minutes in (0, 1, 3, 7, 15, 31):
        later(minutes=minutes)
        assert again(told) == 0
        waits.append(round((last(stay).due_at - clock.now()) / timedelta(minutes=1)))
    assert waits == [1, 2, 4, 8, 16, 30]
    assert last(stay).state == State.QUEUED
    assert "The mail server cannot be used: Connection refused" in str(last(stay).problem)
    mail.start()
    later(minutes=61)
    assert again(told) == 1
    assert len(mail.mails) == 1
    assert (last(stay).state, last(stay).problem, last(stay).perhaps_twice) == (State.SENT, None, False)


def test_while_the_server_is_down_other_messages_do_not_each_knock(told, mail):
    first, second = told.arrive(), told.arrive(room="2", name="Ben", email="ben@example.com")
    mail.stop()
    assert told.send() == 0
    assert sorted(message.attempts for message in Message.objects.all()) == [0, 1]
    assert last(first).problem == last(second).problem is not None
    mail.start()
    assert again(told) == 2


def test_an_address_that_the_server_refuses_for_good_is_a_failure_with_its_words(told, mail):
    mail.refuses.add("anna@example.com")
    stay = told.arrive()
    assert told.send() == 0
    assert (last(stay).state, last(stay).due_at) == (State.FAILED, None)
    assert str(last(stay).problem) == "The mail server answered 550: 5.1.1 no such mailbox"
    with translation.override("de"):
        assert str(last(stay).problem) == "Der Mailserver antwortete mit 550: 5.1.1 no such mailbox"


def test_an_answer_that_asks_for_patience_is_tried_again(told, mail):
    mail.answers = ["451 4.7.1 greylisted, come back"]
    stay = told.arrive()
    assert told.send() == 0
    assert (last(stay).state, last(stay).perhaps_twice) == (State.QUEUED, False)
    assert again(told) == 1
    assert len(mail.mails) == 1


def test_a_server_that_falls_silent_after_the_message_may_have_it(told, mail):
    mail.answers = [HANG_UP]
    stay = told.arrive()
    assert told.send() == 0
    assert (last(stay).state, last(stay).perhaps_twice) == (State.QUEUED, True)
    assert again(told) == 1
    assert (last(stay).state, last(stay).perhaps_twice) == (State.SENT, True)
    assert [one["Message-ID"] for one in mail.mails] == [f"<{last(stay).public_id}@hotel.example>"] * 2


def test_without_a_mail_server_set_up_the_message_waits_for_it(told):
    stay = told.arrive()
    assert told.send() == 0
    assert str(last(stay).problem) == "E-mail is not set up; whoever runs this system sets EMAIL_URL."
    assert last(stay).state == State.QUEUED


def test_what_the_server_says_of_our_digits_is_not_kept(told, mail):
    stay = told.arrive()
    pin = AccessCode.objects.filter(grant=stay.grant).first().pin
    mail.answers = [f"554 spam: {pin} looks odd"]
    assert told.send() == 0
    assert "spam" in str(last(stay).problem) and pin not in str(last(stay).problem)


# A hosted mail service


@pytest.fixture
def hosted(settings):
    """Postmark as django-anymail speaks to it, on loopback."""
    with text_service() as service:
        service.says = b'{"ErrorCode": 0, "Message": "OK", "MessageID": "1", "To": "anna@example.com"}'
        settings.EMAIL_READY, settings.MAIL_SERVICE = True, "postmark"
        settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
        settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "key", "POSTMARK_API_URL": service.base}
        settings.DEFAULT_FROM_EMAIL = "desk@hotel.example"
        yield service


def test_a_hosted_service_gets_exactly_the_text(told, hosted):
    stay = told.arrive()
    assert told.send() == 1
    [got] = hosted.got
    assert (got["To"], got["From"]) == ("anna@example.com", "Seeblick <desk@hotel.example>")
    assert got["TextBody"].replace(stay.grant.pin, DOTS) == last(stay).text
    assert stay.grant.pin in got["TextBody"]


@pytest.mark.parametrize(
    ("status", "state", "unsure", "says"),
    [
        (500, State.QUEUED, False, "The mail service answered 500."),
        (401, State.QUEUED, False, "its key is wrong"),
        (404, State.FAILED, False, "The mail service answered 404."),
        (0, State.QUEUED, True, "went silent"),
    ],
)
def test_what_a_hosted_service_answers(told, hosted, status, state, unsure, says):
    hosted.answers = [status]
    stay = told.arrive()
    assert told.send() == 0
    assert (last(stay).state, last(stay).perhaps_twice) == (state, unsure)
    assert says in str(last(stay).problem)


# Text messages


def test_the_text_service_gets_exactly_the_text_for_the_guests_number(texted, texts):
    stay = texted.arrive()
    assert texted.send() == 1
    [got] = texts.got
    assert (got["to"], got["title"]) == ("+41791234567", "")
    assert got["message"] == f"PIN {stay.grant.pin} für 1 – Anna Smith"
    assert last(stay).recipient == "+41791234567"


@pytest.mark.parametrize(
    ("status", "state", "unsure"),
    [
        (500, State.QUEUED, False),
        (503, State.QUEUED, False),
        (429, State.QUEUED, False),
        (400, State.FAILED, False),
        (404, State.FAILED, False),
        (401, State.QUEUED, False),
        (0, State.QUEUED, True),
    ],
)
def test_what_the_text_service_answers(texted, texts, status, state, unsure):
    texts.answers = [status]
    stay = texted.arrive()
    assert texted.send() == 0
    assert (last(stay).state, last(stay).perhaps_twice) == (state, unsure)
    assert last(stay).problem


def test_a_service_that_times_out_may_have_it_and_the_next_attempt_says_so(texted, texts):
    with server(lambda connection, _: connection.recv(1)) as silent:
        kept = texted.settings.text_url
        texted.settings.text_url = f"json://{silent.removeprefix('http://')}/x?:to={{phone}}&rto=0.3"
        texted.settings.save()
        stay = texted.arrive()
        assert texted.send() == 0
    assert (last(stay).state, last(stay).perhaps_twice) == (State.QUEUED, True)
    texted.settings.text_url = kept
    texted.settings.save()
    assert again(texted) == 1
    assert (last(stay).state, last(stay).perhaps_twice) == (State.SENT, True)


def test_a_service_that_cannot_be_reached_has_certainly_nothing(texted, texts):
    texted.settings.text_url = "json://127.0.0.1:9/x?:to={phone}"
    texted.settings.save()
    stay = texted.arrive()
    assert texted.send() == 0
    assert (str(last(stay).problem), last(stay).perhaps_twice) == (
        "The text service cannot be reached.",
        False,
    )


def test_a_service_that_accepts_and_loses_is_only_said_to_have_taken_it(texted, texts):
    stay = texted.arrive()
    texted.send()
    texts.got.clear()
    assert channels.TAKEN[last(stay).channel] % {"time": "12:00"} == "Taken by the text service 12:00"
    assert last(stay).state == State.SENT


class Heard(logging.Handler):
    """What a handler at the root hears, as one that writes a log would."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.text = ""

    def emit(self, record):
        self.text += f"{record.name}: {self.format(record)}\n"


@pytest.fixture
def heard():
    root, heard = logging.getLogger(), Heard()
    before = root.level
    root.addHandler(heard)
    root.setLevel(logging.DEBUG)
    yield heard
    root.setLevel(before)
    root.removeHandler(heard)


def test_apprise_logs_no_digits_whatever_the_level(texted, texts, heard):
    for status in (500, 400, 0, 200):
        texts.answers = [status]
        stay = texted.arrive(name=f"Guest {status}")
        texted.send()
        assert stay.grant.pin not in heard.text
        assert "79123" not in heard.text
        stays.check_out(stay, by=None, confirmed=True)
    assert "http.client" not in heard.text


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("json://127.0.0.1/x", "Write {phone}"),
        ("nonsense://{phone}", "This is no address that Apprise knows"),
        ("json://127.0.0.1/x?:to={phone}", ""),
    ],
)
def test_the_address_of_a_text_service_is_checked_on_saving(url, wrong):
    assert channels.check_text_url(url).startswith(wrong)
    assert bool(channels.check_text_url(url)) is bool(wrong)


def test_the_address_of_the_text_service_is_sealed(texted, texts):
    assert b"json" not in bytes(texted.settings.text_url_sealed)


# Addresses


@pytest.mark.parametrize(
    ("typed", "region", "number"),
    [
        ("079 123 45 67", "CH", "+41791234567"),
        ("+49 151 23456789", "CH", "+4915123456789"),
        ("0041 79 123 45 67", "CH", "+41791234567"),
        ("0041 79 123 45 67", "", "+41791234567"),
        ("(+41) 79 123 45 67", "", "+41791234567"),
        ("+41 44 555 01 02 ext 5", "", "+41445550102"),
        ("+41 79 123 45 67", "", "+41791234567"),
    ],
)
def test_numbers_as_people_write_them(typed, region, number):
    assert addresses.phone(typed, region).text == number


@pytest.mark.parametrize(
    ("typed", "region", "problem"),
    [
        ("", "CH", "no telephone number; ask"),
        ("079 123 45 67", "", "has no country"),
        ("12345", "CH", "no telephone number that exists"),
        ("call me", "CH", "no telephone number that exists"),
        ("+999 123 456 789", "CH", "no telephone number that exists"),
    ],
)
def test_wrong_numbers_are_refused_with_the_remedy(typed, region, problem):
    assert problem in str(addresses.phone(typed, region).problem)


@pytest.mark.parametrize("typed", ["anna", "anna@", "anna@example", "a b@example.com"])
def test_wrong_addresses_are_refused_with_the_remedy(typed):
    assert "correct it on the stay's page" in str(addresses.email(typed).problem)


def test_addresses_are_masked_for_the_screen():
    assert addresses.masked("anna@example.com") == "a•••@example.com"
    assert addresses.masked("+41791234567") == "+41•••67"


def test_a_wrong_number_fails_without_asking_the_service(texted, texts):
    stay = texted.arrive(phone="079 12")
    assert texted.send() == 0
    assert (states(stay), texts.got) == ([State.FAILED], [])
    assert "079 12" in str(last(stay).problem)
