"""Which program gets a key, what it may do, and until when."""

from datetime import datetime, time, timedelta

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hospitality import clock
from hospitality.models import Property
from locks.models import ApiKey
from locks.programs.page import MAY

DAY = timedelta(days=1)
LONGEST = 3650 * DAY
NEVER, MONTH, YEAR, ON_DAY = "never", "30", "365", "day"
ENDS = [
    (NEVER, gettext_lazy("When it is revoked")),
    (MONTH, gettext_lazy("In 30 days")),
    (YEAR, gettext_lazy("In a year")),
    (ON_DAY, gettext_lazy("After this day")),
]


class KeyForm(forms.Form):
    """Filled in well, `cleaned_data` is what `keys.make` asks for."""

    name = forms.CharField(
        label=gettext_lazy("Which program works with it"),
        max_length=ApiKey._meta.get_field("name").max_length,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=gettext_lazy("What it does stands under this name in every history."),
    )
    scopes = forms.MultipleChoiceField(
        choices=[(scope, may) for scope, may in MAY.items() if scope != ApiKey.Scope.READ],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    ends = forms.ChoiceField(choices=ENDS, initial=NEVER, widget=forms.RadioSelect)
    day = forms.DateField(
        label=gettext_lazy("Day"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, property: Property, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.property = property

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if not name.isprintable():
            raise forms.ValidationError(_("Write a plain name."))
        return name

    def clean(self) -> dict:
        data = super().clean()
        ends, day = data.pop("ends", NEVER), data.pop("day", None)
        data["expires_at"] = self._end(ends, day, clock.now())
        return data

    def _end(self, ends: str, day, now: datetime) -> datetime | None:
        """A day is over when the next one begins on the property's wall."""
        if ends == NEVER or "day" in self.errors:
            return None
        if ends != ON_DAY:
            return now + int(ends) * DAY
        today = self.property.local(now).date()
        if day is None or not today <= day <= today + LONGEST:
            self.add_error("day", _("Choose a day from today on, within ten years."))
            return None
        return self.property.at(day + DAY, time())
