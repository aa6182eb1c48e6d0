"""The messages that can go with a backup code which is given by hand."""

from dataclasses import dataclass

from hospitality.models import Property
from reservations.messages import addresses, channels, texts
from reservations.messages.house import settings_of
from reservations.messages.models import Channel
from reservations.models import Stay


@dataclass(frozen=True)
class Offer:
    """A text that tells the PIN, and a way that is set up."""

    name: str
    channel: Channel

    @property
    def key(self) -> str:
        return f"{self.channel}:{self.name}"

    @property
    def label(self) -> str:
        return f"“{self.name}”, {self.channel.label}"


def offers(hotel: Property) -> list[Offer]:
    """Every text with every way that is set up; the file only where a rule of the house writes files. Three queries."""
    house = settings_of(hotel)
    names = {one.name for one in hotel.message_templates.all() if texts.needs_digits(one)}
    filed = any(rule.channel == Channel.FILE for rule in hotel.message_rules.all())
    ways = [one for one in Channel if not channels.not_set_up(one, house)]
    return [Offer(name, way) for name in sorted(names) for way in ways if filed or way != Channel.FILE]


def goes_to(offer: Offer, stay: Stay) -> addresses.Address:
    """Where it would reach this guest, masked, or why it cannot."""
    to = addresses.address_of(stay.reservation.guest, offer.channel, settings_of(stay.property))
    return addresses.Address(addresses.masked(to.text), to.problem)
