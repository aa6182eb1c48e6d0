"""Where a guest is reached: numbers and addresses as people typed them, checked before anything goes out."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from reservations.messages import numbers
from reservations.messages.models import Channel, MessageSettings
from reservations.models import Guest

ON_THE_STAY = "ask the guest and correct it on the stay's page"


@dataclass(frozen=True)
class Address:
    """Where a message goes, as the channel takes it; or the `problem`, one sentence with the remedy."""

    text: str = ""
    problem: str = ""


def address_of(guest: Guest, channel: str, settings: MessageSettings) -> Address:
    """Where this channel reaches the guest."""
    if channel == Channel.EMAIL:
        return email(guest.email)
    if channel == Channel.TEXT:
        return phone(guest.phone, settings.region)
    return Address(guest.name)


def email(text: str, *, remedy: str = ON_THE_STAY) -> Address:
    """An e-mail address; what to do about one that is none is the `remedy`."""
    text = text.strip()
    if not text:
        return Address(
            problem="The guest has no e-mail address; ask for it and write it in on the stay's page."
        )
    try:
        validate_email(text)
    except ValidationError:
        return Address(problem=f"“{text}” is no e-mail address; {remedy}.")
    return Address(text)


def phone(text: str, region: str, *, remedy: str = ON_THE_STAY) -> Address:
    """A telephone number in the international form, +41791234567. `region`: where numbers without + belong."""
    text = text.strip()
    if not text:
        return Address(
            problem="The guest has no telephone number; ask for it and write it in on the stay's page."
        )
    if number := numbers.parsed(text, region):
        return Address(numbers.dialled(number))
    if not region and not numbers.names_country(text):
        return Address(
            problem=f"“{text}” has no country; write it with + and the country's number, or have a manager set the "
            "house's country on the Messages page."
        )
    return Address(problem=f"“{text}” is no telephone number that exists; {remedy}.")


def masked(address: str) -> str:
    """`a•••@example.com`, `+41•••67`; a name as it is."""
    name, at, domain = address.partition("@")
    if at:
        return f"{name[:1]}•••@{domain}"
    return f"{address[:3]}•••{address[-2:]}" if address.startswith("+") else address
