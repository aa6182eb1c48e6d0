"""A connection's adapter, and the locks that its account lists."""

from locks import own_simulator, providers
from locks.budget import Budget, Metered
from locks.models import Connection, Lock
from locks.providers.base import AuthFailed, Device, Provider

_adapters: dict[int, tuple[bytes, Provider]] = {}
_budgets: dict[int, Budget] = {}


def adapter(account: Connection) -> Provider:
    """The provider of this account. One object per process as long as the credentials are the same: it keeps its
    network connections open. Raises AuthFailed for credentials that can never work."""
    sealed = bytes(account.credentials_sealed or b"")
    kept = _adapters.get(account.pk)
    if kept is None or kept[0] != sealed:
        try:
            kept = sealed, providers.build(account.provider, account.credentials or {})
        except ValueError as error:
            raise AuthFailed(str(error)) from error
        _adapters[account.pk] = kept
    return kept[1]


def metered(account: Connection) -> Metered:
    """The same within the account's budget of calls, which all visits of this process share. Raises AuthFailed."""
    budget = _budgets.get(account.pk)
    if budget is None or budget.per_second != account.calls_per_second:
        budget = _budgets[account.pk] = Budget(account.calls_per_second)
    return Metered(adapter(account), budget)


def unmapped(account: Connection) -> list[Device]:
    """The account's devices that are no lock of ours yet. The simulator that comes along is one account for all houses:
    what is a door of another one is not new here. Raises ProviderError."""
    here = own_simulator.connections() if own_simulator.leads_here(account) else [account]
    known = set(Lock.objects.filter(connection__in=here).values_list("provider_ref", flat=True))
    return [device for device in adapter(account).devices() if device.ref not in known]
