from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hospitality.models import Public
from locks.models.codes import AccessCode


class BackupPull(Public):
    """A clerk wants a backup code in the place of `code`, and the lock's maker is asked for one of its own. For one code
    the maker gives one, however often it is asked."""

    class Outcome(models.TextChoices):
        ASKED = "asked", _("no answer yet")
        CAME = "came", _("there, and nobody was given it yet")
        GIVEN = "given", _("given to the guest")
        REFUSED = "refused", _("refused")
        NOT_NEEDED = "not_needed", _("there, and not needed any more")

    code = models.ForeignKey(AccessCode, models.PROTECT, related_name="pulls")
    asked_at = models.DateTimeField(
        help_text="The last time, where it was asked again for want of an answer."
    )
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.ASKED)
    error_code = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=Q(outcome="asked"), name="one_pull_at_a_time_for_a_code"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} at {self.asked_at:%Y-%m-%d %H:%M:%S}: {self.get_outcome_display()}"
