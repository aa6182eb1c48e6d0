"""Messages as the desk sees them: on the stay's page, and on the board where one did not go out."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from hospitality.models import Property
from hospitality.sentences import Sentence
from hospitality.wall import Wall
from locks.said import Said
from reservations.messages import addresses, channels
from reservations.messages.house import settings_of
from reservations.messages.models import Message, MessageSettings, State, language_name
from reservations.messages.rules import ACTIVE
from reservations.models import Stay

LATE = timedelta(minutes=10)
"""A message that should have gone out so long ago needs a person."""


@dataclass(frozen=True)
class Line:
    """One message: what, to whom, where it stands; `again`: where it can be sent once more."""

    what: str
    to: str
    said: Said
    notes: list[str]
    text: str
    again: str = ""


@dataclass(frozen=True)
class Trouble:
    """One message that did not go out, for the board."""

    about: str
    said: Said
    remedy: str
    url: str


@dataclass(frozen=True)
class Card:
    lines: list[Line]
    language: str
    may_reach: bool


def card(stay: Stay, wall: Wall) -> Card:
    """The messages of one stay, the newest first. Two queries."""
    house = settings_of(stay.property)
    messages = stay.messages.select_related("asked_by").order_by("-pk")
    active = stay.state in ACTIVE
    lines = [_line(one, stay, house, wall, active) for one in messages]
    return Card(lines, language_name(stay.reservation.guest.language), active)


def _line(message: Message, stay: Stay, house: MessageSettings, wall: Wall, active: bool) -> Line:
    to = addresses.address_of(stay.reservation.guest, message.channel, house)
    written = message.state in (State.SENT, State.SENDING) or bool(message.recipient)
    at = message.recipient if written else to.text
    again = active and message.state in (State.SENT, State.FAILED)
    return Line(
        what=what(message),
        to=_to(message, at),
        said=said(message, wall),
        notes=_notes(message, to.problem, house),
        text=message.text if written else "",
        again=reverse("message_again", args=[stay.property.slug, stay.public_id, message.public_id])
        if again
        else "",
    )


def _to(message: Message, address: str) -> str:
    channel = message.get_channel_display()
    if not address:
        return channel
    return _("%(channel)s to %(address)s") % {"channel": channel, "address": addresses.masked(address)}


def what(message: Message) -> str:
    """Which message it is."""
    by = message.asked_by
    told = {"name": message.name, "person": (by.get_full_name() or by.get_username()) if by else ""}
    if message.is_correction:
        words = _("%(name)s, correction, sent again by %(person)s") if by else _("%(name)s, correction")
        return words % told
    return _("%(name)s, sent again by %(person)s") % told if by else message.name


def said(message: Message, wall: Wall) -> Said:
    """Where the message stands, in no more words than are known."""
    if message.state == State.SENT:
        return Said("good", channels.TAKEN[message.channel] % {"time": wall.time(message.sent_at)})
    if message.state == State.FAILED:
        return Said("bad", _("Not sent"))
    if message.state == State.SENDING:
        return Said("wait", _("Being sent since %(time)s") % {"time": wall.time(message.attempted_at)})
    if message.state == State.SUPERSEDED:
        return Said("off", _("Not needed any more"))
    if message.problem:
        return Said("warn", _("Not sent yet, next try %(time)s") % {"time": wall.time(message.due_at)})
    if message.waits:
        return Said("wait", str(message.waits))
    if message.not_before > wall.now:
        return Said("wait", _("Goes out %(time)s") % {"time": wall.time(message.not_before)})
    return Said("wait", _("Goes out in a moment"))


def _notes(message: Message, wrong_address: Sentence | None, house: MessageSettings) -> list[str]:
    found = [str(message.problem)] if message.problem else []
    if message.state == State.QUEUED and not message.problem:
        found += [str(why) for why in (wrong_address, channels.not_set_up(message.channel, house)) if why]
    if message.perhaps_twice:
        twice = _("May have been sent twice: an attempt had no known end.")
        already = _("May have been sent already: an attempt had no known end.")
        found.append(twice if message.state == State.SENT else already)
    return found


def troubles(hotel: Property, wall: Wall) -> list[Trouble]:
    """The messages of guests to come or in house that did not go out. One query."""
    late = Q(state=State.QUEUED, not_before__lte=wall.now - LATE) & Q(problem__isnull=False)
    found = Message.objects.filter(Q(state=State.FAILED) | late, stay__property=hotel, stay__state__in=ACTIVE)
    rows = found.select_related("stay__reservation__guest", "stay__room").order_by("not_before", "pk")
    return [_trouble(message, hotel, wall) for message in rows]


def _trouble(message: Message, hotel: Property, wall: Wall) -> Trouble:
    stay = message.stay
    guest = str(stay.reservation.guest)
    failed = message.state == State.FAILED
    told = {"name": message.name, "time": wall.time(message.not_before), "why": message.problem or ""}
    return Trouble(
        about=f"{guest}, {stay.room}" if stay.room else guest,
        said=Said(
            "bad" if failed else "warn", _("message “%(name)s” not sent, due %(time)s. %(why)s") % told
        ),
        remedy=_("Tell the guest at the desk or by telephone, or mend it and send it again from the stay.")
        if failed
        else _(
            "It is tried again by itself; tell the guest at the desk or by telephone if it is needed now."
        ),
        url=reverse("stay", args=[hotel.slug, stay.public_id]),
    )
