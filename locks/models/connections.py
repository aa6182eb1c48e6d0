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
    state = models.CharField(max_length=12, choices=State, default=State.OK)
    error = models.CharField(max_length=300, blank=True)
    checked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
