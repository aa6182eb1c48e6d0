"""Which messages a stay has: rows that the desk's verbs leave, in their own transaction, for the worker to send."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.db.models.functions import Greatest, Now
from django_q.tasks import async_task

from hospitality import clock
from hospitality.models import Property
from hospitality.sentences import Sentence
from reservations import grants
from reservations.messages.models import Message, MessageRule, State, When
from reservations.messages.why import Why
from reservations.models import Stay, StayState

ACTIVE = (StayState.BOOKED, StayState.IN_HOUSE)
SEND = "reservations.messages.tasks.send_due"


def anything_due() -> bool:
    """Is there a message to look at? One read of the due index."""
    return Message.objects.filter(due_at__lte=Now()).exists()


def enqueue() -> None:
    """Have what is due sent as soon as the caller's transaction is there."""
    async_task(SEND)


def follow(stay: Stay) -> None:
    """Bring the stay's messages in line with it; the caller holds its row. What waits is looked at again, what was
    sent is compared with what holds now, and for a stay that ended nothing goes out any more."""
    if stay.state not in ACTIVE:
        _end(stay.messages.all(), Why.ENDED())
        return
    now = clock.now()
    rules = [(rule, moment) for rule in _rules(stay) if (moment := _moment(rule, stay, now))]
    known = {message.reason: message for message in stay.messages.all()}
    if not rules and not known:
        return
    for rule, moment in rules:
        message = known.get(rule.reason())
        if message is None:
            known[rule.reason()] = _new(stay, rule, moment, now)
        elif message.state in (State.QUEUED, State.SUPERSEDED) and not message.attempts:
            _time_anew(message, rule, moment, now)
    if _wake(stay.messages.all(), now):
        enqueue()


def _rules(stay: Stay) -> QuerySet[MessageRule]:
    return MessageRule.objects.filter(property=stay.property_id)


def _moment(rule: MessageRule, stay: Stay, now: datetime) -> datetime | None:
    """When the rule's message is to go out; None if it has none for this stay. A rule made later does not reach back to
    bookings and check-ins before it."""
    if rule.when == When.BOOKING:
        return now if stay.reservation.created_at >= rule.created_at else None
    if rule.when == When.CHECK_IN:
        return now if stay.checked_in_at and stay.checked_in_at >= rule.created_at else None
    begins, _ = grants.window(stay)
    before = stay.state == StayState.BOOKED and now < begins
    return begins - timedelta(hours=rule.hours) if before else None


def _new(stay: Stay, rule: MessageRule, moment: datetime, now: datetime) -> Message:
    return Message.objects.create(
        stay=stay,
        reason=rule.reason(),
        about=rule.reason(),
        name=rule.name,
        channel=rule.channel,
        created_at=now,
        not_before=moment,
        woken_at=moment,
        due_at=moment,
    )


def send_beside(stay: Stay, *, reason: str, name: str, channel: str) -> None:
    """A message beside the rules' own, as soon as the guest may be told; once per `reason`. Where this text went out
    this way with other digits, or is about to, that one's correction says the same. The caller holds the stay's row."""
    now = clock.now()
    alike = stay.messages.filter(name=name, channel=channel).exclude(reason=reason)
    follows = Q(state=State.SENT, facts__has_key="digits") | Q(state=State.SENDING)
    if alike.filter(follows | Q(state=State.QUEUED, not_before__lte=now)).exists():
        return
    fresh = {"name": name, "channel": channel, "created_at": now, "not_before": now}
    Message.objects.get_or_create(
        stay=stay, reason=reason, defaults={**fresh, "about": reason, "woken_at": now, "due_at": now}
    )
    enqueue()


def _time_anew(message: Message, rule: MessageRule, moment: datetime, now: datetime) -> None:
    """Dates have changed, or the rule is there again. What was due at once stays due since then."""
    if message.state == State.SUPERSEDED:
        message.state, message.problem = State.QUEUED, None
    message.channel = rule.channel
    message.not_before = min(message.not_before, moment) if rule.when != When.BEFORE else moment
    message.due_at = max(message.not_before, now)
    message.save(update_fields=["state", "problem", "channel", "not_before", "due_at"])


def _wake(messages: QuerySet[Message], now: datetime) -> bool:
    """Have these looked at as soon as they may be; returns whether any may be now."""
    messages.filter(state=State.QUEUED).update(
        woken_at=Greatest("not_before", now), due_at=Greatest("not_before", now)
    )
    messages.filter(state=State.SENT).exclude(facts={}).update(woken_at=now, due_at=now)
    return messages.filter(due_at__lte=now).exists()


def _end(messages: QuerySet[Message], why: Sentence) -> None:
    """Nothing of these goes out any more. One that is being sent is not called back: its fate stands on it."""
    messages.filter(state=State.QUEUED).update(state=State.SUPERSEDED, waits=None, problem=why, due_at=None)
    messages.filter(state=State.SENT).update(due_at=None)


def drop(rule: MessageRule) -> None:
    """Delete the rule; what still waits because of it does not go out."""
    waiting = Message.objects.filter(stay__property=rule.property_id, about=rule.reason())
    _end(waiting.filter(attempts=0), Why.RULE_DELETED())
    rule.delete()


def wake_all(hotel: Property) -> None:
    """What hung on how the house reaches its guests is tried again, also what had no address to go to: whose country
    was not known has a number now."""
    of_house = Message.objects.filter(stay__property=hotel, stay__state__in=ACTIVE)
    of_house.filter(state=State.FAILED, recipient="").update(state=State.QUEUED)
    hung = of_house.filter(state=State.QUEUED, problem__isnull=False)
    if _wake(hung, clock.now()):
        enqueue()


def retry_failed(stay: Stay) -> None:
    """The guest is reached otherwise now: what failed is tried again, without a second copy. The caller holds the
    stay's row. What failed for one that is over stays as it is."""
    if stay.state not in ACTIVE:
        return
    stay.messages.filter(state=State.FAILED).update(state=State.QUEUED, problem=None)
    follow(stay)


def stays_without(rule: MessageRule) -> QuerySet[Stay]:
    """The stays of the house that a new rule may concern."""
    return Stay.objects.filter(property=rule.property_id, state__in=ACTIVE).exclude(
        Q(messages__reason=rule.reason())
    )
