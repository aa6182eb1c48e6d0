"""What a clerk types about a stay, and what a person says of a new lock."""

import secrets
from datetime import date, time, timedelta

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hospitality import keyboard
from hospitality.models import Property, Room
from hospitality.ordering import natural
from hospitality.wall import Wall, day_words
from locks import words
from locks.known import Doors
from locks.models import FoundDevice, Lock
from locks.providers.base import OfflineKind
from reservations.messages.fields import EmailField, PhoneField
from reservations.messages.house import settings_of
from reservations.models import Stay
from reservations.room_fields import RoomField

LONGEST_STAY = 366
NIGHT = timedelta(days=1)
MOST_ROOMS = 30
"""So many are booked at once."""


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self):
        super().__init__(format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self):
        super().__init__(format="%H:%M")


class StayForm(forms.Form):
    """Guest, dates and room. Rooms are offered in the order a person counts."""

    guest_name = forms.CharField(
        label=gettext_lazy("Guest"), max_length=200, widget=forms.TextInput({"autocomplete": "off"})
    )
    arrival = forms.DateField(label=gettext_lazy("Arrival"), widget=DateInput())
    departure = forms.DateField(
        label=gettext_lazy("Departure"),
        widget=DateInput(),
        help_text=gettext_lazy("The day the guest leaves."),
    )
    room = forms.ModelChoiceField(Room.objects.none(), required=False, label=gettext_lazy("Room"))

    def __init__(self, property: Property, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["room"].queryset = property.rooms.all()
        self.fields["room"].choices = [("", _("No room yet")), *_offers(property)]

    def clean(self):
        """Dates in order. Whether the room is free is for the verb, under the room's row."""
        data = super().clean()
        arrival, departure = data.get("arrival"), data.get("departure")
        if arrival and departure and departure <= arrival:
            self.add_error("departure", _("The departure must be after the arrival."))
        elif arrival and departure and (departure - arrival).days > LONGEST_STAY:
            self.add_error("departure", _("A stay is at most a year long; check the year."))
        return data


def _offers(property: Property) -> list[tuple[int, str]]:
    rooms = sorted(property.rooms.all(), key=lambda room: natural(room.name))
    return [(room.pk, _offer(room)) for room in rooms]


def _offer(room: Room) -> str:
    return f"{room.name} ({room.unit_type})" if room.unit_type else room.name


class BookForm(StayForm):
    """A booking at the desk or on the telephone. The rooms are those free on the days that the form has. The reference
    is drawn when it is shown: sent twice, it is one booking."""

    room = RoomField(required=False, label=gettext_lazy("Room"))
    reference = forms.RegexField(r"^[0-9A-F]{8}$", widget=forms.HiddenInput)
    email = EmailField(label=gettext_lazy("E-mail"))
    phone = PhoneField(label=gettext_lazy("Phone"))
    rooms = forms.IntegerField(
        label=gettext_lazy("How many rooms"),
        required=False,
        initial=1,
        min_value=1,
        max_value=MOST_ROOMS,
        help_text=gettext_lazy("The others are given theirs later; each has a PIN of its own."),
    )
    notes = forms.CharField(
        label=gettext_lazy("Notes"), required=False, max_length=2000, widget=forms.Textarea({"rows": 2})
    )
    one_pin = forms.BooleanField(
        label=gettext_lazy("One PIN for all rooms as well"),
        required=False,
        help_text=gettext_lazy(
            "Of several rooms: it opens each in the time of its stay. Each keeps its own PIN."
        ),
    )
    field_order = [
        "guest_name",
        "arrival",
        "departure",
        "room",
        "email",
        "phone",
        "notes",
        "rooms",
        "one_pin",
    ]

    def __init__(self, property: Property, *args, wall: Wall, **kwargs):
        super().__init__(property, *args, **kwargs)
        self.fields["phone"].belongs_to(settings_of(property))
        self.fields["guest_name"].widget.attrs["autofocus"] = True
        self.fields["arrival"].initial = wall.today
        self.fields["arrival"].widget.attrs["data-leads"] = self["departure"].id_for_label
        self.fields["reference"].initial = secrets.token_hex(4).upper()
        arrival = self._day("arrival") or wall.today
        self.fields["departure"].initial = arrival + NIGHT
        departure = max(self._day("departure") or arrival, arrival + NIGHT)
        self.fields["room"].offer(property, arrival, departure, wall, none=_("No room yet"))

    def _day(self, name: str) -> date | None:
        """What stands in a field of days, where that is a day."""
        try:
            return self.fields[name].clean(self[name].value())
        except forms.ValidationError:
            return None

    @property
    def of_several(self) -> list[forms.BoundField]:
        """What is asked of several rooms only."""
        return [self["rooms"], self["one_pin"]]

    @property
    def is_of_several(self) -> bool:
        """Whether something was said about several rooms, or wrongly."""
        return any(one.errors for one in self.of_several) or self["rooms"].value() not in (None, "", 1, "1")

    def clean_rooms(self) -> int:
        return self.cleaned_data["rooms"] or 1


class SplitForm(forms.Form):
    """From which day on the guest has which other room."""

    day = forms.DateField(label=gettext_lazy("From"), widget=DateInput())
    room = forms.ModelChoiceField(
        Room.objects.none(), required=False, label=gettext_lazy("Room from then on")
    )

    def __init__(self, stay: Stay, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["room"].queryset = stay.property.rooms.exclude(pk=stay.room_id)
        offers = [offer for offer in _offers(stay.property) if offer[0] != stay.room_id]
        self.fields["room"].choices = [("", _("No room yet")), *offers]
        self.fields["day"].widget.attrs["autofocus"] = True


class ChangeForm(StayForm):
    """Other dates or times, another room or name. Only what the clerk changed is passed on: the form remembers what it
    showed, so a stale page undoes nobody's work. What is not posted at all stays as it is: a button may ask for one
    thing only."""

    check_in_time = forms.TimeField(label=gettext_lazy("From"), required=False, widget=TimeInput())
    check_out_time = forms.TimeField(label=gettext_lazy("Until"), required=False, widget=TimeInput())
    field_order = ["guest_name", "arrival", "check_in_time", "departure", "check_out_time", "room"]

    def __init__(self, stay: Stay, data=None, **kwargs):
        self.house = stay.property
        initial = {
            "guest_name": stay.reservation.guest.name,
            "arrival": stay.arrival,
            "check_in_time": stay.check_in_time or self.house.check_in_time,
            "departure": stay.departure,
            "check_out_time": stay.check_out_time or self.house.check_out_time,
            "room": stay.room_id,
        }
        super().__init__(stay.property, data, initial=initial, **kwargs)
        self.fields["room"].widget.attrs |= keyboard.attributes("move")
        for name, field in list(self.fields.items()):
            field.show_hidden_initial = True
            if data is not None and name not in data:
                del self.fields[name]

    def clean_check_in_time(self):
        """The house's own time is no agreement: it follows the house."""
        return _agreed(self.cleaned_data["check_in_time"], self.house.check_in_time)

    def clean_check_out_time(self):
        return _agreed(self.cleaned_data["check_out_time"], self.house.check_out_time)

    def changes(self) -> dict:
        """What the clerk changed, for `stays.change`."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


def _agreed(clock: time | None, usual: time) -> time | None:
    return None if clock == usual else clock


class CompanionForm(forms.Form):
    """Who comes along, and with a code of their own or not."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", "autofocus": True}),
    )
    has_own_code = forms.BooleanField(label=gettext_lazy("Has own code"), required=False, initial=True)


