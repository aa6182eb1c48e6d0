"""django-q2 entry points of messages. They take an id or nothing, load everything themselves and are harmless when
run twice."""

from reservations.messages import rollout, sending
from reservations.messages.models import MessageRule


def send_due() -> int:
    """Send every message that is due; returns how many were sent. At most one runs per node."""
    return sending.run()


def follow_rule(rule_id: int) -> int:
    """Give the stays that are there already the message of a new rule; returns how many were looked at. A rule that is
    gone has none."""
    rule = MessageRule.objects.filter(pk=rule_id).first()
    return rollout.follow(rule) if rule else 0
