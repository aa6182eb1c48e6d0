"""What a program reports of a lock that its maker does not tell."""

from collections.abc import Collection

from django.db import transaction

from hospitality import audit
from locks import capabilities
from locks.models import Lock
from locks.wishes import hold, wake


class NotPossible(Exception):
    """What is reported cannot be so; the message, in English for a program, says why."""


@transaction.atomic
def pin_lengths(lock: Lock, lengths: Collection[int], *, by) -> None:
    """From now on the lock counts as one that takes PINs of these lengths only, as far as it does not tell otherwise;
    none: as it tells itself. What is on it stays. Again is a no-op. Raises NotPossible where it tells other lengths."""
    [held] = hold([lock])
    takes = capabilities.told(held).pin_lengths
    if takes and lengths and not set(takes) & set(lengths):
        told = ", ".join(str(length) for length in takes)
        raise NotPossible(
            f"{held} tells by itself that it takes PINs of these lengths, and no others: {told}."
        )
    reported = sorted(set(lengths))
    if held.reported_pin_lengths == reported:
        return
    held.reported_pin_lengths = reported
    held.save(update_fields=["reported_pin_lengths"])
    audit.record(held.property, by=by, action="lock.pin_lengths", subject_id=held.public_id, lengths=reported)
    wake([held])
