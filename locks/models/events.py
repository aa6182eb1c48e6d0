import uuid

from django.conf import settings
from django.db import models

from hospitality.models import Property
from locks.models.codes import AccessCode
from locks.models.connections import Connection
from locks.models.locks import Lock


class Event(models.Model):
    """What happened to a code or a lock, under the seeds' names. Written in the same transaction as the change;
    never changed (see the trigger in the migrations). Holds no PIN."""

    event_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    property = models.ForeignKey(Property, models.PROTECT, related_name="+")
    event_type = models.CharField(max_length=80, help_text="access_code.set_on_device, lock.unlocked, ...")
    lock = models.ForeignKey(Lock, models.PROTECT, null=True, related_name="events")
    access_code = models.ForeignKey(AccessCode, models.PROTECT, null=True, related_name="events")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    data = models.JSONField(default=dict)
    occurred_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    connection = models.ForeignKey(Connection, models.PROTECT, null=True, related_name="+")
    provider_event_id = models.CharField(  # noqa: DJ001 - only NULL is exempt from being unique
        max_length=500, null=True, help_text="The provider's id: told twice, kept once."
    )

    class Meta:
        ordering = ["-occurred_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "provider_event_id"], name="provider_event_once")
        ]
        indexes = [
            models.Index(fields=["access_code", "occurred_at"]),
            models.Index(fields=["lock", "occurred_at"]),
            models.Index(fields=["property", "occurred_at"]),
            models.Index(fields=["property", "created_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} at {self.occurred_at:%Y-%m-%d %H:%M:%S}"
