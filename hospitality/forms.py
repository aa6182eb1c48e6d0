"""What people type about themselves, their house and who works there."""

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.forms import SetPasswordForm, UserCreationForm
from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hospitality import zones
from hospitality.models import Invitation, Property, Role


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self):
        super().__init__(format="%H:%M")


class PersonForm(UserCreationForm):
    """Somebody who will sign in from now on, and chooses their own password."""

    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=150,
        widget=forms.TextInput({"autocomplete": "name", "autofocus": True}),
    )
    field_order = ["name", "email", "username", "password1", "password2"]

    class Meta(UserCreationForm.Meta):
        model = get_user_model()
        fields = ["username", "email"]
        labels = {"username": gettext_lazy("User name"), "email": gettext_lazy("E-mail")}
        help_texts = {
            "username": gettext_lazy("What you type to sign in. Letters, digits and @ . + - _"),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["username"].widget.attrs.pop("autofocus", None)
        self.fields["password1"].help_text = _("At least eight characters, and none of the common ones.")
        self.fields["password2"].label = _("The password once more")
        self.fields["password2"].help_text = ""

    def _post_clean(self):
        """The password is compared with the name as well."""
        first, space, last = self.cleaned_data.get("name", "").strip().rpartition(" ")
        self.instance.first_name, self.instance.last_name = (first, last) if first else (last, "")
        super()._post_clean()

    def person(self):
        """The user, with the password and not saved yet."""
        return self.save(commit=False)


class NewPasswordForm(SetPasswordForm):
    """Another password, chosen by whose it is."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].help_text = _("At least eight characters, and none of the common ones.")
        self.fields["new_password1"].widget.attrs["autofocus"] = True
        self.fields["new_password2"].label = _("The password once more")
        self.fields["new_password2"].help_text = ""


class HouseForm(forms.ModelForm):
    """A new house. Everything here can be changed later."""

    class Meta:
        model = Property
        fields = ["name", "time_zone", "check_in_time", "check_out_time", "slug"]
        labels = {
            "name": gettext_lazy("Name of the house"),
            "check_in_time": gettext_lazy("Check-in from"),
            "check_out_time": gettext_lazy("Check-out until"),
            "slug": gettext_lazy("Short name"),
        }
        help_texts = {
            "slug": gettext_lazy(
                "Stands in the addresses of its pages; letters, digits and hyphens. Empty: made from the name."
            )
        }
        widgets = {
            "name": forms.TextInput({"autocomplete": "organization"}),
            "check_in_time": TimeInput(),
            "check_out_time": TimeInput(),
        }

    def __init__(self, *args, accept_language: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        likely = zones.suggested(accept_language)
        zone = self.instance.time_zone if self.instance.pk else ""
        self.initial["time_zone"] = zone or (likely[0] if len(likely) == 1 else "")
        offered = [("", _("Choose the time zone")), *zones.choices(likely, zone)]
        self.fields["time_zone"] = forms.ChoiceField(
            label=_("Time zone"),
            choices=offered,
            widget=forms.Select({"data-zone": "" if zone else "ask"}),
            error_messages={
                "required": _("Choose the time zone: every time on every screen and door is in it.")
            },
            help_text=_("All times on screens and at doors are in this zone."),
        )
        self.fields["slug"].required = False
        taken = _("Another house has this short name; choose another.")
        self.fields["slug"].error_messages["unique"] = taken
        if not self.instance.pk:
            self.fields["slug"].widget = forms.HiddenInput()
            self.fields["name"].widget.attrs["autofocus"] = True

    def clean(self):
        """A short name where none was written, and one that is free."""
        data = super().clean()
        if not data.get("slug") and "slug" not in self.errors:
            data["slug"] = _free(slugify(data.get("name", ""))[:40] or "house")
        return data


def _free(slug: str) -> str:
    taken = set(Property.objects.filter(slug__startswith=slug).values_list("slug", flat=True))
    return next(one for one in (slug, *(f"{slug}-{n}" for n in range(2, 1000))) if one not in taken)


class RoomsForm(forms.Form):
    """Rooms as ranges, or as a file."""

    rooms = forms.CharField(
        label=gettext_lazy("Rooms"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea({"rows": 4, "placeholder": "101-112, 201-212", "spellcheck": "false"}),
        help_text=gettext_lazy(
            "Numbers, ranges or names, with commas between them. A line may end with a colon and the type of its "
            "rooms: 101-104: Double"
        ),
    )
    file = forms.FileField(
        label=gettext_lazy("Or a CSV file"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput({"accept": ".csv,text/csv,text/plain"}),
        help_text=gettext_lazy("A column Name and, if you like, a column Unit type."),
    )

    def clean(self):
        data = super().clean()
        if not self.errors and not data.get("rooms", "").strip() and not data.get("file"):
            raise ValidationError(_("Write the rooms, or choose a file."))
        return data


class InviteForm(forms.ModelForm):
    """Whom to ask to work here, and as what."""

    class Meta:
        model = Invitation
        fields = ["name", "role", "email"]
        labels = {"name": gettext_lazy("Name"), "email": gettext_lazy("E-mail")}
        help_texts = {"name": ""}
        widgets = {
            "name": forms.TextInput({"autocomplete": "off"}),
            "email": forms.EmailInput({"autocomplete": "off"}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"] = forms.ChoiceField(choices=Role.choices, initial=Role.DESK, label=_("Works as"))
