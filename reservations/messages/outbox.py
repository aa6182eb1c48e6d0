"""The folder of the file channel. A file there is the message as its guest would have it, digits and all, so only this
user reads it, and not for ever."""

import logging
import time
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from hospitality.models import Property

log = logging.getLogger(__name__)

KEPT = timedelta(days=30)
"""So long after it was written a file is deleted."""


def _root() -> Path:
    return Path(settings.VAR_DIR) / "outbox"


def folder(hotel: Property) -> Path:
    """Where the messages of the house lie, each a file."""
    return _root() / hotel.slug


def forget() -> int:
    """Delete the files that were written longer ago than `KEPT`, of all houses, also of those that are gone; returns
    how many. What is known of their messages stays. One that cannot be deleted does not keep the others."""
    before, forgotten = time.time() - KEPT.total_seconds(), 0
    for file in _root().glob("*/*"):
        try:
            if file.lstat().st_mtime < before:
                file.unlink()
                forgotten += 1
        except FileNotFoundError:
            log.debug("%s is gone: somebody else deleted it", file)
        except OSError as error:
            log.warning("%s was not deleted: %s", file, error.strerror)
    return forgotten
