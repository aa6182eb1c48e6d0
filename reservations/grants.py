"""What a stay may open: its access grant, kept in line with its state, its room and its dates."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q, QuerySet, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hospitality import clock
from hospitality.models import Property, Room
from locks import capabilities, codes, offline
from locks.models import AccessCode, AccessGrant, Lock
from locks.providers.base import OfflineKind, OfflineWindow
from reservations.models import Companion, Stay, StayState
from reservations.verbs import Refused

NAME_LENGTH = AccessGrant._meta.get_field("name").max_length
BATCH = 500
"""So many stays are read at a time."""
PLANNED = ("arrival", "check_in_time", "departure", "check_out_time")
NO_WAY_BACK = gettext_lazy("It cannot be changed or taken back before its end, not at check-out either.")


def planned(stay: Stay, **wish) -> tuple[datetime, datetime]:
    """From when to when the stay is to last (were it as in `wish`: what `stays.change` takes): the times that were
    agreed, or the property's, on its wall clock."""
    return planned_of(stay.property, {name: wish.get(name, getattr(stay, name)) for name in PLANNED})


def planned_of(hotel: Property, stay: Mapping) -> tuple[datetime, datetime]:
    """The same of a stay's values (PLANNED)."""
    begins, ends = (
        stay["check_in_time"] or hotel.check_in_time,
        stay["check_out_time"] or hotel.check_out_time,
    )
    return hotel.at(stay["arrival"], begins), hotel.at(stay["departure"], ends)


def window(stay: Stay) -> tuple[datetime, datetime]:
    """From when to when the stay's code opens: as planned, or since an early guest was checked in; for one who left
    early until the house's grace is over."""
    starts_at, ends_at = planned(stay)
    if stay.checked_in_at:
        at_check_in = stay.property.codes_from_check_in
        starts_at = stay.checked_in_at if at_check_in else min(starts_at, stay.checked_in_at)
    return starts_at, stay.opens_until or ends_at


def fit(stay: Stay, *, by) -> None:
    """Make the grants of the stay, and of those who come along with a code of their own, what the stay's state, room
    and dates say: none, granted, moved or revoked."""
    doors = list(Lock.objects.filter(rooms=stay.room).order_by("pk")) if stay.room and _opens(stay) else []
    _fit(stay, str(stay.reservation.guest), stay, doors, by)
    for companion in stay.companions.select_related("grant"):
        there = companion.has_own_code and companion.left_at is None
        _fit(companion, companion.name, stay, doors if there else [], by)


def _opens(stay: Stay) -> bool:
    """Is there to be a code at all?"""
    if stay.state == StayState.BOOKED:
        return not stay.property.codes_from_check_in
    in_grace = stay.opens_until is not None and stay.opens_until > clock.now()
    return stay.state == StayState.IN_HOUSE or (stay.state == StayState.DEPARTED and in_grace)


def of(stay: Stay) -> list[AccessGrant]:
    """The grants of the stay and of those who come along, that were not revoked."""
    holders = [stay, *stay.companions.select_related("grant")]
    return [one.grant for one in holders if one.grant is not None and not one.grant.revoked_at]


def step_out(stay: Stay, room: Room, *, by) -> None:
    """Take the stay's codes off the doors that `room` does not share with its own: it is about to move there."""
    shared = list(Lock.objects.filter(rooms=stay.room).filter(rooms=room).order_by("pk"))
    for grant in of(stay):
        codes.set_doors(grant, shared, by=by)


def _fit(holder: Stay | Companion, who: str, stay: Stay, doors: list[Lock], by) -> None:
    """Make one grant open these doors in the stay's window."""
    lasting = holder.grant is not None and not holder.grant.revoked_at
    if not doors:
        if lasting:
            codes.revoke(holder.grant, by=by)
        return
    starts_at, ends_at = window(stay)
    if ends_at <= clock.now() and not lasting:
        return  # over before it began; a grant that is there ends by itself and can still be made longer
    name = f"{who}, {stay.room}"[:NAME_LENGTH]
    window_is = {"starts_at": starts_at, "ends_at": ends_at}
    if lasting:
        _follow(holder.grant, name, doors, starts_at, ends_at, by)
    elif holder.grant is not None:
        codes.reopen(holder.grant, doors, by=by, name=name, **window_is)
    else:
        holder.grant = codes.grant(stay.property, by=by, name=name, locks=doors, **window_is)
        holder.save(update_fields=["grant"])


