"""The first person of an installation that has nobody: whoever reads the terminal in which `manage.py up` runs.

There is no default password. The terminal shows a signed link; it works while there is nobody, and so once.
"""

from datetime import timedelta

from django.contrib.auth import get_user_model
from django.core.signing import BadSignature, SignatureExpired, TimestampSigner
from django.db import connection, transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

SIGNER = TimestampSigner(salt="hospitality.first_manager", sep=".")
WHO = "first"
LASTS = timedelta(hours=24)
MAKING = 5_272_002  # an advisory lock: of two who are first at once, one is
REMEDY = gettext_lazy("Make a fresh one with: manage.py setup_link")


class Refused(Exception):
    """Nobody is made; the sentence says why, and what to do."""


def is_nobody_here() -> bool:
    """Whether nobody at all can sign in to this installation. One query."""
    return not get_user_model().objects.exists()


def link(base: str) -> str:
    """The whole address, below `base` (`http://127.0.0.1:8000/`). It is good for a day, and while nobody is here."""
    return base.rstrip("/") + reverse("first_manager", args=[SIGNER.sign(WHO)])


def check(token: str) -> None:
    """Raises Refused for a link that is not ours, is too old, or was used."""
    try:
        SIGNER.unsign(token, max_age=LASTS)
    except SignatureExpired:
        why = _("This link is more than a day old.")
        raise Refused(f"{why} {REMEDY}") from None
    except BadSignature:
        why = _("This link is not whole. Copy it again from the terminal, all of it.")
        raise Refused(f"{why} {REMEDY}") from None
    if not is_nobody_here():
        raise Refused(
            _("This link was used: somebody has been made. Sign in, or ask a manager to invite you.")
        )


@transaction.atomic
def make(token: str, person) -> None:
    """Save `person` (a user who is not in the database yet) as the one who administers this installation.
    Raises Refused."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [MAKING])
    check(token)
    person.is_staff = person.is_superuser = True
    person.save()
