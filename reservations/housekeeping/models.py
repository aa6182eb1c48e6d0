"""When rooms are out of order."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from hospitality.models import Public, Room


class Closure(Public):
    """A room that cannot be let from one day to another, and why. It ends by itself, or earlier by a person."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="closures")
    begins = models.DateField()
    ends = models.DateField(null=True, help_text="The day it can be let again; empty: until further notice.")
    why = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["begins", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gt=F("begins")), name="closure_ends_after_start"
            )
        ]

    def __str__(self) -> str:
        return f"{self.room} out of order from {self.begins}"
