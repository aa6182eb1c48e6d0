"""Sending once more, because a person asks for it."""

from django.utils.translation import gettext as _

from hospitality import clock
from reservations.messages import rules
from reservations.messages.models import Message, State
from reservations.models import Stay
from reservations.verbs import AlreadyDone, Refused, held, tell, verb


def copies(message: Message) -> int:
    """How often the message was sent again so far."""
    return Message.objects.filter(stay=message.stay_id, about=message.about, asked_by__isnull=False).count()


@verb
def again(stay: Stay, message: Message, *, by, copy: int) -> None:
    """One more copy, with what holds when it goes out; one that failed is tried again itself. `copy` counts from 1, so
    that two clicks are one copy. Raises AlreadyDone, Refused."""
    stay = held(stay)
    if stay.state not in rules.ACTIVE:
        raise Refused(
            _("This stay is %(state)s; nothing is sent to its guest any more.")
            % {"state": stay.get_state_display()}
        )
    message = stay.messages.get(pk=message.pk)
    if copy != copies(message) + 1:
        raise AlreadyDone(_("It was sent again a moment ago; look at its state before you repeat it."))
    if message.state not in (State.SENT, State.FAILED):
        raise Refused(_("It has not gone out yet and will by itself."))
    now = clock.now()
    due = {"state": State.QUEUED, "asked_by": by, "not_before": now, "woken_at": now, "due_at": now}
    if message.state == State.FAILED:
        Message.objects.filter(pk=message.pk).update(**due, problem=None)
    else:
        Message.objects.create(
            stay=stay,
            reason=f"{message.about}, again {copy}",
            about=message.about,
            name=message.name,
            channel=message.channel,
            created_at=now,
            **due,
        )
    rules.enqueue()
    tell(stay, by=by, action="message.again", message=message.reason, channel=message.channel)
