"""The words of Seam's own lists of errors and warnings, as its SDK has them."""

from seam.resources.access_code import AccessCode
from seam.resources.device import Device

from locks.providers.seam import troubles

CODE_ERRORS = frozenset(AccessCode._ErrorsVariants)
CODE_WARNINGS = frozenset(AccessCode._WarningsVariants)
DEVICE_ERRORS = frozenset(Device._ErrorsVariants)
DEVICE_WARNINGS = frozenset(Device._WarningsVariants) | {"insufficient_permissions"}
"""The last one stands in the published types (1.977) alone."""


def warnings() -> set[str]:
    """What a person may be told that Seam warns of, by its names here."""
    return set(troubles.warnings(DEVICE_WARNINGS | CODE_WARNINGS))
