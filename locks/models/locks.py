from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from hospitality.models import MOST_BACKUPS, Property, Public, Room
from hospitality.vault import Sealed
from locks.models.connections import Connection


class Lock(Public):
    """A keypad device: the door of one room, or a common door that serves many.

    The second half of the columns belongs to `reconcile`: when the lock must next be looked at, who is at it,
    and how it was found.
    """

    class Kind(models.TextChoices):
        OWN = "own", _("a room's own door")
        COMMON = "common", _("common door")

    property = models.ForeignKey(Property, models.PROTECT, related_name="locks")
    connection = models.ForeignKey(Connection, models.PROTECT, related_name="locks")
    provider_ref = models.CharField(max_length=500, help_text="The provider's id of the device.")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.OWN)
    rooms = models.ManyToManyField(Room, related_name="locks", blank=True)
    backup_pool_enabled = models.BooleanField(default=True)
    backup_pool_size = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MaxValueValidator(MOST_BACKUPS)],
        help_text="Backup codes kept ready on this lock; empty: as many as the property keeps.",
    )
    longest_backup = models.PositiveSmallIntegerField(
        null=True,
        editable=False,
        help_text="So many digits at most has a backup code on a lock that tells no lengths and refused longer ones.",
    )

    custom_metadata = models.JSONField(
        default=dict, blank=True, editable=False, help_text="What programs keep with it."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    # What the device can do, as the provider last told (see `locks.capabilities`), and where it stands in time.
    model = models.CharField(max_length=80, blank=True)
    capabilities = models.JSONField(default=dict, blank=True, editable=False)
    reported_pin_lengths = models.JSONField(
        default=list,
        blank=True,
        editable=False,
        help_text="PIN lengths that it takes, as a program told that knows more than its maker tells; empty: none did.",
    )
    time_zone = models.CharField(
        max_length=64, blank=True, editable=False, help_text="The lock's own zone, where its maker tells one."
    )
    offline_secret_sealed = models.BinaryField(null=True, editable=False)
    offline_secret = Sealed("offline_secret_sealed")

    # Another lock has taken its place (a factory reset makes a new device): nothing is asked of it any more.
    replaced_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="replaces"
    )
    replaced_at = models.DateTimeField(null=True, editable=False)

    # How it was last found.
    online = models.BooleanField(null=True, editable=False)
    online_changed_at = models.DateTimeField(null=True, editable=False)
    seen_at = models.DateTimeField(null=True, editable=False, help_text="Last time its codes were read.")
    battery = models.FloatField(null=True, editable=False, help_text="0.0 to 1.0")
    error_code = models.CharField(max_length=60, blank=True, editable=False)
    error = models.CharField(max_length=300, blank=True, editable=False)
    errors = models.JSONField(default=list, editable=False)
    warnings = models.JSONField(default=list, editable=False)
    maker_warnings = models.JSONField(
        default=list,
        editable=False,
        help_text="What its maker warns of, as it was last found; part of `warnings`.",
    )

    # When to look again, and who is at it. `wakes` counts requests to look: a worker that ends clears only
    # the request it has seen.
    due_at = models.DateTimeField(null=True, editable=False)
    wakes = models.PositiveBigIntegerField(default=0, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    suspect_refs = models.JSONField(
        default=list, editable=False, help_text="Codes missing from the last listing, not yet believed gone."
    )
    lease_token = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "provider_ref"], name="device_once_per_connection")
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="lock_due"),
        ]

    def __str__(self) -> str:
        return self.name
