"""Guests and their stays."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext_lazy as _

from hospitality.models import Property, Public, Room
from hospitality.sentences import SentenceField, Sentences
from locks.models import AccessGrant


def _found_by(name, number) -> models.GeneratedField:
    """What a row is found by (`reservations.search`); the database keeps it, whoever writes the name."""
    return models.GeneratedField(
        expression=Func(name, number, function="search_document"),
        output_field=SearchVectorField(),
        db_persist=True,
    )


NOTHING = Value("")


class Guest(Public):
    property = models.ForeignKey(Property, models.PROTECT, related_name="guests")
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    phone_ends = models.CharField(
        max_length=4, blank=True, help_text="The last digits, where a portal tells no more of the number."
    )
    language = models.CharField(
        max_length=10, blank=True, help_text="Its code, like de: messages are in it where the house has them."
    )
    search = _found_by("name", Coalesce(NullIf("phone", Value("")), "phone_ends"))

    class Meta:
        indexes = [GinIndex(fields=["search"], name="guests_found", fastupdate=False)]

    def __str__(self) -> str:
        return self.name


class Reservation(Public):
    """A booking: one guest's name, one or more stays. `(source, external_id)` is how an import knows it again."""

    property = models.ForeignKey(Property, models.PROTECT, related_name="reservations")
    guest = models.ForeignKey(Guest, models.PROTECT, related_name="reservations")
    source = models.CharField(
        max_length=60, default="desk", help_text="desk, booking.com, or an import's own name."
    )
    external_id = models.CharField(max_length=120, help_text="The confirmation number at the source.")
    notes = models.TextField(blank=True)
    has_shared_code = models.BooleanField(
        default=False, help_text="One PIN opens all of its rooms, beside the PIN of each."
    )
    grant = models.OneToOneField(AccessGrant, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    search = _found_by(NOTHING, "external_id")

    class Meta:
        indexes = [GinIndex(fields=["search"], name="bookings_found", fastupdate=False)]
        constraints = [
            models.UniqueConstraint(
                fields=["property", "source", "external_id"], name="booking_once_per_source"
            )
        ]

    def __str__(self) -> str:
        return f"{self.guest} ({self.external_id})"


class StayState(models.TextChoices):
    BOOKED = "booked", _("booked")
    IN_HOUSE = "in_house", _("in house")
    DEPARTED = "departed", _("departed")
    NO_SHOW = "no_show", _("no-show")
    CANCELLED = "cancelled", _("cancelled")


class Stay(Public):
    """One room for one span of a booking. It has its access grant as soon as it has a room and dates."""

    property = models.ForeignKey(Property, models.PROTECT, related_name="stays")
    reservation = models.ForeignKey(Reservation, models.PROTECT, related_name="stays")
    part = models.PositiveSmallIntegerField(default=1, help_text="Which of the booking's stays, from 1.")
    room = models.ForeignKey(Room, models.PROTECT, null=True, blank=True, related_name="stays")
    unit_type = models.CharField(
        max_length=120, blank=True, help_text="What was booked, as the source calls it."
    )
    arrival = models.DateField()
    departure = models.DateField(help_text="The day the guest leaves.")
    check_in_time = models.TimeField(
        null=True, blank=True, help_text="From when, as agreed with the guest; empty: the house's time."
    )
    check_out_time = models.TimeField(
        null=True, blank=True, help_text="Until when, as agreed with the guest; empty: the house's time."
    )
    state = models.CharField(max_length=10, choices=StayState, default=StayState.BOOKED)
    grant = models.OneToOneField(AccessGrant, models.PROTECT, null=True, blank=True, related_name="+")
    waiting_since = models.DateTimeField(
        null=True, blank=True, help_text="The guest is here and waits for the room: on the queue since then."
    )
    checked_in_at = models.DateTimeField(null=True, blank=True)
    checked_in_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    checked_out_at = models.DateTimeField(null=True, blank=True)
    checked_out_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    opens_until = models.DateTimeField(
        null=True,
        editable=False,
        help_text="Left early: until then the code still opens (the house's grace).",
    )

    class Meta:
        ordering = ["arrival", "id"]
        constraints = [
            models.UniqueConstraint(fields=["reservation", "part"], name="one_stay_per_part"),
            models.CheckConstraint(condition=Q(departure__gt=F("arrival")), name="stay_ends_after_start"),
            ExclusionConstraint(
                name="one_stay_per_room_and_night",
                expressions=[
                    (Func("room_id", "room_id", Value("[]"), function="int8range"), "&&"),
                    (Func("arrival", "departure", function="daterange"), "&&"),
                ],
                condition=Q(room__isnull=False, state__in=["booked", "in_house"]),
            ),
        ]
        # What touches a day is found by the span, at any size of the table; overdue guests by the state.
        indexes = [
            GistIndex(Func("arrival", "departure", Value("[]"), function="daterange"), name="stays_by_day"),
            models.Index(fields=["property"], condition=Q(state="in_house"), name="stays_in_house"),
        ]

    def __str__(self) -> str:
        return f"{self.reservation.guest} in {self.room or 'no room yet'}"


class Companion(Public):
    """Somebody who comes along: with a code of their own on the stay's doors, or sharing the guest's."""

    stay = models.ForeignKey(Stay, models.PROTECT, related_name="companions")
    name = models.CharField(max_length=200)
    has_own_code = models.BooleanField(default=False)
    grant = models.OneToOneField(AccessGrant, models.PROTECT, null=True, blank=True, related_name="+")
    left_at = models.DateTimeField(
        null=True, blank=True, help_text="Left before the stay's end: the code is off."
    )

    search = _found_by("name", NOTHING)

    class Meta:
        ordering = ["id"]
        indexes = [GinIndex(fields=["search"], name="companions_found", fastupdate=False)]

    def __str__(self) -> str:
        return f"{self.name}, with {self.stay}"


class InTheWay(Sentences):
    """Why a guest cannot get in, as far as is known."""

    TOO_EARLY = "too_early", _("The stay begins at %(time)s.")
    FAILING = "failing", _("The code has an error at %(doors)s.")
    NOT_CONFIRMED = "not_confirmed", _("The code is not confirmed at %(doors)s.")
    CONFIRMED = "confirmed", _("The code is confirmed at every door.")
    NO_BACKUP = (
        "no_backup",
        _(
            "No backup code is confirmed on %(lock)s. Open the door with a staff key or give the guest another "
            "room, and see to the lock."
        ),
    )


class GuestCall(Public):
    """A guest cannot get in, and somebody must help: from the guest's own page, or from the desk where nothing was left
    to hand out. One is open for a stay at a time, however often it is pressed."""

    stay = models.ForeignKey(Stay, models.CASCADE, related_name="calls")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    pressed_at = models.DateTimeField(help_text="The last time.")
    presses = models.PositiveIntegerField(default=1)
    why = SentenceField(InTheWay, help_text="What is known to be in the way.")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["opened_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["stay"], condition=Q(closed_at__isnull=True), name="one_open_call_per_stay"
            )
        ]

    def __str__(self) -> str:
        return f"{self.stay}, since {self.opened_at:%Y-%m-%d %H:%M}"


class ImportProfile(models.Model):
    """How a property's own kind of CSV file is read, remembered from the last time."""

    property = models.ForeignKey(Property, models.CASCADE, related_name="import_profiles")
    source = models.CharField(max_length=60)
    columns = models.JSONField(default=dict, help_text="Our field to the file's column.")
    unit_types = models.JSONField(default=dict, help_text="The file's unit type to a room's name.")
    newest_booking = models.DateTimeField(
        null=True, help_text="Newest 'booked on' seen: an older file asks first."
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["property", "source"], name="one_profile_per_source")]

    def __str__(self) -> str:
        return f"{self.source} at {self.property}"
