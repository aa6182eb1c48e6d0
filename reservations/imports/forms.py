"""What a person says about a file: the file itself, its source and columns, and what its unit types mean."""

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hospitality.models import Property, Room
from reservations.board import natural
from reservations.imports.columns import FIELDS, NAMES, NEEDED
from reservations.imports.intake import clean_source
from reservations.imports.refusals import FileRefused, shown
from reservations.imports.text import check_size
from reservations.models import ImportProfile


class UploadForm(forms.Form):
    """The file is looked at by size only: a large one is refused before it is read."""

    file = forms.FileField(
        label=gettext_lazy("Reservation list (CSV)"),
        allow_empty_file=True,
        error_messages={
            "required": gettext_lazy("Choose a file first."),
            "missing": gettext_lazy("Choose a file first."),
        },
        widget=forms.ClearableFileInput({"accept": ".csv,.txt,.tsv,text/csv"}),
    )
    source = forms.ChoiceField(label=gettext_lazy("Where it comes from"), required=False)

    def __init__(self, property: Property, *args, **kwargs):
        super().__init__(*args, **kwargs)
        sources = (
            ImportProfile.objects.filter(property=property)
            .order_by("source")
            .values_list("source", flat=True)
        )
        self.fields["source"].choices = [("", _("The file's columns tell"))] + [
            (name, name) for name in sources
        ]

    def clean_file(self):
        file = self.cleaned_data["file"]
        try:
            check_size(file.size)
        except FileRefused as refusal:
            raise forms.ValidationError(str(refusal)) from None
        return file


class ColumnsForm(forms.Form):
    """Which column of the file is which of our fields; `samples` are the file's columns, each with an example."""

    source = forms.CharField(
        label=gettext_lazy("Name of the source"),
        max_length=60,
        help_text=gettext_lazy(
            "What you call it, for example expedia. Bookings are known again by it: keep it the same."
        ),
    )

    def __init__(self, samples: dict[str, str], *args, **kwargs):
        super().__init__(*args, **kwargs)
        choices = [("", _("not in the file"))]
        choices += [(name, _column(name, example)) for name, example in samples.items() if name]
        for field in FIELDS:
            self.fields[field.key] = forms.ChoiceField(
                label=capfirst(field.label), required=field.key in NEEDED, choices=choices
            )

    def clean_source(self) -> str:
        try:
            return clean_source(self.cleaned_data["source"])
        except FileRefused as refusal:
            raise forms.ValidationError(str(refusal)) from None

    def clean(self):
        data = super().clean()
        if not any(data.get(key) for key in NAMES):
            self.add_error("guest", _("Choose the column of the guest's name, or of who booked."))
        used = [data[field.key] for field in FIELDS if data.get(field.key)]
        if twice := sorted({name for name in used if used.count(name) > 1}):
            raise forms.ValidationError(
                _("'%(column)s' is chosen twice. One column holds one thing.") % {"column": twice[0]}
            )
        return data

    def columns(self) -> dict[str, str]:
        """Our field's key to the file's column."""
        return {field.key: self.cleaned_data[field.key] for field in FIELDS if self.cleaned_data[field.key]}


class UnitsForm(forms.Form):
    """What unit types mean: a room, or nothing in particular. One field for each of `unit_types`."""

    def __init__(self, property: Property, unit_types: list[str], mapped: dict[str, str], *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.unit_types = unit_types
        rooms = sorted(property.rooms.all(), key=lambda room: natural(room.name))
        choices = [("?", _("not known yet")), ("", _("choose at the desk"))]
        choices += [(room.name, _offer(room)) for room in rooms]
        for index, unit_type in enumerate(unit_types):
            self.fields[f"unit-{index}"] = forms.ChoiceField(
                label=unit_type, required=False, choices=choices, initial=mapped.get(unit_type, "?")
            )

    def chosen(self) -> dict[str, str]:
        """Unit type to a room's name, or to nothing; those not known yet are left out."""
        said = {text: self.cleaned_data[f"unit-{index}"] for index, text in enumerate(self.unit_types)}
        return {unit_type: room for unit_type, room in said.items() if room != "?"}


def _column(name: str, example: str) -> str:
    if not example:
        return _("%(column)s (empty)") % {"column": name}
    return _("%(column)s (like %(example)s)") % {"column": name, "example": shown(example, 24)}


def _offer(room: Room) -> str:
    return f"{room.name} ({room.unit_type})" if room.unit_type else room.name
