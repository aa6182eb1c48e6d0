from django.db import models

from locks.models.codes import AccessCode
from locks.models.locks import Lock


class FormerDigits(models.Model):
    """Digits that a code had on a lock before it got others, by the keyed index of the first four. What a code has, or
    had at its end, stands on the code itself."""

    lock = models.ForeignKey(Lock, models.CASCADE, related_name="former_digits")
    code = models.ForeignKey(AccessCode, models.CASCADE, related_name="former_digits")
    pin4 = models.BigIntegerField(editable=False)
    last_on_at = models.DateTimeField(help_text="When they may last have opened the lock.")

    class Meta:
        verbose_name_plural = "former digits"
        constraints = [
            models.UniqueConstraint(fields=["code", "pin4"], name="former_digits_once_per_code"),
        ]
        indexes = [models.Index(fields=["lock"], name="former_digits_of_a_lock")]

    def __str__(self) -> str:
        return f"former digits of {self.code}"
