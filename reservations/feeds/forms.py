"""What a manager says about feeds."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hospitality.models import Property
from hospitality.ordering import natural
from reservations.feeds.fetch import URL_LENGTH
from reservations.feeds.models import FeedSettings


class CalendarForm(forms.Form):
    """A room, and where its calendar is."""

    room = forms.ModelChoiceField(queryset=None, label=gettext_lazy("Room"))
    url = forms.CharField(
        label=gettext_lazy("Address of its calendar"),
        max_length=URL_LENGTH,
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "url", "placeholder": "https://"}),
        help_text=gettext_lazy(
            "At the portal: Calendar, Export. Airbnb, Booking.com, Vrbo, or any other iCal address. It holds a key and "
            "is not shown again."
        ),
    )

    def __init__(self, property: Property, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["room"].queryset = property.rooms.all()
        rooms = sorted(property.rooms.all(), key=lambda room: natural(room.name))
        self.fields["room"].choices = [("", _("Choose a room"))] + [(room.pk, room.name) for room in rooms]


class SettingsForm(forms.ModelForm):
    """How often a stay may be lacking before somebody is asked."""

    class Meta:
        model = FeedSettings
        fields = ["misses"]


class TokenForm(forms.Form):
    """Who reads the arrivals, and how much of them."""

    name = forms.CharField(
        label=gettext_lazy("Which program reads with it"),
        max_length=60,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    with_guests = forms.BooleanField(
        label=gettext_lazy("Guests’ names, e-mail and telephone too"), required=False
    )
    with_codes = forms.BooleanField(label=gettext_lazy("Door codes with their digits too"), required=False)

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if not name.isprintable():
            raise forms.ValidationError(_("Write a plain name."))
        return name
