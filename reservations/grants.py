"""What a stay may open: its access grant, kept in line with its state, its room and its dates."""

from datetime import datetime, timedelta

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import F, Q, Value

from hospitality import clock
from locks import codes
from locks.models import AccessCode, AccessGrant, Lock
from reservations.models import Stay, StayState

NAME_LENGTH = AccessGrant._meta.get_field("name").max_length


def window(stay: Stay) -> tuple[datetime, datetime]:
    """From when to when the stay's code opens: the property's times on its wall clock, or since an early guest
    was checked in."""
    hotel = stay.property
    starts_at = hotel.at(stay.arrival, hotel.check_in_time)
    if stay.checked_in_at:
        starts_at = stay.checked_in_at if hotel.codes_from_check_in else min(starts_at, stay.checked_in_at)
    return starts_at, hotel.at(stay.departure, hotel.check_out_time)


def fit(stay: Stay, *, by) -> None:
    """Make the grant what the stay's state, room and dates say: none, granted, moved or revoked."""
    starts_at, ends_at = window(stay)
    waiting = stay.state == StayState.BOOKED and not stay.property.codes_from_check_in
    doors = list(Lock.objects.filter(rooms=stay.room).order_by("pk")) if stay.room else []
    lasting = stay.grant is not None and not stay.grant.revoked_at
    if not (waiting or stay.state == StayState.IN_HOUSE) or not doors:
        if lasting:
            codes.revoke(stay.grant, by=by)
        return
    if ends_at <= clock.now() and not lasting:
        return  # over before it began; a grant that is there ends by itself and can still be made longer
    name = f"{stay.reservation.guest}, {stay.room}"[:NAME_LENGTH]
    if not lasting:
        stay.grant = codes.grant(
            stay.property, by=by, name=name, locks=doors, starts_at=starts_at, ends_at=ends_at
        )
        stay.save(update_fields=["grant"])
        return
    _follow(stay.grant, name, doors, starts_at, ends_at, by)


def misfits() -> list[Stay]:
    """Stays to come or in house whose grant does not open exactly the doors of their room. One query."""
    room_doors = ArrayAgg(
        "room__locks", distinct=True, filter=Q(room__locks__isnull=False), default=Value([])
    )
    opens = Q(grant__codes__wanted=True, grant__codes__is_backup=False)
    grant_doors = ArrayAgg("grant__codes__lock", distinct=True, filter=opens, default=Value([]))
    today = clock.now().date() - timedelta(days=1)  # the day before, somewhere on earth
    due = Stay.objects.filter(state__in=[StayState.BOOKED, StayState.IN_HOUSE], departure__gte=today)
    due = due.exclude(state=StayState.BOOKED, property__codes_from_check_in=True)
    return list(
        due.annotate(room_doors=room_doors, grant_doors=grant_doors).exclude(room_doors=F("grant_doors"))
    )


def _follow(
    grant: AccessGrant, name: str, doors: list[Lock], starts_at: datetime, ends_at: datetime, by
) -> None:
    if (grant.starts_at, grant.ends_at) != (starts_at, ends_at):
        codes.move(grant, by=by, starts_at=starts_at, ends_at=ends_at)
    opens = set(
        AccessCode.objects.filter(grant=grant, is_backup=False, wanted=True).values_list("lock_id", flat=True)
    )
    if opens != {lock.pk for lock in doors}:
        codes.set_doors(grant, doors, by=by)
    if grant.name != name:
        codes.rename(grant, name, by=by)
