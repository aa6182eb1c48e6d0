"""What people want one another to know."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from hospitality.models import Property, Public, Room
from reservations.models import Stay

LONGEST = 500


class Note(Public):
    """A sentence about a stay, or about a room and whoever is in it. It is marked done and stays: nobody deletes one."""

    property = models.ForeignKey(Property, models.PROTECT, related_name="+")
    stay = models.ForeignKey(Stay, models.PROTECT, null=True, blank=True, related_name="notes")
    room = models.ForeignKey(Room, models.PROTECT, null=True, blank=True, related_name="notes")
    text = models.CharField(max_length=LONGEST)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["written_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(stay__isnull=False, room__isnull=True) | Q(stay__isnull=True, room__isnull=False),
                name="note_on_a_stay_or_a_room",
            )
        ]
        indexes = [
            models.Index(fields=["property"], condition=Q(done_at__isnull=True), name="open_notes"),
        ]

    def __str__(self) -> str:
        return self.text
