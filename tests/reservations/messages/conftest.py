"""The simulator's hotel with texts and rules, a mail server and a text service."""

from dataclasses import dataclass

import pytest

from hospitality import clock
from locks.models import Lock
from reservations import stays
from reservations.messages import outbox as folders
from reservations.messages import sending
from reservations.messages.models import (
    Channel,
    Message,
    MessageRule,
    MessageSettings,
    MessageTemplate,
    When,
)
from reservations.models import Stay
from tests.locks.conftest import Hotel
from tests.reservations import booking
from tests.reservations.messages.servers import MailServer, text_service

BODY = "Hello {guest}!\n\nYour PIN for room {room} is {pin}.\nIt opens {doors}: {window}.\n\n{directions}"


@dataclass
class House:
    """A hotel that sends messages; what a test does again and again."""

    hotel: Hotel
    settings: MessageSettings

    def text(self, body: str = BODY, name: str = "Your code", **fields) -> MessageTemplate:
        fields = {"subject": "Your code at {property}", **fields}
        return MessageTemplate.objects.create(property=self.hotel.property, name=name, body=body, **fields)

    def rule(self, when=When.CHECK_IN, channel=Channel.EMAIL, name="Your code", **fields) -> MessageRule:
        return MessageRule.objects.create(
            property=self.hotel.property, name=name, when=when, channel=channel, **fields
        )

    def book(self, room="1", **fields) -> Stay:
        fields = {"email": "anna@example.com", "phone": "079 123 45 67", **fields}
        return booking.book(self.hotel, room, **fields)

    def arrive(self, **fields) -> Stay:
        """Booked, checked in, and the code on every door."""
        stay = stays.check_in(self.book(**fields), by=None, confirmed=True)
        self.hotel.visit()
        return stay

    def set(self, **fields) -> None:
        for name, value in fields.items():
            setattr(self.hotel.property, name, value)
        self.hotel.property.save()

    def send(self) -> int:
        """What the worker's task does, with everything that waits a while looked at now."""
        Message.objects.filter(due_at__isnull=False, not_before__lte=clock.now()).update(due_at=clock.now())
        return sending.run()


@pytest.fixture
def house(hotel) -> House:
    hotel.property.directions = "The house with the blue door."
    hotel.property.save()
    settings = MessageSettings.objects.create(property=hotel.property, region="CH")
    return House(hotel, settings)


@pytest.fixture
def mail(settings):
    with MailServer() as server:
        settings.EMAIL_READY = True
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_TIMEOUT = 5
        settings.DEFAULT_FROM_EMAIL = "desk@hotel.example"
        yield server


@pytest.fixture
def texts(house):
    """The text service, entered by a manager."""
    with text_service() as service:
        house.settings.text_url = service.url
        house.settings.save()
        yield service


@pytest.fixture
def outbox(settings, tmp_path, house):
    """The folder of the file channel."""
    settings.VAR_DIR = tmp_path
    return folders.folder(house.hotel.property)


def messages(stay: Stay) -> list[Message]:
    return list(stay.messages.order_by("pk"))


def states(stay: Stay) -> list[str]:
    return [message.state for message in messages(stay)]


def door(house: House, name: str = "1") -> Lock:
    return house.hotel.locks[name]
