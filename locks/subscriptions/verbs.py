"""What people and programs decide about webhooks. Each is one transaction and on the record; the addresses and secrets
are not."""

import base64
import re
import secrets
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from hospitality import audit, clock, outward
from hospitality.models import Property
from locks.models import Delivery, Webhook
from locks.models.subscriptions import EVERYTHING, TYPE_LENGTH, URL_LENGTH
from locks.subscriptions import gathering

SECRET_BYTES = 24
MOST = 50
"""Webhooks of one property."""
MOST_TYPES = 200
TYPE = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")
LOCAL = "localhost"


class Refused(Exception):
    """It cannot be; `field` ("url", "event_types" or "") is what was wrong, the message one sentence that names the
    remedy."""

    def __init__(self, message: str, field: str = ""):
        super().__init__(message)
        self.field = field


def standing(property: Property) -> QuerySet[Webhook]:
    """The property's webhooks that are not removed, the oldest first."""
    return Webhook.objects.filter(property=property, removed_at=None)


@transaction.atomic
def make(property: Property, *, by, url: str, event_types: Sequence[str] = (EVERYTHING,)) -> Webhook:
    """Tell this address of the property's events from now on. Raises Refused."""
    url, host = url.strip(), _host(url.strip())
    types = _types(event_types)
    Property.objects.select_for_update(no_key=True).get(pk=property.pk)
    if standing(property).count() >= MOST:
        raise Refused(_("There are %(most)s webhooks already: remove one that is not used.") % {"most": MOST})
    now = clock.now()
    webhook = Webhook(
        property=property, url=url, event_types=types, created_at=now, scanned_at=now, created_by=by
    )
    webhook.secret = "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    webhook.save()
    _record(webhook, by, "webhook.made", host=host, event_types=types)
    return webhook


@transaction.atomic
def change(webhook: Webhook, *, by, event_types: Sequence[str]) -> None:
    """Tell it of these kinds of events. What happened before is told as it was wanted then; of a kind that is new, what
    happened within the last minutes may come too. Raises Refused."""
    types = _types(event_types)
    gathering.gather()
    if not Webhook.objects.filter(pk=webhook.pk, removed_at=None).update(event_types=types):
        raise Refused(_("This webhook was removed; make a new one."))
    webhook.event_types = types
    _record(webhook, by, "webhook.changed", event_types=types)


@transaction.atomic
def remove(webhook: Webhook, *, by) -> None:
    """Tell it of nothing more, what waits included, and forget its secret. Again is a no-op."""
    standing = Webhook.objects.filter(pk=webhook.pk, removed_at=None)
    if standing.update(removed_at=clock.now(), secret_sealed=None):
        _record(webhook, by, "webhook.removed")


@transaction.atomic
def reveal(webhook: Webhook, *, by) -> str:
    """The secret with which the other side verifies; that somebody looked is on the record. Raises Refused."""
    held = Webhook.objects.filter(pk=webhook.pk, removed_at=None).first()
    if held is None:
        raise Refused(_("This webhook was removed; make a new one."))
    _record(webhook, by, "webhook.secret_revealed")
    return held.secret


@transaction.atomic
def send_again(delivery: Delivery, *, by) -> None:
    """Send it once more, with all attempts as for a new one. Raises Refused."""
    _send_again(delivery.webhook, Delivery.objects.filter(pk=delivery.pk), by)


@transaction.atomic
def send_all_again(webhook: Webhook, *, by) -> int:
    """The same for all of the webhook's that were given up; returns how many. Raises Refused."""
    return _send_again(webhook, webhook.deliveries.filter(state=Delivery.State.DEAD), by)


def _send_again(webhook: Webhook, deliveries: QuerySet[Delivery], by) -> int:
    if not Webhook.objects.filter(pk=webhook.pk, removed_at=None).exists():
        raise Refused(_("This webhook was removed; make a new one."))
    waiting = {"state": Delivery.State.WAITING, "attempts": 0, "ended_at": None, "next_at": clock.now()}
    count = deliveries.update(**waiting)
    if count:
        _record(webhook, by, "webhook.sent_again", deliveries=count)
    return count


def _host(url: str) -> str:
    """The host of an address that can be sent to. Raises Refused. Where its name leads is seen at each sending."""
    parts = _parts(url)
    host = parts.hostname or "" if parts else ""
    own = settings.WEBHOOKS_TO.host(host)
    if not host or parts.scheme not in ("http", "https"):
        why = _("Write the program's whole address; it begins with https://.")
    elif parts.username is not None or parts.password is not None:
        why = _("An address with a user's name and password in it is not taken.")
    elif len(url) > URL_LENGTH or not url.isascii() or not url.isprintable() or " " in url:
        why = _("The address holds blanks or other letters that none can have, or is too long.")
    elif not own and (outward.address_of(host) or host == LOCAL) and not outward.is_outside(host):
        why = _(
            "Nothing is sent to this machine or its own network. For development, LATCHKEY_WEBHOOKS_TO names hosts "
            "that are allowed all the same."
        )
    elif not own and parts.scheme == "http":
        why = _("The address must begin with https://, so that nobody reads along.")
    else:
        return host
    raise Refused(why, "url")


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError:
        return None
    return parts


def _types(event_types: Sequence[str]) -> list[str]:
    """Each once, as they came. Kinds that there are none of (yet) are taken: there are more with each version."""
    types = list(dict.fromkeys(event_types))
    if not types:
        raise Refused(_("Name at least one kind of event, or * for all."), "event_types")
    if len(types) > MOST_TYPES:
        raise Refused(
            _("At most %(most)s kinds of events are taken; * is all.") % {"most": MOST_TYPES}, "event_types"
        )
    for one in types:
        if one != EVERYTHING and not (len(one) <= TYPE_LENGTH and TYPE.fullmatch(one)):
            raise Refused(
                _("“%(kind)s” is no kind of event; write one like access_code.set_on_device, or * for all.")
                % {"kind": one[:TYPE_LENGTH]},
                "event_types",
            )
    return types


def _record(webhook: Webhook, by, action: str, **detail) -> None:
    audit.record(webhook.property, by=by, action=action, subject_id=webhook.public_id, **detail)
