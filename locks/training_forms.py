"""The knobs of the simulator's locks that a trainer turns, in the desk's words."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

OTHERS = {
    "offline": gettext_lazy("Offline: it does not answer"),
    "hub_offline": gettext_lazy("Its hub does not answer"),
    "removed": gettext_lazy("Gone from the maker's account"),
    "refuse_deletes": gettext_lazy("Takes no code off"),
}
COUNTS = {
    "forget_next_writes": gettext_lazy("Next codes it says it took, and forgets"),
    "fail_next_writes": gettext_lazy("Next changes that fail"),
    "lose_next_answers": gettext_lazy("Next changes whose answer is lost"),
    "reject_next_pins": gettext_lazy("Next PINs it refuses"),
    "empty_next_listings": gettext_lazy("Next lists of codes that are empty"),
}
MOST = 1000


class KnobsForm(forms.Form):
    """What is sent is what was changed."""

    offline = forms.BooleanField(required=False, label=OTHERS["offline"])
    hub_offline = forms.BooleanField(required=False, label=OTHERS["hub_offline"])
    removed = forms.BooleanField(required=False, label=OTHERS["removed"])
    refuse_deletes = forms.BooleanField(required=False, label=OTHERS["refuse_deletes"])
    slow_seconds = forms.FloatField(label=gettext_lazy("Slow by so many seconds"), min_value=0, max_value=600)
    battery = forms.IntegerField(
        label=gettext_lazy("Battery, in per cent"), min_value=0, max_value=100, required=False
    )
    slots = forms.IntegerField(
        label=gettext_lazy("So many codes fit"),
        min_value=0,
        max_value=1_000_000,
        required=False,
        help_text=gettext_lazy("Empty: no limit. Fewer than are on it now: it is full."),
    )
    forget_next_writes = forms.IntegerField(label=COUNTS["forget_next_writes"], min_value=0, max_value=MOST)
    fail_next_writes = forms.IntegerField(label=COUNTS["fail_next_writes"], min_value=0, max_value=MOST)
    lose_next_answers = forms.IntegerField(label=COUNTS["lose_next_answers"], min_value=0, max_value=MOST)
    reject_next_pins = forms.IntegerField(label=COUNTS["reject_next_pins"], min_value=0, max_value=MOST)
    empty_next_listings = forms.IntegerField(label=COUNTS["empty_next_listings"], min_value=0, max_value=MOST)

    @staticmethod
    def read(state: dict) -> dict:
        """The form's values, as the simulator tells the lock."""
        battery = state.get("battery")
        known = {name: state["knobs"].get(name) for name in KnobsForm.base_fields if name in state["knobs"]}
        return known | {
            "battery": None if battery is None else round(battery * 100),
            "slots": state.get("slots"),
        }

    def wish(self) -> dict:
        """What was changed, as the simulator takes it."""
        changed = {name: self.cleaned_data[name] for name in self.changed_data}
        if changed.get("battery") is not None:
            changed["battery"] /= 100
        return changed


class KeypadForm(forms.Form):
    pin = forms.RegexField(
        r"^[0-9]{1,20}$",
        label=gettext_lazy("PIN"),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "required": gettext_lazy("Type the digits."),
            "invalid": gettext_lazy("A keypad has digits only: type 1 to 20."),
        },
    )


def words(state: dict | None) -> list[str]:
    """What is turned at the lock, each in words; empty if nothing is."""
    if state is None:
        return [_("the simulator does not know it")]
    knobs = state["knobs"]
    told = [str(text) for name, text in OTHERS.items() if knobs.get(name)]
    told += [
        _("%(what)s: %(count)s") % {"what": text, "count": knobs[name]}
        for name, text in COUNTS.items()
        if knobs.get(name)
    ]
    if knobs.get("slow_seconds"):
        told.append(_("Slow by %(seconds)s s") % {"seconds": f"{knobs['slow_seconds']:g}"})
    return told
