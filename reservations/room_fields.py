"""The field in which a room is chosen: what is free comes first, and what is not says why."""

from datetime import date

from django import forms
from django.utils.translation import gettext as _

from hospitality.models import Property, Room
from hospitality.wall import Wall
from reservations.housekeeping.offers import Offer, comes_now, offers


class RoomSelect(forms.Select):
    """Rooms that are taken can be read, not chosen. What is chosen while the rooms are fetched anew is kept (desk.js)."""

    taken: frozenset = frozenset()

    def __init__(self):
        super().__init__({"data-keep": True})

    def create_option(self, name, value, *args, **kwargs):
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"] |= {"disabled": True} if getattr(value, "value", value) in self.taken else {}
        return option


class RoomField(forms.ModelChoiceField):
    """One of the property's rooms. Whether it is still free is for the verb, under the room's row."""

    widget = RoomSelect

    def __init__(self, **kwargs):
        super().__init__(Room.objects.none(), **kwargs)

    def offer(self, property: Property, arrival: date, departure: date, wall: Wall, *, none: str) -> None:
        """Show what is free from `arrival` to `departure`; `none` is the label of no choice."""
        self.queryset = property.rooms.all()
        there = offers(property, arrival, departure, wall)
        today = comes_now(arrival, departure, wall)
        ready = [one for one in there if not one.taken and (one.ready or not today)]
        later = [one for one in there if not one.taken and one not in ready]
        taken = [one for one in there if one.taken]
        free = _("Free and ready") if today else _("Free")
        groups = [(free, ready), (_("Free, not ready"), later), (_("Not free"), taken)]
        shown = [(title, [_choice(one) for one in some]) for title, some in groups if some]
        self.choices = [("", none), *shown]
        self.widget.taken = frozenset(one.room_id for one in taken)


def _choice(offer: Offer) -> tuple[int, str]:
    return offer.room_id, offer.label
