from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hospitality.models import Property, Public
from hospitality.vault import Sealed
from locks.models.events import Event

EVERYTHING = "*"
URL_LENGTH = 2000
TYPE_LENGTH = 80
SAID_LENGTH = 500


class Webhook(Public):
    """An address of another program that is told of events as they happen."""

    property = models.ForeignKey(Property, models.PROTECT, related_name="webhooks")
    url = models.CharField(max_length=URL_LENGTH)
    event_types = ArrayField(models.CharField(max_length=TYPE_LENGTH), help_text="* is every kind.")
    secret_sealed = models.BinaryField(null=True, help_text="None once it is removed.")
    secret = Sealed("secret_sealed")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True)
    scanned_at = models.DateTimeField(help_text="Until when all of its events were gathered.")
    is_quick = models.BooleanField(default=True, help_text="The last answer came at once, and was a yes.")

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(fields=["property"], condition=Q(removed_at__isnull=True), name="standing_webhooks")
        ]

    def __str__(self) -> str:
        return self.host()

    def host(self) -> str:
        """The part of the address in which no key of the other program can be."""
        return urlsplit(self.url).hostname


class Delivery(Public):
    """One event on its way to one webhook."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DELIVERED = "delivered", _("delivered")
        DEAD = "dead", _("given up")

    webhook = models.ForeignKey(Webhook, models.PROTECT, related_name="deliveries")
    event = models.ForeignKey(Event, models.PROTECT, related_name="deliveries")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(
        default=0, help_text="That came to an end, since it was last sent on its way."
    )
    next_at = models.DateTimeField(help_text="When it is to be sent, while it waits.")
    lease_until = models.DateTimeField(
        null=True, help_text="Until when somebody is at it; the same moment says who."
    )
    ended_at = models.DateTimeField(null=True, help_text="When it was delivered or given up.")

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["webhook", "event"], name="event_once_per_webhook"),
        ]
        indexes = [
            models.Index(
                fields=["webhook", "next_at"], condition=Q(state="waiting"), name="deliveries_waiting"
            ),
            models.Index(
                fields=["webhook", "lease_until"],
                condition=Q(lease_until__isnull=False),
                name="deliveries_leased",
            ),
            models.Index(fields=["webhook", "state", "ended_at"], name="deliveries_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.webhook}"


class DeliveryAttempt(models.Model):
    """One call. It is put on record before it is made: one that has no duration is under way, or was cut off and may
    have arrived."""

    class Trouble(models.TextChoices):
        NOT_OUTSIDE = (
            "not_outside",
            _("The address leads to this machine or its own network, where nothing is sent."),
        )
        HOST_UNKNOWN = "host_unknown", _("The host's name is not known.")
        NOT_REACHED = "not_reached", _("The host could not be reached.")
        TOO_SLOW = "too_slow", _("No answer in time.")
        CERTIFICATE_WRONG = "certificate_wrong", _("The certificate is not right, so nothing was sent.")
        BROKEN_OFF = "broken_off", _("The connection broke off before there was an answer.")
        LEADS_ON = "leads_on", _("The answer leads elsewhere, which is not followed.")
        GONE = "gone", _("The program says that it is gone for good (410).")
        REFUSED = "refused", _("The program did not take it.")
        NOT_WRITTEN = "not_written", _("The event could not be written down; the log says why.")

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="made")
    at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField(null=True)
    status_code = models.PositiveSmallIntegerField(null=True)
    said = models.CharField(max_length=SAID_LENGTH, blank=True, help_text="How the answer begins.")
    trouble = models.CharField(max_length=20, choices=Trouble, blank=True, help_text="Empty: delivered.")

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.delivery} at {self.at:%Y-%m-%d %H:%M:%S}"
