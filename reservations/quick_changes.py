"""What the stay's page offers besides the form: a night more or less, a late check-out, and the last change put back. Each
is the change form with one thing in it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from hospitality.models import AuditEntry, Room
from hospitality.wall import Wall
from reservations import grants, stays
from reservations.models import Stay, StayState
from reservations.occupancy import ACTIVE
from reservations.verbs import who, word

NIGHT = timedelta(days=1)
LATE = timedelta(hours=2)
"""So much after the house's time a late check-out is offered."""


@dataclass(frozen=True)
class Night:
    """Until another day: as the form takes it, and as a person reads it."""

    value: str
    words: str


@dataclass(frozen=True)
class PutBack:
    """The last change, if everything is still as it made it: who made it, and the fields that put it back."""

    what: str
    fields: list[tuple[str, str]]


@dataclass(frozen=True)
class QuickChanges:
    """`longer` and `shorter` are None where there is no such night; `late` is a time of day; `early`: a check-in now would
    be before the planned time."""

    longer: Night | None = None
    shorter: Night | None = None
    late: str = ""
    may_swap: bool = False
    early: bool = False
    put_back: PutBack | None = None


def read(stay: Stay, wall: Wall) -> QuickChanges:
    """For one stay. Three queries at most."""
    if stay.state not in ACTIVE:
        return QuickChanges()
    here = stay.state == StayState.IN_HOUSE
    longer = (max(stay.departure, wall.today) if here else stay.departure) + NIGHT
    shorter = stay.departure - NIGHT
    usual = stay.check_out_time or stay.property.check_out_time
    late = datetime.combine(stay.departure, usual) + LATE
    return QuickChanges(
        longer=_night(longer, wall),
        shorter=_night(shorter, wall) if shorter > stay.arrival and shorter >= wall.today else None,
        late=f"{late:%H:%M}" if late.date() == stay.departure else "",
        may_swap=stay.room_id is not None,
        early=not here and wall.now < grants.planned(stay)[0],
        put_back=_put_back(stay),
    )


def _night(day: date, wall: Wall) -> Night:
    return Night(day.isoformat(), wall.weekday(day))


def _put_back(stay: Stay) -> PutBack | None:
    entries = AuditEntry.objects.filter(subject_id=stay.public_id, action__startswith="stay.")
    last = entries.select_related("actor").first()
    if last is None or last.action != "stay.changed":
        return None
    changed = {name: last.detail[name] for name in stays.MOVING if name in last.detail}
    if not changed or any(word(getattr(stay, name)) != new for name, (old, new) in changed.items()):
        return None
    before = {name: _as_typed(stay, name, old) for name, (old, new) in changed.items()}
    if any(value is None for value in before.values()):
        return None
    return PutBack(who(_("Changed"), last.actor, last.at, stay.property), sorted(before.items()))


def _as_typed(stay: Stay, name: str, old: str | None) -> str | None:
    """The old value as the form takes it; None where it cannot be had any more."""
    if name == "room":
        room = Room.objects.filter(property=stay.property, name=old).first() if old else None
        return room and str(room.pk)
    return f"{getattr(stay.property, name):%H:%M}" if old is None else old
