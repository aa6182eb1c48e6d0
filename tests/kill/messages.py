"""A process dies while it tells a guest the PIN: by e-mail, where a copy may be a second one and must say so, and as a
file, where it is always the same one."""

import logging
import smtplib
from collections.abc import Iterator
from functools import cache

from django.conf import settings

from reservations import guest_link, stays
from reservations.messages import outbox, sending
from reservations.messages.models import (
    Channel,
    Message,
    MessageRule,
    MessageSettings,
    MessageTemplate,
    State,
    When,
)
from reservations.models import Guest
from tests.kill.hotel import Hotel, work
from tests.kill.story import Scenario, Truth, with_anna
from tests.reservations.messages.servers import MailServer

MAIL, FILE = "Your code", "Your code, to print"
ADDRESS = "anna@hotel.example"
LOOKS = 2
"""What was sent is compared once more with what holds then."""


@cache
def _server() -> MailServer:
    """This process's own, until it ends."""
    for talkative in ("mail.log", "reservations.messages.channels"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    server = MailServer().start()
    settings.EMAIL_READY = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    return server


def _booked(hotel: Hotel) -> None:
    _server()
    MessageSettings.objects.create(property=hotel.property)
    for name, channel in ((MAIL, Channel.EMAIL), (FILE, Channel.FILE)):
        body = "{guest}: {pin} until {ends}"
        MessageTemplate.objects.create(property=hotel.property, name=name, subject="Your code", body=body)
        MessageRule.objects.create(property=hotel.property, name=name, when=When.CHECK_IN, channel=channel)
    hotel.check_in("Bruno", "2", 2)
    hotel.book("Anna", "1", 0, 3)
    Guest.objects.filter(name="Anna").update(email=ADDRESS)
    guest_link.url(hotel.stay("Anna"))  # loads all pages: a worker does that once


def _told(hotel: Hotel) -> None:
    """Anna has had her messages."""
    _booked(hotel)
    _check_in(hotel)
    work()
    _send(hotel)


def _check_in(hotel: Hotel) -> None:
    stays.check_in(hotel.stay("Anna"), by=None, confirmed=True)


def _send(hotel: Hotel) -> None:
    for _ in range(LOOKS):
        sending.run()


def _count(hotel: Hotel) -> None:
    hotel.kept["mails"] = len(_server().mails)


def _sent_once(hotel: Hotel, *reasons: str) -> None:
    """Has the guest these messages of this act, each once, or with the word that it may be twice, and the PIN in it?"""
    with smtplib.SMTP("127.0.0.1", _server().port) as server:
        server.noop()  # what came before has been taken by then
    mails = _server().mails[hotel.kept["mails"] :]
    sent = {message.reason: message for message in Message.objects.filter(reason__in=reasons)}
    assert sorted(sent) == sorted(reasons), "every message is there"
    for message in sent.values():
        assert message.state == State.SENT, f"{message.reason} is {message.state}: {message.problem}"
        if message.channel == Channel.FILE:
            copies = list(_taken_out(hotel, message))
            most = 1
        else:
            copies = [mail.get_content() for mail in mails if str(message.public_id) in mail["Message-ID"]]
            most = 2 if message.perhaps_twice else 1
        assert 1 <= len(copies) <= most, f"{message.reason} went out {len(copies)} times, {most} at most"
        assert all(hotel.pins["Anna"] in copy for copy in copies), f"{message.reason} tells the PIN"
    ours = [str(message.public_id) for message in sent.values()]
    assert all(any(one in mail["Message-ID"] for one in ours) for mail in mails), "nothing else went out"


def _taken_out(hotel: Hotel, message: Message) -> Iterator[str]:
    """What the message's files say; half-written ones count."""
    for path in outbox.folder(hotel.property).glob(f"{message.public_id}*"):
        yield path.read_text("utf-8")
        path.unlink()


def _all_told(hotel: Hotel) -> Truth:
    _sent_once(hotel, f"check_in: {MAIL}", f"check_in: {FILE}")
    return with_anna(hotel, 3)


def _corrected(hotel: Hotel) -> Truth:
    _sent_once(hotel, f"check_in: {MAIL}, correction 1", f"check_in: {FILE}, correction 1")
    return with_anna(hotel, 5)


SEND = Scenario(
    "send messages",
    _booked,
    _check_in,
    _all_told,
    begin=_count,
    refused=(stays.AlreadyDone,),
    worker=_send,
)
CORRECT = Scenario(
    "correct messages",
    _told,
    lambda hotel: stays.change(hotel.stay("Anna"), by=None, confirmed=True, departure=hotel.day(5)),
    _corrected,
    begin=_count,
    worker=_send,
)
