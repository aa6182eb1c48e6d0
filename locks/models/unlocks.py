from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hospitality.models import Public
from locks.models.locks import Lock


class RemoteUnlock(Public):
    """Somebody asked a lock to open once from afar. It is sent at most once, and only within moments of the asking."""

    class Outcome(models.TextChoices):
        ASKED = "asked", _("on its way to the lock")
        SENT = "sent", _("sent, no answer yet")
        DONE = "done", _("the maker says that it opened")
        UNCONFIRMED = "unconfirmed", _("sent, and no answer came: it may have opened")
        REFUSED = "refused", _("not opened")
        TOO_LATE = "too_late", _("not sent: the lock was busy for too long")

    lock = models.ForeignKey(Lock, models.PROTECT, related_name="unlocks")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.ASKED)
    error_code = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["lock"], condition=Q(outcome__in=["asked", "sent"]), name="one_unlock_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.lock} at {self.asked_at:%Y-%m-%d %H:%M:%S}: {self.get_outcome_display()}"