class SwapForm(forms.Form):
    """With whom a stay swaps rooms."""

    other = forms.ModelChoiceField(
        Stay.objects.none(), label=gettext_lazy("Which guest?"), widget=forms.Select({"autofocus": True})
    )

    def __init__(self, stay: Stay, others: list[Stay], data=None, **kwargs):
        super().__init__(data, **kwargs)
        there = sorted(others, key=lambda one: natural(one.room.name))
        said = [(one.pk, _other_stay(one)) for one in there]
        related = Stay.objects.select_related("reservation__guest", "room")
        self.fields["other"].queryset = related.filter(pk__in=[one.pk for one in there])
        self.fields["other"].choices = [("", _("Choose the other guest")), *said]


def _other_stay(stay: Stay) -> str:
    return _("%(room)s: %(guest)s, %(begins)s to %(ends)s") % {
        "room": stay.room,
        "guest": stay.reservation.guest,
        "begins": day_words(stay.arrival),
        "ends": day_words(stay.departure),
    }


class OfflineForm(forms.Form):
    """Which kind of offline code, and the public id of the one that it is wanted instead of."""

    kind = forms.TypedChoiceField(
        choices=[(kind.value, kind.value) for kind in OfflineKind], coerce=OfflineKind
    )
    instead_of = forms.UUIDField(required=False)


