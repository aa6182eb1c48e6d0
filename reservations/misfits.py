"""Stays whose codes are not what their rooms, dates and house say now: something changed around them."""

from collections import defaultdict
from datetime import date, datetime, timedelta

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q, QuerySet, Value

from hospitality import clock
from locks.models import AccessCode
from reservations import grants
from reservations.models import Companion, Stay, StayState

BATCH = 500
"""So many stays are read at a time."""
ACTIVE = (StayState.BOOKED, StayState.IN_HOUSE)


def find() -> list[Stay]:
    """Stays to come or in house whose grants do not open exactly the doors of their room, or in another window than
    their dates say now (the house has other times or another zone, or its zone has new rules); of a booking whose one
    PIN for all rooms does not, one of its stays. The nearest first; three queries, five more where there is such a PIN."""
    found = {stay.pk: stay for stay in _active().iterator(BATCH) if _misfits(stay, stay)}
    for companion in _companions().iterator(BATCH):
        if _misfits(companion.stay, companion):
            found.setdefault(companion.stay_id, companion.stay)
    found |= {stay.pk: stay for stay in _sharing()}
    return sorted(found.values(), key=lambda stay: (stay.arrival, stay.pk))


def _active() -> QuerySet[Stay]:
    """Each with the numbers of its room's doors and of those it opens, in one order."""
    due = Stay.objects.filter(state__in=ACTIVE, departure__gte=_yesterday())
    due = due.select_related("property", "grant").defer("grant__pin_sealed")
    return _with_doors(due, "room__locks").order_by("arrival", "pk")


def _companions() -> QuerySet[Companion]:
    """The same of those who have a code of their own."""
    here = Companion.objects.filter(has_own_code=True, left_at__isnull=True)
    due = here.filter(stay__state__in=ACTIVE, stay__departure__gte=_yesterday())
    due = due.select_related("stay__property", "grant").defer("grant__pin_sealed")
    return _with_doors(due, "stay__room__locks").order_by("stay__arrival", "pk")


def _yesterday() -> date:
    """The day before, somewhere on earth."""
    return clock.now().date() - timedelta(days=1)


def _with_doors(holders: QuerySet, room_locks: str) -> QuerySet:
    there = Q(**{f"{room_locks}__isnull": False})
    room_doors = ArrayAgg(room_locks, distinct=True, filter=there, default=Value([]))
    opens = Q(grant__codes__wanted=True, grant__codes__is_backup=False)
    grant_doors = ArrayAgg("grant__codes__lock", distinct=True, filter=opens, default=Value([]))
    return holders.annotate(room_doors=room_doors, grant_doors=grant_doors)


def _misfits(stay: Stay, holder: Stay | Companion) -> bool:
    grant = holder.grant
    lasts = grant is not None and not grant.revoked_at
    if stay.state == StayState.BOOKED and stay.property.codes_from_check_in:
        return lasts
    if holder.room_doors != holder.grant_doors:
        return True
    return lasts and (grant.starts_at, grant.ends_at) != grants.window(stay)


def _sharing() -> list[Stay]:
    """A stay to come or in house of each booking whose one PIN for all rooms is not as they say. Six queries at most."""
    due = Stay.objects.filter(
        reservation__has_shared_code=True, state__in=ACTIVE, departure__gte=_yesterday()
    )
    bookings = {stay.reservation_id: stay for stay in due.select_related("reservation").order_by("-arrival")}
    if not bookings:
        return []
    parts = defaultdict(list)
    for stay in grants.sharing_stays(*bookings):
        parts[stay.reservation_id].append(stay)
    now = clock.now()
    running = AccessCode.objects.filter(
        grant__in=[stay.reservation.grant_id for stay in bookings.values()], wanted=True, ends_at__gt=now
    )
    opened = defaultdict(dict)
    for grant_id, lock_id, begins, ends in running.values_list("grant_id", "lock_id", "starts_at", "ends_at"):
        opened[grant_id][lock_id] = max(begins, now), ends
    return [
        stay
        for booking_id, stay in bookings.items()
        if opened[stay.reservation.grant_id] != _ahead(parts[booking_id], now)
    ]


def _ahead(stays: list[Stay], now: datetime) -> dict[int, tuple[datetime, datetime]]:
    """The doors that one PIN for these stays is to open from now on."""
    doors = grants.shared_doors(stays)
    return {lock.pk: (max(begins, now), ends) for lock, (begins, ends) in doors.items() if ends > now}
