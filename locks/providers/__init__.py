"""The adapters by name. Each one is described by `base.Provider`."""

from collections.abc import Mapping

from locks.providers.base import Provider
from locks.providers.seam.account import Seam
from locks.providers.virtual import Virtual

PROVIDERS: dict[str, type[Provider]] = {"virtual": Virtual, "seam": Seam}


def build(provider: str, credentials: Mapping[str, str]) -> Provider:
    """The adapter `provider` for one account. Raises ValueError for an unknown name or unusable credentials."""
    if provider not in PROVIDERS:
        raise ValueError(f"There is no provider {provider!r}. Known: {', '.join(sorted(PROVIDERS))}.")
    return PROVIDERS[provider](credentials)
