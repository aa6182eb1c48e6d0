"""One call to another program's address: bounded in time and size, kept on the internet (`hospitality.outward`), and
never led elsewhere."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import pycurl
from django.conf import settings

from hospitality import outward
from locks.models import DeliveryAttempt
from locks.models.subscriptions import SAID_LENGTH

CONNECT_SECONDS, SECONDS = 5, 15
LARGEST_ANSWER = 64 * 1024
"""More is not read; what the status says counts all the same."""
GONE = 410

Trouble = DeliveryAttempt.Trouble


@dataclass(frozen=True)
class Answer:
    """`trouble` is None where the other side said yes; `status` None where it said nothing; `said`: how its answer
    begins."""

    duration_ms: int
    trouble: Trouble | None = None
    status: int | None = None
    said: str = ""


def post(url: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """Post these bytes once."""
    said = bytearray()
    curl = outward.handle(url, connect_seconds=CONNECT_SECONDS, seconds=SECONDS)
    try:
        host = urlsplit(url).hostname or ""
        own = settings.WEBHOOKS_TO
        refused = outward.keep_outside(curl, lambda address: own.host(host) or own.address(address))
        curl.setopt(pycurl.POSTFIELDS, body)
        curl.setopt(pycurl.HTTPHEADER, [*(f"{name}: {value}" for name, value in headers.items()), "Expect:"])
        curl.setopt(pycurl.WRITEFUNCTION, _begin_of(said))
        number = outward.perform(curl)
        status = curl.getinfo(pycurl.RESPONSE_CODE) or None
        took = round(1000 * curl.getinfo(pycurl.TOTAL_TIME))
    finally:
        curl.close()
    if number in (0, pycurl.E_WRITE_ERROR) and status:
        trouble = _judged(status)
    else:
        trouble = Trouble.NOT_OUTSIDE if refused else _BROKEN.get(number, Trouble.BROKEN_OFF)
    return Answer(took, trouble, status, _text(said))


def _begin_of(said: bytearray) -> Callable[[bytes], int]:
    """Collects the body up to the limit, and breaks off there."""

    def take(piece: bytes) -> int:
        said.extend(piece[: LARGEST_ANSWER - len(said)])
        return len(piece) if len(said) < LARGEST_ANSWER else 0

    return take


_BROKEN = {
    pycurl.E_COULDNT_RESOLVE_HOST: Trouble.HOST_UNKNOWN,
    pycurl.E_COULDNT_CONNECT: Trouble.NOT_REACHED,
    pycurl.E_OPERATION_TIMEDOUT: Trouble.TOO_SLOW,
    pycurl.E_PEER_FAILED_VERIFICATION: Trouble.CERTIFICATE_WRONG,
}


def _judged(status: int) -> Trouble | None:
    if status == GONE:
        return Trouble.GONE
    return {2: None, 3: Trouble.LEADS_ON}.get(status // 100, Trouble.REFUSED)


def _text(said: bytearray) -> str:
    """As much of it as is kept: a column of text holds no NUL."""
    return said.decode(errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}")[:SAID_LENGTH]
