"""The address of a guest's own page: signed, for one stay, without an account. It says nothing by itself, is always the
same, and ends with the stay: whoever has it then sees that it is over, and no more."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from reservations.models import Stay

SIGNER = Signer(salt="reservations.guest_link", sep=".")


def token(stay: Stay) -> str:
    """The part of the address that stands for the stay."""
    return SIGNER.sign(urlsafe_b64encode(stay.public_id.bytes).decode().rstrip("="))


def url(stay: Stay) -> str:
    """The whole address, as a guest opens it."""
    return settings.URL + reverse("guest", args=[token(stay)])


def find(text: str) -> Stay:
    """The stay of a token. Raises Stay.DoesNotExist for one that is altered, or of a stay that is not there."""
    try:
        key = UUID(bytes=urlsafe_b64decode(SIGNER.unsign(text) + "=="))
    except (BadSignature, Error, ValueError) as error:
        raise Stay.DoesNotExist("no link of a guest's") from error
    related = ("property", "reservation__guest", "room", "grant")
    return Stay.objects.select_related(*related).get(public_id=key)
