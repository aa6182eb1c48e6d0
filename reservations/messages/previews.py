"""A text against a real stay: with its digits masked, or as it would go out now."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from hospitality import clock
from hospitality.ordering import listed
from hospitality.sentences import Sentence
from hospitality.wall import Wall
from locks import codes, wishes
from locks.models import AccessCode
from reservations import telling
from reservations.messages import addresses, channels, texts
from reservations.messages.house import settings_of
from reservations.messages.models import Channel, MessageTemplate
from reservations.messages.texts import Text
from reservations.models import Stay
from reservations.telling import Standing, Told
from reservations.verbs import Refused, held, record, verb


@dataclass(frozen=True)
class Way:
    """A channel, the address that it would use, or what is wrong with that."""

    channel: str
    to: str
    problem: Sentence | None


@dataclass(frozen=True)
class Preview:
    """`waits`: why it would not go out now; empty if it would. `text` is masked, or holds digits if it is `shown`."""

    text: Text
    waits: str
    ways: list[Way]
    shown: bool = False


def preview(template: MessageTemplate, stay: Stay) -> Preview:
    """The text for this stay, masked."""
    told = telling.told(stay, clock.now())
    return Preview(texts.render(template, stay, told, masked=True), _waits(template, stay, told), _ways(stay))


@verb
def show(template: MessageTemplate, stay: Stay, *, by) -> Preview:
    """The text exactly as it would go out now, on the record. Raises Refused where it would not go out."""
    stay = held(stay)
    told = telling.told(stay, clock.now())
    if waits := _waits(template, stay, told):
        raise Refused(waits)
    if texts.needs_digits(template):
        codes.tell_pin(stay.grant)
        told = telling.told(stay, clock.now())
        known = AccessCode.objects.filter(public_id__in=[key.code for key in told.keys])
        wishes.revealed(known.select_related("lock"), by=by)
    record(stay, by=by, action="message.shown", text=template.name)
    return Preview(texts.render(template, stay, told, masked=False), "", _ways(stay), shown=True)


def _waits(template: MessageTemplate, stay: Stay, told: Told) -> str:
    if told.standing is Standing.OVER:
        return _("This stay is over: nothing is sent to its guest any more.")
    if told.standing is Standing.READY or not texts.needs_digits(template):
        return ""
    if told.standing is Standing.LATER:
        wall = Wall(stay.property, clock.now())
        words = _("It would wait until %(moment)s: the guest may not know the PIN yet.")
        return words % {"moment": wall.moment(told.from_at)}
    if told.standing is Standing.PREPARING:
        return _("It would wait for the code on %(doors)s.") % {"doors": listed(told.waiting)}
    return _("It would wait: the stay has no code yet.")


def _ways(stay: Stay) -> list[Way]:
    house = settings_of(stay.property)
    found = []
    for channel in (Channel.EMAIL, Channel.TEXT):
        to = addresses.address_of(stay.reservation.guest, channel, house)
        problem = to.problem or channels.not_set_up(channel, house)
        found.append(Way(str(channel.label), addresses.masked(to.text), problem))
    return found
