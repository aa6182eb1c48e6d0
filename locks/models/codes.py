from uuid import UUID

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from hospitality.models import Public
from hospitality.sentences import SentenceField
from hospitality.vault import Sealed
from locks.models.grants import AccessGrant
from locks.models.locks import Lock
from locks.models.refusals import Refusal

IN_STOCK = Q(is_backup=True, live=True, wanted=True, handed_out_at__isnull=True)
"""A backup code that nobody has been given."""
IN_ENVELOPE = Q(sealed_at__isnull=False, ends_at__isnull=True)
"""A backup code that was printed, and nobody has been given."""
HEALTHY = Q(status="set", observed="present", observed_pin_index=F("pin_index")) & (
    Q(attempted_at__isnull=True) | Q(attempted_at__lte=F("observed_at"))
)
"""Seen on its lock as wanted, with nothing sent since that is not answered."""
IN_DOUBT = Q(
    lock__suspect_refs__contains=Func(F("observed_ref"), function="to_jsonb", output_field=models.JSONField())
)
"""Missing from its lock's last list, which is not believed yet."""
READY = IN_STOCK & HEALTHY & Q(pending_mutations=[]) & ~IN_DOUBT
"""A backup code that can be handed out: it opens, and nobody has given it another end."""
SEEN_OFF = Q(observed="absent", operation="") & (
    Q(attempted_at__isnull=True) | Q(attempted_at__lte=F("observed_at"))
)
"""Seen to be off its lock (or never sent there), with nothing sent since that is not answered."""


class Status(models.TextChoices):
    """The seeds' statuses of a code."""

    UNSET = "unset"
    SETTING = "setting"
    SET = "set"
    REMOVING = "removing"
    UNKNOWN = "unknown"


