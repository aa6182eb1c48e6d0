"""What comes in from portals and other programs by itself, and what goes out to them."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hospitality.models import Property, Public, Room
from hospitality.sentences import SentenceField
from hospitality.vault import Sealed
from reservations.feeds.words import Outcome
from reservations.imports.ical import AIRBNB, BOOKING_COM, VRBO, Unread

SEVERAL = 3


class FeedSettings(Public):
    """What one house has set. The secret signs what other programs send, so it is kept to be compared, sealed."""

    property = models.OneToOneField(Property, models.CASCADE, related_name="feed_settings")
    misses = models.PositiveSmallIntegerField(
        _("report a stay as gone after"),
        default=SEVERAL,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_(
            "So many readings of a calendar in a row must lack a stay before somebody is asked about it."
        ),
    )
    hook_secret_sealed = models.BinaryField(null=True)
    hook_secret = Sealed("hook_secret_sealed")
    hook_since = models.DateTimeField(null=True, help_text="Since when the secret holds.")

    class Meta:
        verbose_name_plural = "feed settings"

    def __str__(self) -> str:
        return f"feeds of {self.property}"


class CalendarFeed(Public):
    """A portal's calendar of one room. Its address holds a key to it, so it is sealed."""

    class Source(models.TextChoices):
        AIRBNB = AIRBNB, "Airbnb"
        BOOKING_COM = BOOKING_COM, "Booking.com"
        VRBO = VRBO, "Vrbo / HomeAway"
        OTHER = "other", _("another calendar")

    class State(models.TextChoices):
        NEW = "new", pgettext_lazy("of a calendar", "not read yet")
        GOOD = "good", pgettext_lazy("of a calendar", "read")
        SHRUNKEN = "shrunken", pgettext_lazy("of a calendar", "read, but much is missing")
        EMPTY = "empty", pgettext_lazy("of a calendar", "read, but empty")
        FAILED = "failed", pgettext_lazy("of a calendar", "not read")

    property = models.ForeignKey(Property, models.CASCADE, related_name="calendar_feeds")
    room = models.ForeignKey(Room, models.CASCADE, related_name="calendar_feeds")
    source = models.CharField(
        max_length=60, choices=Source, blank=True, help_text="Whose it is, as it says itself."
    )
    host = models.CharField(max_length=253, help_text="What of the address may be shown.")
    url_sealed = models.BinaryField()
    url = Sealed("url_sealed")
    url_index = models.BigIntegerField(help_text="Keyed: the same calendar is not read for two rooms.")
    state = models.CharField(max_length=10, choices=State, default=State.NEW)
    said = SentenceField(Outcome, Unread, help_text="What the last attempt came to.")
    problems = models.JSONField(default=list, help_text="Events that are not read, and why.")
    lines = models.JSONField(default=list, help_text="What of the last reading a person should see.")
    etag = models.CharField(max_length=300, blank=True)
    last_modified = models.CharField(max_length=100, blank=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    tried_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True, help_text="The last good reading.")
    due_at = models.DateTimeField(db_index=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["room__name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["property", "url_index"], name="one_room_per_calendar")
        ]

    def __str__(self) -> str:
        return f"{self.portal()}, room {self.room}"

    def portal(self) -> str:
        """Whose calendar it is; before the first reading, where it is read."""
        return self.get_source_display() if self.source else self.host


class CalendarEvent(Public):
    """What a calendar said when it was last good: a stay, or nights that are closed there."""

    feed = models.ForeignKey(CalendarFeed, models.CASCADE, related_name="events")
    uid = models.TextField()
    uid_index = models.BigIntegerField(help_text="A portal's UID may be of any length.")
    is_stay = models.BooleanField()
    number = models.CharField(max_length=120, blank=True, help_text="The portal's, of a stay.")
    guest = models.CharField(max_length=200, blank=True)
    phone_ends = models.CharField(max_length=4, blank=True)
    words = models.CharField(max_length=120, blank=True, help_text="The event's summary.")
    arrival = models.DateField()
    departure = models.DateField()
    seen_at = models.DateTimeField()
    misses = models.PositiveIntegerField(default=0, help_text="Good readings in a row without it.")
    is_kept = models.BooleanField(default=False, help_text="It is gone from the calendar and stays here.")
    agreed_as = models.CharField(
        max_length=30,
        blank=True,
        help_text="The dates with which the stay here was the same as in the calendar.",
    )
    left_as = models.CharField(
        max_length=30, blank=True, help_text="The dates with which a person has said to leave it."
    )

    class Meta:
        ordering = ["arrival", "id"]
        constraints = [models.UniqueConstraint(fields=["feed", "uid_index"], name="event_once_per_calendar")]

    def __str__(self) -> str:
        return f"{self.number or self.words}, {self.arrival} to {self.departure}"

    @property
    def dates(self) -> str:
        """As `left_as` keeps them."""
        return f"{self.arrival}/{self.departure}"


class ReceivedReservations(models.Model):
    """One call of the webhook, by its sender's id: told twice, it is answered the same and done once."""

    property = models.ForeignKey(Property, models.CASCADE, related_name="+")
    webhook_id = models.CharField(max_length=200)
    source = models.CharField(max_length=60)
    status = models.PositiveSmallIntegerField(default=0, help_text="0 while it is under way.")
    answer = models.JSONField(default=dict)
    lines = models.JSONField(default=list, help_text="What of it a person should see.")
    received_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-received_at"]
        verbose_name_plural = "received reservations"
        constraints = [
            models.UniqueConstraint(fields=["property", "webhook_id"], name="reservations_once_per_id")
        ]

    def __str__(self) -> str:
        return f"{self.source}, {self.received_at:%Y-%m-%d %H:%M}"


class FeedToken(Public):
    """Who may read the arrivals. Only the token's hash is kept: whoever lost it makes a new one."""

    property = models.ForeignKey(Property, models.CASCADE, related_name="feed_tokens")
    name = models.CharField(max_length=60, help_text="Which program reads with it.")
    hash = models.CharField(max_length=64, unique=True)
    begins = models.CharField(max_length=12, help_text="By which a person knows it again.")
    with_guests = models.BooleanField("names, e-mail and telephone", default=False)
    with_codes = models.BooleanField("door codes with their digits", default=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["revoked_at", "name", "id"]

    def __str__(self) -> str:
        return self.name
