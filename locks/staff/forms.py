"""Whom a staff code is for, which doors it opens, and when."""

import uuid

from django import forms
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hospitality.models import Property
from hospitality.ordering import natural
from locks.models import Lock, StaffCode

Where, When = StaffCode.Where, StaffCode.When
WHEN = [
    (When.ONCE, gettext_lazy("Once: for four hours from now, and off after its first use")),
    (When.DAY, gettext_lazy("One day")),
    (When.WEEKLY, gettext_lazy("Every week on these days")),
    (When.ONGOING, gettext_lazy("Until it is taken off")),
]
WHERE = [
    (Where.ALL, gettext_lazy("Every door")),
    (Where.COMMON, gettext_lazy("The common doors")),
    (Where.CHOSEN, gettext_lazy("These doors")),
]
DAYS = [(str(number), name) for number, name in WEEKDAYS_ABBR.items()]


class StaffForm(forms.Form):
    """The key is drawn when the form is shown: sent twice, it is one code."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    name = forms.CharField(
        label=gettext_lazy("Who"),
        max_length=120,
        help_text=gettext_lazy("As everybody knows them: Maria Lopez, cleaner."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    where = forms.ChoiceField(
        label=gettext_lazy("Doors"), choices=WHERE, initial=Where.ALL, widget=forms.RadioSelect
    )
    locks = forms.ModelMultipleChoiceField(
        Lock.objects.none(),
        required=False,
        label=gettext_lazy("Which doors"),
        widget=forms.CheckboxSelectMultiple,
    )
    when = forms.ChoiceField(
        label=gettext_lazy("When"), choices=WHEN, initial=When.WEEKLY, widget=forms.RadioSelect
    )
    day = forms.DateField(
        label=gettext_lazy("Day"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Days"),
        choices=DAYS,
        coerce=int,
        required=False,
        initial=["0", "1", "2", "3", "4"],
        widget=forms.CheckboxSelectMultiple,
    )
    from_time = forms.TimeField(
        label=gettext_lazy("From"),
        required=False,
        initial="08:00",
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
    )
    until_time = forms.TimeField(
        label=gettext_lazy("Until"),
        required=False,
        initial="16:00",
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
    )

    def __init__(self, property: Property, *args, **kwargs):
        super().__init__(*args, **kwargs)
        there = property.locks.filter(replaced_by__isnull=True)
        self.fields["key"].initial = uuid.uuid4
        self.fields["locks"].queryset = there
        rows = sorted(there, key=lambda lock: (lock.kind == Lock.Kind.OWN, natural(lock.name)))
        self.fields["locks"].choices = [(lock.pk, lock.name) for lock in rows]

    def clean(self):
        """Only what the chosen kind asks for is kept."""
        data = super().clean()
        when, where = data.get("when"), data.get("where")
        if where == Where.CHOSEN and not data.get("locks") and "locks" not in self.errors:
            self.add_error("locks", _("Choose at least one door."))
        if when == When.DAY:
            self._ask_for("day", _("Choose the day."))
        if when == When.WEEKLY:
            self._ask_for("weekdays", _("Choose at least one day of the week."))
        if when in (When.DAY, When.WEEKLY):
            self._ask_for("from_time", _("Write from when, like 08:00."))
            self._ask_for("until_time", _("Write until when, like 16:00."))
        kept = {
            When.DAY: {"day", "from_time", "until_time"},
            When.WEEKLY: {"weekdays", "from_time", "until_time"},
        }
        for name in {"day", "weekdays", "from_time", "until_time"} - kept.get(when, set()):
            data[name] = [] if name == "weekdays" else None
        if where != Where.CHOSEN:
            data["locks"] = []
        return data

    def _ask_for(self, name: str, why: str) -> None:
        if not self.cleaned_data.get(name) and name not in self.errors:
            self.add_error(name, why)