class AccessCode(Public):
    """One PIN on one lock: what we want, what was last observed, and what follows from the two.

    Field names are the seeds' where the seeds have one. The *wanted* columns are written by the verbs
    (`locks.codes`, `locks.backups`), which raise `generation`; the *observed* and *derived* ones only by
    `locks.reconcile`.
    """

    class Observed(models.TextChoices):
        ABSENT = "absent", _("not on the lock")
        PRESENT = "present", _("on the lock")
        UNKNOWN = "unknown", _("may be on the lock")

    lock = models.ForeignKey(Lock, models.PROTECT, related_name="codes")
    grant = models.ForeignKey(AccessGrant, models.PROTECT, null=True, blank=True, related_name="codes")
    is_managed = models.BooleanField(default=True, help_text="False: found on the lock, not made here.")
    is_backup = models.BooleanField(default=False)
    pulled_backup = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="pulled_for",
        help_text="Handed out in its place.",
    )
    handed_out_at = models.DateTimeField(null=True, blank=True, help_text="A backup code's end of secrecy.")
    sealed_at = models.DateTimeField(
        null=True, editable=False, help_text="A backup code that was printed, to lie in an envelope."
    )
    by_hand = models.BooleanField(
        default=False, editable=False, help_text="A backup code that an owner made, beside the lock's pool."
    )
    in_place_of = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="successors",
        help_text="An unissued backup code that comes off once this one is confirmed.",
    )
    outlives_guest = models.BooleanField(
        default=False,
        editable=False,
        help_text="A backup code that an owner wants on the lock also after its guest has left.",
    )
    is_external_modification_allowed = models.BooleanField(default=False)
    is_offline_access_code = models.BooleanField(
        default=False, help_text="Made by arithmetic, without the lock."
    )
    is_one_time_use = models.BooleanField(default=False)
    has_own_pin = models.BooleanField(
        default=False, help_text="This door refused the grant's PIN: its digits are its own."
    )
    prefer_native_scheduling = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    # Wanted.
    wanted = models.BooleanField(
        default=True, help_text="False: to be off the lock, whatever the window says."
    )
    name = models.CharField(max_length=200)
    pin_sealed = models.BinaryField(null=True)
    pin = Sealed("pin_sealed")
    pin_index = models.BigIntegerField(null=True, editable=False)
    pin4 = models.BigIntegerField(
        null=True, editable=False, help_text="Keyed index of the first four digits."
    )
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    generation = models.PositiveIntegerField(default=1, editable=False)
    asked_at = models.DateTimeField(help_text="When the wanted state last changed.")

    # Made by arithmetic: nothing is written to the lock and nothing can be seen there.
    offline_kind = models.CharField(max_length=10, blank=True, editable=False)
    offline_variant = models.PositiveSmallIntegerField(default=0, editable=False)
    issued_at = models.DateTimeField(null=True, editable=False, help_text="Since when somebody may know it.")
    issued_starts_at = models.DateTimeField(null=True, editable=False)
    issued_ends_at = models.DateTimeField(
        null=True, editable=False, help_text="Until then it opens, whatever is wanted."
    )

    # Observed. `attempted_at` later than `observed_at`: a write went out and what it did is not known.
    observed = models.CharField(max_length=8, choices=Observed, default=Observed.ABSENT, editable=False)
    observed_at = models.DateTimeField(null=True, editable=False)
    observed_ref = models.CharField(max_length=500, blank=True, editable=False)
    observed_name = models.CharField(max_length=500, blank=True, editable=False)
    observed_pin_index = models.BigIntegerField(null=True, editable=False)
    observed_starts_at = models.DateTimeField(null=True, editable=False)
    observed_ends_at = models.DateTimeField(null=True, editable=False)
    observed_active = models.BooleanField(default=True, editable=False)
    appearance = models.JSONField(
        null=True, editable=False, help_text="How the lock shows its name: name, first_name, last_name."
    )
    maker_warnings = models.JSONField(
        default=list,
        editable=False,
        help_text="What the lock's maker warns of, as it was last found; part of `warnings`.",
    )
    attempted_at = models.DateTimeField(null=True, editable=False)
    operation = models.CharField(
        max_length=500,
        blank=True,
        editable=False,
        help_text="A write that the provider accepted and works on.",
    )
    sent_name = models.CharField(max_length=500, blank=True, editable=False)
    echo_name = models.CharField(
        max_length=500, blank=True, editable=False, help_text="What the lock made of `sent_name`."
    )
    settled_generation = models.PositiveIntegerField(
        null=True, editable=False, help_text="The last one that was seen on the lock exactly as wanted."
    )
    external_change = models.JSONField(
        null=True, editable=False, help_text="What somebody else did to it: change_type, modified_fields, at."
    )
    external_removals = models.JSONField(default=list, editable=False, help_text="When, in the last day.")
    first_used_at = models.DateTimeField(
        null=True, editable=False, help_text="When it first opened the door."
    )
    refused_generation = models.PositiveIntegerField(
        null=True, editable=False, help_text="The lock said no for good to this generation; None: try again."
    )
    refusal_code = models.CharField(max_length=60, blank=True, editable=False)
    refusal = SentenceField(Refusal, editable=False)
    refused_pin = models.BooleanField(
        default=False, editable=False, help_text="It is the digits that it refused."
    )
    redraws = models.PositiveSmallIntegerField(
        default=0, editable=False, help_text="New digits since it last was on the lock."
    )

    # Derived by `locks.plan`, stored for the board's sake.
    status = models.CharField(max_length=10, choices=Status, default=Status.UNSET, editable=False)
    is_scheduled_on_device = models.BooleanField(default=False, editable=False)
    pending_mutations = models.JSONField(default=list, editable=False)
    errors = models.JSONField(default=list, editable=False)
    warnings = models.JSONField(default=list, editable=False)
    live = models.BooleanField(
        default=True, editable=False, help_text="False once it is confirmed off the lock for good."
    )

    class Meta:
        ordering = ["lock_id", "starts_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True)
                | Q(ends_at__isnull=True)
                | Q(ends_at__gte=F("starts_at")),
                name="code_ends_after_start",
            ),
            models.UniqueConstraint(
                fields=["grant", "lock"],
                condition=Q(grant__isnull=False, is_backup=False, wanted=True),
                name="one_code_per_grant_and_door",
            ),
            models.UniqueConstraint(
                fields=["lock", "observed_ref"],
                condition=Q(live=True, observed="present") & ~Q(observed_ref=""),
                name="one_row_per_code_on_the_lock",
            ),
            # Equal codes, and one that is the beginning of another, share their first four digits.
            ExclusionConstraint(
                name="digits_once_per_lock_and_time",
                expressions=[
                    (Func("lock_id", "lock_id", Value("[]"), function="int8range"), "&&"),
                    (Func("pin4", "pin4", Value("[]"), function="int8range"), "&&"),
                    (Func("starts_at", "ends_at", function="tstzrange"), "&&"),
                ],
                condition=Q(live=True, is_managed=True, pin4__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["lock"], condition=Q(live=True), name="live_codes_of_a_lock")]

    def __str__(self) -> str:
        return f"{self.name} on {self.lock}"

    # The seeds' object has these as well; they follow from the columns above. `code` is `pin`.

    @property
    def access_code_id(self) -> UUID:
        return self.public_id

    @property
    def device_id(self) -> UUID:
        return self.lock.public_id

    @property
    def workspace_id(self) -> UUID:
        return self.lock.property.public_id

    @property
    def type(self) -> str:
        """`ongoing` or `time_bound`."""
        return "ongoing" if self.ends_at is None else "time_bound"

    @property
    def common_code_key(self) -> str | None:
        """The same for all the codes that share a grant's digits; of a program's only where it was asked for."""
        if self.grant_id is None or self.has_own_pin:
            return None
        if self.grant.made_by_program:
            return self.grant.common_code_key or None
        return str(self.grant.public_id)

    @property
    def pulled_backup_access_code_id(self) -> UUID | None:
        return self.pulled_backup.public_id if self.pulled_backup_id else None

    @property
    def is_backup_access_code_available(self) -> bool:
        """Can a backup code of the same lock be handed out? One query."""
        return AccessCode.objects.filter(READY, lock=self.lock_id).exists()

    @property
    def is_in_stock(self) -> bool:
        """`IN_STOCK`, of the object."""
        return self.is_backup and self.live and self.wanted and self.handed_out_at is None

    @property
    def is_healthy(self) -> bool:
        """`HEALTHY`, of the object."""
        if self.status != Status.SET or self.observed != self.Observed.PRESENT:
            return False
        answered = self.attempted_at is None or self.attempted_at <= self.observed_at
        return self.observed_pin_index == self.pin_index and answered

    @property
    def waits_for_digits(self) -> bool:
        """Did the lock refuse its digits for good?"""
        return self.wanted and self.refused_pin and self.refused_generation == self.generation

    @property
    def is_waiting_for_code_assignment(self) -> bool:
        """No digits yet: the lock's maker chooses them."""
        return self.pin_sealed is None
