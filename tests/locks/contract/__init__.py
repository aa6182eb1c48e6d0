"""What every adapter must do, run against the real thing it talks to.

A rig (`rig.Rig`) is one adapter with a way to make locks, to cause trouble and to see the truth at the door. The
classes of this package's other modules are the tests, by subject; they take the fixtures `rig`, `provider` and
`room` and are collected in `tests/locks/test_provider_contract.py`, once for each rig of its RIGS.
"""

import pytest

pytest.register_assert_rewrite(
    *(f"{__name__}.{module}" for module in ("reading", "writing", "trouble", "later", "offline", "webhooks"))
)
