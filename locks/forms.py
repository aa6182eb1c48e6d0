"""What an owner types about backup codes."""

from datetime import datetime

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hospitality.models import MOST_BACKUPS, Property
from hospitality.wall import clock
from locks.spares import MOST_AT_ONCE


class PoolForm(forms.Form):
    """Whether a lock keeps backup codes, and how many: without a number as many as its property."""

    act = forms.ChoiceField(choices=[(act, act) for act in ("on", "off", "size")])
    size = forms.IntegerField(min_value=0, max_value=MOST_BACKUPS, required=False)


class MakeForm(forms.Form):
    """How many backup codes, and until which day; without one they are permanent."""

    count = forms.IntegerField(
        label=gettext_lazy("How many"),
        min_value=1,
        max_value=MOST_AT_ONCE,
        initial=1,
    )
    until = forms.DateField(
        label=gettext_lazy("Until"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("Write the day as 2026-12-31, or leave it empty.")},
    )

    def __init__(self, property: Property, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._property = property
        why = _("Write how many to make: 1 to %(most)s.") % {"most": MOST_AT_ONCE}
        wrong = ("required", "invalid", "min_value", "max_value")
        self.fields["count"].error_messages |= dict.fromkeys(wrong, why)
        ends = {"time": clock(property.check_out_time)}
        self.fields["until"].help_text = _("Empty: permanent. Else they end on that day at %(time)s.") % ends

    def ends_at(self) -> datetime | None:
        """When the codes end, on the property's wall clock."""
        day = self.cleaned_data["until"]
        return self._property.at(day, self._property.check_out_time) if day else None
