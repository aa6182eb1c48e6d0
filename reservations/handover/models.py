"""What one shift leaves to the next."""

from django.conf import settings
from django.db import models

from hospitality.models import Property, Public


class Handover(Public):
    """What was open when a shift ended, as somebody read and signed it. Never changed (see the trigger in the
    migrations); deleted after `reservations.handover.signing.KEPT`. `sections`: title, and lines of about and text."""

    property = models.ForeignKey(Property, models.PROTECT, related_name="handovers")
    since = models.DateTimeField(help_text="What was done at doors is told from then on.")
    sections = models.JSONField()
    remarks = models.TextField(blank=True)
    signed_at = models.DateTimeField()
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    signed_name = models.CharField(max_length=200)

    class Meta:
        ordering = ["-signed_at", "-id"]
        indexes = [models.Index(fields=["property", "signed_at"])]

    def __str__(self) -> str:
        return f"{self.signed_name}, {self.signed_at:%Y-%m-%d %H:%M}"
