"""Codes to ask for, calls to make, and all that could be read of an exception."""

import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from locks.providers.base import Code, Provider

NOON = (datetime.now(UTC) + timedelta(1)).replace(hour=12, minute=0, second=1, microsecond=0)
"""Soon: some makers put a code on its lock three days ahead at most."""
CANARY = "735194"
"""Digits that must not be seen in any text."""


def stay(pin: str = CANARY, **fields: object) -> Code:
    return Code(
        **{"pin": pin, "name": "Stay 7f3a", "starts_at": NOON, "ends_at": NOON + timedelta(3), **fields}
    )


def ongoing(pin: str = CANARY, name: str = "Backup 1") -> Code:
    return Code(pin=pin, name=name)


def every_write(provider: Provider, ref: str, code_ref: str) -> list[Callable[[], object]]:
    """Create, update, delete."""
    return [
        lambda: provider.create_code(ref, ongoing("481516")),
        lambda: provider.update_code(ref, code_ref, ongoing("481517")),
        lambda: provider.delete_code(ref, code_ref),
    ]


def every_call(provider: Provider, ref: str, code_ref: str) -> list[Callable[[], object]]:
    """All that asks somebody about one lock."""
    reads = [
        lambda: provider.device(ref),
        lambda: provider.codes(ref),
        lambda: provider.poll(ref, "operation_1"),
        lambda: provider.pair(ref),
    ]
    return [*reads, *every_write(provider, ref, code_ref)]


def whole_text(exc: BaseException) -> str:
    """All that a log could show of an exception and of those behind it."""
    shown, seen = "", exc
    while seen is not None:
        shown += (
            "".join(traceback.format_exception_only(seen)) + repr(seen) + repr(seen.args) + repr(vars(seen))
        )
        seen = seen.__cause__ or seen.__context__
    return shown
