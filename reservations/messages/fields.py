"""The fields into which somebody types how a guest is reached: a wrong one is refused there, with the remedy."""

from django import forms
from django.core.exceptions import ValidationError

from reservations.messages import addresses, numbers
from reservations.messages.models import MessageSettings
from reservations.messages.why import Why


class EmailField(forms.EmailField):
    """An e-mail address, or nothing."""

    def __init__(self, **kwargs):
        super().__init__(required=False, max_length=254, **kwargs)
        self.widget.attrs["autocomplete"] = "off"

    def clean(self, value) -> str:
        """Raises ValidationError."""
        typed = self.to_python(value)
        if typed and (wrong := addresses.email(typed, wrong=Why.EMAIL_MISTYPED).problem):
            raise ValidationError(wrong)
        return super().clean(value)


class PhoneField(forms.CharField):
    """A telephone number, or nothing; kept in the international form, so that everybody reads the same."""

    def __init__(self, **kwargs):
        super().__init__(required=False, max_length=40, **kwargs)
        self.widget.attrs["autocomplete"] = "off"
        self.region = ""

    def belongs_to(self, house: MessageSettings) -> None:
        """Numbers that name no country are this house's."""
        self.region = house.region

    def clean(self, value) -> str:
        """Raises ValidationError."""
        typed = super().clean(value)
        if not typed:
            return ""
        if wrong := addresses.phone(typed, self.region, wrong=Why.PHONE_MISTYPED).problem:
            raise ValidationError(wrong)
        return numbers.kept(numbers.parsed(typed, self.region))
