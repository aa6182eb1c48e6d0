"""One account's calls by the SDK, and every way in which one can go wrong."""

import time
from collections.abc import Callable, Iterator
from typing import TypeVar
from urllib.parse import urlsplit

import httpx
from seam import Seam as Sdk
from seam import SeamError
from seam.constants import DEFAULT_ENDPOINT
from seam.pagination import PaginatedList
from seam.response import unwrap, unwrap_list

from locks.providers.base import BadAnswer, Busy, CodeGone, HubUnreachable, LockBusy
from locks.providers.http import NoAnswer, checked_url
from locks.providers.seam import troubles
from locks.providers.seam.reading import next_page
from locks.providers.seam.transport import Transport

PAGE = 100
MOST_PAGES = 1000
ODD = (SeamError, httpx.HTTPError, AttributeError, KeyError, TypeError, ValueError)
"""What the SDK raises over an answer of the wrong shape."""
Told = TypeVar("Told")


class Asking:
    """An account at Seam, or at what speaks as Seam does. Raises ValueError for a key or an address that cannot work."""

    def __init__(self, api_key: str, endpoint: str, **timeouts: float):
        address = checked_url(endpoint or DEFAULT_ENDPOINT)
        parts = urlsplit(address)
        transport = Transport(f"{parts.scheme}://{parts.netloc}", api_key, **timeouts)
        self.sdk = _sdk(api_key, address, transport)

    def device(self, ref: str) -> dict:
        """A device whole: the SDK's own leaves out what it does not know, such as another Latchkey's
        `is_natively_scheduled`."""
        path = "/devices/get"
        return read(lambda: unwrap(self.sdk.client.get(path, params={"device_id": ref}), "device", path))

    def devices(self) -> Iterator[dict]:
        """All of the account's."""
        return pages(self._device_page)

    def _device_page(self, **about: object) -> PaginatedList:
        path, given = "/devices/list", {name: one for name, one in about.items() if one is not None}
        told = self.sdk.client.get(path, params=given)
        return PaginatedList(unwrap_list(told, "devices", path), told.get("pagination"))

    def codes(self, ref: str, ends: float) -> Iterator[object]:
        """Those of a device that Seam manages, over all pages, of which the last is asked for before `ends`."""
        return pages(self.sdk.access_codes.list, ends, device_id=ref)

    def found_codes(self, ref: str, ends: float) -> Iterator[object]:
        """Those that it found there."""
        return pages(self.sdk.access_codes.unmanaged.list, ends, device_id=ref)

    def code(self, code_ref: str) -> object:
        """One code, managed or found. Raises CodeGone."""
        codes = self.sdk.access_codes
        for get in (codes.get, codes.unmanaged.get):
            try:
                return read(get, access_code_id=code_ref)
            except (CodeGone, troubles.Missing):
                continue
        raise CodeGone("The code is not at Seam any more.")


def _sdk(api_key: str, endpoint: str, transport: Transport) -> Sdk:
    """The SDK over our own transport, and no other way."""
    try:
        return Sdk(api_key, endpoint=endpoint, httpx_options={"transport": transport, "trust_env": False})
    except SeamError:
        pass
    raise ValueError(
        "This is no API key of Seam's: it begins with seam_, and neither with seam_at nor with seam_pk."
    )


def read(ask: Callable[..., Told], **about: object) -> Told:
    """One call that changes nothing. Raises what `Transport` raises, and BadAnswer."""
    try:
        return ask(**about)
    except ODD:
        pass  # and let go of here: it may hold what was sent
    raise BadAnswer("Seam's answer has the wrong shape.")


def write(ask: Callable[..., Told], **about: object) -> Told:
    """One call that changes something. Raises what `Transport` raises; NoAnswer where it may have been done. That
    it is asked too often holds for the one device."""
    try:
        return ask(**about)
    except ODD:
        pass
    except Busy as busy:
        raise LockBusy(str(busy), busy.retry_after) from None
    raise NoAnswer("Seam's answer has the wrong shape.")


def pages(ask: Callable[..., list], ends: float | None = None, **about: object) -> Iterator:
    """The items of all pages, of which the last is asked for before `ends`. Raises BadAnswer where a page comes again,
    HubUnreachable where they come too slowly."""
    cursor, seen = None, set()
    while len(seen) < MOST_PAGES:
        if ends is not None and time.monotonic() > ends:
            raise HubUnreachable("Seam's pages come too slowly.")
        page = read(ask, limit=PAGE, page_cursor=cursor, **about)
        yield from page
        cursor = next_page(page, PAGE)
        if cursor is None:
            return
        if cursor in seen:
            raise BadAnswer("Seam's pages do not come to an end.")
        seen.add(cursor)
    raise BadAnswer(f"More than {MOST_PAGES} pages.")
