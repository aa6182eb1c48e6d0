"""The hotel: its rooms, who works there, and what people did."""

import uuid
import zoneinfo
from datetime import UTC, date, datetime, time

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

MOST_BACKUPS = 20
"""So many backup codes can be kept ready on a lock."""


class Public(models.Model):
    """A row that people and programs name by a UUID, never by its number."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        abstract = True


def validate_time_zone(name: str) -> None:
    """Refuse what is no IANA time zone."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValidationError(
            _("'%(name)s' is no IANA time zone; write one like Europe/Zurich.") % {"name": name}
        ) from None


class Property(Public):
    """A hotel. Its wall clock rules every time that a person sees."""

    class DateOrder(models.TextChoices):
        DAY_FIRST = "dmy", _("day first (31/12/2026)")
        MONTH_FIRST = "mdy", _("month first (12/31/2026)")

    class RoomsReady(models.TextChoices):
        CLEAN = "clean", _("clean")
        INSPECTED = "inspected", _("inspected")
        ANYHOW = "anyhow", _("in any condition")

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    check_in_time = models.TimeField(default=time(15))
    check_out_time = models.TimeField(default=time(11))
    check_out_grace_minutes = models.PositiveSmallIntegerField(
        default=0,
        validators=[MaxValueValidator(24 * 60)],
        help_text=_("How long the code of a guest who checks out before the day of departure still opens."),
    )
    codes_from_check_in = models.BooleanField(
        default=False, help_text=_("Nothing opens before the desk has seen the guest.")
    )
    tell_hours_before = models.PositiveSmallIntegerField(
        default=24,
        null=True,
        blank=True,
        validators=[MaxValueValidator(365 * 24)],
        help_text=_(
            "How many hours before check-in a guest may be told the PIN; empty: from the booking on."
        ),
    )
    guests_help_themselves = models.BooleanField(
        default=False,
        help_text=_(
            "On the guest's page a backup code is handed over where the guest's own code has an error."
        ),
    )
    directions = models.TextField(
        blank=True,
        help_text=_("How a guest finds the house and its doors: for messages and the guest's page."),
    )
    just_in_time_minutes = models.PositiveSmallIntegerField(
        default=30,
        validators=[MaxValueValidator(24 * 60)],
        help_text=_("How long before a stay a lock that keeps no schedule is programmed."),
    )
    backup_pool_size = models.PositiveSmallIntegerField(
        default=5,
        validators=[MaxValueValidator(MOST_BACKUPS)],
        help_text=_("Backup codes kept ready on each lock."),
    )
    rooms_ready = models.CharField(
        "rooms are ready when",
        max_length=10,
        choices=RoomsReady,
        default=RoomsReady.CLEAN,
        help_text=_("What a room must be before a guest goes up; else check-in asks once more."),
    )
    date_order = models.CharField(
        max_length=3,
        choices=DateOrder,
        default=DateOrder.DAY_FIRST,
        help_text=_("How 03/04/2026 is read in an imported file."),
    )
    set_up_at = models.DateTimeField(
        null=True, editable=False, help_text=_("When a manager put the list of what is missing away.")
    )

    class Meta:
        verbose_name_plural = "properties"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    def at(self, day: date, clock: time) -> datetime:
        """That time of that day on the property's wall, in UTC. In a DST gap: as the clock showed before it jumped
        (02:30 is what 03:30 is called from then on); in a fold: the first of the two."""
        return datetime.combine(day, clock, tzinfo=self.zone).astimezone(UTC)

    def local(self, moment: datetime) -> datetime:
        """`moment` on the property's wall clock."""
        return moment.astimezone(self.zone)


class Condition(models.TextChoices):
    CLEAN = "clean", _("clean")
    DIRTY = "dirty", _("dirty")
    INSPECTED = "inspected", _("inspected")


class Room(Public):
    """A room, and what housekeeping last said of it. Whether somebody is in it, the stays say."""

    property = models.ForeignKey(Property, models.CASCADE, related_name="rooms")
    name = models.CharField(max_length=40, help_text="As the desk says it: 204, Garden suite.")
    unit_type = models.CharField(
        max_length=120, blank=True, help_text="The name under which portals sell it: Double room."
    )
    condition = models.CharField(max_length=10, choices=Condition, default=Condition.CLEAN, editable=False)
    condition_at = models.DateTimeField(null=True, editable=False)
    condition_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["property", "name"], name="room_name_once")]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    DESK = "desk", _("front desk")
    OWNER = "owner", _("device owner")
    MANAGER = "manager", _("manager")
    HOUSEKEEPING = "housekeeping", _("housekeeping")


class Membership(models.Model):
    """A person's work at one property. A manager may do all that desk and owner may."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    property = models.ForeignKey(Property, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "property"], name="one_role_per_property")]

    def __str__(self) -> str:
        return f"{self.user} ({self.role}) at {self.property}"


class Invitation(Public):
    """Somebody is asked to work here, or to choose a new password. Its link is signed, good until `ends_at`, and for one
    person."""

    property = models.ForeignKey(Property, models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=20, choices=Role)
    name = models.CharField(max_length=150, help_text=_("Whom it is for."))
    email = models.EmailField("e-mail", blank=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    renews = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        related_name="+",
        help_text="Who works here already, and is to choose a new password.",
    )
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True, help_text="When it was accepted or withdrawn.")

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.role}) to {self.property}"


class AuditEntry(models.Model):
    """Who did, saw or changed what. Rows are only ever added (see the trigger in the migrations)."""

    property = models.ForeignKey(Property, models.PROTECT, related_name="+")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=60, help_text="stay.checked_in, pin.revealed, ...")
    subject_id = models.UUIDField(help_text="Public id of what it was done to.")
    detail = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["subject_id", "at"]), models.Index(fields=["property", "at"])]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.action} by {self.actor or 'the system'}"


class WorkerBeat(models.Model):
    """When a worker node last finished its canary task."""

    node = models.CharField(max_length=120, unique=True)
    done_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.node


class VaultProof(models.Model):
    """A known text sealed with each key in use: a wrong key is noticed at start, not at a guest's door."""

    name = models.CharField(max_length=40, unique=True)
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return self.name
