"""A new rule holds for stays that were there before it."""

from reservations.messages import rules
from reservations.messages.models import MessageRule
from reservations.models import Stay
from reservations.verbs import held, verb


def follow(rule: MessageRule) -> int:
    """Have every stay that it may concern follow the rules; returns how many."""
    found = list(rules.stays_without(rule))
    for stay in found:
        _follow(stay)
    return len(found)


@verb
def _follow(stay: Stay) -> None:
    rules.follow(held(stay))
