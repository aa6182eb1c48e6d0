"""Connecting a house to an account at a lock maker: asked on the spot, kept only if it answers, said in plain words."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hospitality import audit, clock, live
from hospitality.models import Property
from locks import accounts, own_simulator, placing, providers
from locks.models import Connection
from locks.providers.base import AuthFailed, BadAnswer, Busy, HubUnreachable, ProviderError

PATIENCE = 15.0
"""Seconds for our own simulator to come up: it is started once a connection leads to it."""


class Refused(Exception):
    """Nothing was kept; the sentence says what the account answered, and what to do."""


@dataclass(frozen=True)
class Told:
    """What an account said when it was asked: how many locks it lists, and how many of them are not placed yet."""

    listed: int
    new: int

    def words(self) -> str:
        """One sentence for whoever asked."""
        if not self.listed:
            return _(
                "It answers, and lists no lock yet. Add locks in the maker's app; they are found within a minute."
            )
        if self.new:
            said = ngettext(
                "It answers, and lists %(count)s lock, %(new)s of them new.",
                "It answers, and lists %(count)s locks, %(new)s of them new.",
                self.listed,
            )
        else:
            said = ngettext(
                "It answers, and lists %(count)s lock.",
                "It answers, and lists %(count)s locks.",
                self.listed,
            )
        return said % {"count": self.listed, "new": self.new}


def connect(hotel: Property, *, by, provider: str, name: str, credentials: Mapping[str, str]) -> Connection:
    """Keep an account that answers, and look for its locks. Raises Refused."""
    _ask(provider, credentials)
    account = _keep(hotel, by, provider, name, credentials)
    look(account)
    return account


def connect_simulator(hotel: Property, *, by, with_doors: bool) -> Connection:
    """Connect our own simulator, with a virtual lock for every room and a front entrance if wanted. The row is kept
    first: whoever runs the house starts the simulator for it. Raises Refused, and keeps the account also then."""
    account = next((one for one in own_simulator.connections() if one.property_id == hotel.pk), None)
    if account is None:
        account = _keep(hotel, by, own_simulator.PROVIDER, "Simulator", own_simulator.credentials())
    _await_simulator(account)
    if with_doors:
        make_doors(account)
    look(account)
    return account


def _await_simulator(account: Connection) -> None:
    ends = time.monotonic() + PATIENCE
    while True:
        try:
            accounts.adapter(account).devices()
            return
        except HubUnreachable as trouble:
            if time.monotonic() > ends:
                raise Refused(
                    _(
                        "The simulator did not start within %(seconds)s s. Is Latchkey run by “manage.py up”? "
                        "Otherwise start “manage.py simulator” beside it, and ask again."
                    )
                    % {"seconds": f"{PATIENCE:.0f}"}
                ) from trouble
            time.sleep(0.2)
        except ProviderError as trouble:
            raise Refused(_words(trouble)) from trouble


def make_doors(account: Connection) -> int:
    """Virtual locks for the rooms that have none; returns how many. Raises Refused."""
    try:
        return own_simulator.make_doors(account)
    except own_simulator.DoesNotAnswer as trouble:
        none = _("No virtual lock was made; ask again in a moment.")
        raise Refused(f"{trouble} {none}") from trouble


def renew(account: Connection, *, by, credentials: Mapping[str, str]) -> Told:
    """Other credentials for the same account, kept only if they are let in. Raises Refused."""
    _ask(account.provider, credentials)
    with transaction.atomic():
        account.credentials = dict(credentials)
        account.save(update_fields=["credentials_sealed"])
        _record(account, "connection.renewed", by)
    return look(account)


def look(account: Connection) -> Told:
    """Ask the account now: whether it answers, and what locks it has. Raises Refused with what is wrong."""
    try:
        new = placing.discover(account)
        listed = account.locks.count() + account.found_devices.count()
    except ProviderError as trouble:
        if isinstance(trouble, HubUnreachable | AuthFailed):
            _state(account, Connection.State.DISCONNECTED, str(trouble)[:300])
        raise Refused(_words(trouble)) from trouble
    _state(account, Connection.State.OK, "")
    return Told(listed, len(new))


@transaction.atomic
def forget(account: Connection, *, by) -> None:
    """Take out an account that no lock hangs on. Raises Refused."""
    try:
        with transaction.atomic():
            Connection.objects.get(pk=account.pk).delete()
    except ProtectedError:
        raise Refused(
            _("%(account)s has locks of this house; they would be lost with it.") % {"account": account}
        ) from None
    _record(account, "connection.removed", by)


@transaction.atomic
def _keep(hotel: Property, by, provider: str, name: str, credentials: Mapping[str, str]) -> Connection:
    account = Connection(property=hotel, provider=provider, name=name)
    account.credentials = dict(credentials)
    account.save()
    _record(account, "connection.made", by)
    return account


def _state(account: Connection, state: str, error: str) -> None:
    account.state, account.error, account.checked_at = state, error, clock.now()
    account.save(update_fields=["state", "error", "checked_at"])
    live.announce(account.property, "board")


def _ask(provider: str, credentials: Mapping[str, str]) -> None:
    """Raises Refused unless an account with these credentials answers."""
    try:
        providers.build(provider, credentials).devices()
    except ValueError as trouble:
        raise Refused(str(trouble)) from trouble
    except ProviderError as trouble:
        raise Refused(_words(trouble)) from trouble


def _words(trouble: ProviderError) -> str:
    """What went wrong and what to do, for somebody who has the account's papers in their hand."""
    if isinstance(trouble, AuthFailed):
        return _(
            "The account refuses these credentials. Copy them again from the maker, whole, and without spaces."
        )
    if isinstance(trouble, Busy):
        return _("The account is asked too often at this moment. Wait a minute, and try again.")
    if isinstance(trouble, BadAnswer):
        return _("Something answers at this address, but it is not this maker. Check the address.")
    if isinstance(trouble, HubUnreachable):
        return _(
            "Nothing answers at this address. Check it, and that what should answer there is switched on."
        )
    return _("The account answered with an error: %(error)s Try again in a minute.") % {"error": trouble}


def _record(account: Connection, action: str, by) -> None:
    hotel = account.property
    audit.record(
        hotel,
        by=by,
        action=action,
        subject_id=account.public_id,
        name=account.name,
        provider=account.provider,
    )
    live.announce(hotel, "board")
