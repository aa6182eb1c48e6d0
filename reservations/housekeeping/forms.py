"""What is typed about a room."""

from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hospitality.models import Condition
from reservations.forms import DateInput


class MarkForm(forms.Form):
    """What the room is now, and what it was on the screen of the person who says so."""

    condition = forms.TypedChoiceField(choices=Condition.choices, coerce=Condition)
    was = forms.TypedChoiceField(
        choices=Condition.choices, coerce=Condition, empty_value=None, required=False
    )


class ClosureForm(forms.Form):
    """Out of order: from when, until when, and why."""

    why = forms.CharField(label=_("Why"), max_length=200, widget=forms.TextInput({"autocomplete": "off"}))
    begins = forms.DateField(label=pgettext_lazy("a day", "From"), widget=DateInput())
    ends = forms.DateField(
        label=pgettext_lazy("a day", "Until"),
        required=False,
        widget=DateInput(),
        help_text=_("The day it can be let again; empty: until further notice."),
    )

    def __init__(self, *args, today: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["begins"].initial = today
        self.today = today

    def clean(self):
        """Days in order, none of them past. Who is booked in the room is for the verb."""
        data = super().clean()
        begins, ends = data.get("begins"), data.get("ends")
        if begins and begins < self.today:
            self.add_error("begins", _("A room can be out of order from today on."))
        elif begins and ends and ends <= begins:
            self.add_error(
                "ends", _("The day it can be let again must be after the day it is out of order from.")
            )
        return data