class PlacedForm(forms.Form):
    """A new lock needs a name; the one it has in the maker's app is offered."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=120, widget=forms.TextInput({"autocomplete": "off"})
    )

    def __init__(self, found: FoundDevice, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].initial = found.name[:120]
        self.property = found.connection.property


class RoomLockForm(PlacedForm):
    """The door of one room."""

    room = forms.ModelChoiceField(Room.objects.none(), label=gettext_lazy("Room"))
    field_order = ["room", "name"]

    def __init__(self, found: FoundDevice, *args, **kwargs):
        super().__init__(found, *args, **kwargs)
        self.fields["room"].queryset = self.property.rooms.all()
        self.fields["room"].choices = [("", _("Choose the room")), *_offers(self.property)]


class CommonDoorForm(PlacedForm):
    """A door that many rooms share."""

    every_room = forms.BooleanField(required=False, label=gettext_lazy("Every room"))
    rooms = forms.ModelMultipleChoiceField(
        Room.objects.none(),
        required=False,
        label=gettext_lazy("Or only these"),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, found: FoundDevice, *args, **kwargs):
        super().__init__(found, *args, **kwargs)
        self.fields["rooms"].queryset = self.property.rooms.all()
        self.fields["rooms"].choices = _offers(self.property)

    def clean(self):
        """`rooms` are all of them if that was ticked."""
        data = super().clean()
        if data.get("every_room"):
            data["rooms"] = self.property.rooms.all()
        elif not data.get("rooms"):
            self.add_error("rooms", _("Say which rooms' guests come through this door."))
        return data


class ReplaceForm(forms.Form):
    """The lock that hung where this device hangs: those that do not answer come first."""

    lock = forms.ModelChoiceField(Lock.objects.none(), label=gettext_lazy("Which one?"))

    def __init__(self, found: FoundDevice, doors: Doors, wall: Wall, *args, **kwargs):
        super().__init__(*args, **kwargs)
        hotel = found.connection.property
        there = sorted(doors.by_id.values(), key=lambda door: (door.reachable, natural(door.name)))
        said = [(door.id, f"{door.name}: {words.door_words(door, wall).text}") for door in there]
        self.fields["lock"].queryset = hotel.locks.filter(replaced_by__isnull=True)
        self.fields["lock"].choices = [("", _("Choose the old lock")), *said]


class HangingForm(forms.ModelForm):
    """Where a lock hangs: the door of one room, or a common door of several."""

    every_room = forms.BooleanField(required=False, label=gettext_lazy("Every room"))
    rooms = forms.ModelMultipleChoiceField(
        Room.objects.none(), required=False, label=gettext_lazy("Rooms"), widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Lock
        fields = ["name", "kind"]
        labels = {"name": gettext_lazy("Name"), "kind": gettext_lazy("It is")}
        widgets = {"name": forms.TextInput({"autocomplete": "off"})}

    def __init__(self, lock: Lock, *args, **kwargs):
        super().__init__(*args, instance=lock, **kwargs)
        self.fields["rooms"].queryset = lock.property.rooms.all()
        self.fields["rooms"].choices = _offers(lock.property)
        self.initial["rooms"] = [room.pk for room in lock.rooms.all()]

    def clean(self):
        """`rooms` are all of them if that was ticked; a room's own door has one."""
        data = super().clean()
        if data.get("every_room"):
            data["rooms"] = self.instance.property.rooms.all()
        if not data.get("rooms"):
            self.add_error("rooms", _("Say which rooms' guests come through this door."))
        elif data.get("kind") == Lock.Kind.OWN and len(data["rooms"]) > 1:
            self.add_error("rooms", _("A room's own door has one room; or say that it is a common door."))
        return data
