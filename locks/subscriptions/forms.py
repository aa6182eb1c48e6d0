"""Which program is told, and of what."""

from django import forms
from django.utils.translation import gettext_lazy

from locks.event_words import EVENTS
from locks.models.subscriptions import EVERYTHING, URL_LENGTH
from locks.subscriptions.gathering import DESK_ONLY


class KindsForm(forms.Form):
    """Filled in well, `cleaned_data["event_types"]` is what the verbs ask for."""

    everything = forms.BooleanField(
        label=gettext_lazy("Everything that happens to codes and locks"), required=False
    )
    kinds = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args, event_types=(EVERYTHING,), **kwargs):
        """`event_types`: what it is told of now. Kinds that no table knows are among those to choose."""
        super().__init__(*args, **kwargs)
        named = [kind for kind in event_types if kind != EVERYTHING]
        unknown = [(kind, "") for kind in named if kind not in EVENTS]
        self.fields["everything"].initial = EVERYTHING in event_types
        self.fields["kinds"].initial = named
        self.fields["kinds"].choices = [*EVENTS.items(), *unknown]

    def clean(self) -> dict:
        data = super().clean()
        chosen = data.pop("kinds", [])
        if data.pop("everything", False):
            chosen = [EVERYTHING, *(kind for kind in chosen if kind in DESK_ONLY)]
        data["event_types"] = chosen
        return data

    def refuse(self, field: str, why: str) -> None:
        """Show a verb's refusal where it belongs."""
        self.add_error("kinds" if field == "event_types" else field or None, why)


class WebhookForm(KindsForm):
    url = forms.CharField(
        label=gettext_lazy("The program's address"),
        max_length=URL_LENGTH,
        widget=forms.URLInput({"autocomplete": "off", "placeholder": "https://"}),
        help_text=gettext_lazy(
            "Where it takes webhooks. What it answers is kept for the page of its deliveries."
        ),
    )
    field_order = ["url"]
