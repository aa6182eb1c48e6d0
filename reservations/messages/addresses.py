"""Where a guest is reached: numbers and addresses as people typed them, checked before anything goes out."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from hospitality.sentences import Sentence
from reservations.messages import numbers
from reservations.messages.models import Channel, MessageSettings
from reservations.messages.why import Why
from reservations.models import Guest


@dataclass(frozen=True)
class Address:
    """Where a message goes, as the channel takes it; or the `problem`, one sentence with the remedy."""

    text: str = ""
    problem: Sentence | None = None


def address_of(guest: Guest, channel: str, settings: MessageSettings) -> Address:
    """Where this channel reaches the guest."""
    if channel == Channel.EMAIL:
        return email(guest.email)
    if channel == Channel.TEXT:
        return phone(guest.phone, settings.region)
    return Address(guest.name)


def email(text: str, *, wrong: Why = Why.EMAIL_WRONG) -> Address:
    """An e-mail address; `wrong` is what is said of one that is none (`%(typed)s`)."""
    text = text.strip()
    if not text:
        return Address(problem=Why.NO_EMAIL())
    try:
        validate_email(text)
    except ValidationError:
        return Address(problem=wrong(typed=text))
    return Address(text)


def phone(text: str, region: str, *, wrong: Why = Why.PHONE_WRONG) -> Address:
    """A telephone number in the international form, +41791234567. `region`: where numbers without + belong; `wrong` is
    what is said of one that is none (`%(typed)s`)."""
    text = text.strip()
    if not text:
        return Address(problem=Why.NO_PHONE())
    if number := numbers.parsed(text, region):
        return Address(numbers.dialled(number))
    if not region and not numbers.names_country(text):
        return Address(problem=Why.PHONE_WITHOUT_COUNTRY(typed=text))
    return Address(problem=wrong(typed=text))


def masked(address: str) -> str:
    """`a•••@example.com`, `+41•••67`; a name as it is."""
    name, at, domain = address.partition("@")
    if at:
        return f"{name[:1]}•••@{domain}"
    return f"{address[:3]}•••{address[-2:]}" if address.startswith("+") else address
