"""What guests are told: texts, when they go out, and what became of each message."""

from django.conf import global_settings, settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from hospitality.models import Property, Public
from hospitality.sentences import SentenceField
from hospitality.vault import Sealed
from reservations.messages.why import Why
from reservations.models import Stay

LANGUAGES = dict(global_settings.LANGUAGES)
"""The languages that days and months can be written in, by their code."""


def language_name(code: str) -> str:
    """In the reader's language; empty for one that is not known."""
    return _(LANGUAGES[code]) if code in LANGUAGES else ""


def languages() -> list[tuple[str, str]]:
    """Each code with its name, to choose from."""
    return [(code, language_name(code)) for code in LANGUAGES]


class Channel(models.TextChoices):
    FILE = "file", gettext_lazy("File on the server")
    EMAIL = "email", gettext_lazy("E-mail")
    TEXT = "text", gettext_lazy("Text message")


class When(models.TextChoices):
    BOOKING = "booking", gettext_lazy("At booking")
    BEFORE = "before", gettext_lazy("Before arrival")
    CHECK_IN = "check_in", gettext_lazy("At check-in")


class State(models.TextChoices):
    QUEUED = "queued", "queued"
    SENDING = "sending", "being sent"
    SENT = "sent", "sent"
    FAILED = "failed", "failed"
    SUPERSEDED = "superseded", "not needed any more"


class MessageSettings(Public):
    """How one property reaches its guests. The address of the text service holds its key, so it is sealed."""

    property = models.OneToOneField(Property, models.CASCADE, related_name="message_settings")
    region = models.CharField(
        gettext_lazy("country"),
        max_length=2,
        blank=True,
        help_text=gettext_lazy("Two letters, like CH: where phone numbers without + belong."),
    )
    language = models.CharField(max_length=10, default="en", help_text="For guests of whom none is known.")
    reply_to = models.EmailField(
        gettext_lazy("replies go to"),
        blank=True,
        help_text=gettext_lazy("Where guests' answers to e-mails go."),
    )
    text_url_sealed = models.BinaryField(null=True)
    text_url = Sealed("text_url_sealed")

    class Meta:
        verbose_name_plural = "message settings"

    def __str__(self) -> str:
        return f"messages of {self.property}"


class MessageTemplate(Public):
    """One text in one language; texts of one name are translations of each other."""

    property = models.ForeignKey(Property, models.CASCADE, related_name="message_templates")
    name = models.CharField(
        max_length=60,
        help_text=gettext_lazy("What you call it. The same text in another language has the same name."),
    )
    language = models.CharField(max_length=10, default="en")
    subject = models.CharField(max_length=150, help_text=gettext_lazy("For e-mails. It never holds the PIN."))
    body = models.TextField(gettext_lazy("text"), max_length=4000)
    correction = models.CharField(
        gettext_lazy("first line of a correction"),
        max_length=200,
        default="This replaces our earlier message.",
        help_text=gettext_lazy(
            "Stands above the text when dates, room or PIN have changed after it was sent."
        ),
    )

    class Meta:
        ordering = ["name", "language"]
        constraints = [
            models.UniqueConstraint(fields=["property", "name", "language"], name="one_text_per_language")
        ]

    def __str__(self) -> str:
        return f"{self.name} ({language_name(self.language) or self.language})"


class MessageRule(Public):
    """Which text goes out when, and how."""

    property = models.ForeignKey(Property, models.CASCADE, related_name="message_rules")
    name = models.CharField("text", max_length=60, help_text="The name of a text.")
    when = models.CharField(max_length=10, choices=When)
    hours = models.PositiveSmallIntegerField(gettext_lazy("hours before arrival"), default=24)
    channel = models.CharField(
        pgettext_lazy("a message goes out", "how"), max_length=10, choices=Channel, default=Channel.FILE
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["property", "name", "when"], name="one_rule_per_text_and_time")
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.when_words()}"

    def when_words(self) -> str:
        if self.when == When.BEFORE:
            return _("%(hours)s h before arrival") % {"hours": self.hours}
        return self.get_when_display()

    def reason(self) -> str:
        """By which a stay's message is known again, also if the rule is made anew."""
        return f"{self.when}: {self.name}"


class Message(Public):
    """One message of one stay. `reason` is unique in the stay: a correction or a second copy has a reason of its own,
    and `about` is the first one's. It holds no digits: `text` is masked, `facts` are keyed indexes of what was told."""

    stay = models.ForeignKey(Stay, models.PROTECT, related_name="messages")
    reason = models.CharField(max_length=100)
    about = models.CharField(max_length=80)
    name = models.CharField(max_length=60, help_text="The name of the text.")
    channel = models.CharField(max_length=10, choices=Channel)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    waits = SentenceField(Why, help_text="What it waits for.")
    problem = SentenceField(Why, help_text="Why the last attempt failed.")
    perhaps_twice = models.BooleanField(
        default=False, help_text="An attempt before the last one may have gone out too."
    )
    is_correction = models.BooleanField(default=False)
    recipient = models.CharField(max_length=254, blank=True)
    language = models.CharField(max_length=10, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True, help_text="As it was sent, with the digits masked.")
    facts = models.JSONField(
        default=dict, help_text="Keyed indexes of what it told: a change is noticed by them."
    )
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    not_before = models.DateTimeField()
    woken_at = models.DateTimeField(
        help_text="Since when it has been waiting for something that may come soon."
    )
    due_at = models.DateTimeField(null=True, help_text="When it is to be looked at next.")
    attempted_at = models.DateTimeField(null=True)
    compared_at = models.DateTimeField(
        null=True, help_text="When what it told was last compared with what holds."
    )
    sent_at = models.DateTimeField(null=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="Who had it sent again.",
    )

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["stay", "reason"], name="one_message_per_reason")]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="messages_due"),
            models.Index(
                fields=["stay"],
                condition=Q(state="failed") | Q(problem__isnull=False),
                name="messages_in_trouble",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason} for {self.stay_id}"
