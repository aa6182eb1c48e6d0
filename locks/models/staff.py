from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hospitality.models import Property, Public
from locks.models.grants import AccessGrant
from locks.models.locks import Lock


class StaffCode(Public):
    """Who of the staff may open which doors, and when. Its grant has the digits, and one window at a time: of a code
    that recurs the running or the next one."""

    class When(models.TextChoices):
        ONCE = "once", _("once")
        DAY = "day", _("one day")
        WEEKLY = "weekly", _("every week")
        ONGOING = "ongoing", _("until it is taken off")

    class Where(models.TextChoices):
        ALL = "all", _("every door")
        COMMON = "common", _("the common doors")
        CHOSEN = "chosen", _("chosen doors")

    property = models.ForeignKey(Property, models.PROTECT, related_name="staff_codes")
    name = models.CharField(max_length=120, help_text="Whom it is for: Maria Lopez, cleaner.")
    where = models.CharField(max_length=10, choices=Where)
    locks = models.ManyToManyField(Lock, blank=True, related_name="+", help_text="The chosen doors.")
    when = models.CharField(max_length=10, choices=When)
    day = models.DateField(null=True, blank=True)
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(), default=list, blank=True, help_text="0 is Monday."
    )
    from_time = models.TimeField(null=True, blank=True, help_text="On the property's wall clock.")
    until_time = models.TimeField(
        null=True, blank=True, help_text="Not after the beginning: on the day after it."
    )
    grant = models.OneToOneField(AccessGrant, models.PROTECT, null=True, editable=False, related_name="staff")
    problem = models.CharField(
        max_length=300,
        blank=True,
        editable=False,
        help_text="Why the doors or the next window could not be had.",
    )
    ended_at = models.DateTimeField(null=True, blank=True, help_text="Since when it is to be off every door.")

    class Meta:
        ordering = ["name", "id"]
        indexes = [
            models.Index(fields=["property"], condition=Q(ended_at__isnull=True), name="running_staff_codes")
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_when_display()})"
