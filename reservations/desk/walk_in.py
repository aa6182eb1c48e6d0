"""A guest without a booking stands at the desk: one form that books and checks in."""

import secrets
from datetime import date, timedelta

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hospitality import access, clock
from hospitality.access import DESK, signed_in
from hospitality.htmx import refused, render_page
from hospitality.models import Property
from hospitality.wall import Wall
from reservations import stays
from reservations.desk.acts import posted
from reservations.messages.fields import EmailField, PhoneField
from reservations.messages.house import settings_of
from reservations.models import Stay
from reservations.room_fields import RoomField

MOST_NIGHTS = 60
SMALL_HOURS = 5
"""Who comes before this hour sleeps the rest of the night that began the day before."""


class WalkInForm(forms.Form):
    """Name, nights and room. The reference is drawn when the form is shown: sent twice, it is one guest."""

    guest_name = forms.CharField(
        label=gettext_lazy("Guest"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", "autofocus": True}),
    )
    nights = forms.IntegerField(label=gettext_lazy("Nights"), min_value=1, max_value=MOST_NIGHTS, initial=1)
    room = RoomField(label=gettext_lazy("Room"))
    phone = PhoneField(label=gettext_lazy("Phone"))
    email = EmailField(label=gettext_lazy("E-mail"))
    reference = forms.RegexField(r"^[0-9A-F]{8}$", widget=forms.HiddenInput)

    def __init__(self, property: Property, *args, wall: Wall, **kwargs):
        super().__init__(*args, **kwargs)
        self.tonight = tonight(wall)
        self.fields["phone"].belongs_to(settings_of(property))
        self.fields["reference"].initial = secrets.token_hex(4).upper()
        departure = self.tonight + timedelta(days=self._nights())
        self.fields["room"].offer(property, self.tonight, departure, wall, none=_("Choose the room"))
        self["nights"].help_text = _("Leaves %(day)s.") % {"day": wall.long_day(departure)}

    def _nights(self) -> int:
        try:
            return self.fields["nights"].clean(self["nights"].value())
        except forms.ValidationError:
            return 1

    def wish(self) -> dict:
        """What `stays.walk_in` takes."""
        said = dict(self.cleaned_data)
        departure = self.tonight + timedelta(days=said.pop("nights"))
        return said | {
            "arrival": self.tonight,
            "departure": departure,
            "external_id": said.pop("reference"),
        }


def tonight(wall: Wall) -> date:
    """The day on which the night began that a guest who comes now sleeps."""
    early = wall.now.astimezone(wall.zone).hour < SMALL_HOURS
    return wall.today - timedelta(days=1) if early else wall.today


@signed_in
def walk_in(request: HttpRequest, slug: str) -> HttpResponse:
    """Book and check in with one form, and go to the stay. What stands in the way of the room is asked first; nothing is
    kept until it is answered."""
    property = access.enter(request, slug, DESK)
    wall = Wall(property, clock.now())
    looks = request.method != "POST" or "look" in request.POST
    typed = request.POST if request.method == "POST" else request.GET
    if looks:
        form = WalkInForm(property, initial=typed.dict(), wall=wall)
        return render_page(request, "walk_in.html", {"property": property, "form": form}, partial="rooms")
    form = WalkInForm(property, typed, wall=wall)
    context = {"property": property, "form": form}
    if not form.is_valid():
        return render_page(request, "walk_in.html", context, status=422)
    wish = form.wish()
    try:
        made = stays.walk_in(property, by=request.user, confirmed="confirmed" in typed, **wish)
    except stays.NeedsConfirmation as question:
        return _ask(request, property, wish, question.warnings)
    except stays.Refused as refusal:
        made = _made(property, wish["external_id"])
        if made is None:
            return refused(request, "walk_in.html", context, partial="", why=str(refusal), status=422)
    return redirect("stay", slug, made.public_id)


def _made(property: Property, reference: str) -> Stay | None:
    """What the same form, sent before, has made."""
    return property.stays.filter(reservation__source="desk", reservation__external_id=reference).first()


def _ask(request: HttpRequest, property: Property, wish: dict, warnings: list[str]) -> HttpResponse:
    context = {
        "property": property,
        "about": f"{wish['guest_name']}, {wish['room']}",
        "warnings": warnings,
        "yes": _("Check in anyway"),
        "kept": posted(request),
        "back": reverse("walk_in", args=[property.slug]),
    }
    return render_page(request, "confirm.html", context, status=422)
