"""A backup code that an owner gives to a guest by hand: for whom it may be, and its digits, shown in one answer to one
POST, on record, in no address and no cache."""

from dataclasses import dataclass

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from hospitality import access, clock
from hospitality.access import OWNER, signed_in
from hospitality.htmx import refused, render_page
from hospitality.ordering import natural
from hospitality.wall import Wall
from locks.models import AccessCode, Lock
from locks.said import Said
from reservations import given
from reservations.messages import handing
from reservations.messages.handing import Offer
from reservations.models import Stay, StayState
from reservations.verbs import Refused


@dataclass(frozen=True)
class Shown:
    """The digits, once. `another`: the guest had a code for this door before, and it is that one. `message`: what
    tells the guest too, and how."""

    digits: str
    guest: str
    until: str
    another: bool
    message: Said | None


class GiveForm(forms.Form):
    """To which guest, and whether a message tells them; not asked where the house has no text or no way for one."""

    stay = forms.ModelChoiceField(
        Stay.objects.none(),
        to_field_name="public_id",
        label=gettext_lazy("Guest"),
        error_messages={
            "required": gettext_lazy("Choose the guest."),
            "invalid_choice": gettext_lazy("This guest has no code for this door any more; choose another."),
        },
    )

    message = forms.ChoiceField(
        label=gettext_lazy("Message to the guest"),
        required=False,
        help_text=gettext_lazy(
            "A message that the guest had from here with other digits is corrected in any case."
        ),
    )

    def __init__(self, lock: Lock, wall: Wall, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.offers = {offer.key: offer for offer in handing.offers(lock.property)}
        if self.offers:
            ways = [(key, offer.label) for key, offer in self.offers.items()]
            self.fields["message"].choices = [("", _("None: I tell them myself")), *ways]
        else:
            del self.fields["message"]
        found = given.may_have(lock, wall)
        self.early = any(stay.state == StayState.BOOKED for stay in found)
        self.fields["stay"].queryset = found
        offers = sorted(found, key=lambda stay: natural(str(stay.room)))
        self.fields["stay"].choices = [
            ("", _("Choose the guest")),
            *((stay.public_id, _offer(stay, wall)) for stay in offers),
        ]


def _offer(stay: Stay, wall: Wall) -> str:
    text = _("%(room)s: %(guest)s, arrives today, until %(day)s")
    if stay.state == StayState.IN_HOUSE:
        text = _("%(room)s: %(guest)s, in house, until %(day)s")
    return text % {"room": stay.room, "guest": stay.reservation.guest, "day": wall.day(stay.departure)}


@signed_in
@require_http_methods(["GET", "POST"])
def give(request: HttpRequest, slug: str, lock_id, code_id) -> HttpResponse:
    """GET asks for the guest; POST gives the code away and shows it."""
    property = access.enter(request, slug, OWNER)
    lock = get_object_or_404(property.locks.filter(replaced_by__isnull=True), public_id=lock_id)
    backup = get_object_or_404(_backups(lock), public_id=code_id)
    wall = Wall(property, clock.now())
    form = GiveForm(lock, wall, request.POST if request.method == "POST" else None)
    context = {"property": property, "lock": lock, "backup": backup, "form": form}
    if request.method == "GET":
        return render_page(request, "give.html", context, partial="give")
    if not form.is_valid():
        return render_page(request, "give.html", context, partial="give", status=422)
    stay, offer = form.cleaned_data["stay"], form.offers.get(form.cleaned_data.get("message"))
    message = (offer.name, offer.channel) if offer else None
    try:
        code = given.give(stay, backup, by=request.user, message=message)
    except Refused as refusal:
        return refused(request, "give.html", context, partial="give", why=str(refusal), status=409)
    shown = Shown(
        digits=code.pin,
        guest=str(stay.reservation.guest),
        until=wall.time(code.ends_at) if code.ends_at else "",
        another=code.pk != backup.pk,
        message=_message_words(offer, stay) if offer else None,
    )
    return render_page(request, "give.html", context | {"shown": shown}, partial="give")


def _message_words(offer: Offer, stay: Stay) -> Said:
    to = handing.goes_to(offer, stay)
    if to.problem:
        return Said("bad", _("The message cannot go out. %(why)s") % {"why": to.problem})
    # Translators: `message` is its name and way: "Welcome, by e-mail"
    text = _("%(message)s, goes to %(address)s; the stay's page says what became of it.")
    return Said("wait", text % {"message": offer.label, "address": to.text})


def _backups(lock: Lock) -> QuerySet[AccessCode]:
    return AccessCode.objects.filter(lock=lock, is_backup=True).select_related("lock__property")
