"""What a manager types to connect an account at a lock maker. What goes in never comes out again."""

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from locks import own_simulator
from locks.providers import PROVIDERS
from locks.providers.base import Credential


class CredentialsForm(forms.Form):
    """The credentials that one maker's account wants, by the adapter's own list. A secret is not shown again, not even
    after a mistake elsewhere in the form."""

    def __init__(self, provider: str, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.provider = provider
        for one in PROVIDERS[provider].CREDENTIALS:
            self.fields[one.name] = _field(one)

    def credentials(self) -> Mapping[str, str]:
        """As the adapter takes them."""
        given = {one.name: self.cleaned_data[one.name] for one in PROVIDERS[self.provider].CREDENTIALS}
        if "webhook_secret" in given and not given["webhook_secret"]:
            given["webhook_secret"] = own_simulator.new_webhook_secret()
        return given


class AccountForm(CredentialsForm):
    """A new account: what it is called here, and its credentials."""

    name = forms.CharField(
        label=_("What you call it"),
        max_length=120,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("Stands wherever this account is spoken of."),
    )

    field_order = ["name"]


def _field(one: Credential) -> forms.Field:
    kind = forms.PasswordInput if one.secret else forms.TextInput
    return forms.CharField(
        label=gettext(one.label),
        help_text=gettext(one.help) if one.help else "",
        required=one.required,
        max_length=2000,
        widget=kind({"autocomplete": "off", "spellcheck": "false"}),
    )
