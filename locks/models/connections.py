from django.core.validators import MinValueValidator
from django.db import models

from hospitality.models import Property, Public
from hospitality.vault import SealedJSON


class Connection(Public):
    """One account at one provider."""

    class State(models.TextChoices):
        OK = "ok", "answers"
        DISCONNECTED = "disconnected", "does not answer"

    property = models.ForeignKey(Property, models.PROTECT, related_name="connections")
    provider = models.CharField(max_length=30, help_text="The adapter: virtual, ...")
    name = models.CharField(max_length=120)
    credentials_sealed = models.BinaryField(null=True)
    credentials = SealedJSON("credentials_sealed")
    calls_per_second = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(0.01)],
        help_text="How often the maker may be asked, by each worker; empty: as often as it answers.",
    )
    state = models.CharField(max_length=12, choices=State, default=State.OK)
    error = models.CharField(max_length=300, blank=True)
    checked_at = models.DateTimeField(null=True)
    events_read_at = models.DateTimeField(
        null=True, editable=False, help_text="Until when the maker was asked what happened at the doors."
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class FoundDevice(Public):
    """A device that an account lists and that is no lock of ours: a person says where it is. Nothing is mapped by
    guess, also not after a factory reset, when a known lock comes back as a new device."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="found_devices")
    provider_ref = models.CharField(max_length=500)
    name = models.CharField(max_length=200)
    model = models.CharField(max_length=80, blank=True)
    capabilities = models.JSONField(default=dict, editable=False)
    found_at = models.DateTimeField()
    dismissed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["found_at"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "provider_ref"], name="found_device_once")
        ]

    def __str__(self) -> str:
        return self.name


class ReceivedWebhook(models.Model):
    """A verified webhook as it came. What is told twice is kept once."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="received_webhooks")
    webhook_id = models.CharField(max_length=500)
    kind = models.CharField(max_length=120)
    device_ref = models.CharField(max_length=500)
    body = models.JSONField(help_text="As the adapter kept it: without PINs.")
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-received_at"]
        constraints = [models.UniqueConstraint(fields=["connection", "webhook_id"], name="webhook_kept_once")]
        indexes = [models.Index(fields=["received_at"], name="webhooks_by_time")]

    def __str__(self) -> str:
        return f"{self.kind} ({self.webhook_id})"
