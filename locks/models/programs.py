from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from hospitality.models import Property, Public
from hospitality.vault import SealedJSON


class ApiKey(Public):
    """By which a program works at one property. Only the key's hash is kept: whoever lost it makes a new one.

    Its account is a user of its own whom nobody can sign in as: what the program does has that user as actor."""

    class Scope(models.TextChoices):
        READ = "read"
        CODES = "codes"
        MANAGE = "manage"

    property = models.ForeignKey(Property, models.PROTECT, related_name="api_keys")
    name = models.CharField(max_length=60, help_text="Which program works with it.")
    hash = models.CharField(max_length=64, unique=True)
    begins = models.CharField(max_length=16, help_text="By which a person knows it again.")
    scopes = ArrayField(
        models.CharField(max_length=10, choices=Scope), help_text="What it may do; read is always among it."
    )
    account = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="api_key")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, help_text="From then on it opens nothing.")
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True, help_text="To the minute.")

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(scopes__contains=["read"]), name="every_key_may_read")
        ]

    def __str__(self) -> str:
        return self.name


class KeptAnswer(Public):
    """What a call with an `Idempotency-Key` was answered, for when it is sent again."""

    api_key = models.ForeignKey(ApiKey, models.CASCADE, related_name="+")
    name = models.CharField(max_length=255, help_text="The Idempotency-Key.")
    asked = models.BinaryField(help_text="A hash of the call.")
    answer_sealed = models.BinaryField(null=True)
    answer = SealedJSON("answer_sealed")
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["api_key", "name"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return self.name
