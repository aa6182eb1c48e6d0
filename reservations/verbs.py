"""What the desk's verbs are made of: refusals in sentences, the stay's row held first, the record at the end."""

from collections.abc import Callable
from datetime import date, datetime, time
from functools import wraps

from django.db import IntegrityError, OperationalError, transaction
from django.utils.translation import gettext as _
from psycopg.errors import DeadlockDetected

from hospitality import audit, clock, live
from hospitality.models import Property, Room
from hospitality.wall import clock as clock_words
from hospitality.wall import day_words
from locks import backups, digits, fitting, offline, pins, unlocking
from reservations.models import Stay


class Refused(Exception):
    """The desk cannot have this; the message is one sentence that names the remedy."""


class AlreadyDone(Refused):
    """Somebody was first; the message says who and when."""


class NeedsConfirmation(Refused):
    """Possible, but a person must say yes to these warnings: call again with `confirmed=True`."""

    def __init__(self, warnings: list[str]):
        super().__init__(" ".join(warnings))
        self.warnings = warnings


REFUSALS = (
    pins.NoPin,
    digits.DigitsTaken,
    fitting.WindowNotPossible,
    backups.NoneLeft,
    backups.NotPossible,
    offline.NotPossible,
    unlocking.NotPossible,
)
"""What the doors may refuse, in sentences for the desk."""


def verb(function: Callable) -> Callable:
    """One transaction; what the doors or the database refuse becomes a sentence for the desk."""

    @wraps(function)
    def run(*args, **kwargs):
        try:
            with transaction.atomic():
                return function(*args, **kwargs)
        except REFUSALS as error:
            raise Refused(str(error)) from error
        except IntegrityError as error:
            raise Refused(_sentence(error)) from error
        except OperationalError as error:
            if isinstance(error.__cause__, DeadlockDetected):
                raise Refused(_("Somebody changed the same doors at the same moment; try again.")) from error
            raise

    return run


def held(stay: Stay) -> Stay:
    """The stay fresh from the database, its row locked until the transaction ends. The row first, what belongs to
    it after: a query that waits for a lock sees the rows that it joins as they were before the wait."""
    Stay.objects.select_for_update(no_key=True).only("pk").get(pk=stay.pk)
    related = ("property", "reservation__guest", "room", "grant", "checked_in_by", "checked_out_by")
    return Stay.objects.select_related(*related).get(pk=stay.pk)


def hold_booking(stay: Stay) -> None:
    """Every stay of the booking, in one order: what belongs to the booking changes all of them."""
    of_booking = Stay.objects.filter(reservation=stay.reservation_id).order_by("pk")
    list(of_booking.select_for_update(no_key=True).values_list("pk"))


def tell(stay: Stay, *, by, action: str, **detail) -> None:
    """Put it on the record and ring the desk's screens."""
    record(stay, by=by, action=action, **detail)
    live.announce(stay.property, "board")
    live.announce(stay.property, f"stay-{stay.public_id}")


def record(stay: Stay, *, by, action: str, **detail) -> None:
    """Put it on the record. `detail` holds no PIN."""
    words = {name: word(value) for name, value in detail.items()}
    audit.record(stay.property, by=by, action=action, subject_id=stay.public_id, **words)


def word(value):
    """A day, a time of day or a room as the record keeps it."""
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return value.isoformat() if isinstance(value, date) else value.name if isinstance(value, Room) else value


def who(what: str, user, at: datetime, hotel: Property) -> str:
    """`Checked in by Ana Keller at 14:02.` of `what`, which is `Checked in` in the language of whoever reads it."""
    local = hotel.local(at)
    told = {
        "what": what,
        "who": (user.get_full_name() or user.get_username()) if user else _("the system"),
        "day": day_words(local.date()),
        "time": clock_words(local),
    }
    if local.date() == hotel.local(clock.now()).date():
        # Translators: Checked in by Ana Keller at 14:02.
        return _("%(what)s by %(who)s at %(time)s.") % told
    # Translators: Checked in by Ana Keller on 21 Nov at 14:02.
    return _("%(what)s by %(who)s on %(day)s at %(time)s.") % told


def _sentence(error: IntegrityError) -> str:
    """The database's refusal in the desk's words, by the name of the constraint. Raises `error` if it is none of ours."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    sentences = {
        "one_stay_per_room_and_night": _(
            "The room is taken for part of that time; choose another room or other dates."
        ),
        "one_stay_per_part": _("This part of the booking is there already; change it instead."),
        "booking_once_per_source": _("This booking was made a moment ago by somebody else; look again."),
        "grant_ends_after_start": _(
            "The stay would end before the guest checked in; check the guest out instead."
        ),
        "digits_once_per_lock_and_time": _("The digits were taken a moment ago; try again."),
    }
    if name not in sentences:
        raise error
    return sentences[name]
