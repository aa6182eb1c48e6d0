"""Writes that a provider accepted and works on: kept on the code, asked after on the next visits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from locks import facts, observe, plan
from locks.leases import Lease
from locks.models import AccessCode
from locks.providers import base
from locks.sheets import Sheet, on_sheet


@dataclass(frozen=True)
class Operation:
    """A write that the provider accepted and works on; `stale`: for too long, it is given up."""

    lease: Lease
    code_id: int
    generation: int
    name: str
    stale: bool


_ASKED = (
    "lock_id",
    "operation",
    "generation",
    "wanted",
    "ends_at",
    "asked_at",
    "attempted_at",
    "observed",
)
"""What `under_way` reads of a code."""


def under_way(leases: Mapping[int, Lease], now: datetime) -> list[Operation]:
    """The writes to ask after on these locks, by their numbers. One query."""
    codes = AccessCode.objects.filter(lock__in=leases, live=True).exclude(operation="").only(*_ASKED)
    return [
        Operation(
            leases[code.lock_id],
            code.pk,
            _generation_sent(code),
            code.operation,
            plan.is_given_up(_is_over(code, now), facts.Presence(code.observed), code.attempted_at, now),
        )
        for code in codes
    ]


def _generation_sent(code: AccessCode) -> int:
    """Of the wish that was written: the one that stands, or one before it."""
    return code.generation - (code.asked_at > code.attempted_at)


def _is_over(code: AccessCode, now: datetime) -> bool:
    return not code.wanted or (code.ends_at is not None and code.ends_at <= now)


NOT_TOLD = (base.HubUnreachable, base.AuthFailed, base.Busy, base.BadAnswer)
"""Errors of the asking, not of the write that is asked after."""


def ask_after(
    ref: str, provider: base.Provider, run: Callable, operations: list[Operation]
) -> base.ProviderError | None:
    """What became of these writes of a lock; returns what went wrong with one of them."""
    hitch = None
    for operation in operations:
        try:
            result = provider.poll(ref, operation.name)
        except NOT_TOLD:
            raise
        except base.CodeGone:
            result = base.Result(base.Outcome.NO_CHANGE)
        except base.ProviderError as error:
            run(record_failed, Failed(operation.lease, operation, error))
            if error.concerns_lock:
                raise
            hitch = error
            continue
        if result.outcome is not base.Outcome.ACCEPTED or operation.stale:
            run(record_ended, Ended(operation.lease, operation, result.code))
    return hitch


@dataclass(frozen=True)
class Ended:
    """An operation that is over, and what the maker says is on the lock now, if it does."""

    lease: Lease
    operation: Operation
    told: base.DeviceCode | None


@dataclass(frozen=True)
class Failed:
    lease: Lease
    operation: Operation
    error: base.ProviderError


@on_sheet
def record_ended(sheet: Sheet, ended: Ended) -> None:
    """However it ended, the look that follows tells what it did."""
    code = sheet.code(ended.operation.code_id)
    if code and code.operation == ended.operation.name:
        sheet.change(code, operation="")
        if ended.told:
            _take_word(sheet, code, ended)


def _take_word(sheet: Sheet, code: AccessCode, ended: Ended) -> None:
    """Above all its ref: by that it is known again, whatever somebody else calls it meanwhile."""
    observe.record_write(sheet, code, ended.told)
    sheet.change(code, echo_name=ended.told.name[:500])
    if ended.told.pin is None and code.generation == ended.operation.generation:
        sheet.change(code, observed_pin_index=code.pin_index)


@on_sheet
def record_failed(sheet: Sheet, failed: Failed) -> None:
    """The maker could not do it: kept like any refusal."""
    code = sheet.code(failed.operation.code_id)
    if code and code.operation == failed.operation.name:
        sheet.change(code, operation="")
        observe.record_refusal(sheet, code, failed.operation.generation, failed.error)
