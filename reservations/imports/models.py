"""A file between its preview and its being taken in."""

from django.conf import settings
from django.db import models

from hospitality.models import Property, Public
from hospitality.vault import Sealed


class ImportUpload(Public):
    """Guests' data that must not lie around: sealed, for one person at one property, gone when it is taken in or
    after an hour (`reservations.imports.uploads`)."""

    property = models.ForeignKey(Property, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    file_name = models.CharField(max_length=200)
    source = models.CharField(
        max_length=60, blank=True, help_text="What a person said; empty: the header tells."
    )
    content_sealed = models.BinaryField()
    content = Sealed("content_sealed")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"upload {self.public_id}"
