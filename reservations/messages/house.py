"""What one house has set for its messages."""

from hospitality.models import Property
from reservations.messages.models import MessageRule, MessageSettings, MessageTemplate
from reservations.models import Stay


def settings_of(hotel: Property) -> MessageSettings:
    """As a manager set them; else the defaults, which are no row yet."""
    return MessageSettings.objects.filter(property=hotel).first() or MessageSettings(property=hotel)


def template_for(stay: Stay, name: str, house: MessageSettings) -> MessageTemplate | None:
    """The text of this name in the guest's language, else in the house's, else in any; None if it is gone."""
    found = {
        one.language: one for one in MessageTemplate.objects.filter(property=stay.property_id, name=name)
    }
    for language in (stay.reservation.guest.language, house.language):
        if language in found:
            return found[language]
    return next(iter(found.values()), None)


def is_needed(template: MessageTemplate) -> bool:
    """Does a rule send it, and is it the last of its name?"""
    here = {"property": template.property_id, "name": template.name}
    others = MessageTemplate.objects.filter(**here).exclude(pk=template.pk)
    return MessageRule.objects.filter(**here).exists() and not others.exists()
