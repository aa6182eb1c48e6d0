"""What a clerk types about a stay."""

import secrets
from datetime import date

from django import forms

from hospitality.models import Property, Room
from hospitality.ordering import natural
from reservations.models import Stay

LONGEST_STAY = 366


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self):
        super().__init__(format="%Y-%m-%d")


class StayForm(forms.Form):
    """Guest, dates and room. Rooms are offered in the order a person counts."""

    guest_name = forms.CharField(
        label="Guest", max_length=200, widget=forms.TextInput({"autocomplete": "off"})
    )
    arrival = forms.DateField(widget=DateInput())
    departure = forms.DateField(widget=DateInput(), help_text="The day the guest leaves.")
    room = forms.ModelChoiceField(Room.objects.none(), required=False, empty_label="No room yet")

    def __init__(self, property: Property, *args, **kwargs):
        super().__init__(*args, **kwargs)
        rooms = sorted(property.rooms.all(), key=lambda room: natural(room.name))
        self.fields["room"].queryset = property.rooms.all()
        self.fields["room"].choices = [("", "No room yet")] + [(room.pk, _offer(room)) for room in rooms]

    def clean(self):
        """Dates in order. Whether the room is free is for the verb, under the room's row."""
        data = super().clean()
        arrival, departure = data.get("arrival"), data.get("departure")
        if arrival and departure and departure <= arrival:
            self.add_error("departure", "The departure must be after the arrival.")
        elif arrival and departure and (departure - arrival).days > LONGEST_STAY:
            self.add_error("departure", "A stay is at most a year long; check the year.")
        return data


def _offer(room: Room) -> str:
    return f"{room.name} ({room.unit_type})" if room.unit_type else room.name


class BookForm(StayForm):
    """A walk-in or a call. The reference is drawn when the form is shown: sent twice, it is one booking."""

    reference = forms.RegexField(r"^[0-9A-F]{8}$", widget=forms.HiddenInput)
    email = forms.EmailField(required=False)
    phone = forms.CharField(required=False, max_length=40)
    notes = forms.CharField(required=False, max_length=2000, widget=forms.Textarea({"rows": 2}))

    def __init__(self, property: Property, *args, today: date | None = None, **kwargs):
        super().__init__(property, *args, **kwargs)
        self.fields["arrival"].initial = today
        self.fields["reference"].initial = secrets.token_hex(4).upper()


class ChangeForm(StayForm):
    """Other dates, another room or name. Only what the clerk changed is passed on: the form remembers what it
    showed, so a stale page undoes nobody's work."""

    def __init__(self, stay: Stay, *args, **kwargs):
        initial = {
            "guest_name": stay.reservation.guest.name,
            "arrival": stay.arrival,
            "departure": stay.departure,
            "room": stay.room_id,
        }
        super().__init__(stay.property, *args, initial=initial, **kwargs)
        for field in self.fields.values():
            field.show_hidden_initial = True

    def changes(self) -> dict:
        """What the clerk changed, for `stays.change`."""
        return {name: self.cleaned_data[name] for name in self.changed_data}
