"""What a manager sets for the house, in sections; what a change means for the guests who are booked; and making it so."""

from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.db import transaction
from django_q.tasks import async_task

from hospitality import audit, clock, live
from hospitality.forms import HouseForm
from hospitality.models import Property
from locks import wishes
from reservations.models import Stay, StayState

CLOCK = {"time_zone", "check_in_time", "check_out_time"}
"""What says when guests' codes begin and end."""
FOLLOWED = CLOCK | {"codes_from_check_in", "tell_hours_before"}
"""What stays and messages follow."""
ON_LOCKS = {"just_in_time_minutes", "backup_pool_size"}
"""What the locks are looked at for."""


@dataclass(frozen=True)
class Section:
    """A form of the page; each is saved by itself."""

    key: str
    title: str
    fields: tuple[str, ...]


SECTIONS = (
    Section("house", "The house", ("name", "time_zone", "check_in_time", "check_out_time", "slug")),
    Section(
        "codes",
        "Codes on doors",
        ("codes_from_check_in", "check_out_grace_minutes", "just_in_time_minutes", "backup_pool_size"),
    ),
    Section("guests", "What guests may know", ("tell_hours_before", "guests_help_themselves", "directions")),
    Section("rooms", "Rooms and housekeeping", ("rooms_ready",)),
    Section("lists", "Lists that come in", ("date_order",)),
)
LABELS = {
    "codes_from_check_in": "Codes open from check-in only",
    "check_out_grace_minutes": "Minutes that codes open after an early check-out",
    "rooms_ready": "Rooms are ready when",
    "just_in_time_minutes": "Program just in time, minutes before",
    "backup_pool_size": "Backup codes on each lock",
    "tell_hours_before": "Tell the PIN, hours before check-in",
    "guests_help_themselves": "Guests help themselves",
    "directions": "Directions",
    "date_order": "Dates in imported files",
}


def form(section: Section, hotel: Property, *args, **kwargs) -> forms.ModelForm:
    """The section's form for this house, which must not be the copy that the page's head shows."""
    kwargs |= {"instance": hotel, "auto_id": f"{section.key}_%s"}
    if section.key == "house":
        return HouseForm(*args, **kwargs)
    labels = {name: LABELS[name] for name in section.fields}
    text = {"directions": forms.Textarea({"rows": 4})} if "directions" in section.fields else None
    return forms.modelform_factory(Property, fields=section.fields, labels=labels, widgets=text)(
        *args, **kwargs
    )


def meaning(hotel: Property, changed: forms.ModelForm) -> list[str]:
    """What saving this form would do to guests who are booked or in house; nothing where it touches none of them.
    `hotel` is the house as it is now. Two queries."""
    names, new = set(changed.changed_data), changed.cleaned_data
    here = Stay.objects.filter(property=hotel, state__in=[StayState.BOOKED, StayState.IN_HOUSE])
    with_code = here.filter(grant__isnull=False).count()
    words = []
    if "time_zone" in names:
        words += _zone_words(hotel, new["time_zone"], clock.now())
    if names & CLOCK and with_code:
        words.append(
            f"The codes of {_guests(with_code)} begin and end by the new times; the locks follow within minutes."
        )
    if "codes_from_check_in" in names:
        booked = here.filter(state=StayState.BOOKED, room__isnull=False).count()
        if new["codes_from_check_in"] and booked:
            words.append(f"The codes of {_guests(booked)} not checked in yet come off their doors.")
        elif booked:
            words.append(f"{_guests(booked)} not checked in yet get their codes on the doors now.")
    return words


def _zone_words(hotel: Property, zone: str, now: datetime) -> list[str]:
    changed = Property(time_zone=zone)
    before, after = hotel.local(now), changed.local(now)
    moved = (after.replace(tzinfo=None) - before.replace(tzinfo=None)).total_seconds() / 60
    words = [f"It is {before:%H:%M} in {hotel.time_zone} and {after:%H:%M} in {zone}."]
    if not moved:
        return [*words, "Today both clocks show the same; at a change to or from summer time they may not."]
    hours, minutes = divmod(abs(round(moved)), 60)
    span = f"{hours} h {minutes:02d}" if minutes else f"{hours} hour{'s' if hours != 1 else ''}"
    direction = "earlier" if moved > 0 else "later"
    return [
        *words,
        f"Check-in at {hotel.check_in_time:%H:%M} comes {span} {direction} than now, and so do all other times of "
        "this house. What was done before is shown by the new clock too.",
    ]


@transaction.atomic
def save(changed: forms.ModelForm, *, by) -> None:
    """Keep it, and have stays, messages and locks follow."""
    names = set(changed.changed_data)
    if not names:
        return
    hotel = changed.instance
    hotel.save(update_fields=sorted(names))
    audit.record(hotel, by=by, action="property.changed", subject_id=hotel.public_id, changed=sorted(names))
    if names & FOLLOWED:
        async_task("reservations.tasks.follow_house", hotel.pk)
    if names & ON_LOCKS:
        wishes.wake(hotel.locks.all())
    live.announce(hotel, live.REFRESH)


def _guests(number: int) -> str:
    return "1 guest" if number == 1 else f"{number} guests"
