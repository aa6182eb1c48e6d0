"""Keeping an uploaded file, sealed, from its preview until it is taken in, and no longer than an hour."""

import base64
import zlib
from datetime import timedelta
from uuid import UUID

from hospitality import clock
from hospitality.models import Property
from reservations.imports.models import ImportUpload

LIFETIME = timedelta(hours=1)


def keep(property: Property, user, file_name: str, data: bytes, source: str = "") -> ImportUpload:
    """Store `data` for this person at this property."""
    upload = ImportUpload(property=property, user=user, file_name=file_name[-200:], source=source)
    upload.content = base64.b64encode(zlib.compress(data)).decode()
    upload.created_at = clock.now()
    upload.save()
    return upload


def find(property: Property, user, public_id: UUID) -> ImportUpload | None:
    """This person's upload at this property, unless it is gone or too old."""
    return _fresh().filter(property=property, user=user, public_id=public_id).first()


def data(upload: ImportUpload) -> bytes:
    """The file as it was uploaded."""
    return zlib.decompress(base64.b64decode(upload.content))


def take(upload: ImportUpload) -> bool:
    """Remove the upload because it is about to be carried out. False if somebody was first: a second click."""
    return ImportUpload.objects.filter(pk=upload.pk).delete()[0] == 1


def sweep() -> int:
    """Remove what is too old; says how many."""
    return ImportUpload.objects.filter(created_at__lte=clock.now() - LIFETIME).delete()[0]


def _fresh():
    return ImportUpload.objects.filter(created_at__gt=clock.now() - LIFETIME)
