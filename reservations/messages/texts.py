"""Texts with variables: `{guest}`, `{pin}`, ... and nothing else. A name is looked up, never evaluated."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from string import Formatter

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.formats import date_format, get_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hospitality import vault
from locks import queries
from reservations import grants, guest_link
from reservations.messages.models import MessageTemplate
from reservations.models import Stay
from reservations.telling import Standing, Told

DOTS = "••••••"
VARIABLES = {
    "guest": gettext_lazy("the guest's name"),
    "property": gettext_lazy("the house's name"),
    "room": gettext_lazy("the room's name"),
    "pin": gettext_lazy("the digits; where doors have different ones, each with its door"),
    "window": gettext_lazy("from when to when they open, with the time zone"),
    "begins": gettext_lazy("from when they open"),
    "ends": gettext_lazy("until when they open"),
    "doors": gettext_lazy("the doors they open"),
    "directions": gettext_lazy("the house's directions"),
    "link": gettext_lazy("the guest's own page, which shows the PIN once it may be known"),
}
DIGITS = frozenset({"pin"})
"""What may only be told when it is on the doors and the guest may know it, and is masked in the record."""
SECRET = DIGITS | {"link"}
"""What opens a door: masked in the record, and never in a subject."""
FACTS = {
    "room": {"room", "doors"},
    "begins": {"window", "begins"},
    "ends": {"window", "ends"},
    "digits": DIGITS,
}
"""What a later message must correct if it changes, by the variables that tell it."""


@dataclass(frozen=True)
class Text:
    """A message's words. The one to send holds digits: it is never logged or stored."""

    subject: str
    body: str

    def __repr__(self) -> str:
        return "Text(…)"


def variables(*texts: str) -> set[str]:
    """The names of the variables in `texts`. Raises ValidationError naming what is none."""
    return {name for text in texts for literal, name in _parts(text) if name is not None}


def _parts(text: str) -> Iterable[tuple[str, str | None]]:
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        raise ValidationError(_("A brace stands alone. Write {{ or }} for a brace in the text.")) from None
    for literal, name, spec, conversion in parts:
        if name is not None and (name not in VARIABLES or spec or conversion):
            known = ", ".join(f"{{{one}}}" for one in VARIABLES)
            wrong = name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
            raise ValidationError(
                _("%(typed)s is no variable. There are: %(known)s.")
                % {"typed": f"{{{wrong}}}", "known": known}
            )
        yield literal, name


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with each variable's value. Raises ValidationError for an unknown one."""
    return "".join(literal + (values[name] if name is not None else "") for literal, name in _parts(text))


def names(template: MessageTemplate) -> set[str]:
    """The variables that the template uses."""
    return variables(template.subject, template.body, template.correction)


def needs_digits(template: MessageTemplate) -> bool:
    return bool(names(template) & DIGITS)


def render(
    template: MessageTemplate, stay: Stay, told: Told, *, masked: bool, correction: bool = False
) -> Text:
    """What goes to the guest; `masked`: the same with dots for the digits. `told` has them where the template needs
    them."""
    values = _values(template, stay, told, masked)
    body = fill(template.body, values).replace("\r\n", "\n").strip()
    if correction and template.correction:
        body = f"{fill(template.correction, values)}\n\n{body}"
    return Text(" ".join(fill(template.subject, values).split()), body)


def _values(template: MessageTemplate, stay: Stay, told: Told, masked: bool) -> dict[str, str]:
    """Of every variable; what the template does not use costs no query."""
    used = names(template)
    begins, ends = (_moment(stay, moment, template.language) for moment in grants.window(stay))
    hotel = stay.property
    zone = f"{hotel.time_zone} ({hotel.local(grants.window(stay)[0]):%Z})"
    return {
        "guest": stay.reservation.guest.name,
        "property": hotel.name,
        "room": stay.room.name if stay.room else "",
        "pin": _pin(told, masked) if "pin" in used else "",
        "window": f"{begins} – {ends}, {zone}",
        "begins": f"{begins}, {zone}",
        "ends": f"{ends}, {zone}",
        "doors": ", ".join(_doors(stay)) if "doors" in used else "",
        "directions": hotel.directions,
        "link": f"{settings.URL}/{DOTS}" if masked else guest_link.url(stay),
    }


def _moment(stay: Stay, moment, language: str) -> str:
    """As the language writes it: `Montag 23. November 2026, 15:00`. For those whose way Django does not know it says the
    American one, which few guests read right, and one way has the weekday in it already."""
    with translation.override(language):
        day = get_format("DATE_FORMAT")
        if day == "N j, Y" or "l" in day:
            day = "j F Y"
        return date_format(stay.property.local(moment), f"l {day}, H:i")


def _pin(told: Told, masked: bool) -> str:
    """The digits; of each door where they differ."""
    if len({key.digits for key in told.keys}) < 2:
        return DOTS if masked or not told.keys else told.keys[0].digits
    return ", ".join(f"{key.door}: {DOTS if masked else key.digits}" for key in told.keys)


def _doors(stay: Stay) -> list[str]:
    doors = queries.doors(stay.property).by_room.get(stay.room_id, [])
    return [door.name for door in doors]


def facts(template: MessageTemplate, stay: Stay, told: Told) -> dict[str, int]:
    """What the message tells, each fact as a keyed index; the digits only where `told` has them all. The beginning is
    none once the guest is here."""
    begins, ends = grants.window(stay)
    here = stay.checked_in_at is not None
    known = {
        "room": str(stay.room_id),
        "begins": None if here else begins.isoformat(),
        "ends": ends.isoformat(),
        "digits": " ".join(f"{key.door}={key.digits}" for key in told.keys)
        if told.standing is Standing.READY
        else None,
    }
    used = names(template)
    return {
        fact: vault.index(f"message:{stay.public_id}:{fact}:{known[fact]}")
        for fact, told_by in FACTS.items()
        if used & told_by and known[fact] is not None
    }
