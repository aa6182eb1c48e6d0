"""Writes that a provider accepted and works on: kept on the code, asked after on the next visits."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from locks import observe
from locks.leases import Lease, fenced, renew
from locks.models import AccessCode, Lock
from locks.providers import base
from locks.thresholds import OPERATION_LASTS


@dataclass(frozen=True)
class Operation:
    """A write that the provider accepted and works on; `stale`: for too long."""

    code_id: int
    generation: int
    name: str
    stale: bool


def under_way(lock: Lock, now: datetime) -> list[Operation]:
    """The writes of this lock to ask after. The caller is fenced."""
    codes = AccessCode.objects.filter(lock=lock, live=True).exclude(operation="")
    return [
        Operation(code.pk, code.generation, code.operation, now > code.attempted_at + OPERATION_LASTS)
        for code in codes
    ]


def ask_after(
    lease: Lease, ref: str, provider: base.Provider, run: Callable, operations: list[Operation]
) -> base.ProviderError | None:
    """What became of the writes that the provider accepted; returns what went wrong with one of them."""
    hitch = None
    for operation in operations:
        run(renew, lease)
        try:
            result = provider.poll(ref, operation.name)
        except NOT_TOLD:
            raise
        except base.CodeGone:
            run(_record_operation, lease, operation, base.Result(base.Outcome.NO_CHANGE))
        except base.ProviderError as error:
            run(_record_failed_operation, lease, operation, error)
            if error.concerns_lock:
                raise
            hitch = error
        else:
            run(_record_operation, lease, operation, result)
    return hitch


NOT_TOLD = (base.HubUnreachable, base.AuthFailed, base.Busy, base.BadAnswer)
"""Errors of the asking, not of the write that is asked after."""


def _record_operation(lease: Lease, operation: Operation, result: base.Result) -> None:
    """Once it is over, however it ended, the look that follows tells what it did."""
    if result.outcome is base.Outcome.ACCEPTED and not operation.stale:
        return
    with fenced(lease):
        echo = {"echo_name": result.code.name[:500]} if result.code else {}
        ours = AccessCode.objects.filter(pk=operation.code_id, operation=operation.name)
        ours.update(operation="", **echo)


def _record_failed_operation(lease: Lease, operation: Operation, error: base.ProviderError) -> None:
    with fenced(lease):
        code = AccessCode.objects.select_related("lock").get(pk=operation.code_id)
        code.operation = ""
        code.save(update_fields=["operation"])
        observe.record_refusal(code, operation.generation, error)
