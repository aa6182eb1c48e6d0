from django.db import models
from django.db.models import F, Q

from hospitality.models import Property, Public
from hospitality.vault import Sealed


class AccessGrant(Public):
    """Who may open which doors, from when to when, with one PIN. Its codes are one per door."""

    property = models.ForeignKey(Property, models.PROTECT, related_name="grants")
    name = models.CharField(max_length=200, help_text="Whom it is for, as an owner would recognise it.")
    pin_sealed = models.BinaryField(null=True)
    pin = Sealed("pin_sealed")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(
        null=True,
        help_text="When somebody was first shown the PIN: from then on it must not change by itself.",
    )
    pin_chosen = models.BooleanField(
        default=False,
        editable=False,
        help_text="Somebody chose the digits: they are never exchanged for others by themselves, at no door.",
    )
    made_by_program = models.BooleanField(
        default=False, editable=False, help_text="Another program asked for it, not the desk."
    )
    common_code_key = models.CharField(
        max_length=500,
        blank=True,
        editable=False,
        help_text="By which a program names codes that share their digits.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")),
                name="grant_ends_after_start",
            )
        ]

    def __str__(self) -> str:
        return self.name
