"""What a manager sets for the house's messages, and how a clerk says that a guest is reached."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from hospitality.models import Property
from reservations.messages import channels, numbers, texts
from reservations.messages.fields import EmailField, PhoneField
from reservations.messages.house import is_needed
from reservations.messages.models import (
    Channel,
    MessageRule,
    MessageSettings,
    MessageTemplate,
    When,
    languages,
)
from reservations.models import Guest


def _quiet(*names: str) -> dict:
    return {name: forms.TextInput({"autocomplete": "off"}) for name in names}


class TemplateForm(forms.ModelForm):
    """A text in one language. What it may say is checked here: an unknown variable is named."""

    class Meta:
        model = MessageTemplate
        fields = ["name", "language", "subject", "body", "correction"]
        labels = {"name": gettext_lazy("Name"), "subject": gettext_lazy("Subject")}
        widgets = _quiet("name", "subject", "correction") | {"body": forms.Textarea({"rows": 12})}

    def __init__(self, property: Property, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.property = property
        self.fields["language"] = forms.ChoiceField(label=_("Language"), choices=languages(), initial="en")

    def clean(self):
        data = super().clean()
        texts_here = MessageTemplate.objects.filter(property=self.instance.property).exclude(
            pk=self.instance.pk
        )
        if texts_here.filter(name=data.get("name"), language=data.get("language")).exists():
            raise ValidationError(_("There is a text of this name in this language; change that one."))
        return data

    def clean_name(self) -> str:
        """Rules know a text by its name."""
        name = " ".join(self.cleaned_data["name"].split())
        before = MessageTemplate.objects.filter(pk=self.instance.pk).first()
        if before and before.name != name and is_needed(before):
            raise ValidationError(
                _("A rule sends “%(name)s”; delete that rule before you rename its text.")
                % {"name": before.name}
            )
        return name

    def clean_subject(self) -> str:
        """Mail servers log subjects, and telephones show them while they are locked."""
        subject = self._with_known_variables("subject")
        if texts.variables(subject) & texts.SECRET:
            raise ValidationError(
                _("What opens a door stays out of the subject: servers log it, and locked phones show it.")
            )
        return subject

    def clean_body(self) -> str:
        return self._with_known_variables("body")

    def clean_correction(self) -> str:
        return self._with_known_variables("correction")

    def _with_known_variables(self, field: str) -> str:
        text = self.cleaned_data[field]
        texts.variables(text)
        return text


class RuleForm(forms.ModelForm):
    class Meta:
        model = MessageRule
        fields = ["name", "when", "hours", "channel"]
        labels = {"when": gettext_lazy("When")}

    def __init__(self, property: Property, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.property = property
        names = property.message_templates.order_by("name").values_list("name", flat=True).distinct()
        self.fields["name"] = forms.ChoiceField(label=_("Text"), choices=[(name, name) for name in names])
        self.fields["when"].choices = When.choices
        self.fields["channel"].choices = Channel.choices

    def clean(self):
        data = super().clean()
        rules = MessageRule.objects.filter(property=self.instance.property)
        if rules.filter(name=data.get("name"), when=data.get("when")).exists():
            raise ValidationError(_("This text goes out at that time already; delete that rule first."))
        return data


class SettingsForm(forms.ModelForm):
    """The address of the text service is never shown again; an empty field keeps it."""

    text_url = forms.CharField(
        label=gettext_lazy("Address of the text service"),
        required=False,
        max_length=1000,
        widget=forms.PasswordInput({"autocomplete": "off"}),
        help_text=gettext_lazy(
            "An Apprise address with {phone} for the guest's number: twilio://SID:TOKEN@FROM/{phone}"
        ),
    )
    forget_text_url = forms.BooleanField(
        label=gettext_lazy("Forget the address of the text service"), required=False
    )

    class Meta:
        model = MessageSettings
        fields = ["language", "region", "reply_to"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["language"] = forms.ChoiceField(
            label=_("Language"), choices=languages(), help_text=_("For guests of whom none is known.")
        )

    def clean_region(self) -> str:
        region = self.cleaned_data["region"].strip().upper()
        if region and not numbers.is_region(region):
            raise ValidationError(
                _("“%(typed)s” is no country; write two letters, like CH or DE.") % {"typed": region}
            )
        return region

    def clean_text_url(self) -> str:
        url = self.cleaned_data["text_url"].strip()
        if url and (wrong := channels.check_text_url(url)):
            raise ValidationError(wrong)
        return url

    def save(self, commit=True) -> MessageSettings:
        if self.cleaned_data["text_url"]:
            self.instance.text_url = self.cleaned_data["text_url"]
        elif self.cleaned_data["forget_text_url"]:
            self.instance.text_url = None
        return super().save(commit)


class ReachForm(forms.ModelForm):
    """How a guest is reached."""

    email = EmailField(label=gettext_lazy("E-mail"))
    phone = PhoneField(label=gettext_lazy("Phone"))

    class Meta:
        model = Guest
        fields = ["email", "phone", "language"]

    def __init__(self, house: MessageSettings, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["phone"].belongs_to(house)
        self.fields["language"] = forms.ChoiceField(
            label=_("Language"),
            required=False,
            choices=[("", pgettext("a guest's language", "not known")), *languages()],
        )


class AgainForm(forms.Form):
    """Which copy is asked for: two clicks ask for the same one."""

    copy = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