def misfits() -> list[Stay]:
    """Stays to come or in house whose grants do not open exactly the doors of their room, or in another window than
    their dates say now (the house has other times or another zone, or its zone has new rules). The nearest first;
    two queries."""
    found = {stay.pk: stay for stay in _active().iterator(BATCH) if _misfits(stay, stay)}
    for companion in _companions().iterator(BATCH):
        if _misfits(companion.stay, companion):
            found.setdefault(companion.stay_id, companion.stay)
    return sorted(found.values(), key=lambda stay: (stay.arrival, stay.pk))


ACTIVE = (StayState.BOOKED, StayState.IN_HOUSE)


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
    return lasts and (grant.starts_at, grant.ends_at) != window(stay)


def lasting(stay: Stay, now: datetime) -> list[AccessCode]:
    """Codes made by arithmetic that were given out for the stay and go on opening a door, whatever is wanted."""
    return lasting_of([stay], now)[stay.grant_id]


def lasting_of(stays: Iterable[Stay], now: datetime) -> defaultdict[int | None, list[AccessCode]]:
    """The same for many stays, by their grant's number. One query."""
    found = defaultdict(list)
    out = AccessCode.objects.filter(
        grant__in={stay.grant_id for stay in stays if stay.grant_id}, issued_ends_at__gt=now
    )
    here = out.filter(lock__replaced_by__isnull=True).select_related("lock__property")
    for code in here.order_by("lock__name", "issued_ends_at").defer("pin_sealed"):
        found[code.grant_id].append(code)
    return found


def lasting_words(stay: Stay, lock: Lock | None = None) -> list[str]:
    """What a person must know before the stay ends, moves or becomes shorter: a sentence for each such code (of this
    lock)."""
    return [goes_on_opening(code) for code in lasting(stay, clock.now()) if lock in (None, code.lock)]


def goes_on_opening(code: AccessCode) -> str:
    """The sentence about one such code."""
    until = capabilities.local(code.lock, code.issued_ends_at)
    return _("The offline code for %(door)s cannot be changed or revoked: it opens until %(time)s.") % {
        "door": code.lock,
        "time": until,
    }


def takes_away(stay: Stay, new: dict) -> bool:
    """Would the change (what `stays.change` takes, of what differs) leave a code that cannot be taken back open at
    a time, or a door, that is the stay's no more?"""
    (begins, ends), (later, earlier) = planned(stay), planned(stay, **new)
    return later > begins or earlier < ends or "room" in new


def code_on(stay: Stay, lock: Lock) -> AccessCode:
    """The stay's own code for one of its doors, the one that counts. Raises Refused."""
    codes_here = AccessCode.objects.filter(grant=stay.grant_id or 0, lock=lock, is_backup=False)
    code = codes_here.select_related("lock__property", "grant").order_by("-wanted", "-pk").first()
    if code is None:
        raise Refused(_("This stay has no code on %(door)s; choose one of its doors.") % {"door": lock})
    return code


def shared(stay: Stay) -> QuerySet[AccessCode]:
    """The stay's codes that have the guest's PIN."""
    return AccessCode.objects.filter(
        grant=stay.grant_id or 0,
        wanted=True,
        is_backup=False,
        is_offline_access_code=False,
        has_own_pin=False,
    )


def offline_offers(stay: Stay, lock: Lock) -> tuple[AccessCode, list[OfflineWindow]]:
    """The stay's code for a door that does arithmetic, and what could be issued for it now. Raises Refused."""
    code = code_on(stay, lock)
    try:
        return code, offline.offers(code, clock.now())
    except offline.NotPossible as error:
        raise Refused(str(error)) from error


def offline_words(lock: Lock, opens: OfflineWindow) -> list[str]:
    """What a person must know before such a code is issued."""
    if opens.kind is OfflineKind.ONE_TIME:
        when = _(
            "The code opens %(door)s once, from %(begins)s to %(ends)s: the lock counts whole hours of UTC."
        )
    else:
        when = _("The code opens %(door)s from %(begins)s to %(ends)s: the lock counts whole hours of UTC.")
    begins, ends = capabilities.local(lock, opens.starts_at), capabilities.local(lock, opens.ends_at)
    words = [when % {"door": lock, "begins": begins, "ends": ends}]
    if latest := offline.first_use_by(opens):
        before = _("It must be used for the first time before %(time)s; after that it opens nothing.")
        words.append(before % {"time": capabilities.local(lock, latest)})
    return [*words, str(NO_WAY_BACK)]


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
