"""The simulator that comes along: where it answers, the key to its account, and doors for rooms to train with."""

import base64
import json
import os
import secrets
import urllib.error
import urllib.request

from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from hospitality.models import Property
from hospitality.ordering import natural
from locks.models import Connection, FoundDevice, Lock

HOST = "127.0.0.1"
PROVIDER = "virtual"
FRONT = gettext_lazy("Front entrance")


class DoesNotAnswer(Exception):
    """The simulator is not there, or refused; nothing is known to be made."""


def url() -> str:
    """Where it answers."""
    return f"http://{HOST}:{settings.SIMULATOR_PORT}"


def token() -> str:
    """The key to its account: LATCHKEY_SIMULATOR_TOKEN, else one that follows from the house's secrets."""
    derived = salted_hmac("latchkey.simulator", "token", algorithm="sha256").hexdigest()
    return os.environ.get("LATCHKEY_SIMULATOR_TOKEN") or derived


def credentials(kept: dict | None = None) -> dict[str, str]:
    """What a connection to it needs; the webhook secret that was `kept` stays."""
    secret = (kept or {}).get("webhook_secret") or new_webhook_secret()
    return {"base_url": url(), "token": token(), "webhook_secret": secret}


def new_webhook_secret() -> str:
    """As Standard Webhooks writes them."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def leads_here(account: Connection) -> bool:
    """Is this connection one to our own simulator?"""
    return (
        account.provider == PROVIDER and (account.credentials or {}).get("base_url", "").rstrip("/") == url()
    )


def connections() -> list[Connection]:
    """Those that lead to it. One query."""
    return [one for one in Connection.objects.filter(provider=PROVIDER) if leads_here(one)]


def ask(method: str, path: str, body: object = None) -> dict:
    """Ask the door's side of it, where locks are made. Raises DoesNotAnswer."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url() + path, data, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)
    except (OSError, ValueError) as error:
        raise DoesNotAnswer(
            _("The simulator does not answer at %(address)s.") % {"address": url()}
        ) from error


def doorless(account: Connection) -> list[str]:
    """What a virtual lock could be made for: rooms without a lock, and a front entrance where no common door is. A lock
    that is found and not placed yet counts by its name, in whichever language it was made. Three queries."""
    hotel: Property = account.property
    named = set(FoundDevice.objects.filter(connection=account).values_list("name", flat=True))
    own = Lock.objects.filter(property=hotel, replaced_by__isnull=True)
    rooms = hotel.rooms.exclude(locks__in=own.filter(kind=Lock.Kind.OWN)).values_list("name", flat=True)
    in_order = sorted(rooms, key=natural)
    has_front = own.filter(kind=Lock.Kind.COMMON).exists()
    names, spoken = _lock_names(in_order, has_front), []
    for code, _language in settings.LANGUAGES:
        with override(code):
            spoken.append(_lock_names(in_order, has_front))
    return [name for name, *others in zip(names, *spoken, strict=True) if named.isdisjoint([name, *others])]


def _lock_names(rooms: list[str], has_front: bool) -> list[str]:
    names = [_("Room %(room)s") % {"room": room} if room[:1].isdigit() else room for room in rooms]
    return [name[:40] for name in (names if has_front else [*names, str(FRONT)])]


def make_doors(account: Connection) -> int:
    """Make a virtual lock for each of `doorless`; returns how many. Raises DoesNotAnswer."""
    names = doorless(account)
    if names:
        ask("POST", "/locks", [{"name": name, "model": "native"} for name in names])
    return len(names)
