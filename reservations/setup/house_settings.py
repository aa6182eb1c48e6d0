"""What a manager sets for the house, in sections; what a change means for the guests who are booked; and making it so."""

from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
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
EARLIER = gettext_lazy(
    "Check-in at %(time)s comes %(span)s earlier than now, and so do all other times of this house. What was done "
    "before is shown by the new clock too."
)
LATER = gettext_lazy(
    "Check-in at %(time)s comes %(span)s later than now, and so do all other times of this house. What was done "
    "before is shown by the new clock too."
)


@dataclass(frozen=True)
class Section:
    """A form of the page; each is saved by itself."""

    key: str
    title: str
    fields: tuple[str, ...]


SECTIONS = (
    Section(
        "house", gettext_lazy("The house"), ("name", "time_zone", "check_in_time", "check_out_time", "slug")
    ),
    Section(
        "codes",
        gettext_lazy("Codes on doors"),
        ("codes_from_check_in", "check_out_grace_minutes", "just_in_time_minutes", "backup_pool_size"),
    ),
    Section(
        "guests",
        gettext_lazy("What guests may know"),
        ("tell_hours_before", "guests_help_themselves", "directions"),
    ),
    Section("rooms", gettext_lazy("Rooms and housekeeping"), ("rooms_ready",)),
    Section("lists", gettext_lazy("Lists that come in"), ("date_order",)),
)
LABELS = {
    "codes_from_check_in": gettext_lazy("Codes open from check-in only"),
    "check_out_grace_minutes": gettext_lazy("Minutes that codes open after an early check-out"),
    "rooms_ready": gettext_lazy("Rooms are ready when"),
    "just_in_time_minutes": gettext_lazy("Program just in time, minutes before"),
    "backup_pool_size": gettext_lazy("Backup codes on each lock"),
    "tell_hours_before": gettext_lazy("Tell the PIN, hours before check-in"),
    "guests_help_themselves": gettext_lazy("Guests help themselves"),
    "directions": gettext_lazy("Directions"),
    "date_order": gettext_lazy("Dates in imported files"),
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
        words.append(_moved_words(with_code))
    if "codes_from_check_in" in names:
        booked = here.filter(state=StayState.BOOKED, room__isnull=False).count()
        if new["codes_from_check_in"] and booked:
            words.append(_off_words(booked))
        elif booked:
            words.append(_on_words(booked))
    return words


def _moved_words(guests: int) -> str:
    return ngettext(
        "The codes of %(count)s guest begin and end by the new times; the locks follow within minutes.",
        "The codes of %(count)s guests begin and end by the new times; the locks follow within minutes.",
        guests,
    ) % {"count": guests}


def _off_words(guests: int) -> str:
    return ngettext(
        "The codes of %(count)s guest not checked in yet come off their doors.",
        "The codes of %(count)s guests not checked in yet come off their doors.",
        guests,
    ) % {"count": guests}


def _on_words(guests: int) -> str:
    return ngettext(
        "%(count)s guest not checked in yet get their codes on the doors now.",
        "%(count)s guests not checked in yet get their codes on the doors now.",
        guests,
    ) % {"count": guests}


def _zone_words(hotel: Property, zone: str, now: datetime) -> list[str]:
    changed = Property(time_zone=zone)
    before, after = hotel.local(now), changed.local(now)
    moved = (after.replace(tzinfo=None) - before.replace(tzinfo=None)).total_seconds() / 60
    here = _("It is %(time)s in %(zone)s and %(new_time)s in %(new_zone)s.") % {
        "time": f"{before:%H:%M}",
        "zone": hotel.time_zone,
        "new_time": f"{after:%H:%M}",
        "new_zone": zone,
    }
    if not moved:
        return [here, _("Today both clocks show the same; at a change to or from summer time they may not.")]
    words = EARLIER if moved > 0 else LATER
    return [here, words % {"time": f"{hotel.check_in_time:%H:%M}", "span": _span_words(abs(round(moved)))}]


def _span_words(span: int) -> str:
    """So many minutes: `5 hours`, `5 h 30`."""
    hours, minutes = divmod(span, 60)
    if minutes:
        # Translators: a span of time, as 5 h 30
        return _("%(hours)s h %(minutes)s") % {"hours": hours, "minutes": f"{minutes:02d}"}
    return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}


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
